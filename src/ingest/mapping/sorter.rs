//! Rows in the order of a key, however many: sorted in memory up to a limit, then in files that are merged.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// Bytes of rows that are held in memory.
pub const IN_MEMORY: usize = 16 << 20;
/// What a row costs beside its bytes.
pub const ROW_COST: usize = 64;
/// Files that are merged at once.
const MOST_RUNS: usize = 64;

/// A row: sorted by key, and within a key in the order that rows came in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sortable {
    /// What it is sorted by.
    pub key: Box<[u8]>,
    /// Its place among all rows.
    pub order: u64,
    /// What else it holds.
    pub rest: Box<[u8]>,
}

/// Takes rows in any order.
pub struct Sorter {
    rows: Vec<Sortable>,
    bytes: usize,
    limit: usize,
    runs: Vec<File>,
}

impl Sorter {
    /// A sorter that holds about `limit` bytes in memory.
    pub fn new(limit: usize) -> Self {
        Self { rows: Vec::new(), bytes: 0, limit, runs: Vec::new() }
    }

    /// Takes a row.
    pub fn push(&mut self, row: Sortable) -> io::Result<()> {
        self.bytes += row.key.len() + row.rest.len() + ROW_COST;
        self.rows.push(row);
        if self.bytes > self.limit { self.spill() } else { Ok(()) }
    }

    /// Whether all rows are in memory still.
    pub fn is_in_memory(&self) -> bool {
        self.runs.is_empty()
    }

    fn spill(&mut self) -> io::Result<()> {
        self.rows.sort_unstable();
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        self.runs.push(write_run(rows.into_iter().map(Ok))?);
        if self.runs.len() == MOST_RUNS {
            let merged = write_run(Merge::of(std::mem::take(&mut self.runs))?)?;
            self.runs.push(merged);
        }
        Ok(())
    }

    /// The rows in order.
    pub fn sorted(mut self) -> io::Result<Box<dyn Iterator<Item = io::Result<Sortable>>>> {
        if self.is_in_memory() {
            self.rows.sort_unstable();
            return Ok(Box::new(self.rows.into_iter().map(Ok)));
        }
        self.spill()?;
        Ok(Box::new(Merge::of(self.runs)?))
    }
}

fn write_run(rows: impl Iterator<Item = io::Result<Sortable>>) -> io::Result<File> {
    let mut file = BufWriter::new(tempfile::tempfile()?);
    for row in rows {
        write_row(&mut file, &row?)?;
    }
    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Writes a row; returns how many bytes it took.
pub fn write_row(file: &mut impl Write, row: &Sortable) -> io::Result<u64> {
    file.write_all(&(row.key.len() as u64).to_le_bytes())?;
    file.write_all(&row.key)?;
    file.write_all(&row.order.to_le_bytes())?;
    file.write_all(&(row.rest.len() as u64).to_le_bytes())?;
    file.write_all(&row.rest)?;
    Ok(24 + row.key.len() as u64 + row.rest.len() as u64)
}

/// Reads a row; nothing at the end.
pub fn read_row(file: &mut impl Read) -> io::Result<Option<Sortable>> {
    let mut number = [0; 8];
    match file.read_exact(&mut number) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let key = read_bytes(file, u64::from_le_bytes(number))?;
    file.read_exact(&mut number)?;
    let order = u64::from_le_bytes(number);
    file.read_exact(&mut number)?;
    let rest = read_bytes(file, u64::from_le_bytes(number))?;
    Ok(Some(Sortable { key, order, rest }))
}

fn read_bytes(file: &mut impl Read, length: u64) -> io::Result<Box<[u8]>> {
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact(&mut bytes)?;
    Ok(bytes.into())
}

/// Several sorted files as one.
struct Merge {
    files: Vec<BufReader<File>>,
    heads: BinaryHeap<Reverse<Head>>,
}

struct Head {
    row: Sortable,
    file: usize,
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        self.row.cmp(&other.row)
    }
}

impl Merge {
    fn of(files: Vec<File>) -> io::Result<Self> {
        let files = files.into_iter().map(|file| BufReader::with_capacity(1 << 16, file)).collect();
        let mut merge = Self { files, heads: BinaryHeap::new() };
        for file in 0..merge.files.len() {
            merge.advance(file)?;
        }
        Ok(merge)
    }

    fn advance(&mut self, file: usize) -> io::Result<()> {
        if let Some(row) = read_row(&mut self.files[file])? {
            self.heads.push(Reverse(Head { row, file }));
        }
        Ok(())
    }
}

impl Iterator for Merge {
    type Item = io::Result<Sortable>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse(head) = self.heads.pop()?;
        Some(self.advance(head.file).map(|()| head.row))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn many_small_runs_come_out_in_order(keys in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..400)) {
            // So little memory that every row or two is a run, and runs are merged along the way.
            let mut sorter = Sorter::new(100);
            let mut rows: Vec<Sortable> = Vec::new();
            for (key, order) in keys.into_iter().zip(0_u64..) {
                rows.push(Sortable { key: key.into(), order, rest: order.to_le_bytes().into() });
            }
            for row in rows.clone() {
                sorter.push(row).expect("pushed");
            }
            let sorted: Vec<Sortable> = sorter.sorted().expect("sorted").map(|row| row.expect("a row")).collect();
            rows.sort();
            prop_assert_eq!(sorted, rows);
        }
    }
}
