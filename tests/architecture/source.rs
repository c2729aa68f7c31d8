//! The project's own source, and the paths that a line of it names.

use std::path::Path;

/// A file of `src/`.
pub struct SourceFile {
    /// Path within the project.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl SourceFile {
    /// The path below `src/` without `mod.rs` or `.rs`: `http/auth/jwt`.
    pub fn module(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        inside.strip_suffix("/mod.rs").or_else(|| inside.strip_suffix(".rs")).unwrap_or(inside)
    }

    /// The text without its comments, which say what they like; lines keep their numbers.
    pub fn code(&self) -> String {
        let is_comment = |line: &&str| line.trim_start().starts_with("//");
        self.text
            .lines()
            .map(|line| if is_comment(&line) { "\n".into() } else { format!("{line}\n") })
            .collect()
    }
}

/// Every Rust file of `src/`, by path.
pub fn read_sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of src/ reads") {
            let path = entry.expect("an entry of src/ reads").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a file of src/ reads");
                let path = path.strip_prefix(root).expect("it lies in the project").display().to_string();
                files.push(SourceFile { path, text });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!files.is_empty(), "src/ has no files");
    files
}

/// The names that follow `prefix` in code, each with its line: for `crate::`, both of `crate::{money::Money, period}`.
pub fn names_after(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let first_word = |text: &str| text.trim_start().chars().take_while(|c| is_word(*c)).collect::<String>();
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with(is_word) {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + prefix.len()..];
        let parts = rest.strip_prefix('{').map_or_else(|| vec![rest.to_owned()], top_level);
        let words = parts.iter().map(|part| first_word(part)).filter(|word| !word.is_empty());
        names.extend(words.map(|word| (line, word)));
    }
    names
}

/// The parts of a braced list that no inner brace holds.
fn top_level(list: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0_i32);
    for character in list.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if depth < 0 {
            break;
        }
        parts.last_mut().expect("there is a part").push(character);
    }
    parts
}

#[test]
fn names_are_read_from_every_form_of_path() {
    let code = "use crate::money::Money;\n\
                use crate::{\n    money::{Money, Exact},\n    period,\n};\n\
                let x = crate::clock::now(); crate::fault::f();\n\
                use mycrate::money; pub(crate) fn f() {}\n";
    let names = names_after(code, "crate::");
    let names: Vec<(usize, &str)> = names.iter().map(|(line, name)| (*line, name.as_str())).collect();
    assert_eq!(names, [(1, "money"), (2, "money"), (2, "period"), (6, "clock"), (6, "fault")]);
}
