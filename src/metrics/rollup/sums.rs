//! Sums of some columns, and many of them by small numbers.

use std::collections::HashMap;
use std::ops::Range;

use super::block::Numbers;
use crate::metrics::sum::{PARTS, Sum, Worth};

/// Sums of some columns; nothing where nothing was added.
pub type Sums = Vec<Option<Sum>>;

/// What is wanted of a column that is counted in place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Its sums.
    pub sums: bool,
    /// Which keys have any.
    pub presence: bool,
    /// Whether it counts: none is nothing then.
    pub is_count: bool,
}

/// Sums by keys that are small numbers, in place: 0 stands for none.
#[derive(Default)]
pub struct InPlace {
    columns: Vec<Column>,
    length: usize,
}

#[derive(Default)]
struct Column {
    wanted: Wanted,
    /// In parts of a minor unit, or of one.
    sums: Vec<i128>,
    known: Bits,
    present: Bits,
    /// What is no whole number of parts, or too large.
    aside: HashMap<u32, Sum>,
}

/// A bit for each key.
#[derive(Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn set(&mut self, key: u32) {
        self.0[key as usize / 64] |= 1 << (key % 64);
    }

    fn has(&self, key: u32) -> bool {
        self.0[key as usize / 64] >> (key % 64) & 1 == 1
    }
}

impl InPlace {
    /// None yet.
    pub fn of(wanted: &[Wanted]) -> Self {
        let columns = wanted.iter().map(|wanted| Column { wanted: *wanted, ..Column::default() });
        Self { columns: columns.collect(), length: 0 }
    }

    /// Makes room for keys up to this one, and some more.
    pub fn reserve(&mut self, most: u32) {
        let length = most as usize + 1;
        if length <= self.length {
            return;
        }
        self.length = length.max(self.length * 3 / 2).next_multiple_of(64);
        for column in &mut self.columns {
            column.known.0.resize(self.length / 64, 0);
            column.present.0.resize(self.length / 64, 0);
            if column.wanted.sums {
                let mut sums = vec![0; self.length];
                sums[..column.sums.len()].copy_from_slice(&column.sums);
                column.sums = sums;
            }
        }
    }

    /// The keys that have anything.
    pub fn keys(&self) -> impl Iterator<Item = u32> {
        let words = (0..self.length / 64).map(|word| {
            self.columns
                .iter()
                .map(|column| column.known.0[word] | column.present.0[word])
                .fold(0, |a, b| a | b)
        });
        (0_u32..).step_by(64).zip(words).flat_map(|(first, mut word)| {
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros())?;
                word &= word - 1;
                Some(first + bit)
            })
        })
    }

    /// How many keys that are there have any in a column.
    pub fn count(&self, column: usize) -> u32 {
        let present = &self.columns[column].present;
        let all: u32 = present.0.iter().map(|word| word.count_ones()).sum();
        all - u32::from(self.length > 0 && present.has(0))
    }

    /// Adds a stretch of a column's rows to the keys that they have.
    pub fn add_rows(
        &mut self,
        column: usize,
        (keys, numbers, rows): (&[u32], &Numbers, Range<usize>),
        worth: Option<&Worth>,
    ) {
        let column = &mut self.columns[column];
        // What blocks of months have for the most part goes without looking at each row's worth and whether it is there.
        if let (Some(each), true) = (narrow(worth), numbers.is_whole()) {
            let each_row = keys[rows.clone()].iter().zip(&numbers.values[rows]);
            match column.wanted {
                Wanted { sums: true, presence: false, .. } => {
                    each_row.for_each(|(key, value)| column.add_parts(*key, *value, each));
                }
                Wanted { sums: false, presence: true, is_count } => each_row
                    .filter(|(_, value)| !is_count || **value != 0)
                    .for_each(|(key, _)| column.present.set(*key)),
                _ => each_row.for_each(|(key, value)| column.add(*key, *value, worth)),
            }
            return;
        }
        for row in rows {
            if let Some(value) = numbers.get(row) {
                column.add(keys[row], value, worth);
            }
        }
    }

    /// Adds to a column of a key.
    pub fn add(&mut self, key: u32, column: usize, value: i64, worth: Option<&Worth>) {
        self.columns[column].add(key, value, worth);
    }

    /// Whether anything was added to a key's column.
    pub fn is_known(&self, key: u32, column: usize) -> bool {
        let column = &self.columns[column];
        column.known.has(key) || column.present.has(key)
    }

    /// Whether a key is there in a column.
    pub fn is_present(&self, key: u32, column: usize) -> bool {
        self.columns[column].present.has(key)
    }

    /// Parts that a key's column comes to.
    pub fn parts(&self, key: u32, column: usize) -> i128 {
        self.columns[column].sums[key as usize]
    }

    /// Whether what a column has comes to whole parts.
    pub fn is_of_parts(&self, column: usize) -> bool {
        self.columns[column].aside.is_empty()
    }

    /// A key's sum of a column, if anything was added to it.
    pub fn sum(&self, key: u32, column: usize) -> Option<Sum> {
        let column = &self.columns[column];
        if !column.known.has(key) {
            return None;
        }
        let mut sum = Sum::of_parts(column.sums.get(key as usize).copied().unwrap_or(0));
        if let Some(aside) = column.aside.get(&key) {
            sum.merge(aside);
        }
        Some(sum)
    }

    /// Forgets all sums, and keeps the room.
    pub fn clear(&mut self) {
        for column in &mut self.columns {
            column.sums.fill(0);
            column.known.0.fill(0);
            column.present.0.fill(0);
            column.aside.clear();
        }
    }
}

/// Parts that a number is worth, where a product with it cannot be too large.
fn narrow(worth: Option<&Worth>) -> Option<i64> {
    match worth {
        None => i64::try_from(PARTS).ok(),
        Some(Worth::Parts(each)) => i64::try_from(*each).ok(),
        Some(_) => None,
    }
}

impl Column {
    fn add_parts(&mut self, key: u32, value: i64, each: i64) {
        self.known.set(key);
        let sum = &mut self.sums[key as usize];
        match sum.checked_add(i128::from(value) * i128::from(each)) {
            Some(more) => *sum = more,
            None => self.aside.entry(key).or_default().add(value, Some(&Worth::Parts(each.into()))),
        }
    }

    fn add(&mut self, key: u32, value: i64, worth: Option<&Worth>) {
        if self.wanted.presence && !(self.wanted.is_count && value == 0) {
            self.present.set(key);
        }
        if !self.wanted.sums {
            return;
        }
        self.known.set(key);
        if let Some(each) = narrow(worth) {
            return self.add_parts(key, value, each);
        }
        let each = if let Some(Worth::Parts(each)) = worth { Some(*each) } else { None };
        let sum = &mut self.sums[key as usize];
        match each.and_then(|each| i128::from(value).checked_mul(each)?.checked_add(*sum)) {
            Some(more) => *sum = more,
            None => self.aside.entry(key).or_default().add(value, worth),
        }
    }
}
