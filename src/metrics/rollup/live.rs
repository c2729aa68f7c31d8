//! Facts read as blocks would have them.

use std::collections::HashMap;

use chrono::DateTime;
use sea_orm::QueryResult;

use super::facts::Reader;
use super::read::Way;
use super::route::Key;
use super::rows::currency_of;
use super::terms::Formulas;
use super::totals::LiveRow;
use super::view::{Unanswered, View};
use super::words::Words;
use super::{each_once, is_number};
use crate::fault::Fault;
use crate::metrics::catalogue::Dimension;
use crate::metrics::plan::{Orders, Pass};
use crate::metrics::sql::{self, Layout};
use crate::money::Currency;
use crate::period::{Grain, Period};

/// A stretch of facts that one pass of a statement reads.
struct Stretch {
    pass: Pass,
    /// The bucket in which all of it lies, if it does.
    bucket: Option<usize>,
}

/// Reads the stretches of facts of each way, as blocks would have them. What several ways want of the same facts is read once.
pub async fn live(view: &mut View<'_>, ways: &[Way<'_>]) -> Result<Vec<Vec<LiveRow>>, Unanswered> {
    let mut stretches = Vec::with_capacity(ways.len());
    for way in ways {
        stretches.push(stretches_of(way)?);
    }
    let mut rows: Vec<Vec<LiveRow>> = ways.iter().map(|_| Vec::new()).collect();
    let mut left: Vec<usize> = (0..ways.len()).filter(|way| !stretches[*way].is_empty()).collect();
    while let Some(first) = left.first().copied() {
        let alike = |way: &usize| {
            let both = || stretches[first].iter().zip(&stretches[*way]);
            let is_same = stretches[first].len() == stretches[*way].len()
                && ways[first].route.is_of_values() == ways[*way].route.is_of_values();
            is_same && both().all(|(one, other)| are_of_the_same_facts(&one.pass, &other.pass))
        };
        let (together, others): (Vec<usize>, Vec<usize>) = left.iter().partition(|way| alike(way));
        left = others;
        if ways[first].route.is_of_values() {
            for way in together {
                rows[way] = each_value(view, &ways[way], &stretches[way]).await?;
            }
        } else {
            read(view, (ways, &stretches), &together, &mut rows).await?;
        }
    }
    Ok(rows)
}

fn stretches_of(Way { route, cover, cuts, .. }: &Way<'_>) -> Result<Vec<Stretch>, Fault> {
    let opening = route.opens_at();
    // What lies before the period is in a bucket of its own.
    let blocks_have = cover.latest.map_or(Orders::All, |latest| Orders::UpTo(latest.after));
    let of_time = cover.stretches.iter().map(|(start, end)| (*start, *end, blocks_have));
    let latest = cover.latest.map(|latest| (latest.from, latest.until, Orders::After(latest.after)));
    let parted = of_time.chain(latest).flat_map(|(start, end, orders)| match opening {
        Some(at) if (start + 1..end).contains(&at) => vec![(start, at, orders), (at, end, orders)],
        _ => vec![(start, end, orders)],
    });
    let stretches = parted.map(|(start, end, orders)| {
        let instant = |micros: i64| DateTime::from_timestamp_micros(micros);
        let period = instant(start).zip(instant(end)).and_then(|(start, end)| Period::new(start, end).ok());
        let period = period.ok_or_else(|| Fault::Internal("a stretch of no time".to_owned()))?;
        let after = cuts.partition_point(|cut| *cut <= start);
        let is_of_one = after > 0 && cuts.get(after).is_some_and(|cut| end <= *cut);
        Ok(Stretch { pass: Pass { orders, ..route.live(period) }, bucket: is_of_one.then(|| after - 1) })
    });
    let mut stretches = stretches.collect::<Result<Vec<Stretch>, Fault>>()?;
    // Passes of one statement are alike: where one of them is to tell buckets apart all do.
    if stretches.iter().all(|stretch| stretch.bucket.is_some()) {
        for stretch in &mut stretches {
            stretch.pass.grain = None;
        }
    }
    Ok(stretches)
}

/// Whether two passes differ in nothing but what they want of facts.
fn are_of_the_same_facts(one: &Pass, other: &Pass) -> bool {
    let bare = |pass: &Pass| Pass { measures: Vec::new(), convert_to: None, ..pass.clone() };
    bare(one) == bare(other)
}

