//! How a block is written: column by column, so that a reader takes what it needs, and numbers as narrow as they are.
//!
//! A block is the number of its rows, of its columns, and each column behind its length. Rows are in order of time, then
//! keys. A column of numbers is a base and, row by row, how much more each is (or than the one before it, where they
//! never fall), in as many bytes as the largest takes; where few stretches of rows have one number each, these stretches.
//! Numbers may have digits behind the point, all of a column the same. A column of texts is the texts it has, in order,
//! and their places.

mod cursor;
mod write;

use crate::fault::Fault;

pub use cursor::{Cursor, Numbers};
pub use write::Writer;

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
/// Flags, the width of a number in bytes, digits behind the point.
const HEAD: usize = 3;
/// Digits that are behind the point at most.
const MOST_DIGITS: u32 = crate::metrics::sum::PARTS.ilog10();
/// More rows than a block can have.
const TOO_MANY: usize = 1 << 24;

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

    /// A column of numbers, to be read some rows after the other.
    pub fn cursor(&self, column: usize) -> Result<Cursor<'a>, Fault> {
        Cursor::new(self.column(column)?, self.rows)
    }

    /// A column of numbers.
    pub fn numbers(&self, column: usize) -> Result<Numbers, Fault> {
        let mut numbers = Numbers::default();
        self.numbers_into(column, &mut numbers)?;
        Ok(numbers)
    }

    /// The same in the place of others, whose memory is used again.
    pub fn numbers_into(&self, column: usize, numbers: &mut Numbers) -> Result<(), Fault> {
        self.cursor(column)?.read(self.rows, numbers);
        Ok(())
    }

    /// The stretches of a column of numbers.
    pub fn runs(&self, column: usize) -> Result<Vec<Run>, Fault> {
        Ok(self.cursor(column)?.runs(self.rows))
    }

    fn column(&self, column: usize) -> Result<&'a [u8], Fault> {
        self.columns.get(column).copied().ok_or_else(broken)
    }

    /// The stretches of a column of texts.
    pub fn text_runs(&self, column: usize) -> Result<(Vec<&'a str>, Vec<Run>), Fault> {
        let mut rest = self.column(column)?;
        let words = take_words(&mut rest)?;
        Ok((words, Cursor::new(rest, self.rows)?.runs(self.rows)))
    }

    /// A column of texts.
    pub fn texts(&self, column: usize) -> Result<Texts<'a>, Fault> {
        let mut rest = self.column(column)?;
        let words = take_words(&mut rest)?;
        let mut places = Numbers::default();
        Cursor::new(rest, self.rows)?.read(self.rows, &mut places);
        Ok(Texts { words, places })
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
            writer.decimals(&rows.iter().map(|row| row.0).collect::<Vec<_>>(), 7);
            let bytes = writer.finish();
            let block = Block::read(&bytes).expect("a block");
            prop_assert_eq!(block.rows, rows.len());
            let (sparse, full, texts) =
                (block.numbers(0).expect("numbers"), block.numbers(1).expect("numbers"), block.texts(2).expect("texts"));
            let decimals = block.numbers(3).expect("numbers");
            prop_assert_eq!((sparse.digits, decimals.digits), (0, 7));
            // Some rows at a time they are the same.
            for column in [0, 1, 3] {
                let (whole, mut cursor) =
                    (block.numbers(column).expect("numbers"), block.cursor(column).expect("numbers"));
                let (mut some, mut each) = (Numbers::default(), Vec::new());
                for first in (0..rows.len()).step_by(16) {
                    let count = Ord::min(16, rows.len() - first);
                    cursor.read(count, &mut some);
                    each.extend((0..count).map(|row| some.get(row)));
                }
                prop_assert_eq!(each, (0..rows.len()).map(|row| whole.get(row)).collect::<Vec<_>>());
            }
            for (row, (one, other, text)) in rows.iter().enumerate() {
                prop_assert_eq!((sparse.get(row), decimals.get(row)), (*one, *one));
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
