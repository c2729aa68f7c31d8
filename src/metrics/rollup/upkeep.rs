//! Adding up: what was never added up, month by month, and the days that were written to since.
//!
//! Each step is one transaction under the organization's lock, which writers of its facts hold too: so nothing that was
//! written can be missed, and a step that is cut off has not happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use entity::{organization, rollup, rollup_state, stale_day};
use futures::TryStreamExt;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, SqliteTransactionMode, StreamTrait, TransactionOptions,
    TransactionTrait,
};
use tokio_util::sync::CancellationToken;

use super::read::HeldRow;
use super::rows::{self, Row, first_day};
use super::{Kind, Level, Topic, kinds};
use crate::fault::Fault;
use crate::metrics::plan::{Pass, Reach};
use crate::metrics::sql;
use crate::metrics::time::{date_of, day_number};
use crate::organizations;
use crate::period::{Calendar, Grain, Period};
use crate::principal::{Organization, OrganizationId};

/// How long it rests when there is nothing to do.
const REST: Duration = Duration::from_secs(1);
/// And when the database cannot be asked.
const REST_AFTER_FAULT: Duration = Duration::from_secs(10);

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There was nothing to do.
    Nothing,
    /// Somebody writes the organization's facts just now.
    Busy,
    /// A month of facts is added up that was not.
    Built {
        /// Its first day that has facts, as days since 1970-01-01.
        day: i64,
        /// The last day that has facts.
        last: i64,
    },
    /// So many days that had been written to were added up again.
    Renewed {
        /// How many.
        days: usize,
    },
}

/// Keeps rollups.
#[derive(Clone, Debug)]
pub struct Upkeep {
    db: DatabaseConnection,
}

impl Upkeep {
    /// Of the organizations in `db`.
    pub fn new(db: DatabaseConnection) -> Self {
        Self { db }
    }

