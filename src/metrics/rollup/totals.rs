//! Adding up rows of blocks and of facts by a kind's own keys, and then by what is asked.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Datelike, Timelike};

use super::block::{Block, Numbers};
use super::cover::{Piece, Place};
use super::groups::{self, Groups};
use super::route::{Key, Part, Route};
use super::rows::{FIRST_KEY, runs};
use super::sums::{InPlace, Sums};
use super::{Level, converted, is_number};
use crate::fault::Fault;
use crate::metrics::catalogue::Dimension;
use crate::metrics::plan::Pass;
use crate::metrics::rates::Rates;
use crate::metrics::sum::{Foreign, PARTS, Sum, Worth, Worths, worth_of};
use crate::metrics::time::date_of;
use crate::period::Calendar;

/// Keys up to here are counted in place: what is beyond is rare, and room for it would be wasted.
const MOST_IN_PLACE: u32 = 1 << 22;

/// A row of facts: what a block's row would be.
#[derive(Debug)]
pub struct LiveRow {
    /// Which of the question's buckets.
    pub bucket: usize,
    /// Currency and day of its amounts.
    pub foreign: Foreign,
    /// The kind's keys, then what clocks showed.
    pub keys: Vec<Key>,
    /// The route's columns.
    pub values: Vec<Option<i64>>,
}

/// A row of the answer, its keys as tables hold them.
#[derive(Debug)]
pub struct Total {
    /// Which of the question's buckets.
    pub bucket: usize,
    /// In the order of the pass's dimensions.
    pub keys: Vec<Key>,
    /// In the order of the route's measures, in the currency that is asked for.
    pub values: Sums,
}

/// Adds up for one pass.
pub struct Totals<'a> {
    route: &'a Route<'a>,
    pass: &'a Pass,
    calendar: Calendar,
    cuts: &'a [i64],
    worths: Worths<'a>,
    in_place: InPlace,
    /// The bucket of what is counted in place.
    at: usize,
    /// By bucket and the kind's keys.
    held: HashMap<(usize, Vec<Key>), Sums>,
    /// By bucket and what is asked for.
    groups: Groups,
    /// Groups that are a key's own.
    rows: Vec<Total>,
    words: HashSet<Arc<str>>,
    /// Memory that is used from block to block: columns, keys, and these by their places.
    columns: Vec<Numbers>,
    numbers: Numbers,
    places: Vec<u32>,
}

