//! Rows of blocks before they are written, and after they are read.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::block::{Block, Writer};
use super::route::Key;
use super::words::{Small, Words};
use super::{Kind, Level};
use crate::fault::Fault;
use crate::metrics::sum::Foreign;
use crate::metrics::time::{date_of, day_number};
use crate::money::{Currency, Exact};
use crate::period::{Calendar, Grain};

/// Columns of a block before its keys: time, currency, and the UTC day of amounts in other currencies.
pub const FIRST_KEY: usize = 3;

/// Most keys that a kind's rows have.
pub const MOST_KEYS: usize = 2;

/// What a row is told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    /// When: of a fine kind's day the hour, in microseconds; else the day.
    pub time: i64,
    /// Currency and UTC day of its amounts; a longer block's has none where that is the organization's own.
    pub foreign: Foreign,
    /// The kind's keys; none behind them.
    pub keys: [Small; MOST_KEYS],
}

/// Rows of one kind, with words that are kept apart from them.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// What each is told apart by.
    pub heads: Vec<Head>,
    /// Row by row, the kind's measures.
    pub values: Vec<Option<i64>>,
}

impl Head {
    /// In the order of blocks.
    pub fn order(&self, other: &Self, words: &Words) -> Ordering {
        let keys = || self.keys.iter().zip(other.keys).map(|(one, other)| words.order(*one, other));
        let before = (self.time, self.foreign).cmp(&(other.time, other.foreign));
        before.then_with(|| keys().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
    }
}

impl Rows {
    /// The measures of a row.
    pub fn values(&self, kind: &Kind, row: usize) -> &[Option<i64>] {
        let width = kind.measures.len();
        &self.values[row * width..(row + 1) * width]
    }

    /// The same in the order of blocks.
    #[must_use]
    pub fn sorted(self, kind: &Kind, words: &Words) -> Self {
        if self.heads.is_sorted_by(|one, next| one.order(next, words).is_le()) {
            return self;
        }
        let mut sorted = Self {
            heads: Vec::with_capacity(self.heads.len()),
            values: Vec::with_capacity(self.values.len()),
        };
        for (head, row) in in_order(&self.heads, words) {
            sorted.heads.push(head);
            sorted.values.extend(self.values(kind, row));
        }
        sorted
    }

    /// What rows of a longer block are, from those of its days: amounts in the organization's own currency, `home`, are added up
    /// whatever their day.
    pub fn merged(
        &self,
        kind: &Kind,
        (calendar, home): (Calendar, Currency),
        words: &Words,
    ) -> Result<Self, Fault> {
        let mut days = Days::new(kind.is_fine, calendar);
        let mut merged = |head: &Head| {
            let time = if kind.is_fine { days.of(head.time)? } else { 0 };
            Ok(Head {
                time,
                foreign: head.foreign.filter(|(currency, _)| *currency != home),
                keys: head.keys,
            })
        };
        let heads = self.heads.iter().map(&mut merged).collect::<Result<Vec<Head>, Fault>>()?;
        let mut merged = Self::default();
        for (head, row) in in_order(&heads, words) {
            if merged.heads.last() != Some(&head) {
                merged.heads.push(head);
                merged.values.extend(self.values(kind, row));
                continue;
            }
            let first = merged.values.len() - kind.measures.len();
            for (sum, value) in merged.values[first..].iter_mut().zip(self.values(kind, row)) {
                if let Some(value) = value {
                    *sum = Some(sum.unwrap_or(0).checked_add(*value).ok_or(Fault::Overflow)?);
                }
            }
        }
        Ok(merged)
    }

    /// The same but for some days.
    #[must_use]
    pub fn without(&self, kind: &Kind, days: &[(i64, Range<usize>)], but: &BTreeSet<i64>) -> Self {
        let mut rows = Self::default();
        for (_, which) in days.iter().filter(|(day, _)| !but.contains(day)) {
            let width = kind.measures.len();
            rows.heads.extend_from_slice(&self.heads[which.clone()]);
            rows.values.extend_from_slice(&self.values[which.start * width..which.end * width]);
        }
        rows
    }