    /// Goes on until it is stopped; what it cannot do now it tries again.
    pub async fn run(self, stopping: CancellationToken) {
        while !stopping.is_cancelled() {
            let round = async {
                let mut is_idle = true;
                for id in self.waiting().await? {
                    if stopping.is_cancelled() {
                        break;
                    }
                    let Some(organization) = organizations::find_by_key(&self.db, id).await? else {
                        continue;
                    };
                    is_idle &= matches!(self.step(&organization).await?, Step::Nothing | Step::Busy);
                }
                Ok::<bool, Fault>(is_idle)
            };
            let rest = match round.await {
                Ok(true) => REST,
                Ok(false) => Duration::ZERO,
                Err(fault) => {
                    tracing::warn!(%fault, "rollups wait: they cannot be kept now");
                    REST_AFTER_FAULT
                }
            };
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Everything that there is to do for one organization; `told` hears of each step.
    pub async fn all(
        &self,
        organization: &Organization,
        told: &mut (dyn FnMut(Step) + Send),
    ) -> Result<(), Fault> {
        loop {
            match self.step(organization).await? {
                Step::Nothing => return Ok(()),
                Step::Busy => tokio::time::sleep(REST).await,
                step => told(step),
            }
        }
    }

    /// Organizations that have something to add up.
    async fn waiting(&self) -> Result<BTreeSet<OrganizationId>, Fault> {
        let new: Vec<i64> = organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .filter(organization::COLUMN.version.gt(0_i64))
            .filter(organization::COLUMN.has_rollups.eq(false))
            .into_tuple()
            .all(&self.db)
            .await?;
        let stale: Vec<i64> = stale_day::Entity::find()
            .select_only()
            .column(stale_day::Column::OrganizationId)
            .distinct()
            .into_tuple()
            .all(&self.db)
            .await?;
        let current = kinds().iter().map(|kind| {
            rollup_state::COLUMN.kind.eq(kind.number).and(rollup_state::COLUMN.shape.eq(kind.shape()))
        });
        let current = current.reduce(ExprTrait::or).unwrap_or_else(|| Expr::val(false));
        let done: Vec<(i64, i64)> = rollup_state::Entity::find()
            .select_only()
            .column(rollup_state::Column::OrganizationId)
            .column_as(rollup_state::COLUMN.kind.count(), "done")
            .filter(rollup_state::COLUMN.until_day.eq(i64::MAX))
            .filter(current)
            .group_by(rollup_state::Column::OrganizationId)
            .into_tuple()
            .all(&self.db)
            .await?;
        let rolled: Vec<i64> = organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .filter(organization::COLUMN.has_rollups.eq(true))
            .into_tuple()
            .all(&self.db)
            .await?;
        let every = i64::try_from(kinds().len()).unwrap_or(i64::MAX);
        let whole: BTreeSet<i64> =
            done.into_iter().filter(|(_, done)| *done == every).map(|(id, _)| id).collect();
        let partly = rolled.into_iter().filter(|id| !whole.contains(id));
        Ok(new.into_iter().chain(stale).chain(partly).map(OrganizationId).collect())
    }

    /// The next step for an organization.
    pub async fn step(&self, organization: &Organization) -> Result<Step, Fault> {
        let Some(transaction) = locked(&self.db, organization.id).await? else { return Ok(Step::Busy) };
        let worker = Worker {
            transaction: &transaction,
            organization,
            calendar: Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon },
        };
        let step = worker.step().await?;
        transaction.commit().await?;
        Ok(step)
    }
}

/// Takes everything back that is added up of an organization: it is read from facts then, until it is added up anew.
pub async fn forget(db: &DatabaseConnection, organization: OrganizationId) -> Result<bool, Fault> {
    let Some(transaction) = locked(db, organization).await? else { return Ok(false) };
    rollup::Entity::delete_many()
        .filter(rollup::COLUMN.organization_id.eq(organization.0))
        .exec(&transaction)
        .await?;
    rollup_state::Entity::delete_many()
        .filter(rollup_state::COLUMN.organization_id.eq(organization.0))
        .exec(&transaction)
        .await?;
    stale_day::Entity::delete_many()
        .filter(stale_day::COLUMN.organization_id.eq(organization.0))
        .exec(&transaction)
        .await?;
    mark(&transaction, organization, false).await?;
    transaction.commit().await?;
    Ok(true)
}

async fn mark(transaction: &DatabaseTransaction, id: OrganizationId, has_rollups: bool) -> Result<(), Fault> {
    organization::Entity::update_many()
        .col_expr(organization::Column::HasRollups, Expr::value(has_rollups))
        .filter(organization::COLUMN.id.eq(id.0))
        .filter(organization::COLUMN.has_rollups.ne(has_rollups))
        .exec(transaction)
        .await?;
    Ok(())
}

/// A transaction under the organization's lock; nothing where somebody else holds it.
async fn locked(
    db: &DatabaseConnection,
    organization: OrganizationId,
) -> Result<Option<DatabaseTransaction>, Fault> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = db.begin_with_options(options).await?;
    if ConnectionTrait::get_database_backend(&transaction) == DbBackend::Postgres {
        // A month of a large shop may take longer than a question may.
        transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    if !organizations::try_lock(&transaction, organization).await? {
        transaction.rollback().await?;
        return Ok(None);
    }
    Ok(Some(transaction))
}

/// One step's work.
struct Worker<'a> {
    transaction: &'a DatabaseTransaction,
    organization: &'a Organization,
    calendar: Calendar,
}

