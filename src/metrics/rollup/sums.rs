//! Sums of some columns, and many of them by small numbers.

use crate::fault::Fault;

/// Sums of some columns: a bit for each that has any, and the sums.
#[derive(Clone, Default)]
pub struct Sums {
    known: u64,
    values: Vec<i64>,
}

impl Sums {
    /// None yet.
    pub fn of(columns: usize) -> Self {
        Self { known: 0, values: vec![0; columns] }
    }

    /// Adds to a column.
    pub fn add(&mut self, column: usize, value: i64) -> Result<(), Fault> {
        let sum = &mut self.values[column];
        *sum = sum.checked_add(value).ok_or(Fault::Overflow)?;
        self.known |= 1 << column;
        Ok(())
    }

    /// A column's sum, if anything was added to it.
    pub fn get(&self, column: usize) -> Option<i64> {
        (self.known >> column & 1 == 1).then(|| self.values[column])
    }
}

/// Sums by keys that are small numbers, in place: 0 stands for none.
pub struct InPlace {
    columns: usize,
    /// By key: a bit for each column that has any, and one more for a row at all.
    known: Vec<u64>,
    values: Vec<i64>,
    touched: Vec<u32>,
}

const HAS_ROW: u64 = 1 << 63;

impl InPlace {
    /// None yet.
    pub fn of(columns: usize) -> Self {
        Self { columns, known: Vec::new(), values: Vec::new(), touched: Vec::new() }
    }

    /// Makes room for keys up to this one.
    pub fn reserve(&mut self, most: i64) {
        let length = usize::try_from(most).unwrap_or(0) + 1;
        if length > self.known.len() {
            self.known.resize(length, 0);
            self.values.resize(length * self.columns, 0);
        }
    }

    /// Whether there is room for a key.
    pub fn holds(&self, key: usize) -> bool {
        key < self.known.len()
    }

    /// The keys that have rows.
    pub fn touched(&self) -> &[u32] {
        &self.touched
    }

    /// Notes that a key has a row.
    pub fn touch(&mut self, key: usize) {
        if self.known[key] & HAS_ROW == 0 {
            self.known[key] |= HAS_ROW;
            self.touched.push(u32::try_from(key).unwrap_or(0));
        }
    }

    /// Adds to a column of a key that was touched.
    pub fn add(&mut self, key: usize, column: usize, value: i64) -> Result<(), Fault> {
        let sum = &mut self.values[key * self.columns + column];
        *sum = sum.checked_add(value).ok_or(Fault::Overflow)?;
        self.known[key] |= 1 << column;
        Ok(())
    }

    /// A key's sums.
    pub fn sums(&self, key: usize) -> Sums {
        let values = self.values[key * self.columns..(key + 1) * self.columns].to_vec();
        Sums { known: self.known[key] & !HAS_ROW, values }
    }

    /// A key's sum of a column, if anything was added to it.
    pub fn get(&self, key: usize, column: usize) -> Option<i64> {
        (self.known[key] >> column & 1 == 1).then(|| self.values[key * self.columns + column])
    }

    /// Forgets all sums, and keeps the room.
    pub fn clear(&mut self) {
        for key in self.touched.drain(..) {
            let key = key as usize;
            self.known[key] = 0;
            self.values[key * self.columns..(key + 1) * self.columns].fill(0);
        }
    }
}