/// Reads what ways want of the same facts.
async fn read(
    view: &mut View<'_>,
    (ways, stretches): (&[Way<'_>], &[Vec<Stretch>]),
    together: &[usize],
    rows: &mut [Vec<LiveRow>],
) -> Result<(), Unanswered> {
    let organization = view.organization();
    let first = &stretches[together[0]];
    let all = together.iter().flat_map(|way| &stretches[*way]);
    let measures = each_once(all.clone().flat_map(|stretch| stretch.pass.measures.iter().copied()));
    let convert_to = { all }.find_map(|stretch| stretch.pass.convert_to);
    let passes =
        first.iter().map(|stretch| Pass { measures: measures.clone(), convert_to, ..stretch.pass.clone() });
    let passes: Vec<Pass> = passes.collect();
    let slots: Vec<Vec<usize>> = together
        .iter()
        .map(|way| {
            let wanted = stretches[*way][0].pass.measures.iter();
            wanted.filter_map(|measure| measures.binary_search(measure).ok()).collect()
        })
        .collect();
    let places: Vec<HashMap<i64, usize>> =
        together.iter().map(|way| ways[*way].keys.iter().copied().zip(0..).collect()).collect();
    let statement = sql::held(organization.id, &passes)?;
    let dimensions = &passes[0].dimensions;
    view.read(&statement, |row: &QueryResult| {
        let held = HeldRow::read(row, dimensions, measures.len())?;
        let place = usize::try_from(row.try_get_by_index::<i64>(0)?).ok().filter(|at| *at < passes.len());
        let place = place.ok_or_else(|| Fault::Internal("a row of no stretch".to_owned()))?;
        for ((way, slots), places) in together.iter().zip(&slots).zip(&places) {
            let (route, stretch) = (&ways[*way].route, &stretches[*way][place]);
            let values: Vec<Option<i64>> = slots.iter().map(|slot| held.values[*slot]).collect();
            // Of what others want there may be something where of this there is nothing.
            let is_there = |(slot, value): (usize, &Option<i64>)| {
                value.is_some_and(|value| value != 0 || !route.counts(slot))
            };
            if !values.iter().enumerate().any(is_there) {
                continue;
            }
            let bucket = stretch.bucket.or_else(|| places.get(&held.bucket?).copied());
            let bucket = bucket.ok_or_else(|| Fault::Internal(format!("no bucket {:?}", held.bucket)))?;
            rows[*way].push(LiveRow { bucket, foreign: held.foreign, keys: held.keys.clone(), values });
        }
        Ok(())
    })
    .await
}

/// Reads facts one by one: each with the one value that their passes have of it.
async fn each_value(
    view: &mut View<'_>,
    way: &Way<'_>,
    stretches: &[Stretch],
) -> Result<Vec<LiveRow>, Unanswered> {
    let organization = view.organization().id;
    let places: HashMap<i64, usize> = way.keys.iter().copied().zip(0..).collect();
    let mut rows = Vec::new();
    for stretch in stretches {
        let pass = Pass { grain: stretch.pass.grain.or(Some(Grain::Day)), ..stretch.pass.clone() };
        let formulas = Formulas::of(&pass.measures)?;
        let select = sql::packed(organization, &pass, &formulas.terms)?;
        let mut reader = Reader::new(&pass, formulas, pass.calendar, Words::default());
        let mut read = Vec::new();
        view.read(&select, |row: &QueryResult| {
            let fact = reader.read(row)?;
            read.push((fact.hour, fact.keys.clone(), fact.values.clone()));
            Ok(())
        })
        .await?;
        for (key, keys, values) in read {
            let bucket = stretch.bucket.or_else(|| places.get(&key).copied());
            let bucket = bucket.ok_or_else(|| Fault::Internal(format!("no bucket {key}")))?;
            let keys = keys.into_iter().map(|key| reader.words.key(key)).collect();
            rows.push(LiveRow { bucket, foreign: None, keys, values });
        }
    }
    Ok(rows)
}

/// A row of `sql::held`.
pub struct HeldRow {
    /// Currency and UTC day of its amounts, where these are told.
    pub foreign: Option<(Currency, i64)>,
    /// The key of its bucket.
    pub bucket: Option<i64>,
    /// Keys as tables hold them.
    pub keys: Vec<Key>,
    /// Measures.
    pub values: Vec<Option<i64>>,
}

impl HeldRow {
    /// Of passes with these dimensions, and so many measures.
    pub fn read(row: &QueryResult, dimensions: &[Dimension], measures: usize) -> Result<Self, Fault> {
        let currency: Option<String> = row.try_get_by_index(1)?;
        let day: Option<i64> = row.try_get_by_index(2)?;
        let currency = currency.map(|code| currency_of(&code)).transpose()?;
        let mut keys = Vec::with_capacity(dimensions.len());
        for (slot, dimension) in dimensions.iter().enumerate() {
            let place = Layout::FIRST_KEY + slot;
            keys.push(if is_number(*dimension) {
                row.try_get_by_index::<Option<i64>>(place)?.map_or(Key::None, Key::Number)
            } else {
                row.try_get_by_index::<Option<String>>(place)?
                    .map_or(Key::None, |text| Key::Text(text.into()))
            });
        }
        let values =
            (0..measures).map(|slot| row.try_get_by_index(Layout::FIRST_KEY + dimensions.len() + slot));
        Ok(Self {
            foreign: currency.zip(day),
            bucket: row.try_get_by_index(3)?,
            keys,
            values: values.collect::<Result<_, _>>()?,
        })
    }
}
