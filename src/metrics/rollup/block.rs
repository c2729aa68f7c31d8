//! How a block is written: column by column, so that a reader takes what it needs, and numbers as narrow as they are.
//!
//! A block is the number of its rows, of its columns, and each column behind its length. Rows are in order of time, then
//! keys. A column of numbers is a base and, row by row, how much more each is (or than the one before it, where they
//! never fall), in as many bytes as the largest takes; where few stretches of rows have one number each, these stretches.
//! A column of texts is the texts it has, in order, and their places.

use crate::fault::Fault;

/// Numbers of some rows; where there is none, what stands there means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// The numbers.
    pub values: Vec<i64>,
    /// A bit for each that is there; none where all are.
    known: Option<Vec<u8>>,
}

impl Numbers {
    /// Whether there is a number in that row.
    pub fn is_known(&self, row: usize) -> bool {
        self.known
            .as_ref()
            .is_none_or(|bits| bits.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1))
    }

    /// The number of that row.
    pub fn get(&self, row: usize) -> Option<i64> {
        if self.is_known(row) { self.values.get(row).copied() } else { None }
    }
}

/// So many rows that have the same number, or none.
pub type Run = (usize, Option<i64>);

/// Texts of some rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts<'a> {
    /// Each text once.
    pub words: Vec<&'a str>,
    /// Which one a row has.
    pub places: Numbers,
}

const IS_KNOWN_IN_PART: u8 = 1;
const RISES: u8 = 2;
const IS_OF_RUNS: u8 = 4;
/// Rows that a stretch has in the mean for stretches to be what is written.
const LONG_RUN: usize = 8;
/// More rows than a block can have.
const TOO_MANY: usize = 1 << 24;

/// Writes blocks.
#[derive(Debug)]
pub struct Writer {
    rows: usize,
    columns: u32,
    bytes: Vec<u8>,
}

impl Writer {
    /// A block of so many rows.
    pub fn new(rows: usize) -> Self {
        Self { rows, columns: 0, bytes: Vec::new() }
    }

    /// Adds a column of numbers, one a row.
    pub fn numbers(&mut self, numbers: impl Iterator<Item = Option<i64>>) {
        let mut bytes = Vec::new();
        write_numbers(&numbers.collect::<Vec<_>>(), &mut bytes);
        self.column(&bytes);
    }

    /// Adds a column of texts, one a row.
    pub fn texts<'a>(&mut self, texts: impl Iterator<Item = Option<&'a str>>) {
        let texts: Vec<Option<&str>> = texts.collect();
        let mut words: Vec<&str> = texts.iter().flatten().copied().collect();
        words.sort_unstable();
        words.dedup();
        let place = |text: &str| words.binary_search(&text).ok().and_then(|place| i64::try_from(place).ok());
        let places: Vec<Option<i64>> = texts.iter().map(|text| text.and_then(place)).collect();
        let mut bytes = length(words.len()).to_vec();
        for word in &words {
            bytes.extend(length(word.len()));
            bytes.extend(word.as_bytes());
        }
        write_numbers(&places, &mut bytes);
        self.column(&bytes);
    }

    fn column(&mut self, bytes: &[u8]) {
        self.columns += 1;
        self.bytes.extend(length(bytes.len()));
        self.bytes.extend(bytes);
    }

    /// The block.
    pub fn finish(self) -> Vec<u8> {
        let mut block = length(self.rows).to_vec();
        block.extend(self.columns.to_le_bytes());
        block.extend(self.bytes);
        block
    }
}

/// Blocks are far below four gigabytes: a day or a month of one shop.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

fn write_numbers(numbers: &[Option<i64>], bytes: &mut Vec<u8>) {
    let runs: Vec<&[Option<i64>]> = numbers.chunk_by(|one, next| one == next).collect();
    if runs.len() * LONG_RUN > numbers.len() {
        return write_each(numbers, 0, bytes);
    }
    let of_runs: Vec<Option<i64>> = runs.iter().filter_map(|run| run.first().copied()).collect();
    let mut each = Vec::new();
    write_each(&of_runs, IS_OF_RUNS, &mut each);
    bytes.extend(&each[..2]);
    bytes.extend(length(runs.len()));
    for run in &runs {
        bytes.extend(length(run.len()));
    }
    bytes.extend(&each[2..]);
}

