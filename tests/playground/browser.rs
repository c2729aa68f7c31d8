//! The playground of a running demo, in Chromium: `tests/node/playground.mjs` has the steps.

use std::path::Path;

use crate::demo::command::Serving;
use crate::support::node::script;

#[test]
fn a_visitor_finds_completes_runs_and_sees() {
    let shop = tempfile::tempdir().expect("a folder");
    // Of today, so that "the last months" of the examples have something in them.
    let demo = Serving::start(shop.path(), &["--orders", "2000"]);
    let words = script("playground.mjs", &[&format!("http://{}", demo.address)]);
    assert!(words.lines().count() >= 10 && words.lines().all(|line| line.starts_with("ok ")), "{words}");
}

#[test]
fn lockfiles_name_no_registry() {
    for folder in ["playground/web", "tests/node"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("package-lock.json");
        let lock: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).expect("it reads")).expect("JSON");
        for (name, package) in lock["packages"].as_object().expect("packages") {
            assert_eq!(package.get("resolved"), None, "{folder}: {name}");
            assert!(name.is_empty() || package.get("integrity").is_some(), "{folder}: {name} has no hash");
        }
    }
}
