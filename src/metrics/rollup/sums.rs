//! Sums of some columns, and many of them by small numbers.

use std::collections::HashMap;
use std::ops::Range;

use super::block::Numbers;
use crate::fault::Fault;
use crate::metrics::sum::{PARTS, Sum, Worth};

/// Sums of some columns; nothing where nothing was added.
pub type Sums = Vec<Option<Sum>>;

/// Sums by keys that are small numbers, in place: 0 stands for none.
#[derive(Default)]
pub struct InPlace {
    columns: usize,
    /// By key: a bit for each column that has any, and one more for a row at all.
    known: Vec<u64>,
    /// Plain numbers, added up by key and column.
    values: Vec<i64>,
    /// What was converted, in parts of a minor unit; as long as the others once anything was.
    parts: Vec<i128>,
    /// What is no whole number of parts, by its place among the others.
    aside: HashMap<usize, Sum>,
    touched: Vec<u32>,
}

const HAS_ROW: u64 = 1 << 63;

impl InPlace {
    /// None yet.
    pub fn of(columns: usize) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Makes room for keys up to this one.
    pub fn reserve(&mut self, most: u32) {
        let length = most as usize + 1;
        if length > self.known.len() {
            self.known.resize(length, 0);
            self.values.resize(length * self.columns, 0);
        }
    }

    /// The keys that have rows.
    pub fn touched(&self) -> &[u32] {
        &self.touched
    }

    /// Notes that a key has a row.
    pub fn touch(&mut self, key: u32) {
        let known = &mut self.known[key as usize];
        if *known & HAS_ROW == 0 {
            *known |= HAS_ROW;
            self.touched.push(key);
        }
    }

    /// Adds a stretch of a column's rows to the keys that they have, all of which were touched.
    pub fn add_rows(
        &mut self,
        column: usize,
        (keys, numbers, rows): (&[u32], &Numbers, Range<usize>),
        worth: Option<&Worth>,
    ) -> Result<(), Fault> {
        for row in rows {
            if let Some(value) = numbers.get(row) {
                self.add(keys[row], column, value, worth)?;
            }
        }
        Ok(())
    }

    /// Adds to a column of a key that was touched.
    pub fn add(&mut self, key: u32, column: usize, value: i64, worth: Option<&Worth>) -> Result<(), Fault> {
        self.known[key as usize] |= 1 << column;
        let place = key as usize * self.columns + column;
        match worth {
            None => {
                let sum = &mut self.values[place];
                *sum = sum.checked_add(value).ok_or(Fault::Overflow)?;
            }
            Some(Worth::Parts(each)) => {
                if self.parts.len() < self.values.len() {
                    self.parts.resize(self.values.len(), 0);
                }
                let sum = &mut self.parts[place];
                match i128::from(value).checked_mul(*each).and_then(|more| sum.checked_add(more)) {
                    Some(more) => *sum = more,
                    None => self.aside.entry(place).or_default().add(value, worth),
                }
            }
            Some(_) => self.aside.entry(place).or_default().add(value, worth),
        }
        Ok(())
    }

    /// Whether anything was added to a key's column.
    pub fn is_known(&self, key: u32, column: usize) -> bool {
        self.known[key as usize] >> column & 1 == 1
    }

    /// Parts of a minor unit that a key's column comes to, where all are whole.
    pub fn parts(&self, key: u32, column: usize) -> Option<i128> {
        let place = key as usize * self.columns + column;
        if !self.aside.is_empty() && self.aside.contains_key(&place) {
            return None;
        }
        let converted = self.parts.get(place).copied().unwrap_or(0);
        i128::from(self.values[place]).checked_mul(PARTS)?.checked_add(converted)
    }

    /// A key's sum of a column, if anything was added to it.
    pub fn sum(&self, key: u32, column: usize) -> Option<Sum> {
        if !self.is_known(key, column) {
            return None;
        }
        if let Some(parts) = self.parts(key, column) {
            return Some(Sum::of_parts(parts));
        }
        let place = key as usize * self.columns + column;
        let mut sum = Sum::of_parts(self.parts.get(place).copied().unwrap_or(0));
        sum.add(self.values[place], None);
        if let Some(aside) = self.aside.get(&place) {
            sum.merge(aside);
        }
        Some(sum)
    }

    /// A key's sums.
    pub fn sums(&self, key: u32) -> Sums {
        (0..self.columns).map(|column| self.sum(key, column)).collect()
    }

    /// Forgets all sums, and keeps the room.
    pub fn clear(&mut self) {
        for key in self.touched.drain(..) {
            let key = key as usize;
            let places = key * self.columns..(key + 1) * self.columns;
            self.known[key] = 0;
            self.values[places.clone()].fill(0);
            if let Some(parts) = self.parts.get_mut(places) {
                parts.fill(0);
            }
        }
        self.aside.clear();
    }
}