impl<'a> Totals<'a> {
    /// Nothing yet.
    pub fn new(
        route: &'a Route<'a>,
        pass: &'a Pass,
        (calendar, cuts): (Calendar, &'a [i64]),
        rates: &'a Rates,
    ) -> Self {
        Self {
            route,
            pass,
            calendar,
            cuts,
            worths: Worths::new(rates),
            in_place: InPlace::of(&route.wanted()),
            at: 0,
            held: HashMap::new(),
            groups: Groups::new(),
            rows: Vec::new(),
            words: HashSet::new(),
            columns: Vec::new(),
            numbers: Numbers::default(),
            places: Vec::new(),
        }
    }

    /// Adds a block's rows; blocks come in order of time.
    pub fn block(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), Fault> {
        let block = Block::read(bytes)?;
        let first_value = FIRST_KEY + self.route.kind.dimensions.len();
        let mut columns = std::mem::take(&mut self.columns);
        columns.resize_with(self.route.columns.len(), Numbers::default);
        for (numbers, column) in columns.iter_mut().zip(&self.route.columns) {
            block.numbers_into(first_value + column, numbers)?;
        }
        if let (Some(_), Place::In(bucket)) = (self.route.in_place, piece.rows) {
            self.block_in_place(&block, bucket, &columns)?;
        } else {
            self.block_by_rows(piece, &block, &columns)?;
        }
        self.columns = columns;
        Ok(())
    }

    fn block_by_rows(&mut self, piece: Piece, block: &Block<'_>, columns: &[Numbers]) -> Result<(), Fault> {
        let times = block.numbers(0)?;
        let keys = self.keys(block)?;
        for (rows, foreign) in runs(block)? {
            let worths = self.worths_in(foreign, columns);
            for row in rows {
                let time = times.get(row);
                let Some(bucket) = self.bucket(piece, time) else { continue };
                let mut held: Vec<Key> = keys.iter().map(|column| column[row].clone()).collect();
                held.extend(self.route.clocks.iter().map(|clock| self.shown(*clock, piece, time)));
                let values = columns.iter().map(|column| column.get(row));
                add(self.held.entry((bucket, held)).or_default(), values, &worths);
            }
        }
        Ok(())
    }

    /// The same for one key that is a number, without hashing.
    fn block_in_place(&mut self, block: &Block<'_>, bucket: usize, columns: &[Numbers]) -> Result<(), Fault> {
        self.turn_to(bucket);
        let mut numbers = std::mem::take(&mut self.numbers);
        block.numbers_into(FIRST_KEY, &mut numbers)?;
        let mut keys = std::mem::take(&mut self.places);
        keys.clear();
        let mut beyond = Vec::new();
        if numbers.is_whole() && numbers.values.iter().all(|key| (1..=MOST_IN_PLACE.into()).contains(key)) {
            keys.extend(numbers.values.iter().filter_map(|key| u32::try_from(*key).ok()));
        } else {
            for row in 0..block.rows {
                keys.push(place_of(numbers.get(row)).unwrap_or_else(|| {
                    beyond.push(row);
                    0
                }));
            }
        }
        self.in_place.reserve(keys.iter().max().copied().unwrap_or(0));
        for (rows, foreign) in runs(block)? {
            let worths = self.worths_in(foreign, columns);
            let apart: Vec<usize> = beyond.iter().filter(|row| rows.contains(row)).copied().collect();
            for row in &apart {
                let held = (bucket, vec![numbers.get(*row).map_or(Key::None, Key::Number)]);
                let values = columns.iter().map(|column| column.get(*row));
                add(self.held.entry(held).or_default(), values, &worths);
            }
            let mut first = rows.start;
            for end in apart.into_iter().chain([rows.end]) {
                for (slot, (column, worth)) in columns.iter().zip(&worths).enumerate() {
                    self.in_place.add_rows(slot, (&keys, column, first..end), worth.as_ref());
                }
                first = end + 1;
            }
        }
        (self.numbers, self.places) = (numbers, keys);
        Ok(())
    }

    /// Adds a row of facts.
    pub fn live(&mut self, row: LiveRow) {
        let worths = self.worths(row.foreign);
        if self.route.in_place.is_some() {
            self.turn_to(row.bucket);
            let place = match row.keys.as_slice() {
                [Key::None] => Some(0),
                [Key::Number(key)] => place_of(Some(*key)),
                _ => None,
            };
            if let Some(key) = place {
                self.in_place.reserve(key);
                for (slot, (value, worth)) in row.values.into_iter().zip(&worths).enumerate() {
                    if let Some(value) = value {
                        self.in_place.add(key, slot, value, worth.as_ref());
                    }
                }
                return;
            }
        }
        add(self.held.entry((row.bucket, row.keys)).or_default(), row.values.into_iter(), &worths);
    }

    /// What numbers of the route's columns are worth in the currency that is asked for.
    fn worths(&mut self, foreign: Foreign) -> Vec<Option<Worth>> {
        let worths = self.worths.of(foreign, self.pass.convert_to);
        let measures = self.route.columns.iter().map(|column| self.route.kind.measures[*column]);
        measures.map(|measure| worth_of(measure.aggregate, worths).cloned()).collect()
    }

    /// The same of a block's columns, which may have digits behind the point.
    fn worths_in(&mut self, foreign: Foreign, columns: &[Numbers]) -> Vec<Option<Worth>> {
        let each = self.worths(foreign).into_iter().zip(columns);
        each.map(
            |(worth, column)| if column.digits == 0 { worth } else { Some(converted::worth(column.digits)) },
        )
        .collect()
    }

    fn turn_to(&mut self, bucket: usize) {
        if bucket != self.at {
            self.flush();
            self.in_place.clear();
            self.at = bucket;
        }
    }

    /// Groups what was counted in place, and begins anew.
    fn flush(&mut self) {
        let in_place = std::mem::take(&mut self.in_place);
        let key_of = |place: u32| if place == 0 { Key::None } else { Key::Number(i64::from(place)) };
        let part = |place: u32, part: &Part| match *part {
            Part::Sum(slot) => in_place.sum(place, slot),
            // Facts without a key are nobody's.
            Part::Present(slot) => {
                (place != 0 && in_place.is_present(place, slot)).then(|| Sum::of_parts(PARTS))
            }
        };
        let parts = |place: u32| self.route.parts.iter().map(|of| part(place, of)).collect::<Sums>();
        let is_whole = self.pass.filters.is_empty();
        if is_whole && self.pass.dimensions.is_empty() {
            if in_place.keys().next().is_some() {
                let group = self.groups.entry((self.at, Vec::new())).or_default();
                groups::add_all(self.route, &in_place, group);
            }
        } else if is_whole && self.pass.dimensions == self.route.kind.dimensions {
            let asked = in_place.keys().filter(|place| *place != 0 || !self.pass.named_only);
            for place in self.top(&in_place).unwrap_or_else(|| asked.collect()) {
                let (keys, values) = (vec![key_of(place)], parts(place));
                self.rows.push(Total { bucket: self.at, keys, values });
            }
        } else {
            for place in in_place.keys() {
                groups::add(&mut self.groups, (self.route, self.pass), (self.at, &[key_of(place)]), || {
                    parts(place)
                });
            }
        }
        self.in_place = in_place;
    }

    /// Where the first rows by one sum are asked for, which keys are worth looking at: all that are as good as the last of
    /// them. Keys that hold nothing do not count.
    fn top(&self, in_place: &InPlace) -> Option<Vec<u32>> {
        let top = self.pass.top.filter(|_| self.pass.grain.is_none() && self.held.is_empty())?;
        if self.route.slots.len() < self.pass.measures.len() {
            return None;
        }
        let place = self.route.slots.iter().position(|slot| self.pass.measures[*slot] == top.measure)?;
        // Where one is no whole number of parts, all are told.
        let slot = match self.route.parts[place] {
            Part::Sum(slot) if in_place.is_of_parts(slot) => slot,
            _ => return None,
        };
        let limit = usize::try_from(top.limit).ok().filter(|limit| (1..1000).contains(limit))?;
        let holds = |key: u32| {
            self.route.parts.iter().any(|part| match *part {
                Part::Sum(slot) => {
                    in_place.is_known(key, slot)
                        && (in_place.parts(key, slot) != 0 || !in_place.is_of_parts(slot))
                }
                Part::Present(slot) => in_place.is_present(key, slot),
            })
        };
        // The last of the best so far is on top of the heap. Who is worse than that is worse than the last in the end.
        let rank = |key: u32| {
            let parts = in_place.parts(key, slot);
            if top.descending { Reverse(parts) } else { Reverse(-parts) }
        };
        let mut best: BinaryHeap<Reverse<i128>> = BinaryHeap::with_capacity(limit + 1);
        let mut worth = Vec::new();
        for key in in_place.keys().filter(|key| *key != 0 || !self.pass.named_only) {
            let rank = rank(key);
            let last = best.peek().filter(|_| best.len() == limit);
            if last.is_some_and(|last| rank > *last) {
                continue;
            }
            worth.push(key);
            if last.is_none_or(|last| rank < *last) && holds(key) {
                if best.len() == limit {
                    best.pop();
                }
                best.push(rank);
            }
        }
        let last = *best.peek().filter(|_| best.len() == limit)?;
        worth.retain(|key| rank(*key) <= last);
        Some(worth)
    }

    /// What it all comes to.
    pub fn finish(mut self) -> Vec<Total> {
        if self.route.in_place.is_some() {
            self.flush();
        }
        let (route, pass) = (self.route, self.pass);
        for ((bucket, held), sums) in self.held {
            let parts =
                || route.parts.iter().map(|part| groups::part_of(route, *part, &held, &sums)).collect();
            groups::add(&mut self.groups, (route, pass), (bucket, &held), parts);
        }
        let groups = self.groups.into_iter();
        self.rows.extend(groups.map(|((bucket, keys), values)| Total { bucket, keys, values }));
        self.rows
    }

    fn bucket(&self, piece: Piece, time: Option<i64>) -> Option<usize> {
        let at = match piece.rows {
            Place::In(bucket) => return Some(bucket),
            Place::ByTime => time?,
        };
        let at = match piece.level {
            Level::Day => at,
            Level::Month | Level::Converted => self.calendar.midnight(date_of(at)?).timestamp_micros(),
        };
        let after = self.cuts.partition_point(|cut| *cut <= at);
        (after > 0 && after < self.cuts.len()).then(|| after - 1)
    }

    /// What clocks showed when a row's facts happened.
    fn shown(&self, clock: Dimension, piece: Piece, time: Option<i64>) -> Key {
        let shown = match piece.level {
            Level::Month | Level::Converted => {
                time.and_then(date_of).map(|date| date.weekday().number_from_monday())
            }
            Level::Day => time.and_then(DateTime::from_timestamp_micros).map(|instant| {
                let local = instant.with_timezone(&self.calendar.zone);
                if clock == Dimension::HourOfDay {
                    local.hour()
                } else {
                    local.weekday().number_from_monday()
                }
            }),
        };
        shown.map_or(Key::None, |shown| Key::Number(i64::from(shown)))
    }

    /// The keys of a block's rows, dimension by dimension.
    fn keys(&mut self, block: &Block<'_>) -> Result<Vec<Vec<Key>>, Fault> {
        let mut keys = Vec::new();
        for (slot, dimension) in self.route.kind.dimensions.iter().enumerate() {
            keys.push(if is_number(*dimension) {
                let numbers = block.numbers(FIRST_KEY + slot)?;
                (0..block.rows).map(|row| numbers.get(row).map_or(Key::None, Key::Number)).collect()
            } else {
                let texts = block.texts(FIRST_KEY + slot)?;
                let words: Vec<Key> = texts.words.iter().map(|word| Key::Text(self.word(word))).collect();
                let word = |place: i64| words.get(usize::try_from(place).ok()?).cloned();
                (0..block.rows).map(|row| texts.places.get(row).and_then(word).unwrap_or(Key::None)).collect()
            });
        }
        Ok(keys)
    }

    /// One copy of each text.
    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.words.insert(Arc::clone(&word));
        word
    }
}

/// The place of a key that is counted in place.
fn place_of(key: Option<i64>) -> Option<u32> {
    match key {
        None => Some(0),
        Some(key) => u32::try_from(key).ok().filter(|key| (1..=MOST_IN_PLACE).contains(key)),
    }
}

/// Adds values to sums that may not have been begun.
fn add(sums: &mut Sums, values: impl ExactSizeIterator<Item = Option<i64>>, worths: &[Option<Worth>]) {
    sums.resize_with(values.len(), || None);
    for ((sum, value), worth) in sums.iter_mut().zip(values).zip(worths) {
        if let Some(value) = value {
            sum.get_or_insert_default().add(value, worth.as_ref());
        }
    }
}
