//! What was wrong with the input: where, what was there, and why it cannot be.

use std::fmt;

/// How many problems are told in full.
pub const TOLD: usize = 20;
/// How much of a value is told.
const TOLD_OF_VALUE: usize = 100;

/// One bad place of the input.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The line (of Parquet, the row), from 1; absent where it is the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column; absent where it is the row as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

impl Problem {
    /// A problem of a whole file.
    pub fn of_file(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None, value: None, reason: reason.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ":")?;
        if let Some(value) = &self.value {
            write!(f, " `{}`", shortened(value))?;
        }
        write!(f, " {}", self.reason)
    }
}

/// As much of a value as a message carries.
pub fn shortened(value: &str) -> String {
    let mut told: String = value.chars().take(TOLD_OF_VALUE).flat_map(char::escape_debug).collect();
    if value.chars().nth(TOLD_OF_VALUE).is_some() {
        told.push('…');
    }
    told
}

/// The problems of an import: the first in full, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The first `TOLD`.
    pub told: Vec<Problem>,
    /// How many there are in all.
    pub count: u64,
}

impl Report {
    /// A report of one problem.
    pub fn of(problem: Problem) -> Self {
        Self { told: vec![problem], count: 1 }
    }

    /// Adds one.
    pub fn add(&mut self, problem: Problem) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(problem);
        }
    }

    /// How many there are, and how many of them are told.
    pub fn count_in_words(&self) -> String {
        let noun = if self.count == 1 { "problem" } else { "problems" };
        let told = self.told.len() as u64;
        let first = if told < self.count { format!(", the first {told} are listed") } else { String::new() };
        format!("{} {noun}{first}", self.count)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.told {
            writeln!(f, "{problem}")?;
        }
        f.write_str(&self.count_in_words())
    }
}