fn write_each(numbers: &[Option<i64>], flags: u8, bytes: &mut Vec<u8>) {
    let is_whole = numbers.iter().all(Option::is_some);
    let known: Vec<i64> = numbers.iter().flatten().copied().collect();
    let rises = is_whole && known.windows(2).all(|pair| pair[0] <= pair[1]);
    let base = if rises { known.first() } else { known.iter().min() }.copied().unwrap_or(0);
    let mut before = base;
    let more: Vec<u64> = numbers
        .iter()
        .map(|number| {
            let number = number.unwrap_or(base);
            let than = if rises { std::mem::replace(&mut before, number) } else { base };
            number.wrapping_sub(than).cast_unsigned()
        })
        .collect();
    let most = more.iter().max().copied().unwrap_or(0);
    let width = (64 - most.leading_zeros()).div_ceil(8) as usize;
    bytes.push(flags | if is_whole { 0 } else { IS_KNOWN_IN_PART } | if rises { RISES } else { 0 });
    bytes.push(u8::try_from(width).unwrap_or(8));
    bytes.extend(base.to_le_bytes());
    if !is_whole {
        for eight in numbers.chunks(8) {
            let bit = |(place, number): (usize, &Option<i64>)| u8::from(number.is_some()) << place;
            bytes.push(eight.iter().enumerate().map(bit).sum());
        }
    }
    for more in more {
        bytes.extend(&more.to_le_bytes()[..width]);
    }
}

/// A block that is read.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// How many rows it has.
    pub rows: usize,
    columns: Vec<&'a [u8]>,
}

impl<'a> Block<'a> {
    /// Finds the columns.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut rest = bytes;
        let rows = Some(take_length(&mut rest)?).filter(|rows| *rows < TOO_MANY).ok_or_else(broken)?;
        let count = take_length(&mut rest)?;
        let mut columns = Vec::new();
        for _ in 0..count {
            let length = take_length(&mut rest)?;
            columns.push(take(&mut rest, length)?);
        }
        Ok(Self { rows, columns })
    }

    /// A column of numbers.
    pub fn numbers(&self, column: usize) -> Result<Numbers, Fault> {
        read_numbers(self.columns.get(column).ok_or_else(broken)?, self.rows)
    }

    /// The stretches of a column of numbers.
    pub fn runs(&self, column: usize) -> Result<Vec<Run>, Fault> {
        read_runs(self.columns.get(column).ok_or_else(broken)?, self.rows)
    }

    /// The stretches of a column of texts.
    pub fn text_runs(&self, column: usize) -> Result<(Vec<&'a str>, Vec<Run>), Fault> {
        let mut rest = *self.columns.get(column).ok_or_else(broken)?;
        let words = take_words(&mut rest)?;
        Ok((words, read_runs(rest, self.rows)?))
    }

    /// A column of texts.
    pub fn texts(&self, column: usize) -> Result<Texts<'a>, Fault> {
        let mut rest = *self.columns.get(column).ok_or_else(broken)?;
        let words = take_words(&mut rest)?;
        Ok(Texts { words, places: read_numbers(rest, self.rows)? })
    }
}

fn take_words<'a>(rest: &mut &'a [u8]) -> Result<Vec<&'a str>, Fault> {
    let mut words = Vec::new();
    for _ in 0..take_length(rest)? {
        let length = take_length(rest)?;
        words.push(std::str::from_utf8(take(rest, length)?).map_err(|_| broken())?);
    }
    Ok(words)
}

fn broken() -> Fault {
    Fault::Internal("a rollup's block cannot be read".to_owned())
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Fault> {
    let (taken, left) = rest.split_at_checked(length).ok_or_else(broken)?;
    *rest = left;
    Ok(taken)
}

fn take_length(rest: &mut &[u8]) -> Result<usize, Fault> {
    let bytes = take(rest, 4)?.try_into().map_err(|_| broken())?;
    usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| broken())
}

fn read_numbers(bytes: &[u8], rows: usize) -> Result<Numbers, Fault> {
    let mut rest = bytes;
    let head = take(&mut rest, 2)?;
    if head[0] & IS_OF_RUNS == 0 {
        return read_each(head, rest, rows);
    }
    let lengths = take_lengths(&mut rest, rows)?;
    let runs = read_each(head, rest, lengths.len())?;
    let each = || lengths.iter().enumerate();
    let values =
        each().flat_map(|(run, length)| std::iter::repeat_n(runs.values[run], *length)).collect::<Vec<i64>>();
    let known = runs.known.is_some().then(|| {
        let mut bits = vec![0; rows.div_ceil(8)];
        let known = each().flat_map(|(run, length)| std::iter::repeat_n(runs.is_known(run), *length));
        for (row, _) in known.enumerate().filter(|(_, is_known)| *is_known) {
            bits[row / 8] |= 1 << (row % 8);
        }
        bits
    });
    Ok(Numbers { values, known })
}

/// How many rows each stretch has: together as many as there are.
fn take_lengths(rest: &mut &[u8], rows: usize) -> Result<Vec<usize>, Fault> {
    let count = Some(take_length(rest)?).filter(|count| *count <= rows).ok_or_else(broken)?;
    let lengths = (0..count).map(|_| take_length(rest)).collect::<Result<Vec<usize>, Fault>>()?;
    let all = lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length));
    if all == Some(rows) { Ok(lengths) } else { Err(broken()) }
}

