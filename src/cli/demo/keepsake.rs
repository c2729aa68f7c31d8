//! What a demo remembers beside its database: which shop it is, and its credentials, so that they hold on.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Serialize};

use super::{Failure, file_of};
use crate::demo::Shop;

/// Characters of the secret: some 380 random bits.
const SECRET: usize = 64;

const HEADING: &str = "# Made by `countinghouse demo`: which shop its database holds, and the credentials for it.\n\
                       # They are secrets of a demonstration; use them for nothing else.\n\n";

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keepsake {
    /// The shop in the database.
    pub shop: Shop,
    /// What tokens are signed with.
    pub jwt_secret: String,
    /// What links to shared reports are signed with: 32 bytes in hexadecimal digits.
    pub share_secret: String,
    /// The API key; empty until there is one.
    pub api_key: String,
    /// The password of the shop's user; empty until there is one.
    pub password: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    orders: u64,
    seed: u64,
    end: NaiveDate,
    jwt_secret: String,
    /// What demos wrote that shared no reports yet lacks it.
    #[serde(default = "share_secret")]
    share_secret: String,
    api_key: String,
    /// What demos wrote that had no user yet lacks it.
    #[serde(default)]
    password: String,
}

impl Keepsake {
    /// A new one with a secret of its own.
    pub fn new(shop: Shop) -> Self {
        let jwt_secret = Alphanumeric.sample_string(&mut rand::rng(), SECRET);
        let share_secret = share_secret();
        Self { shop, jwt_secret, share_secret, api_key: String::new(), password: String::new() }
    }

    /// Where it lies: beside a SQLite file, else in the working folder.
    pub fn path(url: &str) -> PathBuf {
        let file = file_of(url).unwrap_or(Path::new("demo.db"));
        let mut name = file.as_os_str().to_owned();
        name.push(".toml");
        PathBuf::from(name)
    }

    /// What was kept; nothing where there is no file.
    pub fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Failure::Refused(format!("{} cannot be read: {error}", path.display())));
            }
        };
        // The parser's own words would quote the line that is wrong, which may be a secret.
        let Written { orders, seed, end, jwt_secret, share_secret, api_key, password } =
            toml::from_str(&text).map_err(|_| {
                let path = path.display();
                let words =
                    format!("{path} is not what `countinghouse demo` wrote; remove it to have it made anew");
                Failure::Refused(words)
            })?;
        Ok(Some(Self { shop: Shop { orders, seed, end }, jwt_secret, share_secret, api_key, password }))
    }

    /// Keeps it, readable by nobody else, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        self.try_write(path).map_err(|error| Failure::Refused(format!("{}: {error}", path.display())))
    }

    fn try_write(&self, path: &Path) -> std::io::Result<()> {
        let Shop { orders, seed, end } = self.shop;
        let Self { jwt_secret, share_secret, api_key, password, .. } = self.clone();
        let written = Written { orders, seed, end, jwt_secret, share_secret, api_key, password };
        let text = toml::to_string(&written).map_err(std::io::Error::other)?;
        let mut making = path.as_os_str().to_owned();
        making.push(".new");
        let making = PathBuf::from(making);
        match std::fs::remove_file(&making) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&making)?;
        file.write_all(HEADING.as_bytes())?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(making, path)
    }
}

fn share_secret() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn keepsake() -> Keepsake {
        let end = NaiveDate::from_ymd_opt(2026, 2, 28).expect("a day");
        Keepsake { api_key: "demo_x".to_owned(), ..Keepsake::new(Shop { orders: 5, seed: 2, end }) }
    }

    #[test]
    fn what_is_kept_is_read_again_and_nobody_else_may() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demo.db.toml");
        assert_eq!(Keepsake::read(&path), Ok(None));
        let one = keepsake();
        one.write(&path).expect("it writes");
        let two = Keepsake { api_key: "demo_y".to_owned(), ..one.clone() };
        two.write(&path).expect("it writes again");
        assert_eq!(Keepsake::read(&path), Ok(Some(two)));
        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(keepsake().jwt_secret, one.jwt_secret);
    }

    #[test]
    fn a_broken_file_is_refused_without_quoting_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demo.db.toml");
        std::fs::write(&path, "jwt_secret = hunter2\n").expect("it writes");
        let words = Keepsake::read(&path).expect_err("refused").to_string();
        assert!(
            words.ends_with("is not what `countinghouse demo` wrote; remove it to have it made anew"),
            "{words}"
        );
        assert!(!words.contains("hunter2"));
    }

    #[test]
    fn it_lies_beside_the_database() {
        assert_eq!(Keepsake::path("sqlite://demo.db"), Path::new("demo.db.toml"));
        assert_eq!(Keepsake::path("sqlite:///tmp/shop.db?mode=rwc"), Path::new("/tmp/shop.db.toml"));
        assert_eq!(Keepsake::path("postgres://me@host/shop"), Path::new("demo.db.toml"));
    }
}
