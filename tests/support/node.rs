//! Scripts of `tests/node`, with what they need of npm.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a script with arguments; returns what it printed. It must succeed.
pub fn script(name: &str, arguments: &[&str]) -> String {
    run(&laid_out(), "node", &[&[name], arguments].concat())
}

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

/// A folder of the build's with the scripts and what they need. Tests may come here at once: each waits for the lock.
fn laid_out() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node");
    std::fs::create_dir_all(&folder).expect("a folder");
    let lock = std::fs::File::create(folder.join(".lock")).expect("a lock");
    lock.lock().expect("it is free in the end");
    for entry in std::fs::read_dir(source).expect("the scripts") {
        let file = entry.expect("an entry").path();
        if file.is_file() {
            std::fs::copy(&file, folder.join(file.file_name().expect("a name"))).expect("a file is copied");
        }
    }
    let wanted = std::fs::read(folder.join("package-lock.json")).expect("it reads");
    let installed = folder.join("node_modules/.countinghouse-lock");
    if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
        run(&folder, "npm", &["ci", "--prefer-offline"]);
        std::fs::write(installed, wanted).expect("it is noted");
    }
    folder
}
