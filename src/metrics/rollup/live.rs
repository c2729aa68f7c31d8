//! Facts read as blocks would have them.

use std::collections::HashMap;

use chrono::DateTime;
use sea_orm::QueryResult;

use super::facts::Reader;
use super::is_number;
use super::read::Way;
use super::route::Key;
use super::rows::currency_of;
use super::terms::Formulas;
use super::totals::LiveRow;
use super::view::{Unanswered, View};
use super::words::Words;
use crate::fault::Fault;
use crate::metrics::catalogue::Dimension;
use crate::metrics::plan::Pass;
use crate::metrics::sql::{self, Layout, OPENING};
use crate::money::Currency;
use crate::period::{Grain, Period};
use crate::principal::Organization;

/// Reads the stretches of facts, as blocks would have them.
pub async fn live(
    view: &mut View<'_>,
    Way { route, cover, keys, .. }: &Way<'_>,
) -> Result<Vec<LiveRow>, Unanswered> {
    let organization = view.organization();
    let mut passes = Vec::new();
    let opening = route.opens_at();
    // What lies before the period is in a bucket of its own.
    let parted = cover.stretches.iter().flat_map(|(start, end)| match opening {
        Some(at) if (start + 1..*end).contains(&at) => vec![(*start, at), (at, *end)],
        _ => vec![(*start, *end)],
    });
    for (start, end) in parted {
        let instant = |micros: i64| DateTime::from_timestamp_micros(micros);
        let period = instant(start).zip(instant(end)).and_then(|(start, end)| Period::new(start, end).ok());
        let period = period.ok_or_else(|| Fault::Internal("a stretch of no time".to_owned()))?;
        passes.push(route.live(period));
    }
    let mut rows = Vec::new();
    if passes.is_empty() {
        return Ok(rows);
    }
    let places: HashMap<i64, usize> = keys.iter().copied().zip(0..).collect();
    if route.is_of_values() {
        return each_value(view, passes, &places).await;
    }
    let statement = sql::held(organization.id, &passes)?;
    let first = &passes[0];
    view.read(&statement, |row: &QueryResult| {
        let held = HeldRow::read(row, &first.dimensions, first.measures.len())?;
        let pass = usize::try_from(row.try_get_by_index::<i64>(0)?).ok().and_then(|at| passes.get(at));
        let ends = pass.map(|pass| pass.period.end().timestamp_micros());
        let key = match opening {
            Some(at) if ends.is_some_and(|end| end <= at) => OPENING,
            _ if first.grain.is_some() => held.bucket.unwrap_or_default(),
            _ => 0,
        };
        let bucket = places.get(&key).copied();
        let bucket = bucket.ok_or_else(|| Fault::Internal(format!("no bucket {key}")))?;
        rows.push(LiveRow { bucket, foreign: held.foreign, keys: held.keys, values: held.values });
        Ok(())
    })
    .await?;
    Ok(rows)
}

/// Reads facts one by one: each with the one value that their passes have of it.
async fn each_value(
    view: &mut View<'_>,
    passes: Vec<Pass>,
    places: &HashMap<i64, usize>,
) -> Result<Vec<LiveRow>, Unanswered> {
    let organization = view.organization().id;
    let mut rows = Vec::new();
    for mut pass in passes {
        let has_buckets = pass.grain.is_some();
        pass.grain = pass.grain.or(Some(Grain::Day));
        let formulas = Formulas::of(&pass.measures)?;
        let select = sql::packed(organization, &pass, &formulas.terms)?;
        let mut reader = Reader::new(&pass, formulas, pass.calendar, Words::default());
        let mut read = Vec::new();
        view.read(&select, |row: &QueryResult| {
            let fact = reader.read(row)?;
            read.push((if has_buckets { fact.hour } else { 0 }, fact.keys.clone(), fact.values.clone()));
            Ok(())
        })
        .await?;
        for (key, keys, values) in read {
            let bucket = places.get(&key).copied();
            let bucket = bucket.ok_or_else(|| Fault::Internal(format!("no bucket {key}")))?;
            let keys = keys.into_iter().map(|key| reader.words.key(key)).collect();
            rows.push(LiveRow { bucket, foreign: None, keys, values });
        }
    }
    Ok(rows)
}

/// A row of `sql::held`.
pub struct HeldRow {
    /// Currency and UTC day of its amounts, where that is not the organization's own.
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

/// A currency that nothing of the organization is in: of what is to be told in it, currency and day are told.
pub fn nobodys(organization: &Organization) -> Option<Currency> {
    let letters = || b'A'..=b'Z';
    let codes = letters()
        .flat_map(|one| letters().flat_map(move |two| letters().map(move |three| [one, two, three])));
    let currencies = codes.filter_map(|code| std::str::from_utf8(&code).ok()?.parse().ok());
    let is_known = |currency: &Currency| {
        *currency == organization.currency || organization.fact_currencies.contains(currency)
    };
    { currencies }.find(|currency| !is_known(currency))
}
