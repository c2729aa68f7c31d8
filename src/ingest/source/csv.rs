//! CSV by RFC 4180: quoted fields, doubled quotes, line breaks inside quotes, LF or CRLF, an optional BOM.
//!
//! Stricter than most readers, because a lenient one loses rows in silence: a quote that is never closed, or text
//! after a closing quote, is an error with its line.

use std::io::BufRead;

use super::{BadRecord, LONGEST_RECORD, Read, Record, Records, check_header};

/// A CSV file.
pub struct Csv<R> {
    bytes: R,
    header: Vec<String>,
    /// The record's bytes as they stand in the file.
    raw: Vec<u8>,
    /// The record's fields, one after another, without their quotes.
    fields: Vec<u8>,
    ends: Vec<usize>,
    /// Line breaks read so far.
    lines: u64,
}

/// Where splitting a record stopped at the end of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Split {
    Whole,
    InQuotes,
    Malformed,
}

impl<R: BufRead> Csv<R> {
    /// Reads the header.
    pub fn open(bytes: R) -> Result<Self, String> {
        let mut csv = Self {
            bytes,
            header: Vec::new(),
            raw: Vec::new(),
            fields: Vec::new(),
            ends: Vec::new(),
            lines: 0,
        };
        let split = csv.next_record()?.ok_or("is empty: not even a header")?.1;
        if split != Split::Whole {
            return Err("the header's quotes do not match".to_owned());
        }
        let mut start = 0;
        for end in &csv.ends {
            let name =
                std::str::from_utf8(&csv.fields[start..*end]).map_err(|_| "the header is not UTF-8")?;
            csv.header.push(name.to_owned());
            start = *end;
        }
        check_header(&csv.header)?;
        Ok(csv)
    }

    /// Reads one record that is not an empty line, and splits it. Returns the line it starts on.
    fn next_record(&mut self) -> Result<Option<(u64, Split)>, String> {
        loop {
            self.raw.clear();
            self.fields.clear();
            self.ends.clear();
            let line = self.lines + 1;
            if !self.append_line()? {
                return Ok(None);
            }
            if line == 1 && self.raw.starts_with(b"\xEF\xBB\xBF") {
                self.raw.drain(..3);
            }
            if content(&self.raw).is_empty() {
                continue;
            }
            return self.split().map(|split| Some((line, split)));
        }
    }

    /// Appends the bytes up to and with the next line break; false at the end of the file.
    fn append_line(&mut self) -> Result<bool, String> {
        let before = self.raw.len();
        loop {
            let available = self.bytes.fill_buf().map_err(|error| format!("cannot be read: {error}"))?;
            if available.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', available);
            let count = end.map_or(available.len(), |end| end + 1);
            self.raw.extend_from_slice(&available[..count]);
            self.bytes.consume(count);
            if self.raw.len() > LONGEST_RECORD {
                return Err("a row is longer than 4 MiB: is a quote never closed?".to_owned());
            }
            if end.is_some() {
                break;
            }
        }
        let has_read = self.raw.len() > before;
        self.lines += u64::from(has_read);
        Ok(has_read)
    }

    /// Splits the record into fields, reading on while a quote is open.
    fn split(&mut self) -> Result<Split, String> {
        let line = content(&self.raw);
        if memchr::memchr(b'"', line).is_none() {
            for part in line.split(|byte| *byte == b',') {
                self.fields.extend_from_slice(part);
                self.ends.push(self.fields.len());
            }
            return Ok(Split::Whole);
        }
        let mut position = 0;
        loop {
            match self.raw.get(position) {
                Some(b'"') => {
                    let split = self.quoted(&mut position)?;
                    if split != Split::Whole {
                        return Ok(split);
                    }
                }
                _ => self.plain(&mut position),
            }
            self.ends.push(self.fields.len());
            let rest = &self.raw[position..];
            if content(rest).is_empty() {
                return Ok(Split::Whole);
            }
            if rest[0] != b',' {
                self.ends.pop();
                return Ok(Split::Malformed);
            }
            position += 1;
        }
    }

    /// A field without quotes, up to the comma or the line's end.
    fn plain(&mut self, position: &mut usize) {
        let rest = content(&self.raw[*position..]);
        let length = memchr::memchr(b',', rest).unwrap_or(rest.len());
        self.fields.extend_from_slice(&rest[..length]);
        *position += length;
    }

    /// A field in quotes, to behind its closing quote.
    fn quoted(&mut self, position: &mut usize) -> Result<Split, String> {
        *position += 1;
        loop {
            let Some(length) = memchr::memchr(b'"', &self.raw[*position..]) else {
                self.fields.extend_from_slice(&self.raw[*position..]);
                *position = self.raw.len();
                if !self.append_line()? {
                    return Ok(Split::InQuotes);
                }
                continue;
            };
            self.fields.extend_from_slice(&self.raw[*position..*position + length]);
            *position += length + 1;
            if self.raw.get(*position) != Some(&b'"') {
                return Ok(Split::Whole);
            }
            self.fields.push(b'"');
            *position += 1;
        }
    }

