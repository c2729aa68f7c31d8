//! Rows of a block before they are written, and after they are read.

use std::collections::BTreeMap;
use std::ops::Range;

use super::block::{Block, Writer};
use super::live::HeldRow;
use super::route::Key;
use super::{FastMap, Kind, Level, is_number};
use crate::fault::Fault;
use crate::metrics::sum::Foreign;
use crate::metrics::time::{date_of, day_number};
use crate::money::{Currency, Exact};
use crate::period::{Calendar, Grain};

/// Columns of a block before its keys: time, currency, and the UTC day of amounts in other currencies.
pub const FIRST_KEY: usize = 3;

/// A row of a block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// When: of a fine kind's day the hour, in microseconds; else the day.
    pub time: i64,
    /// Currency and UTC day of its amounts, where that is not the organization's own.
    pub foreign: Foreign,
    /// The kind's keys.
    pub keys: Vec<Key>,
    /// The kind's measures.
    pub values: Vec<Option<i64>>,
}

impl Row {
    /// What a statement told of a kind whose time it tells apart.
    pub fn of(row: HeldRow) -> Result<Self, Fault> {
        let time = row.bucket.ok_or_else(|| Fault::Internal("a row without time".to_owned()))?;
        Ok(Self { time, foreign: row.foreign, keys: row.keys, values: row.values })
    }

    /// The day that a row of a day's block belongs to.
    pub fn day(&self, kind: &Kind, calendar: &Calendar) -> Option<i64> {
        if !kind.is_fine {
            return Some(self.time);
        }
        chrono::DateTime::from_timestamp_micros(self.time).map(|instant| day_number(calendar.date(instant)))
    }
}

/// A block of these rows.
pub fn write(kind: &Kind, mut rows: Vec<Row>) -> Vec<u8> {
    rows.sort_unstable();
    let mut writer = heads(kind, &rows.iter());
    for slot in 0..kind.measures.len() {
        writer.numbers(rows.iter().map(|row| row.values[slot]));
    }
    writer.finish()
}

/// A block with all that these rows are told apart by.
pub fn heads<'a>(kind: &Kind, rows: &(impl ExactSizeIterator<Item = &'a Row> + Clone)) -> Writer {
    let mut writer = Writer::new(rows.len());
    let rows = || rows.clone();
    writer.numbers(rows().map(|row| Some(row.time)));
    writer.texts(rows().map(|row| row.foreign.as_ref().map(|(currency, _)| currency.code())));
    writer.numbers(rows().map(|row| row.foreign.as_ref().map(|(_, day)| *day)));
    for (slot, dimension) in kind.dimensions.iter().enumerate() {
        if is_number(*dimension) {
            let number =
                |row: &Row| if let Key::Number(number) = row.keys[slot] { Some(number) } else { None };
            writer.numbers(rows().map(number));
        } else {
            writer.texts(rows().map(|row| match &row.keys[slot] {
                Key::Text(text) => Some(text.as_ref()),
                _ => None,
            }));
        }
    }
    writer
}

/// The rows of a block.
pub fn read(kind: &Kind, bytes: &[u8]) -> Result<Vec<Row>, Fault> {
    let block = Block::read(bytes)?;
    let (times, codes, days) = (block.numbers(0)?, block.texts(1)?, block.numbers(2)?);
    let text = |texts: &super::block::Texts<'_>, row: usize| {
        let place = usize::try_from(texts.places.get(row)?).ok()?;
        texts.words.get(place).map(|word| (*word).to_owned())
    };
    let known = currencies_of(&codes.words)?;
    let code = |row: usize| known.get(usize::try_from(codes.places.get(row)?).ok()?).copied();
    let mut rows: Vec<Row> = (0..block.rows)
        .map(|row| Row {
            time: times.get(row).unwrap_or(0),
            foreign: code(row).zip(days.get(row)),
            keys: Vec::with_capacity(kind.dimensions.len()),
            values: Vec::with_capacity(kind.measures.len()),
        })
        .collect();
    for (slot, dimension) in kind.dimensions.iter().enumerate() {
        if is_number(*dimension) {
            let numbers = block.numbers(FIRST_KEY + slot)?;
            for (place, row) in rows.iter_mut().enumerate() {
                row.keys.push(numbers.get(place).map_or(Key::None, Key::Number));
            }
        } else {
            let texts = block.texts(FIRST_KEY + slot)?;
            for (place, row) in rows.iter_mut().enumerate() {
                row.keys.push(text(&texts, place).map_or(Key::None, |text| Key::Text(text.into())));
            }
        }
    }
    for slot in 0..kind.measures.len() {
        let numbers = block.numbers(FIRST_KEY + kind.dimensions.len() + slot)?;
        for (place, row) in rows.iter_mut().enumerate() {
            row.values.push(numbers.get(place));
        }
    }
    Ok(rows)
}

/// What a converted block says of each number, exactly.
pub type Worth = BTreeMap<(i64, Vec<Key>, usize), Exact>;

/// The numbers of a block that is converted.
pub fn worth(kind: &Kind, bytes: &[u8]) -> Result<Worth, Fault> {
    let block = Block::read(bytes)?;
    let first_value = FIRST_KEY + kind.dimensions.len();
    let digits = (0..kind.measures.len()).map(|slot| Ok(block.numbers(first_value + slot)?.digits));
    let digits: Vec<u32> = digits.collect::<Result<_, Fault>>()?;
    let mut worth = Worth::new();
    for row in read(kind, bytes)? {
        for (slot, value) in row.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let unit = Exact::from(10_i128.pow(digits[slot]));
            let value = Exact::whole(*value).divided_by(&unit).unwrap_or_else(Exact::zero);
            worth.insert((row.time, row.keys.clone(), slot), value);
        }
    }
    Ok(worth)
}

/// The rows of a longer block, from those of its days by day.
pub fn merged(kind: &Kind, days: impl IntoIterator<Item = (i64, Vec<Row>)>) -> Result<Vec<Row>, Fault> {
    type Held = (i64, Foreign, Vec<Key>);
    let mut sums: FastMap<Held, Vec<Option<i64>>> = FastMap::default();
    for (day, rows) in days {
        let time = if kind.is_fine { day } else { 0 };
        for row in rows {
            let known = sums.entry((time, row.foreign, row.keys));
            let known = known.or_insert_with(|| vec![None; row.values.len()]);
            for (sum, value) in known.iter_mut().zip(row.values) {
                if let Some(value) = value {
                    *sum = Some(sum.unwrap_or(0).checked_add(value).ok_or(Fault::Overflow)?);
                }
            }
        }
    }
    let rows = sums.into_iter().map(|((time, foreign, keys), values)| Row { time, foreign, keys, values });
    Ok(rows.collect())
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
    let broken = |_| Fault::Internal("a rollup's currency cannot be read".to_owned());
    codes.iter().map(|code| code.parse().map_err(broken)).collect()
}

/// Stretches of a block's rows whose amounts are in one currency, and of one day where that is another than the
/// organization's.
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
