//! Keys that are small numbers, and so their own places.

use super::block::{Cursor, Numbers};

/// Keys up to here are counted in place: what is beyond is rare, and room for it would be wasted.
pub const MOST_IN_PLACE: u32 = 1 << 22;

/// Keys of some rows that are counted in place.
#[derive(Debug, Default)]
pub struct Keys {
    /// As the block has them, where some may have no place.
    pub numbers: Numbers,
    /// Their places; 0 where there is none.
    pub places: Vec<u32>,
    /// Rows whose key has none.
    pub beyond: Vec<usize>,
}

impl Keys {
    /// Reads the next rows'.
    pub fn read(&mut self, cursor: &mut Cursor<'_>, rows: usize) {
        self.beyond.clear();
        if cursor.read_narrow(rows, MOST_IN_PLACE, &mut self.places).is_some() {
            return;
        }
        cursor.read(rows, &mut self.numbers);
        self.places.clear();
        for row in 0..rows {
            let place = place_of(self.numbers.get(row));
            self.places.push(place.unwrap_or(0));
            if place.is_none() {
                self.beyond.push(row);
            }
        }
    }

    /// Whether each comes behind the one before it, the first behind `last`.
    pub fn rise_from(&self, last: Option<u32>) -> bool {
        let is_behind = last.zip(self.places.first()).is_none_or(|(last, first)| last < *first);
        is_behind && self.places.windows(2).all(|pair| pair[0] < pair[1])
    }

    /// The last place of them.
    pub fn most(&self) -> u32 {
        self.places.iter().max().copied().unwrap_or(0)
    }
}

/// The place of a key that is counted in place.
pub fn place_of(key: Option<i64>) -> Option<u32> {
    match key {
        None => Some(0),
        Some(key) => u32::try_from(key).ok().filter(|key| (1..=MOST_IN_PLACE).contains(key)),
    }
}