    /// Hands the fields over, if there are as many as the header has and all are text.
    fn fill(&self, record: &mut Record) -> Result<(), BadRecord> {
        if self.ends.len() != self.header.len() {
            return Err(BadRecord::whole(format!(
                "the row has {} fields where the header has {}",
                self.ends.len(),
                self.header.len()
            )));
        }
        let Ok(text) = std::str::from_utf8(&self.fields) else { return Err(self.first_bad_field()) };
        record.text.push_str(text);
        let mut start = 0;
        for end in &self.ends {
            record.fields.push(Some((start, *end)));
            start = *end;
        }
        Ok(())
    }

    fn first_bad_field(&self) -> BadRecord {
        let mut start = 0;
        for (end, name) in self.ends.iter().zip(&self.header) {
            let field = &self.fields[start..*end];
            if std::str::from_utf8(field).is_err() {
                return BadRecord {
                    column: Some(name.clone()),
                    value: Some(String::from_utf8_lossy(field).into_owned()),
                    reason: "is not UTF-8".to_owned(),
                };
            }
            start = *end;
        }
        BadRecord::whole("is not UTF-8")
    }
}

impl<R: BufRead> Records for Csv<R> {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn read(&mut self, record: &mut Record) -> Result<Read, String> {
        record.clear();
        record.line = self.lines + 1;
        let Some((line, split)) = self.next_record()? else { return Ok(Read::End) };
        record.line = line;
        let filled = match split {
            Split::Whole => self.fill(record),
            Split::InQuotes => Err(BadRecord::whole("a quote is opened and never closed")),
            Split::Malformed => Err(BadRecord::whole("a closing quote is followed by more than a comma")),
        };
        Ok(filled.map_or_else(Read::Bad, |()| Read::Row))
    }
}

/// A line without its line break.
fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A line and its fields, or what is wrong with it.
    type Told = (u64, Result<Vec<String>, String>);

    /// Every record with its line; bad ones by their reason.
    fn read_all(bytes: &[u8]) -> Result<Vec<Told>, String> {
        let mut csv = Csv::open(bytes)?;
        let mut record = Record::default();
        let mut rows = Vec::new();
        loop {
            let row = match csv.read(&mut record)? {
                Read::End => return Ok(rows),
                Read::Bad(bad) => Err(bad.reason),
                Read::Row => Ok((0..csv.header.len())
                    .map(|place| record.get(place).unwrap_or_default().to_owned())
                    .collect()),
            };
            rows.push((record.line, row));
        }
    }

    fn row(line: u64, fields: &[&str]) -> Told {
        (line, Ok(fields.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn reads_what_rfc_4180_allows() {
        let text = "\u{feff}a,b\r\n1,2\n\n\"x, \"\"y\"\"\",\"two\r\nlines\"\r\n,\n\"\",é";
        assert_eq!(
            read_all(text.as_bytes()),
            Ok(vec![
                row(2, &["1", "2"]),
                row(4, &["x, \"y\"", "two\r\nlines"]),
                row(6, &["", ""]),
                row(7, &["", "é"])
            ])
        );
    }

    #[test]
    fn a_quote_inside_a_plain_field_is_text() {
        assert_eq!(read_all(b"a,b\n5\" pipe,\"q\"\n"), Ok(vec![row(2, &["5\" pipe", "q"])]));
    }

    #[test]
    fn bad_records_are_told_and_the_next_is_read() {
        let rows = read_all(b"a,b\n1\n1,2,3\n\"x\"y,1\n\xFF,1\n3,4\n\"open,\n").expect("a header");
        let reasons: Vec<_> = rows.iter().map(|(line, row)| (*line, row.clone().err())).collect();
        let reason = |text: &str| Some(text.to_owned());
        assert_eq!(
            reasons,
            [
                (2, reason("the row has 1 fields where the header has 2")),
                (3, reason("the row has 3 fields where the header has 2")),
                (4, reason("a closing quote is followed by more than a comma")),
                (5, reason("is not UTF-8")),
                (6, None),
                (7, reason("a quote is opened and never closed")),
            ]
        );
    }

    #[test]
    fn bad_headers_are_refused() {
        assert_eq!(read_all(b"").err().as_deref(), Some("is empty: not even a header"));
        assert_eq!(read_all(b"a,b,a\n").err().as_deref(), Some("the header names the column `a` twice"));
        assert_eq!(read_all(b"a,,b\n").err().as_deref(), Some("the header's column 2 has no name"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(rows in prop::collection::vec(prop::collection::vec("[a\",\r\n é]{0,6}", 3), 0..8)) {
            let mut text = String::from("x,y,z\n");
            for row in &rows {
                let fields: Vec<_> = row.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
                text.push_str(&fields.join(","));
                text.push_str("\r\n");
            }
            let read: Vec<_> = read_all(text.as_bytes()).expect("a header").into_iter()
                .map(|(_, row)| row.expect("a row")).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b','), Just(b'\n')], 0..200)) {
            let _ = read_all(&bytes);
        }
    }
}
