//! Adding up rows of blocks and of facts by a kind's own keys, and then by what is asked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Datelike, Timelike};

use super::block::{Block, Numbers};
use super::cover::{Piece, Place};
use super::route::{Key, Part, Route};
use super::sums::{InPlace, Sums};
use super::{Level, is_number};
use crate::fault::Fault;
use crate::metrics::catalogue::Dimension;
use crate::metrics::plan::Pass;
use crate::metrics::time::date_of;
use crate::money::Currency;
use crate::period::Calendar;

/// Columns of a block before its keys: time, currency, and the UTC day of amounts in other currencies.
pub const FIRST_KEY: usize = 3;
/// Keys up to here are counted in place; none of a shop's is beyond.
const MOST_IN_PLACE: i64 = 1 << 24;

/// A currency and UTC day of amounts that may have to be converted.
pub type Foreign = Option<(Currency, i64)>;

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
    /// Currency and day of its amounts.
    pub foreign: Foreign,
    /// In the order of the pass's dimensions.
    pub keys: Vec<Key>,
    /// In the order of the route's measures.
    pub values: Vec<Option<i64>>,
}

/// What rows are told apart by before they are grouped as asked.
type Held = (usize, Foreign, Vec<Key>);

/// Adds up for one pass.
pub struct Totals<'a> {
    route: &'a Route<'a>,
    pass: &'a Pass,
    calendar: Calendar,
    cuts: &'a [i64],
    in_place: InPlace,
    /// The bucket of what is counted in place.
    at: usize,
    hashed: HashMap<Held, Sums>,
    groups: HashMap<Held, Vec<Option<i64>>>,
    words: HashSet<Arc<str>>,
}

impl<'a> Totals<'a> {
    /// Nothing yet.
    pub fn new(route: &'a Route<'a>, pass: &'a Pass, calendar: Calendar, cuts: &'a [i64]) -> Self {
        Self {
            route,
            pass,
            calendar,
            cuts,
            in_place: InPlace::of(route.columns.len()),
            at: 0,
            hashed: HashMap::new(),
            groups: HashMap::new(),
            words: HashSet::new(),
        }
    }

    /// Adds a block's rows; blocks come in order of time.
    pub fn block(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), Fault> {
        let block = Block::read(bytes)?;
        let first_value = FIRST_KEY + self.route.kind.dimensions.len();
        let columns = self.route.columns.iter().map(|column| block.numbers(first_value + column));
        let columns: Vec<Numbers> = columns.collect::<Result<_, _>>()?;
        if let (Some(_), Place::In(bucket)) = (self.route.in_place, piece.rows) {
            return self.block_in_place(&block, bucket, &columns);
        }
        let times = block.numbers(0)?;
        let foreign = foreign(&block)?;
        let keys = self.keys(&block)?;
        for row in 0..block.rows {
            let time = times.get(row);
            let Some(bucket) = self.bucket(piece, time) else { continue };
            let mut held: Vec<Key> = keys.iter().map(|column| column[row].clone()).collect();
            held.extend(self.route.clocks.iter().map(|clock| self.shown(*clock, piece, time)));
            let sums = self.hashed.entry((bucket, foreign[row], held));
            let sums = sums.or_insert_with(|| Sums::of(columns.len()));
            for (slot, column) in columns.iter().enumerate() {
                if let Some(value) = column.get(row) {
                    sums.add(slot, value)?;
                }
            }
        }
        Ok(())
    }

