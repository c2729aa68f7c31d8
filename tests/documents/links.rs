//! Links between documents lead to files that are there.

use std::path::{Path, PathBuf};

fn documents(folder: &Path) -> Vec<PathBuf> {
    let files =
        std::fs::read_dir(folder).expect("the folder reads").map(|entry| entry.expect("an entry").path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// Targets of `[words](target)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next())
}

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut broken = Vec::new();
    for document in [documents(root), documents(&root.join("docs"))].concat() {
        let text = std::fs::read_to_string(&document).expect("the document reads");
        let folder = document.parent().expect("a folder");
        let local = links(&text).filter(|link| !link.is_empty() && !link.contains("://"));
        broken.extend(
            local
                .filter(|link| !folder.join(link).exists())
                .map(|link| format!("{}: {link}", document.display())),
        );
    }
    assert_eq!(broken, Vec::<String>::new());
}
