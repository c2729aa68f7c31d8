//! Facts added up for blocks: read one by one, once for all kinds of their source.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use futures::StreamExt;
use sea_orm::{ConnectionTrait, StreamTrait};

use super::facts::{Fact, Reader, Small, Words};
use super::route::Key;
use super::rows::Row;
use super::{FastMap, FastSet, Kind};
use crate::database::ROWS_AT_ONCE;
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Dimension, Measure};
use crate::metrics::plan::{Pass, Reach};
use crate::metrics::sql;
use crate::metrics::sum::Foreign;
use crate::metrics::time::date_of;
use crate::period::{Calendar, Grain, Period};
use crate::principal::Organization;

/// The rows of some days, day by day; days without any are left out.
pub type Days = BTreeMap<i64, Vec<Row>>;

/// What facts of some days come to, for each of these kinds of one source.
pub async fn facts(
    db: &(impl ConnectionTrait + StreamTrait),
    organization: &Organization,
    kinds: &[&'static Kind],
    days: Range<i64>,
) -> Result<Vec<Days>, Fault> {
    let calendar = Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon };
    let Some(pass) = pass(organization, kinds, calendar, days) else {
        return Ok(vec![Days::new(); kinds.len()]);
    };
    let statement = ConnectionTrait::get_database_backend(db).build(&sql::packed(organization.id, &pass)?);
    let mut reader = Reader::new(&pass, calendar);
    let mut adders: Vec<Adder> = kinds.iter().map(|kind| Adder::new(kind, &pass)).collect();
    let mut stream = std::pin::pin!(db.stream_raw(statement).await?.ready_chunks(ROWS_AT_ONCE));
    while let Some(rows) = stream.next().await {
        let is_ahead = rows.len() < ROWS_AT_ONCE / 4;
        for row in rows {
            let fact = reader.read(&row?)?;
            for adder in &mut adders {
                adder.add(fact)?;
            }
        }
        // To be woken for each row costs more than the row.
        if is_ahead {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    Ok(adders.into_iter().map(|adder| adder.finish(&calendar, &reader.words)).collect())
}

/// What reads all that these kinds are made of.
pub fn pass(
    organization: &Organization,
    kinds: &[&'static Kind],
    calendar: Calendar,
    days: Range<i64>,
) -> Option<Pass> {
    let midnight = |day: i64| date_of(day).map(|date| calendar.midnight(date));
    let period = Period::new(midnight(days.start)?, midnight(days.end)?).ok()?;
    let mut dimensions: Vec<Dimension> = kinds.iter().flat_map(|kind| kind.dimensions).copied().collect();
    dimensions.sort_unstable();
    dimensions.dedup();
    let mut measures: Vec<Measure> = kinds.iter().flat_map(|kind| &kind.measures).copied().collect();
    measures.sort_unstable();
    measures.dedup();
    let has_amounts = measures.iter().any(|measure| matches!(measure.aggregate, Aggregate::Amount(_)));
    Some(Pass {
        source: kinds.first()?.source,
        reach: Reach::Within,
        period,
        calendar,
        grain: Some(if kinds.iter().any(|kind| kind.is_fine) { Grain::Hour } else { Grain::Day }),
        dimensions,
        filters: Vec::new(),
        measures,
        convert_to: has_amounts.then_some(organization.currency),
        top: None,
        named_only: false,
        lapse: None,
        attribution: None,
    })
}

/// Most dimensions that a kind has.
const MOST_DIMENSIONS: usize = 2;

/// What a row of a kind's blocks is told apart by.
type Held = (i64, Foreign, [Small; MOST_DIMENSIONS]);

/// Adds facts up for one kind.
struct Adder {
    kind: &'static Kind,
    /// Where the kind's dimensions and measures stand among those that are read.
    dimensions: Vec<usize>,
    measures: Vec<usize>,
    rows: FastMap<Held, usize>,
    /// Row by row, the kind's measures.
    values: Vec<Option<i64>>,
    /// What was counted: row and measure by its place in `values`.
    seen: FastSet<(usize, i64)>,
}

impl Adder {
    fn new(kind: &'static Kind, pass: &Pass) -> Self {
        let place = |of: &Dimension| pass.dimensions.iter().position(|other| other == of);
        let slot = |of: &Measure| pass.measures.iter().position(|other| other == of);
        Self {
            kind,
            dimensions: kind.dimensions.iter().filter_map(place).collect(),
            measures: kind.measures.iter().filter_map(slot).collect(),
            rows: FastMap::default(),
            values: Vec::new(),
            seen: FastSet::default(),
        }
    }

    fn add(&mut self, fact: &Fact) -> Result<(), Fault> {
        if self.measures.iter().all(|slot| fact.values[*slot].is_none()) {
            return Ok(());
        }
        let mut keys = [Small::None; MOST_DIMENSIONS];
        for (key, place) in keys.iter_mut().zip(&self.dimensions) {
            *key = fact.keys[*place];
        }
        let time = if self.kind.is_fine { fact.hour } else { fact.day };
        let next = self.rows.len();
        let row = *self.rows.entry((time, fact.foreign, keys)).or_insert(next);
        let first = row * self.measures.len();
        if row == next {
            // What is counted is none where there is none of it, and no sum is there before it has something.
            let none = |measure: &Measure| match measure.aggregate {
                Aggregate::Count | Aggregate::Distinct(_) => Some(0),
                _ => None,
            };
            self.values.extend(self.kind.measures.iter().map(none));
        }
        let Self { kind, measures, values, seen, .. } = self;
        for (place, (slot, measure)) in measures.iter().zip(&kind.measures).enumerate() {
            let Some(value) = fact.values[*slot] else { continue };
            let more = match measure.aggregate {
                Aggregate::Distinct(_) => i64::from(seen.insert((first + place, value))),
                _ => value,
            };
            let sum = &mut values[first + place];
            *sum = Some(sum.unwrap_or(0).checked_add(more).ok_or(Fault::Overflow)?);
        }
        Ok(())
    }

    fn finish(self, calendar: &Calendar, words: &Words) -> Days {
        let mut days = Days::new();
        let key = |small: &Small| match small {
            Small::None => Key::None,
            Small::Number(number) => Key::Number(*number),
            Small::Word(word) => words.get(*word).map_or(Key::None, Key::Text),
        };
        for ((time, foreign, keys), row) in self.rows {
            let keys = keys[..self.dimensions.len()].iter().map(key).collect();
            let first = row * self.measures.len();
            let values = self.values[first..first + self.measures.len()].to_vec();
            let row = Row { time, foreign, keys, values };
            if let Some(day) = row.day(self.kind, calendar) {
                days.entry(day).or_default().push(row);
            }
        }
        days
    }
}
