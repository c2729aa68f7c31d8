//! Reading a column of numbers.

use super::{HEAD, IS_KNOWN_IN_PART, IS_OF_RUNS, MOST_DIGITS, RISES, Run, broken, take, take_length};
use crate::fault::Fault;

/// Numbers of some rows; where there is none, what stands there means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// The numbers.
    pub values: Vec<i64>,
    /// How many of their digits are behind the point.
    pub digits: u32,
    /// None is further from zero; none of the whole column, where that is known beforehand.
    pub most: u64,
    /// Whether it is.
    pub of_all: bool,
    /// A bit for each that is there; none where all are.
    known: Option<Vec<u8>>,
}

impl Numbers {
    /// Whether there is a number in every row.
    pub fn is_whole(&self) -> bool {
        self.known.is_none()
    }

    /// The number of that row.
    pub fn get(&self, row: usize) -> Option<i64> {
        let has = |bits: &Vec<u8>| bits.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1);
        if self.known.as_ref().is_none_or(has) { self.values.get(row).copied() } else { None }
    }
}

/// A column of numbers, of which some rows are read after the others.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    /// How many of their digits are behind the point.
    pub digits: u32,
    written: Written<'a>,
}

#[derive(Clone, Debug)]
enum Written<'a> {
    OneByOne(Each<'a>),
    /// The numbers of stretches, how long these are, which one is read, and how much of it is left.
    InRuns {
        numbers: Numbers,
        lengths: Vec<usize>,
        run: usize,
        left: usize,
    },
}

impl<'a> Cursor<'a> {
    /// Before the first of so many rows.
    pub fn new(bytes: &'a [u8], rows: usize) -> Result<Self, Fault> {
        let mut rest = bytes;
        let head = take(&mut rest, HEAD)?;
        let (flags, width, digits) = (head[0], usize::from(head[1]), u32::from(head[2]));
        if digits > MOST_DIGITS || width > size_of::<i64>() {
            return Err(broken());
        }
        if flags & IS_OF_RUNS == 0 {
            let each = Each::new(rest, (flags, width), rows)?;
            return Ok(Self { digits, written: Written::OneByOne(each) });
        }
        let lengths = take_lengths(&mut rest, rows)?;
        let mut numbers = Numbers::default();
        Each::new(rest, (flags, width), lengths.len())?.read(lengths.len(), &mut numbers);
        let left = lengths.first().copied().unwrap_or(0);
        Ok(Self { digits, written: Written::InRuns { numbers, lengths, run: 0, left } })
    }

    /// Reads the next rows, which must be as many; a multiple of eight, except the last.
    pub fn read(&mut self, rows: usize, into: &mut Numbers) {
        into.digits = self.digits;
        match &mut self.written {
            Written::OneByOne(each) => each.read(rows, into),
            Written::InRuns { numbers, lengths, run, left } => {
                into.values.clear();
                (into.most, into.of_all) = (numbers.most, true);
                let mut known = (!numbers.is_whole()).then(|| vec![0; rows.div_ceil(8)]);
                while into.values.len() < rows && *run < lengths.len() {
                    let (from, count) = (into.values.len(), Ord::min(*left, rows - into.values.len()));
                    into.values.extend(std::iter::repeat_n(numbers.values[*run], count));
                    if let (Some(bits), Some(_)) = (&mut known, numbers.get(*run)) {
                        (from..from + count).for_each(|row| bits[row / 8] |= 1 << (row % 8));
                    }
                    *left -= count;
                    if *left == 0 {
                        *run += 1;
                        *left = lengths.get(*run).copied().unwrap_or(0);
                    }
                }
                into.known = known;
            }
        }
    }

    /// The same of numbers that never fall, as narrow ones from 1 up to `most`, and 0 where there is none; nothing, and nothing is
    /// read, where they are others.
    pub fn read_narrow(&mut self, rows: usize, most: u32, into: &mut Vec<u32>) -> Option<()> {
        match &mut self.written {
            Written::OneByOne(each) if each.rises => each.read_narrow(rows, most, into),
            _ => None,
        }
    }

    /// A number that those of the next rows are not below, where they never fall.
    pub fn risen_to(&self) -> Option<i64> {
        match &self.written {
            Written::OneByOne(each) if each.rises => Some(each.base),
            _ => None,
        }
    }

    /// The stretches of all rows that have one number each.
    pub fn runs(self, rows: usize) -> Vec<Run> {
        let mut numbers = Numbers::default();
        match self.written {
            Written::InRuns { numbers, lengths, .. } => {
                lengths.into_iter().enumerate().map(|(run, length)| (length, numbers.get(run))).collect()
            }
            Written::OneByOne(mut each) => {
                each.read(rows, &mut numbers);
                let each: Vec<Option<i64>> = (0..rows).map(|row| numbers.get(row)).collect();
                let runs = each.chunk_by(|one, next| one == next);
                runs.filter_map(|run| Some((run.len(), *run.first()?))).collect()
            }
        }
    }
}

/// Numbers that are written one by one.
#[derive(Clone, Debug)]
struct Each<'a> {
    rises: bool,
    width: usize,
    /// What each is more than, or where they have risen to.
    base: i64,
    known: Option<&'a [u8]>,
    /// How many rows have none, of those that are to come.
    unknown: usize,
    more: &'a [u8],
}

