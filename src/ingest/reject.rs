//! The file of rejected rows that `--skip-bad-rows` leaves: CSV, one line a problem, with the row as JSON.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::catalogue::Entity;
use super::problem::Problem;

/// Writes rejected rows.
pub struct Rejects {
    path: PathBuf,
    file: csv::Writer<BufWriter<File>>,
    /// The first write that failed; told at the end, so that reading rows need not.
    failure: Option<io::Error>,
}

impl Rejects {
    /// Makes the file, with its header.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut file = csv::Writer::from_writer(BufWriter::new(File::create(path)?));
        file.write_record(["file", "line", "column", "value", "reason", "row"]).map_err(io::Error::other)?;
        Ok(Self { path: path.to_owned(), file, failure: None })
    }

    /// Writes a problem and the row that has it: its columns that are not empty.
    pub fn write<'a>(
        &mut self,
        problem: &Problem,
        entity: &Entity,
        field: impl Fn(usize) -> Option<&'a str>,
    ) {
        let columns = entity.columns.iter().enumerate();
        let row: serde_json::Map<String, serde_json::Value> = columns
            .filter_map(|(place, column)| Some((column.name.to_owned(), field(place)?.into())))
            .collect();
        self.write_row(problem, &serde_json::Value::Object(row).to_string());
    }

    /// Writes a problem of a row that could not be read.
    pub fn write_unread(&mut self, problem: &Problem) {
        self.write_row(problem, "");
    }

    fn write_row(&mut self, problem: &Problem, row: &str) {
        let line = problem.line.map_or(String::new(), |line| line.to_string());
        let column = problem.column.as_deref().unwrap_or_default();
        let value = problem.value.as_deref().unwrap_or_default();
        let written = self.file.write_record([
            problem.file.as_str(),
            line.as_str(),
            column,
            value,
            &problem.reason,
            row,
        ]);
        if let (Err(error), None) = (written, &self.failure) {
            self.failure = Some(io::Error::other(error));
        }
    }

    /// Brings everything to the disk.
    pub fn finish(mut self) -> Result<PathBuf, String> {
        let flushed = self.failure.take().map_or_else(|| self.file.flush(), Err);
        flushed.map_err(|error| format!("{} cannot be written: {error}", self.path.display()))?;
        Ok(self.path)
    }
}
