//! The reference data sets that live beside the project and are not part of it.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The file or folder `path` of the shared reference data: in the folder that the environment's
/// `COUNTINGHOUSE_SHARED` names, else in `../shared` beside the project.
///
/// Where it is not there, says so and returns nothing: the test then ends early, and `./test` counts it as skipped.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("COUNTINGHOUSE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    tell_skipped(&format!("SKIPPED {}: {} is not here", test_name(), found.display()));
    None
}

/// Runners keep the output of tests that pass to themselves, so the line also goes to the file that `./test` names.
fn tell_skipped(line: &str) {
    eprintln!("{line}");
    let Some(list) = std::env::var_os("COUNTINGHOUSE_SKIPPED") else { return };
    let mut list =
        OpenOptions::new().create(true).append(true).open(list).expect("the list of skipped opens");
    writeln!(list, "{line}").expect("the list of skipped is written");
}

fn test_name() -> String {
    std::env::var("NEXTEST_TEST_NAME")
        .ok()
        .or_else(|| std::thread::current().name().map(str::to_owned))
        .unwrap_or_else(|| "a test".to_owned())
}