impl<'a> Each<'a> {
    fn new(mut rest: &'a [u8], (flags, width): (u8, usize), count: usize) -> Result<Self, Fault> {
        let base = i64::from_le_bytes(take(&mut rest, 8)?.try_into().map_err(|_| broken())?);
        let known = match flags & IS_KNOWN_IN_PART {
            0 => None,
            _ => Some(take(&mut rest, count.div_ceil(8))?),
        };
        let there = known.map_or(count, |bits| bits.iter().map(|byte| byte.count_ones() as usize).sum());
        let unknown = count.checked_sub(there).ok_or_else(broken)?;
        let more = take(&mut rest, count * width)?;
        Ok(Self { rises: flags & RISES != 0, width, base, known, unknown, more })
    }

    fn read_narrow(&mut self, count: usize, most: u32, into: &mut Vec<u32>) -> Option<()> {
        fn each<const WIDTH: usize>(bytes: &[u8], mut last: u64, into: &mut [u32]) -> u64 {
            let (chunks, _) = bytes.as_chunks::<WIDTH>();
            for (number, chunk) in into.iter_mut().zip(chunks) {
                last += wide(chunk);
                *number = u32::try_from(last).unwrap_or(u32::MAX);
            }
            last
        }
        let before = self.more;
        let base = u64::try_from(self.base).ok().filter(|base| *base > 0)?;
        into.resize(count, 0);
        let last = match self.width {
            0 => {
                into.fill(u32::try_from(base).unwrap_or(u32::MAX));
                base
            }
            1 => each::<1>(self.take(count), base, into),
            2 => each::<2>(self.take(count), base, into),
            3 => each::<3>(self.take(count), base, into),
            _ => return None,
        };
        if last > most.into() {
            self.more = before;
            return None;
        }
        self.base = i64::try_from(last).ok()?;
        // Where there is none comes first.
        let unknown = self.unknown.min(count);
        into[..unknown].fill(0);
        self.take_known(count);
        Some(())
    }

    /// The most that a number is more than the base.
    fn widest(&self) -> u64 {
        u32::try_from(8 * self.width)
            .ok()
            .and_then(|bits| u64::MAX.checked_shr(u64::BITS - bits))
            .unwrap_or(0)
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (more, rest) = self.more.split_at((count * self.width).min(self.more.len()));
        self.more = rest;
        more
    }

    fn read(&mut self, count: usize, into: &mut Numbers) {
        let first = self.base;
        widen((self.take(count), self.width), count, if self.rises { 0 } else { first }, &mut into.values);
        if self.rises {
            let mut last = first;
            for value in &mut into.values {
                last = last.wrapping_add(*value);
                *value = last;
            }
            self.base = last;
            into.most = first.unsigned_abs().max(last.unsigned_abs());
            into.of_all = false;
        } else {
            into.most = first.unsigned_abs().saturating_add(self.widest());
            into.of_all = true;
        }
        into.known = self.take_known(count).map(<[u8]>::to_vec);
    }

    fn take_known(&mut self, count: usize) -> Option<&'a [u8]> {
        let bits = self.known?;
        let (some, others) = bits.split_at(count.div_ceil(8).min(bits.len()));
        let there: usize = some.iter().map(|byte| byte.count_ones() as usize).sum();
        self.unknown = self.unknown.saturating_sub(count.saturating_sub(there));
        self.known = Some(others);
        Some(some)
    }
}

/// How many rows each stretch has: together as many as there are.
fn take_lengths(rest: &mut &[u8], rows: usize) -> Result<Vec<usize>, Fault> {
    let count = Some(take_length(rest)?).filter(|count| *count <= rows).ok_or_else(broken)?;
    let lengths = (0..count).map(|_| take_length(rest)).collect::<Result<Vec<usize>, Fault>>()?;
    let all = lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length));
    if all == Some(rows) { Ok(lengths) } else { Err(broken()) }
}

/// Numbers of so many bytes each, and `base` more. Widths are told apart, for the compiler to make the most of.
fn widen((bytes, width): (&[u8], usize), count: usize, base: i64, numbers: &mut Vec<i64>) {
    fn each<const WIDTH: usize>(bytes: &[u8], base: i64, numbers: &mut Vec<i64>) {
        let (chunks, _) = bytes.as_chunks::<WIDTH>();
        numbers.extend(chunks.iter().map(|chunk| base.wrapping_add_unsigned(wide(chunk))));
    }
    numbers.clear();
    match width {
        0 => numbers.resize(count, base),
        1 => each::<1>(bytes, base, numbers),
        2 => each::<2>(bytes, base, numbers),
        3 => each::<3>(bytes, base, numbers),
        4 => each::<4>(bytes, base, numbers),
        5 => each::<5>(bytes, base, numbers),
        6 => each::<6>(bytes, base, numbers),
        7 => each::<7>(bytes, base, numbers),
        _ => each::<8>(bytes, base, numbers),
    }
}

fn wide<const WIDTH: usize>(bytes: &[u8; WIDTH]) -> u64 {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate() {
        number |= u64::from(*byte) << (8 * place);
    }
    number
}
