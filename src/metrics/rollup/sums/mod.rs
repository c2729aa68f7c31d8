//! Sums of some columns, and many of them by small numbers.

mod each;

use std::ops::Range;

use self::each::Each;
use super::FastMap;
use super::block::Numbers;
use crate::metrics::sum::{NARROW_PARTS, PARTS, Sum, Worth};

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

struct Column {
    wanted: Wanted,
    sums: Each,
    /// What was added to each key: a byte for each. Bits that share a word would wait for one another.
    marks: Vec<u8>,
    /// What is no whole number of parts, or too large.
    aside: FastMap<u32, Sum>,
}

/// Something was added, if only zero.
const KNOWN: u8 = 1;
/// It was not nothing.
const PRESENT: u8 = 2;

/// Sums of keys, to be compared with one another.
pub enum Ranks<'a> {
    /// That are small.
    Narrow(&'a [i64]),
    /// That may be large.
    Wide(&'a [i128]),
}

impl InPlace {
    /// None yet.
    pub fn of(wanted: &[Wanted]) -> Self {
        let column = |wanted: &Wanted| Column {
            wanted: *wanted,
            sums: Each::none(Vec::new()),
            marks: Vec::new(),
            aside: FastMap::default(),
        };
        Self { columns: wanted.iter().map(column).collect(), length: 0 }
    }

    /// Makes room for keys up to this one, and some more.
    pub fn reserve(&mut self, most: u32) {
        let length = most as usize + 1;
        if length <= self.length {
            return;
        }
        self.length = length.max(self.length * 3 / 2).next_multiple_of(WORD);
        for column in &mut self.columns {
            grow(&mut column.marks, self.length);
            if column.wanted.sums {
                match &mut column.sums {
                    Each::Narrow { sums, .. } => grow(sums, self.length),
                    Each::Wide(sums) => grow(sums, self.length),
                }
            }
        }
    }

    /// The keys that have anything.
    pub fn keys(&self) -> impl Iterator<Item = u32> {
        let words = (0..self.length / WORD).map(|word| {
            let marks = self.columns.iter().map(|column| column.marks.as_chunks::<WORD>().0[word]);
            marks.map(u64::from_le_bytes).fold(0, |one, other| one | other)
        });
        (0_u32..).step_by(WORD).zip(words).flat_map(|(first, mut word)| {
            std::iter::from_fn(move || {
                let byte = (word != 0).then(|| word.trailing_zeros() / u8::BITS)?;
                word &= !(u64::from(u8::MAX) << (byte * u8::BITS));
                Some(first + byte)
            })
        })
    }

    /// How many keys that are there have any in a column.
    pub fn count(&self, column: usize) -> u32 {
        let named = self.columns[column].marks.iter().skip(1);
        named.map(|marks| u32::from(marks & PRESENT != 0)).sum()
    }

    /// Whether there is room for one number for each key in a column, none of which is further from zero than `most`: if so,
    /// it is held for them.
    pub fn holds_room(&mut self, column: usize, most: u64, worth: Option<&Worth>) -> bool {
        let column = &mut self.columns[column];
        !column.wanted.sums || narrow(worth).is_some_and(|each| column.sums.hold(most, each).is_some())
    }

    /// Adds a stretch of a column's rows to the keys that they have; where there `is_room` for them, it is held.
    pub fn add_rows(
        &mut self,
        column: usize,
        (keys, numbers, rows): (&[u32], &Numbers, Range<usize>),
        (worth, is_room): (Option<&Worth>, bool),
    ) {
        let column = &mut self.columns[column];
        // What blocks of months have for the most part goes without looking at each row's worth and whether it is there.
        if let (Some(each), true) = (narrow(worth), numbers.is_whole()) {
            let (keys, values) = (&keys[rows.clone()], &numbers.values[rows]);
            let is_room =
                is_room || column.wanted.sums && column.sums.hold_all(values, numbers.most, each).is_some();
            return column.add_all(keys, values, each, is_room);
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

    /// Whether a key has anything.
    pub fn has(&self, key: u32) -> bool {
        self.columns.iter().any(|column| column.marks[key as usize] != 0)
    }

    /// Whether a key is there in a column.
    pub fn is_present(&self, key: u32, column: usize) -> bool {
        self.columns[column].marks[key as usize] & PRESENT != 0
    }

    /// What keys' columns come to among one another, key by key: in parts, or in some number of them.
    pub fn ranks(&self, column: usize) -> Ranks<'_> {
        match &self.columns[column].sums {
            Each::Narrow { sums, .. } => Ranks::Narrow(sums),
            Each::Wide(sums) => Ranks::Wide(sums),
        }
    }

    /// Whether a key has nothing in a column but, it may be, zero.
    pub fn is_zero(&self, key: u32, column: usize) -> bool {
        let column = &self.columns[column];
        let sum = match &column.sums {
            Each::Narrow { sums, .. } => sums[key as usize].into(),
            Each::Wide(sums) => sums[key as usize],
        };
        column.marks[key as usize] & KNOWN == 0 || sum == 0 && column.aside.is_empty()
    }

    /// Whether what a column has comes to whole parts.
    pub fn is_of_parts(&self, column: usize) -> bool {
        self.columns[column].aside.is_empty()
    }

    /// A key's sum of a column, if anything was added to it.
    pub fn sum(&self, key: u32, column: usize) -> Option<Sum> {
        let column = &self.columns[column];
        if column.marks[key as usize] & KNOWN == 0 {
            return None;
        }
        let mut sum = Sum::of_parts(match &column.sums {
            Each::Narrow { unit, sums, .. } => i128::from(sums[key as usize]) * i128::from(*unit),
            Each::Wide(sums) => sums[key as usize],
        });
        if let Some(aside) = column.aside.get(&key) {
            sum.merge(aside);
        }
        Some(sum)
    }

    /// Forgets all sums, and keeps the room.
    pub fn clear(&mut self) {
        for column in &mut self.columns {
            column.marks.fill(0);
            column.aside.clear();
            column.sums = match std::mem::replace(&mut column.sums, Each::none(Vec::new())) {
                Each::Narrow { mut sums, .. } => {
                    sums.fill(0);
                    Each::none(sums)
                }
                Each::Wide(sums) => Each::none(vec![0; sums.len()]),
            };
        }
    }
}

/// Keys whose marks are looked at together.
const WORD: usize = size_of::<u64>();

/// More room, with nothing in it.
fn grow<T: Copy + Default>(sums: &mut Vec<T>, length: usize) {
    // Zeroed by the allocator, which has it from the system that way.
    let mut more = vec![T::default(); length];
    more[..sums.len()].copy_from_slice(sums);
    *sums = more;
}

/// Parts that a number is worth, where a product with it cannot be too large.
fn narrow(worth: Option<&Worth>) -> Option<i64> {
    match worth {
        None => Some(NARROW_PARTS),
        Some(Worth::Parts(each)) => i64::try_from(*each).ok(),
        Some(_) => None,
    }
}

impl Column {
    fn add_all(&mut self, keys: &[u32], values: &[i64], each: i64, is_room: bool) {
        let Wanted { sums, presence, is_count } = self.wanted;
        if presence {
            for (key, value) in keys.iter().zip(values) {
                self.marks[*key as usize] |= if is_count && *value == 0 { 0 } else { PRESENT };
            }
        }
        if !sums {
            return;
        }
        for key in keys {
            self.marks[*key as usize] |= KNOWN;
        }
        if let (true, Some((factor, sums))) = (is_room, self.sums.narrow(each)) {
            for (key, value) in keys.iter().zip(values) {
                sums[*key as usize] += value * factor;
            }
        } else {
            for (key, value) in keys.iter().zip(values) {
                self.add_parts(*key, *value, each.into());
            }
        }
    }

    fn add(&mut self, key: u32, value: i64, worth: Option<&Worth>) {
        if self.wanted.presence && !(self.wanted.is_count && value == 0) {
            self.marks[key as usize] |= PRESENT;
        }
        if !self.wanted.sums {
            return;
        }
        self.marks[key as usize] |= KNOWN;
        match worth {
            None => self.add_parts(key, value, PARTS),
            Some(Worth::Parts(each)) => self.add_parts(key, value, *each),
            Some(_) => self.aside.entry(key).or_default().add(value, worth),
        }
    }

    fn add_parts(&mut self, key: u32, value: i64, each: i128) {
        let narrow = i64::try_from(each).ok();
        if let Some(each) = narrow
            && self.sums.hold(value.unsigned_abs(), each).is_some()
            && let Some((factor, sums)) = self.sums.narrow(each)
        {
            sums[key as usize] += value * factor;
            return;
        }
        let sum = &mut self.sums.widened()[key as usize];
        match i128::from(value).checked_mul(each).and_then(|more| more.checked_add(*sum)) {
            Some(more) => *sum = more,
            None => self.aside.entry(key).or_default().add(value, Some(&Worth::Parts(each))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::metrics::rollup::block::{Block, Writer};
    use crate::money::Exact;

    fn worth() -> impl Strategy<Value = Option<Worth>> {
        let parts = prop_oneof![
            Just(1_083_700_000_000),
            Just(1),
            Just(PARTS),
            Just(i128::MAX),
            (0_u32..13).prop_map(|digits| PARTS / 10_i128.pow(digits)),
        ];
        let third = Exact::whole(1).divided_by(&Exact::whole(3)).expect("three is not zero");
        prop_oneof![
            Just(None),
            parts.prop_map(|parts| Some(Worth::Parts(parts))),
            Just(Some(Worth::Exact(Box::new(third)))),
        ]
    }

    fn value() -> impl Strategy<Value = Option<i64>> {
        let number = prop_oneof![
            5 => -1000_i64..1000,
            1 => any::<i64>(),
            1 => Just(i64::MIN),
            1 => (0_u32..63).prop_map(|shift| 1 << shift),
        ];
        prop_oneof![4 => number.prop_map(Some), 1 => Just(None)]
    }

    proptest! {
        /// However large numbers are and whatever they are worth, in the order in which they come: sums are those that are
        /// reckoned one by one.
        #[test]
        fn sums_are_those_of_each(
            stretches in prop::collection::vec((prop::collection::vec((0_u32..9, value()), 1..12), worth()), 1..12),
        ) {
            let mut in_place = InPlace::of(&[Wanted { sums: true, presence: true, is_count: true }]);
            in_place.reserve(4);
            let mut expected: HashMap<u32, Sum> = HashMap::new();
            let mut present = std::collections::BTreeSet::new();
            for (rows, worth) in &stretches {
                let mut writer = Writer::new(rows.len());
                writer.numbers(rows.iter().map(|(_, value)| *value));
                let block = writer.finish();
                let numbers = Block::read(&block).expect("a block").numbers(0).expect("numbers");
                let keys: Vec<u32> = rows.iter().map(|(key, _)| *key).collect();
                in_place.reserve(keys.iter().max().copied().unwrap_or(0));
                let once = keys.windows(2).all(|pair| pair[0] < pair[1]);
                let is_room = once && in_place.holds_room(0, numbers.most, worth.as_ref());
                in_place.add_rows(0, (&keys, &numbers, 0..rows.len()), (worth.as_ref(), is_room));
                for (key, value) in rows {
                    let Some(value) = value else { continue };
                    expected.entry(*key).or_default().add(*value, worth.as_ref());
                    if *value != 0 {
                        present.insert(*key);
                    }
                }
            }
            for key in 0..9 {
                let sum = if (key as usize) < in_place.length { in_place.sum(key, 0) } else { None };
                let told = sum.map(|sum| sum.value().expect("worths are known"));
                let wanted = expected.get(&key).cloned().map(|sum| sum.value().expect("worths are known"));
                prop_assert_eq!(told, wanted, "key {}", key);
            }
            let named = present.iter().filter(|key| **key != 0).count();
            prop_assert_eq!(usize::try_from(in_place.count(0)).expect("few"), named);
            let mut known: Vec<u32> = expected.into_keys().collect();
            known.sort_unstable();
            prop_assert_eq!(in_place.keys().collect::<Vec<_>>(), known);
            in_place.clear();
            prop_assert_eq!(in_place.keys().count(), 0);
        }
    }
}
