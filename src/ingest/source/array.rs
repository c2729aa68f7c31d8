//! A JSON array of objects, one record an element: only one of them is held at a time.

use std::io::BufRead;

use super::object::Columns;
use super::{LONGEST_RECORD, Read, Record, Records};

/// A JSON array.
pub struct Array<R> {
    bytes: R,
    columns: Columns,
    element: Vec<u8>,
    rows: u64,
    has_begun: bool,
}

impl<R: BufRead> Array<R> {
    /// Reads nothing yet: the columns come with the rows.
    pub fn new(bytes: R) -> Self {
        Self { bytes, columns: Columns::default(), element: Vec::new(), rows: 0, has_begun: false }
    }

    /// Reads the next element's text; false at the end.
    fn next_element(&mut self) -> Result<bool, String> {
        let expected = "expected a JSON array of objects, such as [{\"name\": \"value\"}]";
        if self.has_begun {
            match self.next_mark()? {
                Some(b',') => self.bytes.consume(1),
                Some(b']') => return self.end().map(|()| false),
                None => return Err("the array is not closed".to_owned()),
                Some(_) => return Err(format!("expected `,` or `]` behind row {}", self.rows)),
            }
        } else {
            match self.next_mark()? {
                Some(b'[') => self.bytes.consume(1),
                _ => return Err(expected.to_owned()),
            }
            self.has_begun = true;
            if self.next_mark()? == Some(b']') {
                return self.end().map(|()| false);
            }
        }
        self.rows += 1;
        self.copy_element()?;
        Ok(true)
    }

    /// Nothing but blanks stands behind the array.
    fn end(&mut self) -> Result<(), String> {
        self.bytes.consume(1);
        match self.next_mark()? {
            None => Ok(()),
            Some(_) => Err("there is more behind the array".to_owned()),
        }
    }

    /// The next byte that is no blank, which is left where it is.
    fn next_mark(&mut self) -> Result<Option<u8>, String> {
        loop {
            let buffer = self.bytes.fill_buf().map_err(|error| format!("cannot be read: {error}"))?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let blanks = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if let Some(mark) = buffer.get(blanks).copied() {
                self.bytes.consume(blanks);
                return Ok(Some(mark));
            }
            self.bytes.consume(blanks);
        }
    }

    /// Copies up to the `,` or `]` that ends the element, which is left where it is. Whether it is JSON is its reader's to say.
    fn copy_element(&mut self) -> Result<(), String> {
        self.element.clear();
        let mut place = Place::default();
        loop {
            let buffer = self.bytes.fill_buf().map_err(|error| format!("cannot be read: {error}"))?;
            if buffer.is_empty() {
                return Err("the array is not closed".to_owned());
            }
            let inside = buffer.iter().take_while(|byte| place.goes_on(**byte)).count();
            let is_over = inside < buffer.len();
            self.element.extend_from_slice(&buffer[..inside]);
            self.bytes.consume(inside);
            if self.element.len() > LONGEST_RECORD {
                return Err("a row is longer than 4 MiB".to_owned());
            }
            if is_over {
                return Ok(());
            }
        }
    }
}

/// Where in an element a byte stands.
#[derive(Default)]
struct Place {
    depth: usize,
    in_text: bool,
    is_escaped: bool,
}

impl Place {
    /// Whether this byte is still the element's.
    fn goes_on(&mut self, byte: u8) -> bool {
        if self.in_text {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return true;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b',' | b']' if self.depth == 0 => return false,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        true
    }
}

impl<R: BufRead> Records for Array<R> {
    fn header(&self) -> &[String] {
        self.columns.names()
    }

    fn may_grow(&self) -> bool {
        true
    }

    fn read(&mut self, record: &mut Record) -> Result<Read, String> {
        record.clear();
        record.line = self.rows + 1;
        let has_element = self.next_element()?;
        if !has_element {
            return Ok(Read::End);
        }
        Ok(self.columns.fill(&self.element, record).map_or_else(Read::Bad, |()| Read::Row))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    /// The first column of each row, `bad` for one that cannot be read, and what ended it.
    fn read(text: &str, buffer: usize) -> (Vec<String>, Result<(), String>) {
        let mut array = Array::new(BufReader::with_capacity(buffer, text.as_bytes()));
        let (mut record, mut rows) = (Record::default(), Vec::new());
        loop {
            match array.read(&mut record) {
                Ok(Read::Row) => rows.push(record.get(0).unwrap_or("-").to_owned()),
                Ok(Read::Bad(_)) => rows.push(format!("bad {}", record.line)),
                Ok(Read::End) => return (rows, Ok(())),
                Err(reason) => return (rows, Err(reason)),
            }
        }
    }

    #[test]
    fn elements_are_read_one_after_another_however_they_are_written() {
        for buffer in [1, 2, 7, 4096] {
            let text = "\n[ {\"a\":\"],[\\\"}\"} ,\n{\"a\":149.90,\"b\":null},{}, {\"a\":[1,{\"x\":\"]\"}]}, 5,{\"a\":1}{\"a\":2} ] \n";
            let wanted = ["],[\"}", "149.90", "-", "bad 4", "bad 5", "bad 6"].map(str::to_owned).to_vec();
            assert_eq!(read(text, buffer), (wanted, Ok(())));
            assert_eq!(read("[]", buffer), (vec![], Ok(())));
            assert_eq!(read(" [\n] ", buffer), (vec![], Ok(())));
        }
    }

    #[test]
    fn what_is_no_array_is_told() {
        let expected = "expected a JSON array of objects, such as [{\"name\": \"value\"}]";
        for (text, reason) in [
            ("", expected),
            ("{\"a\":1}", expected),
            ("null", expected),
            ("[", "the array is not closed"),
            ("[{\"a\":1}", "the array is not closed"),
            ("[{\"a\":\"]", "the array is not closed"),
            ("[{\"a\":1}] x", "there is more behind the array"),
            ("[] []", "there is more behind the array"),
        ] {
            assert_eq!(read(text, 3).1, Err(reason.to_owned()), "{text}");
        }
        let long = format!("[\"{}\"]", "x".repeat(LONGEST_RECORD));
        assert_eq!(read(&long, 4096).1, Err("a row is longer than 4 MiB".to_owned()));
    }

    proptest! {
        #[test]
        fn any_array_is_read_as_serde_reads_it(
            values in prop::collection::vec(prop::option::of("[ -~\\n\u{e9}\u{1F600}]{0,12}"), 0..8),
            buffer in 1..40_usize,
        ) {
            let rows: Vec<_> = values.iter().map(|value| serde_json::json!({ "a": value })).collect();
            let text = serde_json::to_string_pretty(&rows).expect("JSON");
            let shown = |value: &Option<String>| value.clone().filter(|text| !text.is_empty()).unwrap_or("-".to_owned());
            prop_assert_eq!(read(&text, buffer), (values.iter().map(shown).collect(), Ok(())));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{},\":\\\\a1 \\n]{0,40}", buffer in 1..9_usize) {
            let _ = read(&text, buffer);
        }
    }
}