/// Stretches of rows that have the same number.
fn read_runs(bytes: &[u8], rows: usize) -> Result<Vec<Run>, Fault> {
    let mut rest = bytes;
    let head = take(&mut rest, 2)?;
    if head[0] & IS_OF_RUNS == 0 {
        let numbers = read_each(head, rest, rows)?;
        let each: Vec<Option<i64>> = (0..rows).map(|row| numbers.get(row)).collect();
        let runs = each.chunk_by(|one, next| one == next);
        return Ok(runs.filter_map(|run| Some((run.len(), *run.first()?))).collect());
    }
    let lengths = take_lengths(&mut rest, rows)?;
    let runs = read_each(head, rest, lengths.len())?;
    Ok(lengths.into_iter().enumerate().map(|(run, length)| (length, runs.get(run))).collect())
}

fn read_each(head: &[u8], mut rest: &[u8], rows: usize) -> Result<Numbers, Fault> {
    let (flags, width) = (head[0], usize::from(head[1]));
    let base = i64::from_le_bytes(take(&mut rest, 8)?.try_into().map_err(|_| broken())?);
    let known = match flags & IS_KNOWN_IN_PART {
        0 => None,
        _ => Some(take(&mut rest, rows.div_ceil(8))?.to_vec()),
    };
    let more = take(&mut rest, rows * width)?;
    let mut values = widened(more, width, rows);
    if flags & RISES != 0 {
        let mut last = base;
        for value in &mut values {
            last = last.wrapping_add(*value);
            *value = last;
        }
    } else {
        for value in &mut values {
            *value = value.wrapping_add(base);
        }
    }
    Ok(Numbers { values, known })
}

/// Numbers of so many bytes each. The widths that most columns have are told apart, for the compiler to make the most of.
fn widened(bytes: &[u8], width: usize, rows: usize) -> Vec<i64> {
    fn each<const WIDTH: usize>(bytes: &[u8]) -> Vec<i64> {
        let (chunks, _) = bytes.as_chunks::<WIDTH>();
        let widen = |chunk: &[u8; WIDTH]| {
            let mut wide = [0; 8];
            wide[..WIDTH].copy_from_slice(chunk);
            i64::from_le_bytes(wide)
        };
        chunks.iter().map(widen).collect()
    }
    match width {
        0 => vec![0; rows],
        1 => each::<1>(bytes),
        2 => each::<2>(bytes),
        3 => each::<3>(bytes),
        4 => each::<4>(bytes),
        5 => each::<5>(bytes),
        6 => each::<6>(bytes),
        7 => each::<7>(bytes),
        _ => each::<8>(bytes),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = i64> {
        prop_oneof![
            any::<i64>(),
            -300_i64..300,
            Just(0),
            Just(i64::MIN),
            Just(i64::MAX),
            (0_u32..63).prop_map(|shift| 1_i64 << shift),
        ]
    }

    proptest! {
        /// Whatever is written is read again, each column by itself.
        #[test]
        fn what_is_written_is_read(
            rows in prop::collection::vec((prop::option::of(number()), number(), prop::option::of("[a-zé]{0,3}")), 0..70),
            is_sorted in any::<bool>(),
        ) {
            let mut rows = rows;
            if is_sorted {
                rows.sort_by_key(|row| row.1);
            }
            let mut writer = Writer::new(rows.len());
            writer.numbers(rows.iter().map(|row| row.0));
            writer.numbers(rows.iter().map(|row| Some(row.1)));
            writer.texts(rows.iter().map(|row| row.2.as_deref()));
            let bytes = writer.finish();
            let block = Block::read(&bytes).expect("a block");
            prop_assert_eq!(block.rows, rows.len());
            let (sparse, full, texts) =
                (block.numbers(0).expect("numbers"), block.numbers(1).expect("numbers"), block.texts(2).expect("texts"));
            for (row, (one, other, text)) in rows.iter().enumerate() {
                prop_assert_eq!(sparse.get(row), *one);
                prop_assert_eq!(full.get(row), Some(*other));
                let told = texts.places.get(row).map(|place| texts.words[usize::try_from(place).expect("a place")]);
                prop_assert_eq!(told, text.as_deref());
            }
        }

        /// What is cut short or altered is an error, or other numbers, and never a crash.
        #[test]
        fn what_is_broken_is_an_error(cut in 0_usize..100, place in 0_usize..100, byte in any::<u8>()) {
            let mut writer = Writer::new(9);
            writer.numbers((0..9).map(|number| (number % 2 == 0).then_some(number * 1000)));
            writer.texts((0..9).map(|number| Some(if number % 2 == 0 { "even" } else { "odd" })));
            let bytes = writer.finish();
            let short = &bytes[..cut.min(bytes.len() - 1)];
            let read = |bytes: &[u8]| {
                let block = Block::read(bytes)?;
                Ok::<_, Fault>((block.numbers(0)?, block.texts(1)?.words.len()))
            };
            prop_assert!(read(short).is_err());
            let mut altered = bytes.clone();
            altered[place % bytes.len()] = byte;
            drop(read(&altered));
        }
    }
}
