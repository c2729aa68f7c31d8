//! Looking rows of another table up by key: in memory up to a limit, then in a sorted file.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use super::packed::unpack;
use super::sorter::{Sortable, Sorter, read_row, write_row};
use super::value::NoValue;

/// Bytes of the file between two keys that are held in memory.
const BLOCK: u64 = 1 << 14;

/// A table by its key. Of rows with the same key the last counts.
pub enum Lookup {
    /// All of it in memory.
    Memory(HashMap<Box<[u8]>, Box<[u8]>>),
    /// In a sorted file.
    Disk(RefCell<Sorted>),
}

/// A sorted file, and where each block of it starts.
pub struct Sorted {
    file: File,
    starts: Vec<(Box<[u8]>, u64)>,
}

impl Lookup {
    /// Takes the rows that a sorter holds: keys, and fields as `packed` writes them.
    pub fn of(sorter: Sorter) -> io::Result<Self> {
        if sorter.is_in_memory() {
            let rows = sorter.sorted()?.map(|row| row.map(|row| (row.key, row.rest)));
            return rows.collect::<io::Result<_>>().map(Self::Memory);
        }
        let mut file = BufWriter::new(tempfile::tempfile()?);
        let (mut starts, mut offset, mut block) = (Vec::<(Box<[u8]>, u64)>::new(), 0, 0);
        let mut waiting: Option<Sortable> = None;
        for row in sorter.sorted()?.map(|row| row.map(Some)).chain([Ok(None)]) {
            let row = row?;
            // A row is written when the next one has another key.
            let is_last = |last: &Sortable| row.as_ref().is_none_or(|row| row.key != last.key);
            if let Some(last) = waiting.take().filter(is_last) {
                if starts.is_empty() || offset - block >= BLOCK {
                    starts.push((last.key.clone(), offset));
                    block = offset;
                }
                offset += write_row(&mut file, &last)?;
            }
            waiting = row;
        }
        file.flush()?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Self::Disk(RefCell::new(Sorted { file, starts })))
    }

    /// A field of the row that has this key.
    pub fn find(&self, key: &str, column: usize) -> Result<Option<String>, NoValue> {
        match self {
            Self::Memory(rows) => Ok(rows.get(key.as_bytes()).and_then(|row| field(row, column))),
            Self::Disk(sorted) => match sorted.borrow_mut().find(key.as_bytes()) {
                Ok(row) => Ok(row.and_then(|row| field(&row, column))),
                Err(error) => Err(NoValue::of(key, format!("cannot be looked up: {error}"))),
            },
        }
    }
}

impl Sorted {
    fn find(&mut self, key: &[u8]) -> io::Result<Option<Box<[u8]>>> {
        let after = self.starts.partition_point(|(start, _)| start.as_ref() <= key);
        let Some((_, offset)) = after.checked_sub(1).and_then(|block| self.starts.get(block)) else {
            return Ok(None);
        };
        self.file.seek(SeekFrom::Start(*offset))?;
        let end = self.starts.get(after).map_or(u64::MAX, |(_, next)| next - offset);
        let mut rows = BufReader::new(Read::take(&self.file, end));
        while let Some(row) = read_row(&mut rows)? {
            if row.key.as_ref() >= key {
                return Ok((row.key.as_ref() == key).then_some(row.rest));
            }
        }
        Ok(None)
    }
}

fn field(bytes: &[u8], place: usize) -> Option<String> {
    unpack(bytes).get(place).copied().flatten().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::packed::pack;
    use super::*;

    #[test]
    fn on_disk_and_in_memory_find_the_same() {
        let find = |limit: usize| {
            let mut sorter = Sorter::new(limit);
            for order in 0..3000_u64 {
                // Every key comes three times; the last counts.
                let key = format!("k{:04}", order % 1000);
                let rest = pack([Some(format!("v{order}").as_str()), None, Some("")].into_iter());
                sorter.push(Sortable { key: key.into_bytes().into(), order, rest }).expect("pushed");
            }
            let lookup = Lookup::of(sorter).expect("built");
            assert_eq!(matches!(lookup, Lookup::Disk(_)), limit == 1000);
            ["k0000", "k0500", "k0999", "k1000", "a", ""]
                .map(|key| [0, 1, 2].map(|column| lookup.find(key, column).expect("readable")))
        };
        let found = find(1 << 20);
        assert_eq!(found[1], [Some("v2500".to_owned()), None, Some(String::new())]);
        assert_eq!(found[3], [None, None, None]);
        assert_eq!(find(1000), found);
    }
}
