//! Facts added up for blocks: read one by one, once for all kinds of their source.

use std::ops::Range;
use std::time::Duration;

use futures::StreamExt;
use sea_orm::{ConnectionTrait, StreamTrait};

use super::facts::{Fact, Reader};
use super::paired::Pairs;
use super::rows::{Head, MOST_KEYS, Rows};
use super::terms::Formulas;
use super::words::{Small, Words};
use super::{FastMap, FastSet, Kind, Topic, each_once, is_of_one_day, kinds_of};
use crate::database::ROWS_AT_ONCE;
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Dimension, Measure, Source};
use crate::metrics::plan::{Orders, Pass, Reach};
use crate::metrics::sql;
use crate::metrics::time::date_of;
use crate::period::{Calendar, Grain, Period};
use crate::principal::Organization;

/// The source whose facts are read for those of another one, which are made of them.
pub fn read_as(source: Source) -> Source {
    match source {
        Source::Pairs => Source::Lines,
        other => other,
    }
}

/// What facts of some days come to, but those of orders after the last that rollups know, for each of these kinds, which are read
/// together: rows of days, in any order. Words are put behind `words`.
pub async fn facts(
    db: &(impl ConnectionTrait + StreamTrait),
    organization: &Organization,
    kinds: &[&'static Kind],
    (days, rolled_orders): (Range<i64>, i64),
    words: Words,
) -> Result<(Vec<Rows>, Words), Fault> {
    let calendar = Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon };
    let (of_pairs, kinds): (Vec<&'static Kind>, Vec<&'static Kind>) =
        kinds.iter().partition(|kind| kind.source == Source::Pairs);
    let reads = if kinds.is_empty() { kinds_of(Source::Lines) } else { kinds.clone() };
    let Some(pass) = pass(organization, &reads, (calendar, rolled_orders), days) else {
        return Ok((vec![Rows::default(); kinds.len() + of_pairs.len()], words));
    };
    let mut pairs = (!of_pairs.is_empty()).then(|| Pairs::of(&pass)).transpose()?;
    let formulas = Formulas::of(&pass.measures)?;
    let select = sql::packed(organization.id, &pass, &formulas.terms)?;
    let statement = ConnectionTrait::get_database_backend(db).build(&select);
    let mut reader = Reader::new(&pass, formulas, calendar, words);
    let mut adders: Vec<Adder> = kinds.iter().map(|kind| Adder::new(kind, &pass)).collect();
    let mut stream = std::pin::pin!(db.stream_raw(statement).await?.ready_chunks(ROWS_AT_ONCE));
    while let Some(rows) = stream.next().await {
        let is_ahead = rows.len() < ROWS_AT_ONCE / 4;
        for row in rows {
            let fact = reader.read(&row?)?;
            for adder in &mut adders {
                adder.add(fact)?;
            }
            if let Some(pairs) = &mut pairs {
                pairs.add(fact);
            }
        }
        // To be woken for each row costs more than the row.
        if is_ahead {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    // Those of pairs come behind those of the lines that they are made of, as kinds do.
    let rows = adders.into_iter().map(|adder| adder.rows);
    let rows = rows.chain(pairs.into_iter().flat_map(|pairs| pairs.rows(&of_pairs)));
    Ok((rows.collect(), reader.words))
}

/// What reads all that these kinds are made of.
pub fn pass(
    organization: &Organization,
    kinds: &[&'static Kind],
    (calendar, rolled_orders): (Calendar, i64),
    days: Range<i64>,
) -> Option<Pass> {
    let is_of_orders = kinds.first()?.topic() == Topic::Orders;
    let midnight = |day: i64| date_of(day).map(|date| calendar.midnight(date));
    let period = Period::new(midnight(days.start)?, midnight(days.end)?).ok()?;
    let dimensions = each_once(kinds.iter().flat_map(|kind| kind.dimensions).copied());
    let told = |kind: &&'static Kind| kind.measures.iter().copied().chain(kind.values);
    let measures = each_once(kinds.iter().flat_map(told));
    let has_amounts = has_amounts(&measures);
    Some(Pass {
        source: kinds.first()?.source,
        reach: Reach::Within,
        period,
        orders: if is_of_orders { Orders::UpTo(rolled_orders) } else { Orders::All },
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

fn has_amounts(measures: &[Measure]) -> bool {
    measures.iter().any(|measure| matches!(measure.aggregate, Aggregate::Amount(_)))
}

/// Adds facts up for one kind.
struct Adder {
    kind: &'static Kind,
    /// Where the kind's dimensions and measures stand among those that are read.
    dimensions: Vec<usize>,
    measures: Vec<usize>,
    /// The same of the sum whose values tell rows apart.
    values: Option<usize>,
    /// Whether any of it is in a currency.
    has_amounts: bool,
    /// Whether a measure counts each fact: a fact that is an order is no other one.
    counts_each: Vec<bool>,
    places: FastMap<Head, usize>,
    rows: Rows,
    /// What was counted: row and measure by its place among the rows' values.
    seen: FastSet<(usize, i64)>,
}

impl Adder {
    fn new(kind: &'static Kind, pass: &Pass) -> Self {
        let place = |of: &Dimension| pass.dimensions.iter().position(|other| other == of);
        let slot = |of: &Measure| pass.measures.iter().position(|other| other == of);
        let counts_each = |of: &Measure| kind.source == Source::Orders && is_of_one_day(*of);
        Self {
            kind,
            dimensions: kind.dimensions.iter().filter_map(place).collect(),
            measures: kind.measures.iter().filter_map(slot).collect(),
            values: kind.values.as_ref().and_then(slot),
            has_amounts: has_amounts(&kind.measures),
            counts_each: kind.measures.iter().map(counts_each).collect(),
            places: FastMap::default(),
            rows: Rows::default(),
            seen: FastSet::default(),
        }
    }

    fn add(&mut self, fact: &Fact) -> Result<(), Fault> {
        if self.measures.iter().all(|slot| fact.values[*slot].is_none()) {
            return Ok(());
        }
        let mut keys = [Small::None; MOST_KEYS];
        for (key, place) in keys.iter_mut().zip(&self.dimensions) {
            *key = fact.keys[*place];
        }
        if let Some(slot) = self.values {
            let Some(value) = fact.values[slot] else { return Ok(()) };
            keys[self.dimensions.len()] = Small::Number(value);
        }
        let time = if self.kind.is_fine { fact.hour } else { fact.day };
        let head = Head { time, foreign: fact.foreign.filter(|_| self.has_amounts), keys };
        let next = self.rows.heads.len();
        let row = *self.places.entry(head).or_insert(next);
        let first = row * self.measures.len();
        if row == next {
            // What is counted is none where there is none of it, and no sum is there before it has something.
            let none = |measure: &Measure| match measure.aggregate {
                Aggregate::Count | Aggregate::Distinct(_) => Some(0),
                _ => None,
            };
            self.rows.heads.push(head);
            self.rows.values.extend(self.kind.measures.iter().map(none));
        }
        let Self { kind, measures, counts_each, rows, seen, .. } = self;
        for (place, (slot, measure)) in measures.iter().zip(&kind.measures).enumerate() {
            let Some(value) = fact.values[*slot] else { continue };
            let more = match measure.aggregate {
                Aggregate::Distinct(_) if counts_each[place] => 1,
                Aggregate::Distinct(_) => i64::from(seen.insert((first + place, value))),
                _ => value,
            };
            let sum = &mut rows.values[first + place];
            *sum = Some(sum.unwrap_or(0).checked_add(more).ok_or(Fault::Overflow)?);
        }
        Ok(())
    }
}
