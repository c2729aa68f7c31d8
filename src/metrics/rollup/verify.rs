//! Whether rollups are what their facts come to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use entity::{rollup, rollup_state, stale_day};
use futures::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, StreamTrait,
};

use super::build::pass;
use super::extent::extent;
use super::live::HeldRow;
use super::route::Key;
use super::rows::{self, Rows, Worth};
use super::upkeep::row_of;
use super::words::Words;
use super::{Kind, Level, Topic, kinds};
use crate::database;
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Measure};
use crate::metrics::rates::Rates;
use crate::metrics::sql;
use crate::metrics::sum::Foreign;
use crate::money::Exact;
use crate::period::Calendar;
use crate::principal::Organization;

/// A block that is not what its facts come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The kind's number.
    pub kind: i16,
    /// How long the block is.
    pub level: Level,
    /// Its first day, as days since 1970-01-01.
    pub day: i64,
}

/// Compares every block that may be read with its facts; tells how many there are, and which differ.
pub async fn verify(
    db: &DatabaseConnection,
    organization: &Organization,
    told: &mut (dyn FnMut(usize) + Send),
) -> Result<(usize, Vec<Difference>), Fault> {
    let (mut blocks, mut differences) = (0, Vec::new());
    // One snapshot for a month of a kind: writes go on meanwhile.
    for kind in kinds() {
        for month in months(db, organization, kind).await? {
            let (more, wrong) = of_month(db, organization, kind, month).await?;
            blocks += more;
            differences.extend(wrong);
            told(blocks);
        }
    }
    Ok((blocks, differences))
}

/// The months of which a kind has blocks, or whose facts are to have one.
async fn months(
    db: &DatabaseConnection,
    organization: &Organization,
    kind: &Kind,
) -> Result<BTreeSet<i64>, Fault> {
    let calendar = Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon };
    let days: Vec<i64> = sea_orm::QuerySelect::column(
        sea_orm::QuerySelect::select_only(rollup::Entity::find()),
        rollup::Column::Day,
    )
    .filter(rollup::COLUMN.organization_id.eq(organization.id.0))
    .filter(rollup::COLUMN.kind.eq(kind.number))
    .into_tuple()
    .all(db)
    .await?;
    let month_of = |day: i64| rows::first_day(Level::Month, day, &calendar);
    let mut months: BTreeSet<i64> = days.into_iter().filter_map(month_of).collect();
    // There may be months that have none and should.
    let (topics, mut from) = (BTreeSet::from([kind.topic()]), i64::MIN);
    while let Some((day, _)) = extent(db, organization, &topics, from).await?
        && let Some(month) = month_of(day)
        && let Some(next) = rows::next_month(month)
    {
        months.insert(month);
        from = next;
    }
    Ok(months)
}

async fn of_month(
    db: &DatabaseConnection,
    organization: &Organization,
    kind: &'static Kind,
    month: i64,
) -> Result<(usize, Vec<Difference>), Fault> {
    let own = organization.id.0;
    let snapshot = database::snapshot(db).await?;
    let state = rollup_state::Entity::find_by_id((own, kind.number)).one(&snapshot).await?;
    let until = state.filter(|state| state.shape == kind.shape()).map_or(i64::MIN, |state| state.until_day);
    let next = rows::next_month(month).unwrap_or(month);
    if until < next {
        return Ok((0, Vec::new()));
    }
    let marks = stale_day::Entity::find()
        .filter(stale_day::COLUMN.organization_id.eq(own))
        .filter(stale_day::COLUMN.topic.eq(kind.topic() as i16))
        .filter(stale_day::COLUMN.day.between(month, next - 1))
        .all(&snapshot)
        .await?;
    let days = |is_meant: &dyn Fn(&stale_day::Model) -> bool| {
        marks.iter().filter(|mark| is_meant(mark)).map(|mark| mark.day).collect::<BTreeSet<i64>>()
    };
    let (marked, left_out) = (days(&|mark| mark.marks > 0), days(&|mark| mark.left_out));
    let mut stored: BTreeMap<(Level, i64), Said> = BTreeMap::new();
    let found = rollup::Entity::find()
        .filter(rollup::COLUMN.organization_id.eq(own))
        .filter(rollup::COLUMN.kind.eq(kind.number))
        .filter(rollup::COLUMN.day.between(month, next - 1))
        .all(&snapshot)
        .await?;
    let mut converted = None;
    for block in found {
        let level = match block.level {
            level if level == Level::Converted as i16 => {
                converted = Some(rows::worth(kind, &block.block)?);
                continue;
            }
            level if level == Level::Month as i16 => Level::Month,
            _ => Level::Day,
        };
        stored.insert((level, block.day), said(kind, &block.block)?);
    }
    let rates_from = stale_day::Entity::find()
        .filter(stale_day::COLUMN.organization_id.eq(own))
        .filter(stale_day::COLUMN.topic.eq(Topic::Rates as i16))
        .filter(stale_day::COLUMN.day.lt(next))
        .one(&snapshot)
        .await?;
    let rates = Rates::load(&snapshot, organization.id, (month - 1, next)).await?;
    let rolled = row_of(&snapshot, organization.id).await?.rolled_orders;
    let expected = facts(&snapshot, organization, (kind, rolled), (month..next, &left_out)).await?;
    snapshot.rollback().await?;
    let every: BTreeSet<(Level, i64)> = stored.keys().chain(expected.keys()).copied().collect();
    let is_read = |(level, day): &(Level, i64)| match level {
        Level::Day => !marked.contains(day),
        Level::Month | Level::Converted => marked.is_subset(&left_out),
    };
    let mut read: Vec<(Level, i64)> = every.into_iter().filter(is_read).collect();
    let differs = |place: &&(Level, i64)| stored.get(place) != expected.get(place);
    let mut wrong: Vec<(Level, i64)> = read.iter().filter(differs).copied().collect();
    if let Some(converted) = converted.filter(|_| marked.is_subset(&left_out) && rates_from.is_none()) {
        read.push((Level::Converted, month));
        let whole = expected.get(&(Level::Month, month));
        if Some(converted) != whole.and_then(|said| worth(kind, said, organization, &rates)) {
            wrong.push((Level::Converted, month));
        }
    }
    let wrong = wrong.into_iter().map(|(level, day)| Difference { kind: kind.number, level, day });
    Ok((read.len(), wrong.collect()))
}