    /// The same for one key that is a number, without hashing.
    fn block_in_place(&mut self, block: &Block<'_>, bucket: usize, columns: &[Numbers]) -> Result<(), Fault> {
        self.turn_to(bucket)?;
        let keys = block.numbers(FIRST_KEY)?;
        let foreign = foreign(block)?;
        let most = (0..block.rows).filter_map(|row| keys.get(row)).max().unwrap_or(0);
        self.in_place.reserve(most.min(MOST_IN_PLACE));
        for (row, foreign) in foreign.into_iter().enumerate() {
            let key = keys.get(row);
            let place = usize::try_from(key.unwrap_or(0)).unwrap_or(usize::MAX);
            if foreign.is_some() || !self.in_place.holds(place) || key == Some(0) {
                let held = (bucket, foreign, vec![key.map_or(Key::None, Key::Number)]);
                let sums = self.hashed.entry(held).or_insert_with(|| Sums::of(columns.len()));
                for (slot, column) in columns.iter().enumerate() {
                    if let Some(value) = column.get(row) {
                        sums.add(slot, value)?;
                    }
                }
                continue;
            }
            self.in_place.touch(place);
            for (slot, column) in columns.iter().enumerate() {
                if let Some(value) = column.get(row) {
                    self.in_place.add(place, slot, value)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a row of facts.
    pub fn live(&mut self, row: LiveRow) -> Result<(), Fault> {
        if self.route.in_place.is_some() {
            self.turn_to(row.bucket)?;
        }
        let in_place = match (self.route.in_place, row.foreign, row.keys.as_slice()) {
            (Some(_), None, [Key::None]) => Some(0),
            (Some(_), None, [Key::Number(key)]) if (1..MOST_IN_PLACE).contains(key) => Some(*key),
            _ => None,
        };
        if let Some(key) = in_place {
            self.in_place.reserve(key);
            let key = usize::try_from(key).unwrap_or(0);
            self.in_place.touch(key);
            for (slot, value) in row.values.into_iter().enumerate() {
                if let Some(value) = value {
                    self.in_place.add(key, slot, value)?;
                }
            }
            return Ok(());
        }
        let sums = self.hashed.entry((row.bucket, row.foreign, row.keys));
        let sums = sums.or_insert_with(|| Sums::of(row.values.len()));
        for (slot, value) in row.values.into_iter().enumerate() {
            if let Some(value) = value {
                sums.add(slot, value)?;
            }
        }
        Ok(())
    }

    fn turn_to(&mut self, bucket: usize) -> Result<(), Fault> {
        if bucket != self.at {
            self.flush()?;
            self.at = bucket;
        }
        Ok(())
    }

    /// Groups what was counted in place, and begins anew.
    fn flush(&mut self) -> Result<(), Fault> {
        let mut in_place = std::mem::replace(&mut self.in_place, InPlace::of(0));
        let key_of = |place: u32| if place == 0 { Key::None } else { Key::Number(i64::from(place)) };
        let kept: Vec<u32> = match self.least_of_top(&in_place) {
            Some((slot, is_worth)) => {
                let is_worth = |place: &&u32| is_worth(in_place.get(**place as usize, slot).unwrap_or(0));
                in_place.touched().iter().filter(is_worth).copied().collect()
            }
            None => in_place.touched().to_vec(),
        };
        for place in kept {
            self.group((self.at, None), &[key_of(place)], &in_place.sums(place as usize), &|_| true)?;
        }
        // Amounts in other currencies: who is there already is not counted once more.
        let mut seen: HashSet<(i64, usize)> = HashSet::new();
        for ((bucket, foreign, held), sums) in std::mem::take(&mut self.hashed) {
            let present: Vec<usize> = self
                .route
                .present()
                .filter(|slot| match held[0] {
                    Key::Number(key) => {
                        let place = usize::try_from(key).unwrap_or(usize::MAX);
                        let is_there =
                            in_place.holds(place) && is_present(self.route, *slot, &in_place.sums(place));
                        is_present(self.route, *slot, &sums) && !is_there && seen.insert((key, *slot))
                    }
                    _ => false,
                })
                .collect();
            self.group((bucket, foreign), &held, &sums, &|slot| present.contains(&slot))?;
        }
        in_place.clear();
        self.in_place = in_place;
        Ok(())
    }

    /// Where the first rows by one sum are asked for, which sum is worth looking at: all that are as good as the last of
    /// them. Rows that hold nothing do not count.
    fn least_of_top(&self, in_place: &InPlace) -> Option<(usize, impl Fn(i64) -> bool + use<>)> {
        let top = self.pass.top?;
        let [only] = self.pass.dimensions.as_slice() else { return None };
        let is_own = self.route.kind.dimensions == [*only] && self.pass.filters.is_empty();
        if !is_own || self.pass.grain.is_some() || !self.hashed.is_empty() {
            return None;
        }
        let place = self.route.slots.iter().position(|slot| self.pass.measures[*slot] == top.measure)?;
        let Part::Sum(slot) = self.route.parts[place] else { return None };
        let holds = |key: &&u32| {
            self.route.parts.iter().any(|part| match part {
                Part::Sum(slot) | Part::Present(slot) => {
                    in_place.get(**key as usize, *slot).is_some_and(|value| value != 0)
                }
            })
        };
        let values = in_place.touched().iter().filter(holds);
        let mut values: Vec<i64> = values.map(|key| in_place.get(*key as usize, slot).unwrap_or(0)).collect();
        let limit = usize::try_from(top.limit).ok().filter(|limit| (1..values.len()).contains(limit))?;
        let order =
            move |one: &i64, other: &i64| if top.descending { other.cmp(one) } else { one.cmp(other) };
        let last = *values.select_nth_unstable_by(limit - 1, order).1;
        Some((slot, move |value: i64| order(&value, &last).is_le()))
    }

    /// Adds sums of held keys to the group that they belong to, if the filters keep them.
    fn group(
        &mut self,
        (bucket, foreign): (usize, Foreign),
        held: &[Key],
        sums: &Sums,
        is_new: &dyn Fn(usize) -> bool,
    ) -> Result<(), Fault> {
        if !self.route.keeps(held) {
            return Ok(());
        }
        let keys: Vec<Key> = self.route.told(held);
        if self.pass.named_only && keys.contains(&Key::None) {
            return Ok(());
        }
        let group = self.groups.entry((bucket, foreign, keys));
        let group = group.or_insert_with(|| vec![None; self.route.parts.len()]);
        for (cell, part) in group.iter_mut().zip(&self.route.parts) {
            let more = match part {
                Part::Sum(slot) => sums.get(*slot),
                // Facts without a key are nobody's.
                Part::Present(slot) => {
                    let is_there = held[0] != Key::None && is_present(self.route, *slot, sums);
                    (is_there && is_new(*slot)).then_some(1)
                }
            };
            if let Some(more) = more {
                *cell = Some(cell.unwrap_or(0).checked_add(more).ok_or(Fault::Overflow)?);
            }
        }
        Ok(())
    }

    /// What it all comes to.
    pub fn finish(mut self) -> Result<Vec<Total>, Fault> {
        if self.route.in_place.is_some() {
            self.flush()?;
        }
        for ((bucket, foreign, held), sums) in std::mem::take(&mut self.hashed) {
            self.group((bucket, foreign), &held, &sums, &|_| false)?;
        }
        let totals = self.groups.into_iter();
        Ok(totals.map(|((bucket, foreign, keys), values)| Total { bucket, foreign, keys, values }).collect())
    }

    fn bucket(&self, piece: Piece, time: Option<i64>) -> Option<usize> {
        let at = match piece.rows {
            Place::In(bucket) => return Some(bucket),
            Place::ByTime => time?,
        };
        let at = match piece.level {
            Level::Day => at,
            Level::Month => self.calendar.midnight(date_of(at)?).timestamp_micros(),
        };
        let after = self.cuts.partition_point(|cut| *cut <= at);
        (after > 0 && after < self.cuts.len()).then(|| after - 1)
    }

    /// What clocks showed when a row's facts happened.
    fn shown(&self, clock: Dimension, piece: Piece, time: Option<i64>) -> Key {
        let shown = match piece.level {
            Level::Month => time.and_then(date_of).map(|date| date.weekday().number_from_monday()),
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

/// Whether facts of a measure's rows are among those of some sums: its sum is not null then, its count not zero.
fn is_present(route: &Route<'_>, slot: usize, sums: &Sums) -> bool {
    let is_count = route.counts(slot);
    sums.get(slot).is_some_and(|value| !is_count || value != 0)
}

/// Currency and day of a block's rows.
fn foreign(block: &Block<'_>) -> Result<Vec<Foreign>, Fault> {
    let (texts, days) = (block.texts(1)?, block.numbers(2)?);
    if texts.words.is_empty() {
        return Ok(vec![None; block.rows]);
    }
    let broken = |_| Fault::Internal("a rollup's currency cannot be read".to_owned());
    let codes = texts.words.iter().map(|code| code.parse().map_err(broken));
    let codes: Vec<Currency> = codes.collect::<Result<_, _>>()?;
    let code = |place: i64| codes.get(usize::try_from(place).ok()?).copied();
    Ok((0..block.rows).map(|row| texts.places.get(row).and_then(code).zip(days.get(row))).collect())
}
