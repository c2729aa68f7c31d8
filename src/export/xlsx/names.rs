//! What sheets may be called: at most 31 characters, some of them forbidden, no name twice in whatever case.

use std::collections::HashSet;

use super::super::document::Table;

/// What Excel counts: UTF-16 units.
const LONGEST: usize = 31;

/// The names of a workbook's sheets.
#[derive(Debug)]
pub(super) struct Names {
    of_tables: Vec<String>,
    current: usize,
    taken: HashSet<String>,
}

impl Names {
    /// Each table has its name before any sheet that continues one takes it.
    pub(super) fn new(tables: &[Table]) -> Self {
        let mut names = Self { of_tables: Vec::new(), current: 0, taken: HashSet::new() };
        for table in tables {
            let name = names.free(&allowed(&table.name));
            names.of_tables.push(name);
        }
        names
    }

    /// A table's name.
    pub(super) fn of_table(&self, table: usize) -> String {
        self.of_tables.get(table).cloned().unwrap_or_default()
    }

    /// The name of the next table's sheet.
    pub(super) fn next_table(&mut self) -> String {
        self.current += 1;
        self.of_table(self.current)
    }

    /// The name of a sheet that continues the table: `Orders (2)`.
    pub(super) fn continued(&mut self) -> String {
        self.free(&self.of_table(self.current))
    }

    fn free(&mut self, name: &str) -> String {
        let numbered = (2_u32..).map(|number| {
            let suffix = format!(" ({number})");
            format!("{}{suffix}", cut(name, LONGEST - suffix.len()))
        });
        let candidates = std::iter::once(name.to_owned()).chain(numbered);
        let free = candidates.into_iter().find(|candidate| self.taken.insert(candidate.to_lowercase()));
        free.unwrap_or_default()
    }
}

/// The name without what Excel forbids. `History` is reserved, and an apostrophe may not stand at either end.
fn allowed(name: &str) -> String {
    let forbidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\u{FFFE}' | '\u{FFFF}')
    };
    let name: String = name.chars().map(|letter| if forbidden(letter) { '-' } else { letter }).collect();
    let at_ends = |letter: char| letter == '\'' || letter.is_whitespace();
    let name = cut(name.trim_matches(at_ends), LONGEST).trim_end_matches(at_ends);
    match name {
        "" => "Table".to_owned(),
        name if name.eq_ignore_ascii_case("history") => format!("{name}_"),
        name => name.to_owned(),
    }
}

/// The beginning of a text, of at most so many UTF-16 units.
pub(super) fn cut(text: &str, units: usize) -> &str {
    let mut left = units;
    let end = text.char_indices().find(|(_, letter)| match left.checked_sub(letter.len_utf16()) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    end.map_or(text, |(at, _)| &text[..at])
}
