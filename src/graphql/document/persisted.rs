//! Documents that are known by what they hash to: those of the safelist.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::lexer;

/// The SHA-256 of a document's text.
pub type Digest = [u8; 32];

/// Hashes a document's text.
pub fn digest(text: &str) -> Digest {
    Sha256::digest(text.as_bytes()).into()
}

/// The documents that may be asked, where not every one may.
#[derive(Clone, Debug)]
pub struct Safelist {
    /// Texts by what they hash to, as they stand in their files and without blanks around them.
    texts: HashMap<Digest, String>,
    /// What spaces, commas and comments make no difference to.
    normalized: HashSet<String>,
}

/// Why a safelist cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SafelistError {
    /// A file or the folder cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file is no GraphQL document.
    #[error("{path}: {message}")]
    NoDocument {
        /// Which.
        path: PathBuf,
        /// What the parser says.
        message: String,
    },
    /// The folder holds no document.
    #[error("{0} holds no .graphql file")]
    Empty(PathBuf),
}

impl Safelist {
    /// The documents of a folder: its `.graphql` files, each one document.
    pub fn read(folder: &Path) -> Result<Self, SafelistError> {
        let unreadable = |path: &Path| {
            let path = path.to_path_buf();
            move |error| SafelistError::Unreadable { path, error }
        };
        let mut safelist = Self { texts: HashMap::new(), normalized: HashSet::new() };
        for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
            let path = entry.map_err(unreadable(folder))?.path();
            if path.extension().is_none_or(|extension| extension != "graphql") {
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
            if let Err(error) = async_graphql::parser::parse_query(&text) {
                return Err(SafelistError::NoDocument { path, message: error.to_string() });
            }
            safelist.normalized.insert(lexer::normalized(&text));
            // Editors end files with a line's end, and tools hash the document without it.
            safelist.texts.insert(digest(text.trim()), text.clone());
            safelist.texts.insert(digest(&text), text);
        }
        if safelist.texts.is_empty() {
            return Err(SafelistError::Empty(folder.to_path_buf()));
        }
        Ok(safelist)
    }

    /// Whether a document is on the list, however it is laid out.
    pub fn has(&self, text: &str) -> bool {
        self.normalized.contains(&lexer::normalized(text))
    }

    /// The text that hashes so.
    pub fn text(&self, digest: &Digest) -> Option<&str> {
        self.texts.get(digest).map(String::as_str)
    }
}