/// What a month's rows are worth, by exact fractions: not as who converts blocks reckons.
fn worth(kind: &Kind, said: &Said, organization: &Organization, rates: &Rates) -> Option<Worth> {
    let home = organization.currency;
    let mut worth = Worth::new();
    for ((time, keys, slot, foreign), value) in said {
        let more = match (kind.measures[*slot].aggregate, foreign) {
            (Aggregate::Amount(amount), Some((from, day))) if amount.is_in_millionths() => {
                &Exact::whole(*value) * &rates.rate(*from, home, *day).ok()?
            }
            (_, Some((from, day))) => rates.convert(*value, *from, home, *day).ok()?,
            (_, None) => Exact::whole(*value),
        };
        let sum = worth.entry((*time, keys.clone(), *slot)).or_insert_with(Exact::zero);
        *sum = &*sum + &more;
    }
    Some(worth)
}

/// What facts of a month come to, day by day and all together but those of days that are left out, added up by the database: as
/// who asks of facts has them, and not as `build` adds them up.
async fn facts(
    db: &DatabaseTransaction,
    organization: &Organization,
    (kind, rolled_orders): (&'static Kind, i64),
    (days, left_out): (Range<i64>, &BTreeSet<i64>),
) -> Result<BTreeMap<(Level, i64), Said>, Fault> {
    let calendar = Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon };
    let (month, mut found) = (days.start, BTreeMap::new());
    let Some(pass) = pass(organization, &[kind], (calendar, rolled_orders), days) else { return Ok(found) };
    let measures = pass.measures.clone();
    let statement = ConnectionTrait::get_database_backend(db).build(&sql::held(organization.id, &[pass])?);
    let mut stream = std::pin::pin!(db.stream_raw(statement).await?);
    let mut days = rows::Days::new(kind.is_fine, calendar);
    while let Some(row) = stream.try_next().await? {
        let row = HeldRow::read(&row, kind.dimensions, measures.len())?;
        let time = row.bucket.ok_or_else(|| Fault::Internal("a row without time".to_owned()))?;
        let day = days.of(time)?;
        let of_day = (time, row.keys.as_slice(), row.foreign);
        say(found.entry((Level::Day, day)).or_default(), &measures, of_day, &row.values);
        if left_out.contains(&day) {
            continue;
        }
        let foreign = row.foreign.filter(|(currency, _)| *currency != organization.currency);
        let of_month = (if kind.is_fine { day } else { 0 }, row.keys.as_slice(), foreign);
        say(found.entry((Level::Month, month)).or_default(), &measures, of_month, &row.values);
    }
    Ok(found)
}

/// What rows say, however they are parted: amounts by their currency and day, and all else whatever the currency.
type Said = BTreeMap<(i64, Vec<Key>, usize, Foreign), i64>;

fn say(
    said: &mut Said,
    measures: &[Measure],
    (time, keys, foreign): (i64, &[Key], Foreign),
    values: &[Option<i64>],
) {
    for (slot, (value, measure)) in values.iter().zip(measures).enumerate() {
        let is_amount = matches!(measure.aggregate, Aggregate::Amount(_));
        if let Some(value) = value {
            *said.entry((time, keys.to_vec(), slot, foreign.filter(|_| is_amount))).or_default() += value;
        }
    }
}

/// What a block says.
fn said(kind: &Kind, block: &[u8]) -> Result<Said, Fault> {
    let (mut words, mut rows, mut said) = (Words::default(), Rows::default(), Said::new());
    rows::read(kind, block, &mut words, &mut rows)?;
    for (row, head) in rows.heads.iter().enumerate() {
        let mut keys = rows::keys(kind, head, &words);
        let values = rows.values(kind, row);
        let Some(sum) = kind.values else {
            say(&mut said, &kind.measures, (head.time, &keys, head.foreign), values);
            continue;
        };
        // Value by value, they come to what the database has of all of them: how many they are, and their sum.
        let value = match keys.pop() {
            Some(Key::Number(value)) => value,
            other => return Err(Fault::Internal(format!("a value that is none: {other:?}"))),
        };
        let mut told = [(kind.measures[0], values[0]), (sum, values[0].map(|count| count * value))];
        told.sort_unstable();
        let [one, other] = told;
        say(&mut said, &[one.0, other.0], (head.time, &keys, head.foreign), &[one.1, other.1]);
    }
    Ok(said)
}
