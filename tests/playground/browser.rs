//! The playground of a running demo, in Chromium: `browser/playground.mjs` has the steps.

use std::path::Path;
use std::process::Command;

use crate::demo::command::Serving;

const FILES: [&str; 4] = ["package.json", "package-lock.json", ".npmrc", "playground.mjs"];

fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; `./test` installs what is needed"));
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}\n{words}\n{complaints}", arguments.join(" "));
    words
}

/// A folder of the build's with the script and what it needs.
fn laid_out() -> std::path::PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/playground/browser");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("playground-browser");
    std::fs::create_dir_all(&folder).expect("a folder");
    for file in FILES {
        std::fs::copy(source.join(file), folder.join(file)).expect("a file is copied");
    }
    let lock = std::fs::read(folder.join("package-lock.json")).expect("it reads");
    let installed = folder.join("node_modules/.countinghouse-lock");
    if std::fs::read(&installed).ok().as_ref() != Some(&lock) {
        run(&folder, "npm", &["ci", "--prefer-offline"]);
        std::fs::write(installed, lock).expect("it is noted");
    }
    folder
}

#[test]
fn a_visitor_finds_completes_runs_and_sees() {
    let script = laid_out();
    let shop = tempfile::tempdir().expect("a folder");
    // Of today, so that "the last months" of the examples have something in them.
    let demo = Serving::start(shop.path(), &["--orders", "2000"]);
    let words = run(&script, "node", &["playground.mjs", &format!("http://{}", demo.address)]);
    assert!(words.lines().count() >= 10 && words.lines().all(|line| line.starts_with("ok ")), "{words}");
}

#[test]
fn lockfiles_name_no_registry() {
    for folder in ["playground/web", "tests/playground/browser"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("package-lock.json");
        let lock: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).expect("it reads")).expect("JSON");
        for (name, package) in lock["packages"].as_object().expect("packages") {
            assert_eq!(package.get("resolved"), None, "{folder}: {name}");
            assert!(name.is_empty() || package.get("integrity").is_some(), "{folder}: {name} has no hash");
        }
    }
}
