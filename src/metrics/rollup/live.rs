//! Facts read as blocks would have them.

use std::collections::{BTreeMap, HashMap};

use chrono::DateTime;
use futures::TryStreamExt;
use sea_orm::{ConnectionTrait, QueryResult, StreamTrait};

use super::read::Way;
use super::route::Key;
use super::rows::Row;
use super::totals::LiveRow;
use super::{Kind, is_number};
use crate::fault::Fault;
use crate::metrics::catalogue::Dimension;
use crate::metrics::plan::{Pass, Reach};
use crate::metrics::sql::{self, Layout};
use crate::metrics::statement::Snapshot;
use crate::metrics::time::date_of;
use crate::money::Currency;
use crate::period::{Calendar, Grain, Period};
use crate::principal::Organization;

/// Reads the stretches of facts, as blocks would have them.
pub async fn live(
    snapshot: &mut Snapshot,
    organization: &Organization,
    Way { route, cover, keys, .. }: &Way<'_>,
) -> Result<Vec<LiveRow>, Fault> {
    let mut passes = Vec::new();
    for (start, end) in &cover.stretches {
        let instant = |micros: i64| DateTime::from_timestamp_micros(micros);
        let period = instant(*start).zip(instant(*end)).and_then(|(start, end)| Period::new(start, end).ok());
        let period = period.ok_or_else(|| Fault::Internal("a stretch of no time".to_owned()))?;
        passes.push(route.live(period, organization.currency));
    }
    let mut rows = Vec::new();
    if passes.is_empty() {
        return Ok(rows);
    }
    let places: HashMap<i64, usize> = keys.iter().copied().zip(0..).collect();
    let statement = sql::held(organization.id, &passes)?;
    let first = &passes[0];
    snapshot
        .read(&statement, |row: &QueryResult| {
            let held = HeldRow::read(row, &first.dimensions, first.measures.len())?;
            let key = if first.grain.is_some() { held.bucket.unwrap_or_default() } else { 0 };
            let bucket = places.get(&key).copied();
            let bucket = bucket.ok_or_else(|| Fault::Internal(format!("no bucket {key}")))?;
            rows.push(LiveRow { bucket, foreign: held.foreign, keys: held.keys, values: held.values });
            Ok(())
        })
        .await?;
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
        let broken = |_| Fault::Internal("a currency that is none".to_owned());
        let currency: Option<Currency> = currency.map(|code| code.parse().map_err(broken)).transpose()?;
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

/// What facts of some days come to, day by day; days without any are left out.
pub async fn facts(
    db: &(impl ConnectionTrait + StreamTrait),
    organization: &Organization,
    kind: &Kind,
    days: std::ops::Range<i64>,
) -> Result<BTreeMap<i64, Vec<Row>>, Fault> {
    let calendar = Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon };
    let midnight = |day: i64| date_of(day).map(|date| calendar.midnight(date));
    let period = midnight(days.start).zip(midnight(days.end));
    let Some(Ok(period)) = period.map(|(start, end)| Period::new(start, end)) else {
        return Ok(BTreeMap::new());
    };
    let pass = Pass {
        source: kind.source,
        reach: Reach::Within,
        period,
        calendar,
        grain: Some(if kind.is_fine { Grain::Hour } else { Grain::Day }),
        dimensions: kind.dimensions.to_vec(),
        filters: Vec::new(),
        measures: kind.measures.clone(),
        convert_to: Some(organization.currency),
        top: None,
        named_only: false,
        lapse: None,
        attribution: None,
    };
    let statement = ConnectionTrait::get_database_backend(db).build(&sql::held(organization.id, &[pass])?);
    let mut found = BTreeMap::<i64, Vec<Row>>::new();
    let mut stream = std::pin::pin!(db.stream_raw(statement).await?);
    while let Some(row) = stream.try_next().await? {
        let row = Row::of(HeldRow::read(&row, kind.dimensions, kind.measures.len())?)?;
        if let Some(day) = row.day(kind, &calendar) {
            found.entry(day).or_default().push(row);
        }
    }
    Ok(found)
}