    /// Stretches of rows, in the order of blocks, that are of one day each.
    pub fn days(&self, kind: &Kind, calendar: Calendar) -> Result<Vec<(i64, Range<usize>)>, Fault> {
        let mut days = Days::new(kind.is_fine, calendar);
        let mut stretches: Vec<(i64, Range<usize>)> = Vec::new();
        for (row, head) in self.heads.iter().enumerate() {
            let day = days.of(head.time)?;
            match stretches.last_mut() {
                Some((last, rows)) if *last == day => rows.end = row + 1,
                _ => stretches.push((day, row..row + 1)),
            }
        }
        Ok(stretches)
    }
}

/// Rows in the order of blocks, each with its place.
pub fn in_order(heads: &[Head], words: &Words) -> Vec<(Head, usize)> {
    let mut order: Vec<(Head, usize)> = heads.iter().copied().zip(0..).collect();
    // Rows of days are in order day by day: a stable sort merges such runs.
    order.sort_by(|(one, _), (other, _)| one.order(other, words));
    order
}

/// The days of times that are told by hours, or by days already.
#[derive(Debug)]
pub struct Days {
    has_hours: bool,
    calendar: Calendar,
    /// The last hour, and its day: the next one is the same mostly.
    last: Option<(i64, i64)>,
}

impl Days {
    /// Of hours, in microseconds, where it `has_hours`.
    pub fn new(has_hours: bool, calendar: Calendar) -> Self {
        Self { has_hours, calendar, last: None }
    }

