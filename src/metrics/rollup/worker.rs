//! One step of adding up, under the organization's lock.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use entity::{rollup, rollup_state, stale_day};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveValue::Set, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use tokio_util::task::AbortOnDropHandle;

use super::build::{facts, read_as};
use super::converted::converted;
use super::extent::extent;
use super::memory::stamp;
use super::rows::{self, Rows, first_day};
use super::stale::mark_stale;
use super::upkeep::{Step, mark};
use super::words::Words;
use super::{Kind, Level, Topic, kinds};
use crate::fault::Fault;
use crate::metrics::rates::Rates;
use crate::metrics::time::span;
use crate::period::Calendar;
use crate::principal::Organization;

/// One step's work.
pub struct Worker<'a> {
    transaction: &'a DatabaseTransaction,
    organization: &'a Organization,
    calendar: Calendar,
    /// Where facts may be read besides: the lock keeps them as they are, whoever reads them.
    ahead: Option<&'a DatabaseConnection>,
}

fn are_read_together(kind: &&Kind, next: &&Kind) -> bool {
    read_as(kind.source) == read_as(next.source)
}

/// What facts come to, kind by kind of a source, once they are read.
type Reading = AbortOnDropHandle<Result<(Vec<Rows>, Words), Fault>>;

impl<'a> Worker<'a> {
    /// Within a transaction that holds the organization's lock; where there is `ahead`, facts are read through it as well, so
    /// that they are read while others are stored.
    pub fn new(
        transaction: &'a DatabaseTransaction,
        organization: &'a Organization,
        ahead: Option<&'a DatabaseConnection>,
    ) -> Self {
        let calendar = Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon };
        Self { transaction, organization, calendar, ahead }
    }

    /// The next thing that there is to do.
    pub async fn step(&self) -> Result<Step, Fault> {
        let mut states: BTreeMap<i16, (i64, i64)> = BTreeMap::new();
        for state in rollup_state::Entity::find()
            .filter(rollup_state::COLUMN.organization_id.eq(self.organization.id.0))
            .all(self.transaction)
            .await?
        {
            states.insert(state.kind, (state.shape, state.until_day));
        }
        let until = |kind: &Kind| match states.get(&kind.number) {
            Some((shape, until)) if *shape == kind.shape() => *until,
            _ => i64::MIN,
        };
        let least = kinds().iter().map(until).min().unwrap_or(i64::MAX);
        if least < i64::MAX {
            let behind: Vec<&Kind> = kinds().iter().filter(|kind| until(kind) == least).collect();
            return self.build(&behind, least).await;
        }
        self.renew().await
    }

    /// Adds up the next month of kinds that are equally far behind.
    async fn build(&self, behind: &[&'static Kind], from: i64) -> Result<Step, Fault> {
        if from == i64::MIN {
            self.clear(behind).await?;
        }
        let topics: BTreeSet<Topic> = behind.iter().map(|kind| kind.topic()).collect();
        // Months without facts are passed over: what ends may end in a thousand years.
        let Some((begin, last)) = extent(self.transaction, self.organization, &topics, from).await? else {
            self.advance(behind, i64::MAX).await?;
            return Ok(Step::Built { day: from, last: from });
        };
        let month = first_day(Level::Month, begin, &self.calendar);
        let next = month.and_then(rows::next_month);
        let (month, next) =
            month.zip(next).ok_or_else(|| Fault::Internal(format!("no month has day {begin}")))?;
        let sources: Vec<&[&Kind]> = behind.chunk_by(are_read_together).collect();
        let mut reading: Option<Reading> = None;
        for (place, alike) in sources.iter().enumerate() {
            let (found, words) = if let Some(reading) = reading.take() {
                reading.await.map_err(|gone| Fault::Internal(gone.to_string()))??
            } else {
                let days = month..next;
                facts(self.transaction, self.organization, alike, days, Words::default()).await?
            };
            reading = sources.get(place + 1).and_then(|alike| self.read_ahead(alike, month..next));
            let mut months = Vec::with_capacity(alike.len());
            for (kind, rows) in alike.iter().zip(found) {
                months.push((*kind, self.store(kind, month, (rows, &words), None).await?));
            }
            self.convert_all(month, &months, &words).await?;
        }
        self.advance(behind, if next > last { i64::MAX } else { next }).await?;
        Ok(Step::Built { day: begin, last })
    }

    /// Begins to read facts, where that may be done besides.
    fn read_ahead(&self, alike: &[&'static Kind], days: Range<i64>) -> Option<Reading> {
        let (db, organization, alike) = (self.ahead?.clone(), self.organization.clone(), alike.to_vec());
        let reading = async move { facts(&db, &organization, &alike, days, Words::default()).await };
        Some(AbortOnDropHandle::new(tokio::spawn(reading)))
    }

    /// Takes back what there is of kinds, which may be made of something else.
    async fn clear(&self, kinds: &[&'static Kind]) -> Result<(), Fault> {
        rollup::Entity::delete_many()
            .filter(rollup::COLUMN.organization_id.eq(self.organization.id.0))
            .filter(rollup::COLUMN.kind.is_in(kinds.iter().map(|kind| kind.number)))
            .exec(self.transaction)
            .await?;
        Ok(())
    }

    /// Says how far kinds go.
    async fn advance(&self, kinds: &[&'static Kind], until: i64) -> Result<(), Fault> {
        let id = self.organization.id;
        rollup_state::Entity::delete_many()
            .filter(rollup_state::COLUMN.organization_id.eq(id.0))
            .filter(rollup_state::COLUMN.kind.is_in(kinds.iter().map(|kind| kind.number)))
            .exec(self.transaction)
            .await?;
        let states = kinds.iter().map(|kind| rollup_state::ActiveModel {
            organization_id: Set(id.0),
            kind: Set(kind.number),
            shape: Set(kind.shape()),
            until_day: Set(until),
        });
        rollup_state::Entity::insert_many(states).exec_without_returning(self.transaction).await?;
        mark(self.transaction, id, true).await
    }

    /// Adds up the stale days of one month again.
    async fn renew(&self) -> Result<Step, Fault> {
        let own = stale_day::COLUMN.organization_id.eq(self.organization.id.0);
        let newest = stale_day::Entity::find()
            .filter(own.clone())
            .filter(stale_day::COLUMN.topic.ne(Topic::Rates as i16))
            .order_by_desc(stale_day::Column::Day)
            .one(self.transaction)
            .await?;
        // What was written last is what is looked at most.
        let Some(newest) = newest else { return self.convert_again().await };
        let topic = newest.topic;
        let month = first_day(Level::Month, newest.day, &self.calendar).unwrap_or(newest.day);
        let stale =
            own.and(stale_day::COLUMN.topic.eq(topic)).and(stale_day::COLUMN.day.between(month, newest.day));
        let days: Vec<i64> = stale_day::Entity::find()
            .select_only()
            .column(stale_day::Column::Day)
            .filter(stale.clone())
            .order_by_asc(stale_day::Column::Day)
            .into_tuple()
            .all(self.transaction)
            .await?;
        let touched: Vec<&Kind> = kinds().iter().filter(|kind| kind.topic() as i16 == topic).collect();
        for alike in touched.chunk_by(are_read_together) {
            let mut words = Words::default();
            let mut known = Vec::with_capacity(alike.len());
            for kind in alike {
                known.push(self.known_days(kind, month, &days, &mut words).await?);
            }
            for run in days.chunk_by(|day, next| day + 1 == *next) {
                let run = run[0]..run[run.len() - 1] + 1;
                let more = facts(self.transaction, self.organization, alike, run, words).await?;
                words = more.1;
                for (known, more) in known.iter_mut().zip(more.0) {
                    known.heads.extend(more.heads);
                    known.values.extend(more.values);
                }
            }
            let mut months = Vec::with_capacity(alike.len());
            for (kind, known) in alike.iter().zip(known) {
                months.push((*kind, self.store(kind, month, (known, &words), Some(&days)).await?));
            }
            self.convert_all(month, &months, &words).await?;
        }
        stale_day::Entity::delete_many().filter(stale).exec(self.transaction).await?;
        Ok(Step::Renewed { days: days.len() })
    }

    /// The rows of a month's days as they are stored, without those of some days.
    async fn known_days(
        &self,
        kind: &Kind,
        month: i64,
        but: &[i64],
        words: &mut Words,
    ) -> Result<Rows, Fault> {
        let blocks = rollup::Entity::find()
            .filter(rollup::COLUMN.organization_id.eq(self.organization.id.0))
            .filter(rollup::COLUMN.kind.eq(kind.number))
            .filter(rollup::COLUMN.level.eq(Level::Day as i16))
            .filter(rollup::COLUMN.day.between(month, month + 30))
            .all(self.transaction)
            .await?;
        let mut rows = Rows::default();
        for block in blocks.iter().filter(|block| !but.contains(&block.day)) {
            if first_day(Level::Month, block.day, &self.calendar) == Some(month) {
                rows::read(kind, &block.block, words, &mut rows)?;
            }
        }
        Ok(rows)
    }

    /// Stores the days of a month, those of them that changed or all, and the month that all of them make up, in place of what
    /// is there; tells the month's rows.
    async fn store(
        &self,
        kind: &Kind,
        month: i64,
        (rows, words): (Rows, &Words),
        changed: Option<&[i64]>,
    ) -> Result<Rows, Fault> {
        let id = self.organization.id.0;
        let own = || {
            rollup::Entity::delete_many()
                .filter(rollup::COLUMN.organization_id.eq(id))
                .filter(rollup::COLUMN.kind.eq(kind.number))
        };
        let rows = rows.sorted(kind, words);
        let days = rows.days(kind, self.calendar)?;
        let every = || days.iter().map(|(day, _)| *day).collect();
        own()
            .filter(rollup::COLUMN.level.eq(Level::Day as i16))
            .filter(rollup::COLUMN.day.is_in(changed.map_or_else(every, <[i64]>::to_vec)))
            .exec(self.transaction)
            .await?;
        own()
            .filter(rollup::COLUMN.level.eq(Level::Month as i16))
            .filter(rollup::COLUMN.day.eq(month))
            .exec(self.transaction)
            .await?;
        if rows.heads.is_empty() {
            return Ok(rows);
        }
        let block = |level, day, rows: &Rows, which| {
            self.stored(kind, level, day, rows::write(kind, rows, which, words))
        };
        let kept = days.iter().filter(|(day, _)| changed.is_none_or(|changed| changed.contains(day)));
        let mut blocks: Vec<rollup::ActiveModel> =
            kept.map(|(day, which)| block(Level::Day, *day, &rows, which.clone())).collect();
        let merged = rows.merged(kind, (self.calendar, self.organization.currency), words)?;
        blocks.push(block(Level::Month, month, &merged, 0..merged.heads.len()));
        rollup::Entity::insert_many(blocks).exec_without_returning(self.transaction).await?;
        Ok(merged)
    }

    /// Stores months of kinds with amounts in the organization's currency.
    async fn convert_all(&self, month: i64, months: &[(&Kind, Rows)], words: &Words) -> Result<(), Fault> {
        for alike in months.chunk_by(|(kind, _), (next, _)| kind.source == next.source) {
            self.convert(month, alike, words).await?;
        }
        Ok(())
    }

    /// Stores a month of a source's kinds with amounts in the organization's currency, in place of what there is of it.
    async fn convert(&self, month: i64, months: &[(&Kind, Rows)], words: &Words) -> Result<(), Fault> {
        let id = self.organization.id;
        rollup::Entity::delete_many()
            .filter(rollup::COLUMN.organization_id.eq(id.0))
            .filter(rollup::COLUMN.kind.is_in(months.iter().map(|(kind, _)| kind.number)))
            .filter(rollup::COLUMN.level.eq(Level::Converted as i16))
            .filter(rollup::COLUMN.day.eq(month))
            .exec(self.transaction)
            .await?;
        let days = months.iter().flat_map(|(_, rows)| &rows.heads).filter_map(|head| Some(head.foreign?.1));
        // A rate that changes leaves the months before it as they are: not where it may convert what happened in them.
        let is_worth_elsewhen = months.iter().any(|(kind, _)| kind.source.is_worth_elsewhen());
        let days = span(days.map(|day| (day, day))).filter(|_| !is_worth_elsewhen);
        let Some(days) = days else { return Ok(()) };
        let rates = Rates::load(self.transaction, id, days).await?;
        let Some(blocks) = converted(months, words, self.organization.currency, &rates) else {
            return Ok(());
        };
        let blocks = months.iter().zip(blocks);
        let blocks = blocks.map(|((kind, _), block)| self.stored(kind, Level::Converted, month, block));
        rollup::Entity::insert_many(blocks).exec_without_returning(self.transaction).await?;
        Ok(())
    }

    fn stored(&self, kind: &Kind, level: Level, day: i64, block: Vec<u8>) -> rollup::ActiveModel {
        rollup::ActiveModel {
            organization_id: Set(self.organization.id.0),
            kind: Set(kind.number),
            level: Set(level as i16),
            day: Set(day),
            stamp: Set(stamp(&block)),
            block: Set(block),
        }
    }

    /// Converts again the first month of those whose rates changed; the others are still to be converted then.
    async fn convert_again(&self) -> Result<Step, Fault> {
        let marks = || {
            let own = stale_day::COLUMN.organization_id.eq(self.organization.id.0);
            own.and(stale_day::COLUMN.topic.eq(Topic::Rates as i16))
        };
        let first = stale_day::Entity::find().filter(marks()).order_by_asc(stale_day::Column::Day);
        let Some(first) = first.one(self.transaction).await? else { return Ok(Step::Nothing) };
        let months = || {
            rollup::Entity::find()
                .filter(rollup::COLUMN.organization_id.eq(self.organization.id.0))
                .filter(rollup::COLUMN.level.eq(Level::Month as i16))
        };
        let from = first_day(Level::Month, first.day, &self.calendar).unwrap_or(first.day);
        let next_after = async |day: i64| {
            let days = months().filter(rollup::COLUMN.day.gte(day)).select_only();
            let least = days.column_as(rollup::COLUMN.day.min(), "day").into_tuple::<Option<i64>>();
            Ok::<_, Fault>(least.one(self.transaction).await?.flatten())
        };
        let mut left = None;
        if let Some(month) = next_after(from).await? {
            for alike in kinds().chunk_by(|kind, next| kind.source == next.source) {
                let numbers = alike.iter().map(|kind| kind.number);
                let found =
                    months().filter(rollup::COLUMN.day.eq(month)).filter(rollup::COLUMN.kind.is_in(numbers));
                let (mut read, mut words) = (Vec::new(), Words::default());
                for block in found.order_by_asc(rollup::Column::Kind).all(self.transaction).await? {
                    if let Some(kind) = Kind::numbered(block.kind) {
                        let mut rows = Rows::default();
                        rows::read(kind, &block.block, &mut words, &mut rows)?;
                        read.push((kind, rows));
                    }
                }
                self.convert(month, &read, &words).await?;
            }
            left = next_after(month + 1).await?;
        }
        let done = marks().and(stale_day::COLUMN.day.lt(left.unwrap_or(i64::MAX)));
        let days = stale_day::Entity::delete_many().filter(done).exec(self.transaction).await?.rows_affected;
        if let Some(day) = left {
            mark_stale(self.transaction, self.organization.id.0, [(Topic::Rates, day)]).await?;
        }
        Ok(Step::Renewed { days: usize::try_from(days).unwrap_or(usize::MAX) })
    }
}
