//! Programs of `tests/python`, in a Python environment of the build's own.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a program of the environment; returns what it printed. It must succeed.
pub fn program(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    succeeds(command(name, arguments).envs(variables.iter().copied()))
}

/// Runs a program of the environment that must fail; returns what it complained of.
pub fn fails(name: &str, arguments: &[&str]) -> String {
    let mut command = command(name, arguments);
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(!output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn command(name: &str, arguments: &[&str]) -> Command {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let mut command = Command::new(installed().join("bin").join(name));
    command.args(arguments).env("PYTHONPATH", source).env("PYTHONDONTWRITEBYTECODE", "1");
    // Hypothesis keeps what it found in the folder that it runs in: beside the environment, and not in the source.
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{words}\n{complaints}");
    words
}

/// The environment with all that `requirements.txt` names. Tests may come here at once: each waits for the lock.
fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    std::fs::create_dir_all(&folder).expect("a folder");
    let lock = std::fs::File::create(folder.join(".lock")).expect("a lock");
    lock.lock().expect("it is free in the end");
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/requirements.txt");
    let wanted = std::fs::read(&requirements).expect("it reads");
    let noted = folder.join(".requirements");
    let environment = folder.join("environment");
    if std::fs::read(&noted).ok().as_ref() != Some(&wanted) {
        let mut python = Command::new("python3");
        succeeds(python.args(["-m", "venv", "--clear"]).arg(&environment));
        let mut pip = Command::new(environment.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]);
        succeeds(pip.arg("--requirement").arg(&requirements));
        std::fs::write(noted, wanted).expect("it is noted");
    }
    environment
}
