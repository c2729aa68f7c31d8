//! NDJSON: one JSON object a line.

use std::io::BufRead;

use super::object::Columns;
use super::{LONGEST_RECORD, Read, Record, Records};

/// An NDJSON file.
pub struct Ndjson<R> {
    bytes: R,
    columns: Columns,
    line: Vec<u8>,
    lines: u64,
}

impl<R: BufRead> Ndjson<R> {
    /// Reads nothing yet: the columns come with the rows.
    pub fn new(bytes: R) -> Self {
        Self { bytes, columns: Columns::default(), line: Vec::new(), lines: 0 }
    }

    /// Reads the next line that is not blank; false at the end.
    fn next_line(&mut self) -> Result<bool, String> {
        loop {
            self.line.clear();
            let mut limited = std::io::Read::take(&mut self.bytes, LONGEST_RECORD as u64);
            let count = limited
                .read_until(b'\n', &mut self.line)
                .map_err(|error| format!("cannot be read: {error}"))?;
            if count == 0 {
                return Ok(false);
            }
            self.lines += 1;
            if count == LONGEST_RECORD && !self.line.ends_with(b"\n") {
                return Err("a row is longer than 4 MiB".to_owned());
            }
            if self.lines == 1 && self.line.starts_with(b"\xEF\xBB\xBF") {
                self.line.drain(..3);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }
}

impl<R: BufRead> Records for Ndjson<R> {
    fn header(&self) -> &[String] {
        self.columns.names()
    }

    fn may_grow(&self) -> bool {
        true
    }

    fn read(&mut self, record: &mut Record) -> Result<Read, String> {
        record.clear();
        let has_line = self.next_line()?;
        record.line = self.lines;
        if !has_line {
            return Ok(Read::End);
        }
        Ok(self.columns.fill(&self.line, record).map_or_else(Read::Bad, |()| Read::Row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_bring_their_own_columns_and_numbers_keep_their_digits() {
        let text =
            "\u{feff}{\"a\":\"x\",\"b\":149.90}\n\n{\"c\":true,\"a\":null,\"b\":12345678901234567890.10}\n";
        let mut source = Ndjson::new(text.as_bytes());
        let mut record = Record::default();
        assert!(matches!(source.read(&mut record), Ok(Read::Row)));
        assert_eq!((record.line, record.get(0), record.get(1)), (1, Some("x"), Some("149.90")));
        assert!(matches!(source.read(&mut record), Ok(Read::Row)));
        assert_eq!(source.header(), ["a", "b", "c"]);
        assert_eq!((record.line, record.get(0), record.get(2)), (3, None, Some("true")));
        assert_eq!(record.get(1), Some("12345678901234567890.10"));
        assert!(matches!(source.read(&mut record), Ok(Read::End)));
    }

    #[test]
    fn bad_rows_are_told_and_the_next_is_read() {
        let text = b"{\"a\":1,\"a\":2}\n[1]\n{\"a\":[1]}\n{\"a\":1} x\n\xFF\n{\"a\":5}";
        let mut source = Ndjson::new(text.as_slice());
        let mut record = Record::default();
        let mut bad = Vec::new();
        while let Ok(read) = source.read(&mut record) {
            match read {
                Read::Bad(_) => bad.push(record.line),
                Read::Row => assert_eq!(record.get(0), Some("5")),
                Read::End => break,
            }
        }
        assert_eq!(bad, [1, 2, 3, 4, 5]);
    }
}