    /// The day of a time.
    pub fn of(&mut self, time: i64) -> Result<i64, Fault> {
        if !self.has_hours {
            return Ok(time);
        }
        if let Some((_, day)) = self.last.filter(|(last, _)| *last == time) {
            return Ok(day);
        }
        let instant = chrono::DateTime::from_timestamp_micros(time);
        let instant = instant.ok_or_else(|| Fault::Internal(format!("no hour begins at {time}")))?;
        let day = day_number(self.calendar.date(instant));
        self.last = Some((time, day));
        Ok(day)
    }
}

/// A block of some of these rows, which are in its order.
pub fn write(kind: &Kind, rows: &Rows, which: Range<usize>, words: &Words) -> Vec<u8> {
    let mut writer = heads(kind, &rows.heads[which.clone()], words);
    for slot in 0..kind.measures.len() {
        writer.numbers(which.clone().map(|row| rows.values(kind, row)[slot]));
    }
    writer.finish()
}

/// A block with all that its rows are told apart by.
pub fn heads(kind: &Kind, heads: &[Head], words: &Words) -> Writer {
    let mut writer = Writer::new(heads.len());
    let all = || heads.iter();
    writer.numbers(all().map(|head| Some(head.time)));
    writer.texts(all().map(|head| head.foreign.as_ref().map(|(currency, _)| currency.code())));
    writer.numbers(all().map(|head| head.foreign.as_ref().map(|(_, day)| *day)));
    for slot in 0..kind.keys() {
        let keys = all().map(|head| head.keys[slot]);
        if kind.is_number(slot) {
            writer.numbers(keys.map(|key| if let Small::Number(number) = key { Some(number) } else { None }));
        } else {
            writer.texts(keys.map(|key| match key {
                Small::Word(word) => words.get(word).map(AsRef::as_ref),
                _ => None,
            }));
        }
    }
    writer
}

/// Puts the rows of a block behind others.
pub fn read(kind: &Kind, bytes: &[u8], words: &mut Words, rows: &mut Rows) -> Result<(), Fault> {
    let block = Block::read(bytes)?;
    let (times, codes, days) = (block.numbers(0)?, block.texts(1)?, block.numbers(2)?);
    let known = currencies_of(&codes.words)?;
    let code = |row: usize| known.get(usize::try_from(codes.places.get(row)?).ok()?).copied();
    let first = rows.heads.len();
    rows.heads.extend((0..block.rows).map(|row| Head {
        time: times.get(row).unwrap_or(0),
        foreign: code(row).zip(days.get(row)),
        keys: [Small::None; MOST_KEYS],
    }));
    for slot in 0..kind.keys() {
        let heads = rows.heads[first..].iter_mut().enumerate();
        if kind.is_number(slot) {
            let numbers = block.numbers(FIRST_KEY + slot)?;
            for (place, head) in heads {
                head.keys[slot] = numbers.get(place).map_or(Small::None, Small::Number);
            }
        } else {
            let texts = block.texts(FIRST_KEY + slot)?;
            let numbers: Vec<u32> = texts.words.iter().map(|word| words.number(word)).collect();
            let word = |place: i64| numbers.get(usize::try_from(place).ok()?).copied();
            for (place, head) in heads {
                head.keys[slot] = texts.places.get(place).and_then(word).map_or(Small::None, Small::Word);
            }
        }
    }
    let columns = (0..kind.measures.len()).map(|slot| block.numbers(FIRST_KEY + kind.keys() + slot));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    for row in 0..block.rows {
        rows.values.extend(columns.iter().map(|column| column.get(row)));
    }
    Ok(())
}

/// What a converted block says of each number, exactly.
pub type Worth = BTreeMap<(i64, Vec<Key>, usize), Exact>;

/// The numbers of a block that is converted.
pub fn worth(kind: &Kind, bytes: &[u8]) -> Result<Worth, Fault> {
    let block = Block::read(bytes)?;
    let first_value = FIRST_KEY + kind.keys();
    let digits = (0..kind.measures.len()).map(|slot| Ok(block.numbers(first_value + slot)?.digits));
    let digits: Vec<u32> = digits.collect::<Result<_, Fault>>()?;
    let (mut words, mut rows, mut worth) = (Words::default(), Rows::default(), Worth::new());
    read(kind, bytes, &mut words, &mut rows)?;
    for (row, head) in rows.heads.iter().enumerate() {
        for (slot, value) in rows.values(kind, row).iter().enumerate() {
            let Some(value) = value else { continue };
            let unit = Exact::from(10_i128.pow(digits[slot]));
            let value = Exact::whole(*value).divided_by(&unit).unwrap_or_else(Exact::zero);
            worth.insert((head.time, keys(kind, head, &words), slot), value);
        }
    }
    Ok(worth)
}

/// The keys of a row as they are.
pub fn keys(kind: &Kind, head: &Head, words: &Words) -> Vec<Key> {
    head.keys[..kind.keys()].iter().map(|key| words.key(*key)).collect()
}

/// The first day of the block of that length in which a day lies.
pub fn first_day(level: Level, day: i64, calendar: &Calendar) -> Option<i64> {
    let date = date_of(day)?;
    Some(match level {
        Level::Day => day,
        Level::Month | Level::Converted => day_number(calendar.first_day(Grain::Month, date)),
    })
}

/// The first day of the month after that in which a day lies.
pub fn next_month(day: i64) -> Option<i64> {
    date_of(day).map(|date| day_number(Calendar::next_day(Grain::Month, date)))
}

fn currencies_of(codes: &[&str]) -> Result<Vec<Currency>, Fault> {
    codes.iter().map(|code| currency_of(code)).collect()
}

/// The currency of a code that was checked before it was stored.
pub fn currency_of(code: &str) -> Result<Currency, Fault> {
    code.parse().map_err(|_| Fault::Internal(format!("{code:?} is stored as a currency, and is none")))
}

/// Stretches of a block's rows whose amounts are in one currency, and of one day where that is told.
pub fn runs(block: &Block<'_>) -> Result<Vec<(Range<usize>, Foreign)>, Fault> {
    let (words, currencies) = block.text_runs(1)?;
    if words.is_empty() {
        return Ok(vec![(0..block.rows, None)]);
    }
    let codes = currencies_of(&words)?;
    let code = |place: i64| codes.get(usize::try_from(place).ok()?).copied();
    let (mut runs, mut row) = (Vec::new(), 0);
    let mut days = block.runs(2)?.into_iter();
    let mut day = days.next();
    for (mut rows, place) in currencies {
        let currency = place.and_then(code);
        while rows > 0 {
            let Some((left, number)) = day.as_mut() else { return Ok(runs) };
            let both = rows.min(*left);
            runs.push((row..row + both, currency.zip(*number)));
            (row, rows, *left) = (row + both, rows - both, *left - both);
            if *left == 0 {
                day = days.next();
            }
        }
    }
    Ok(runs)
}
