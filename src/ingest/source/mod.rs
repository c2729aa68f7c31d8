//! Files of rows, whatever their format and compression: one record after another, with the line it came from.
//!
//! A source knows nothing of entities; what a record means is its reader's to say.

mod array;
mod csv;
mod ndjson;
mod object;
mod open;
mod parquet;

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use open::{BUFFER, Format};

use super::problem::Problem;

/// Longest record: a longer one is a quote that is never closed, and would be held in memory whole.
const LONGEST_RECORD: usize = 4 << 20;

/// How much of all files was read, as bytes on disk.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<AtomicU64>);

impl Meter {
    fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One row as it stands in a file: fields by the place of their column in the source's header.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Where it starts: a line from 1, or a Parquet row from 1.
    pub line: u64,
    text: String,
    fields: Vec<Option<(usize, usize)>>,
}

impl Record {
    /// The field of that place; nothing where it is empty or not there.
    pub fn get(&self, place: usize) -> Option<&str> {
        let (start, end) = (*self.fields.get(place)?)?;
        if start == end { None } else { self.text.get(start..end) }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
    }

    /// Puts `text` at `place`.
    fn set(&mut self, place: usize, text: &str) {
        if self.fields.len() <= place {
            self.fields.resize(place + 1, None);
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.fields[place] = Some((start, self.text.len()));
    }
}

/// What is wrong with one record; the source can go on after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRecord {
    /// The column, where it is one.
    pub column: Option<String>,
    /// What stands there.
    pub value: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl BadRecord {
    fn whole(reason: impl Into<String>) -> Self {
        Self { column: None, value: None, reason: reason.into() }
    }
}

/// What reading one record came to.
#[derive(Debug)]
pub enum Read {
    /// A record.
    Row,
    /// A record that cannot be read; its `line` is set.
    Bad(BadRecord),
    /// The file is over.
    End,
}

/// A format's reader.
trait Records {
    /// Names of the columns known so far; may grow while records are read, and never changes otherwise.
    fn header(&self) -> &[String];
    /// Whether rows may bring more columns.
    fn may_grow(&self) -> bool {
        false
    }
    /// Reads the next record.
    fn read(&mut self, record: &mut Record) -> Result<Read, String>;
}

/// An opened file of rows.
pub struct Source {
    /// Its name, for messages.
    pub name: String,
    records: Box<dyn Records>,
}

impl Source {
    /// Opens a file by the format that its name tells. What cannot be read at all is a problem of the file.
    pub fn open(path: &Path, meter: &Meter) -> Result<Self, Problem> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        match open::records(path, meter) {
            Ok(records) => Ok(Self { name, records }),
            Err(reason) => Err(Problem::of_file(name, reason)),
        }
    }

    /// One JSON object a line, out of what is called `name`.
    pub fn ndjson(name: &str, bytes: impl BufRead + 'static) -> Self {
        Self { name: name.to_owned(), records: Box::new(ndjson::Ndjson::new(bytes)) }
    }

    /// The objects of a JSON array.
    pub fn array(name: &str, bytes: impl BufRead + 'static) -> Self {
        Self { name: name.to_owned(), records: Box::new(array::Array::new(bytes)) }
    }

    /// Names of the columns known so far: all of them, but for NDJSON, where each row may bring more.
    pub fn header(&self) -> &[String] {
        self.records.header()
    }

    /// Whether rows may bring more columns than the header has.
    pub fn may_grow(&self) -> bool {
        self.records.may_grow()
    }

    /// Reads the next record; an error ends the file.
    pub fn read(&mut self, record: &mut Record) -> Result<Read, Problem> {
        self.records.read(record).map_err(|reason| Problem {
            line: (record.line > 0).then_some(record.line),
            ..Problem::of_file(self.name.clone(), reason)
        })
    }
}

/// Refuses a header that names a column twice or not at all.
fn check_header(header: &[String]) -> Result<(), String> {
    for (place, name) in header.iter().enumerate() {
        if name.is_empty() {
            return Err(format!("the header's column {} has no name", place + 1));
        }
        if header[..place].contains(name) {
            return Err(format!("the header names the column `{name}` twice"));
        }
    }
    Ok(())
}
