//! Adding up rows of blocks and of facts by a kind's own keys, and then by what is asked.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
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
use crate::metrics::rates::Rates;
use crate::metrics::sum::{Foreign, PARTS, Sum, Worth, Worths, worth_of};
use crate::metrics::time::date_of;
use crate::money::Currency;
use crate::period::Calendar;

/// Columns of a block before its keys: time, currency, and the UTC day of amounts in other currencies.
pub const FIRST_KEY: usize = 3;
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
    groups: HashMap<(usize, Vec<Key>), Sums>,
    /// Groups that are a key's own.
    rows: Vec<Total>,
    words: HashSet<Arc<str>>,
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
            in_place: InPlace::of(route.columns.len()),
            at: 0,
            held: HashMap::new(),
            groups: HashMap::new(),
            rows: Vec::new(),
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
        let keys = self.keys(&block)?;
        for (rows, foreign) in runs(&block)? {
            let worths = self.worths(foreign);
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
        self.turn_to(bucket)?;
        let numbers = block.numbers(FIRST_KEY)?;
        let most = (0..block.rows).filter_map(|row| numbers.get(row)).max().unwrap_or(0);
        self.in_place.reserve(u32::try_from(most).unwrap_or(MOST_IN_PLACE).min(MOST_IN_PLACE));
        let mut keys = Vec::with_capacity(block.rows);
        let mut beyond = Vec::new();
        for row in 0..block.rows {
            let key = place_of(numbers.get(row));
            if let Some(key) = key {
                self.in_place.touch(key);
            } else {
                beyond.push(row);
            }
            keys.push(key.unwrap_or(0));
        }
        for (rows, foreign) in runs(block)? {
            let worths = self.worths(foreign);
            for row in beyond.extract_if(.., |row| rows.contains(row)) {
                let held = (bucket, vec![numbers.get(row).map_or(Key::None, Key::Number)]);
                let values = columns.iter().map(|column| column.get(row));
                add(self.held.entry(held).or_default(), values, &worths);
            }
            for (slot, (column, worth)) in columns.iter().zip(&worths).enumerate() {
                self.in_place.add_rows(slot, (&keys, column, rows.clone()), worth.as_ref())?;
            }
        }
        Ok(())
    }

    /// Adds a row of facts.
    pub fn live(&mut self, row: LiveRow) -> Result<(), Fault> {
        let worths = self.worths(row.foreign);
        if self.route.in_place.is_some() {
            self.turn_to(row.bucket)?;
            let place = match row.keys.as_slice() {
                [Key::None] => Some(0),
                [Key::Number(key)] => place_of(Some(*key)),
                _ => None,
            };
            if let Some(key) = place {
                self.in_place.reserve(key);
                self.in_place.touch(key);
                for (slot, (value, worth)) in row.values.into_iter().zip(&worths).enumerate() {
                    if let Some(value) = value {
                        self.in_place.add(key, slot, value, worth.as_ref())?;
                    }
                }
                return Ok(());
            }
        }
        add(self.held.entry((row.bucket, row.keys)).or_default(), row.values.into_iter(), &worths);
        Ok(())
    }

    /// What numbers of the route's columns are worth in the currency that is asked for.
    fn worths(&mut self, foreign: Foreign) -> Vec<Option<Worth>> {
        let worths = self.worths.of(foreign, self.pass.convert_to);
        let measures = self.route.columns.iter().map(|column| self.route.kind.measures[*column]);
        measures.map(|measure| worth_of(measure.aggregate, worths).cloned()).collect()
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
        let mut in_place = std::mem::take(&mut self.in_place);
        let key_of = |place: u32| if place == 0 { Key::None } else { Key::Number(i64::from(place)) };
        let is_whole = self.pass.filters.is_empty();
        if is_whole && self.pass.dimensions.is_empty() {
            self.add_all(&in_place);
        } else if is_whole && self.pass.dimensions == self.route.kind.dimensions {
            let is_worth = self.least_of_top(&in_place);
            for place in in_place.touched() {
                let is_asked = *place != 0 || !self.pass.named_only;
                if is_asked && is_worth.as_ref().is_none_or(|is_worth| is_worth(&in_place, *place)) {
                    let (keys, sums) = (vec![key_of(*place)], in_place.sums(*place));
                    let parts = self.route.parts.iter();
                    let values = parts.map(|part| part_of(self.route, *part, &keys, &sums)).collect();
                    self.rows.push(Total { bucket: self.at, keys, values });
                }
            }
        } else {
            for place in in_place.touched() {
                self.group(self.at, &[key_of(*place)], &in_place.sums(*place));
            }
        }
        in_place.clear();
        self.in_place = in_place;
        Ok(())
    }

    /// Adds all that was counted in place to the one group that it makes up.
    fn add_all(&mut self, in_place: &InPlace) {
        if in_place.touched().is_empty() {
            return;
        }
        let group = self.groups.entry((self.at, Vec::new())).or_default();
        group.resize_with(self.route.parts.len(), || None);
        for (cell, part) in group.iter_mut().zip(&self.route.parts) {
            let touched = in_place.touched().iter();
            match *part {
                Part::Sum(slot) => touched
                    .filter_map(|key| in_place.sum(*key, slot))
                    .for_each(|sum| cell.get_or_insert_default().merge(&sum)),
                Part::Present(slot) => {
                    let is_count = self.route.counts(slot);
                    let is_there = |key: &&u32| {
                        **key != 0
                            && in_place.is_known(**key, slot)
                            && (!is_count || in_place.parts(**key, slot) != Some(0))
                    };
                    let count = touched.filter(is_there).count();
                    if count > 0 {
                        cell.get_or_insert_default().merge(&Sum::of_parts(PARTS * count as i128));
                    }
                }
            }
        }
    }

    /// Where the first rows by one sum are asked for, which keys are worth looking at: all that are as good as the last of
    /// them. Keys that hold nothing do not count.
    fn least_of_top(&self, in_place: &InPlace) -> Option<impl Fn(&InPlace, u32) -> bool + use<>> {
        let top = self.pass.top.filter(|_| self.pass.grain.is_none() && self.held.is_empty())?;
        if self.route.slots.len() < self.pass.measures.len() {
            return None;
        }
        let place = self.route.slots.iter().position(|slot| self.pass.measures[*slot] == top.measure)?;
        let Part::Sum(slot) = self.route.parts[place] else { return None };
        let holds = |key: &&u32| {
            let is_asked = **key != 0 || !self.pass.named_only;
            is_asked
                && self.route.parts.iter().any(|part| match part {
                    Part::Sum(slot) | Part::Present(slot) => {
                        in_place.is_known(**key, *slot) && in_place.parts(**key, *slot) != Some(0)
                    }
                })
        };
        let held = in_place.touched().iter().filter(holds);
        // Where one is no whole number of parts, all are told.
        let values: Option<Vec<i128>> = held.map(|key| in_place.parts(*key, slot)).collect();
        let mut values = values?;
        let limit = usize::try_from(top.limit).ok().filter(|limit| (1..values.len()).contains(limit))?;
        let order =
            move |one: &i128, other: &i128| if top.descending { other.cmp(one) } else { one.cmp(other) };
        let last = *values.select_nth_unstable_by(limit - 1, order).1;
        Some(move |in_place: &InPlace, key: u32| {
            in_place.parts(key, slot).is_none_or(|value| order(&value, &last).is_le())
        })
    }

    /// Adds sums of held keys to the group that they belong to, if the filters keep them.
    fn group(&mut self, bucket: usize, held: &[Key], sums: &Sums) {
        if !self.route.keeps(held) {
            return;
        }
        let keys: Vec<Key> = self.route.told(held);
        if self.pass.named_only && keys.contains(&Key::None) {
            return;
        }
        let group = self.groups.entry((bucket, keys)).or_default();
        group.resize_with(self.route.parts.len(), || None);
        for (cell, part) in group.iter_mut().zip(&self.route.parts) {
            if let Some(more) = part_of(self.route, *part, held, sums) {
                cell.get_or_insert_default().merge(&more);
            }
        }
    }

    /// What it all comes to.
    pub fn finish(mut self) -> Result<Vec<Total>, Fault> {
        if self.route.in_place.is_some() {
            self.flush()?;
        }
        for ((bucket, held), sums) in std::mem::take(&mut self.held) {
            self.group(bucket, &held, &sums);
        }
        let groups = self.groups.into_iter();
        self.rows.extend(groups.map(|((bucket, keys), values)| Total { bucket, keys, values }));
        Ok(self.rows)
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

/// What a measure has of a held key's sums.
fn part_of(route: &Route<'_>, part: Part, held: &[Key], sums: &Sums) -> Option<Sum> {
    match part {
        Part::Sum(slot) => sums[slot].clone(),
        // Facts without a key are nobody's; a sum is there where it is not null, a count where it is not zero.
        Part::Present(slot) => {
            let is_count = route.counts(slot);
            let is_there = |sum: &Sum| !is_count || sum.parts() != Some(0);
            let is_there = held[0] != Key::None && sums[slot].as_ref().is_some_and(is_there);
            is_there.then(|| Sum::of_parts(PARTS))
        }
    }
}

/// Stretches of a block's rows whose amounts are in one currency, and of one day where that is another than the
/// organization's.
fn runs(block: &Block<'_>) -> Result<Vec<(Range<usize>, Foreign)>, Fault> {
    let (texts, days) = (block.texts(1)?, block.numbers(2)?);
    if texts.words.is_empty() {
        return Ok(vec![(0..block.rows, None)]);
    }
    let broken = |_| Fault::Internal("a rollup's currency cannot be read".to_owned());
    let codes = texts.words.iter().map(|code| code.parse().map_err(broken));
    let codes: Vec<Currency> = codes.collect::<Result<_, _>>()?;
    let code = |place: i64| codes.get(usize::try_from(place).ok()?).copied();
    let mut runs: Vec<(Range<usize>, Foreign)> = Vec::new();
    for row in 0..block.rows {
        let foreign = texts.places.get(row).and_then(code).zip(days.get(row));
        match runs.last_mut() {
            Some((rows, of)) if *of == foreign => rows.end = row + 1,
            _ => runs.push((row..row + 1, foreign)),
        }
    }
    Ok(runs)
}