impl Worker<'_> {
    async fn step(&self) -> Result<Step, Fault> {
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
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for topic in Topic::ALL {
            if let Some((one, other)) = self.extent(topic).await? {
                (first, last) = (Ord::min(first, one), Ord::max(last, other));
            }
        }
        let begin = if from == i64::MIN { first } else { from };
        if from == i64::MIN {
            self.clear(behind).await?;
        }
        if begin > last {
            self.advance(behind, i64::MAX).await?;
            return Ok(Step::Built { day: begin, last: begin });
        }
        let month = first_day(Level::Month, begin, &self.calendar);
        let next = month.and_then(date_of).map(|date| day_number(Calendar::next_day(Grain::Month, date)));
        let (month, next) =
            month.zip(next).ok_or_else(|| Fault::Internal(format!("no month has day {begin}")))?;
        for kind in behind {
            let days = self.days(kind, month..next).await?;
            let every: Vec<i64> = days.keys().copied().collect();
            self.store(kind, month, days, &every).await?;
        }
        self.advance(behind, if next > last { i64::MAX } else { next }).await?;
        Ok(Step::Built { day: begin, last })
    }

    /// First and last day of a topic's facts.
    async fn extent(&self, topic: Topic) -> Result<Option<(i64, i64)>, Fault> {
        let (table, column) = topic.instants();
        let mut ends = Vec::new();
        // Each end by itself: so both databases find it in an index.
        for end in [Expr::col(column).min(), Expr::col(column).max()] {
            let select = Query::select()
                .expr_as(end, "at")
                .from(table)
                .and_where(Expr::col("organization_id").eq(self.organization.id.0))
                .to_owned();
            let row = self.transaction.query_one(&select).await?;
            let at: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
            let instant = at.and_then(chrono::DateTime::from_timestamp_micros);
            ends.push(instant.map(|instant| day_number(self.calendar.date(instant))));
        }
        Ok(ends[0].zip(ends[1]))
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
            .order_by_desc(stale_day::Column::Day)
            .one(self.transaction)
            .await?;
        // What was written last is what is looked at most.
        let Some(newest) = newest else { return Ok(Step::Nothing) };
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
        for kind in kinds().iter().filter(|kind| kind.topic() as i16 == topic) {
            let mut known = self.known_days(kind, month).await?;
            for run in days.chunk_by(|day, next| day + 1 == *next) {
                let run = run[0]..run[run.len() - 1] + 1;
                known.retain(|day, _| !run.contains(day));
                known.extend(self.days(kind, run).await?);
            }
            self.store(kind, month, known, &days).await?;
        }
        stale_day::Entity::delete_many().filter(stale).exec(self.transaction).await?;
        Ok(Step::Renewed { days: days.len() })
    }

    /// The rows of a month's days as they are stored.
    async fn known_days(&self, kind: &Kind, month: i64) -> Result<BTreeMap<i64, Vec<Row>>, Fault> {
        let blocks = rollup::Entity::find()
            .filter(rollup::COLUMN.organization_id.eq(self.organization.id.0))
            .filter(rollup::COLUMN.kind.eq(kind.number))
            .filter(rollup::COLUMN.level.eq(Level::Day as i16))
            .filter(rollup::COLUMN.day.between(month, month + 30))
            .all(self.transaction)
            .await?;
        let mut days = BTreeMap::new();
        for block in blocks {
            if first_day(Level::Month, block.day, &self.calendar) == Some(month) {
                days.insert(block.day, rows::read(kind, &block.block)?);
            }
        }
        Ok(days)
    }

    /// Adds up facts, day by day; days without any are left out.
    async fn days(&self, kind: &Kind, days: std::ops::Range<i64>) -> Result<BTreeMap<i64, Vec<Row>>, Fault> {
        facts(self.transaction, self.organization, kind, days).await
    }

    /// Stores those of a month's days that changed, and the month that all of them make up, in place of what is there.
    async fn store(
        &self,
        kind: &Kind,
        month: i64,
        days: BTreeMap<i64, Vec<Row>>,
        changed: &[i64],
    ) -> Result<(), Fault> {
        let id = self.organization.id.0;
        let own = || {
            rollup::Entity::delete_many()
                .filter(rollup::COLUMN.organization_id.eq(id))
                .filter(rollup::COLUMN.kind.eq(kind.number))
        };
        own()
            .filter(rollup::COLUMN.level.eq(Level::Day as i16))
            .filter(rollup::COLUMN.day.is_in(changed.iter().copied()))
            .exec(self.transaction)
            .await?;
        own()
            .filter(rollup::COLUMN.level.eq(Level::Month as i16))
            .filter(rollup::COLUMN.day.eq(month))
            .exec(self.transaction)
            .await?;
        if days.is_empty() {
            return Ok(());
        }
        let block = |level, day, rows| rollup::ActiveModel {
            organization_id: Set(id),
            kind: Set(kind.number),
            level: Set(level as i16),
            day: Set(day),
            block: Set(rows::write(kind, rows)),
        };
        let kept = changed.iter().filter_map(|day| Some((day, days.get(day)?)));
        let mut blocks: Vec<rollup::ActiveModel> =
            kept.map(|(day, rows)| block(Level::Day, *day, rows.clone())).collect();
        blocks.push(block(Level::Month, month, rows::merged(kind, days)?));
        rollup::Entity::insert_many(blocks).exec_without_returning(self.transaction).await?;
        Ok(())
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
