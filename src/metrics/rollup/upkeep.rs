//! Adding up: what was never added up, month by month, and the days that were written to since.
//!
//! A step is worked out in a snapshot, which holds up nobody, and stored in one transaction under the organization's lock,
//! which writers of its facts hold too, if nobody else took a step since. What was written since is marked still, and so read
//! from facts; a step that is cut off has not happened.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use entity::{order, organization, rollup, rollup_state, stale_day};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    QuerySelect, QueryTrait, SqliteTransactionMode, Statement, UpdateMany,
};
use tokio_util::sync::CancellationToken;

use super::kinds;
use super::renew::idle_since;
use super::worker::{Ahead, Worker};
use crate::database;
use crate::fault::Fault;
use crate::organizations;
use crate::period::Calendar;
use crate::principal::{Organization, OrganizationId};

/// How long it rests when there is nothing to do.
const REST: Duration = Duration::from_secs(1);
/// How many times as long as it worked it rests after adding up again what was written to.
const PAUSE_AFTER_RENEWAL: u32 = 4;
/// How long at most.
const LONGEST_REST: Duration = Duration::from_secs(20);
/// How long it waits for who writes.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it rests when the database cannot be asked.
const REST_AFTER_FAULT: Duration = Duration::from_secs(10);

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There was nothing to do.
    Nothing,
    /// Somebody writes the organization's facts for long, or adds them up just now.
    Busy,
    /// Somebody else took a step meanwhile.
    Overtaken,
    /// From now on who writes marks what he wrote to.
    Begun,
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

/// Organizations that somebody else adds up, and since when: it would be done twice.
type Others = HashMap<OrganizationId, Instant>;

/// Keeps rollups.
#[derive(Clone, Debug)]
pub struct Upkeep {
    db: DatabaseConnection,
    /// Whether it may use two connections, and all cores.
    is_in_haste: bool,
}

impl Upkeep {
    /// Of the organizations in `db`.
    pub fn new(db: DatabaseConnection) -> Self {
        Self { db, is_in_haste: false }
    }

    /// The same, in haste: for who waits for it, and has nobody else to serve. It takes two connections.
    #[must_use]
    pub fn in_haste(self) -> Self {
        Self { is_in_haste: true, ..self }
    }

    /// Goes on until it is stopped; what it cannot do now it tries again.
    pub async fn run(self, stopping: CancellationToken) {
        let going_on = async {
            let mut others = Others::new();
            loop {
                let rest = match self.round(&mut others).await {
                    Ok(0) => REST,
                    Ok(_) => Duration::ZERO,
                    Err(fault) => {
                        tracing::warn!(%fault, "rollups wait: they cannot be kept now");
                        REST_AFTER_FAULT
                    }
                };
                tokio::time::sleep(rest).await;
            }
        };
        // A step that is cut off has not happened.
        tokio::select! {
            () = going_on => {}
            () = stopping.cancelled() => {}
        }
    }

    /// A step for each organization that has something to add up; tells how many there were.
    async fn round(&self, others: &mut Others) -> Result<usize, Fault> {
        let (mut steps, mut fault) = (0, None);
        others.retain(|_, since| since.elapsed() < LONGEST_REST);
        for id in self.waiting().await?.into_iter().filter(|id| !others.contains_key(id)).collect::<Vec<_>>()
        {
            let Some(organization) = organizations::find_by_key(&self.db, id).await? else { continue };
            let begun = Instant::now();
            // Who asks comes first: what is written all the time would else be added up all the time. It rests after each step, and
            // not after all of them: so who writes waits for one step at most.
            let rest = match self.step(&organization).await {
                Ok(Step::Nothing | Step::Busy) => continue,
                Ok(Step::Begun | Step::Built { .. }) => begun.elapsed(),
                Ok(Step::Renewed { .. }) => begun.elapsed() * PAUSE_AFTER_RENEWAL,
                Ok(Step::Overtaken) => {
                    others.insert(id, begun);
                    continue;
                }
                // What is wrong with one organization's facts is no other one's matter.
                Err(other) => {
                    tracing::warn!(fault = %other, organization = organization.external_id, "its rollups wait");
                    fault = Some(other);
                    continue;
                }
            };
            steps += 1;
            tokio::time::sleep(rest.min(LONGEST_REST)).await;
        }
        fault.filter(|_| steps == 0).map_or(Ok(steps), Err)
    }

    /// Everything that there is to do for one organization; `told` hears of each step.
    pub async fn all(
        &self,
        organization: &Organization,
        told: &mut (dyn FnMut(Step) + Send),
    ) -> Result<(), Fault> {
        let mut ahead = None;
        loop {
            let step = match self.prepare_with(organization, &mut ahead).await? {
                None => Step::Busy,
                Some(prepared) => prepared.store().await?,
            };
            match step {
                Step::Nothing => return Ok(()),
                Step::Busy => tokio::time::sleep(REST).await,
                Step::Overtaken => {}
                step => told(step),
            }
        }
    }

    /// Takes everything back that is added up of an organization: it is read from facts then, until it is added up anew.
    pub async fn forget(&self, organization: OrganizationId) -> Result<bool, Fault> {
        let Some(transaction) = locked(&self.db, organization).await? else { return Ok(false) };
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
        transaction.execute_raw(keeping(organization, false).build(self.db.get_database_backend())).await?;
        count(&transaction, organization).await?;
        transaction.commit().await?;
        Ok(true)
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
            .filter(stale_day::COLUMN.marks.gt(0_i64).or(stale_day::COLUMN.marked_at.lt(idle_since())))
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
        match self.prepare(organization).await? {
            None => Ok(Step::Busy),
            Some(prepared) => prepared.store().await,
        }
    }

    /// Works the next step out; nothing where somebody else does, or writes all the time.
    pub async fn prepare(&self, organization: &Organization) -> Result<Option<Prepared<'_>>, Fault> {
        self.prepare_with(organization, &mut None).await
    }

    /// The same with facts that are read already, if those are wanted; leaves what is read for the step after it.
    async fn prepare_with(
        &self,
        organization: &Organization,
        ahead: &mut Option<(i64, Ahead)>,
    ) -> Result<Option<Prepared<'_>>, Fault> {
        // While somebody writes for long, nothing is worked out in vain. (SQLite's writers do not say who they are.)
        if self.db.get_database_backend() == DbBackend::Postgres {
            let Some(transaction) = locked(&self.db, organization.id).await? else { return Ok(None) };
            transaction.rollback().await?;
        }
        let snapshot = database::snapshot(&self.db).await?;
        let prepared = self.work_out(&snapshot, organization, ahead).await;
        // One that is only dropped may hold its lock until the next statement on its connection.
        snapshot.rollback().await?;
        prepared
    }

    async fn work_out(
        &self,
        snapshot: &DatabaseTransaction,
        organization: &Organization,
        ahead: &mut Option<(i64, Ahead)>,
    ) -> Result<Option<Prepared<'_>>, Fault> {
        untimed(snapshot).await?;
        if !organizations::try_upkeep(snapshot, organization.id).await? {
            return Ok(None);
        }
        let row = row_of(snapshot, organization.id).await?;
        let mut worker = Worker {
            snapshot,
            organization,
            calendar: Calendar { zone: organization.time_zone, week_start: chrono::Weekday::Mon },
            has_rollups: row.has_rollups,
            rolled_orders: row.rolled_orders,
            besides: self.is_in_haste.then_some(&self.db),
            // Not what was read before somebody else took a step: it may have been to forget all, marks as well.
            ahead: ahead.take().filter(|(steps, _)| *steps == row.rollup_steps).map(|(_, ahead)| ahead),
            writes: Vec::new(),
        };
        let step = worker.step().await?;
        let (steps, writes) = (row.rollup_steps, worker.writes);
        *ahead = worker.ahead.map(|ahead| (steps + 1, ahead));
        Ok(Some(Prepared { db: &self.db, organization: organization.id, steps, step, writes }))
    }
}

/// A step that is worked out, and not stored.
#[derive(Debug)]
pub struct Prepared<'a> {
    db: &'a DatabaseConnection,
    organization: OrganizationId,
    /// How many were taken before it.
    steps: i64,
    step: Step,
    writes: Vec<Statement>,
}

impl Prepared<'_> {
    /// Stores it, unless somebody else took a step meanwhile.
    pub async fn store(self) -> Result<Step, Fault> {
        if self.step == Step::Nothing {
            return Ok(Step::Nothing);
        }
        let Some(transaction) = locked(self.db, self.organization).await? else { return Ok(Step::Busy) };
        match self.store_within(&transaction).await {
            Ok(step @ (Step::Begun | Step::Built { .. } | Step::Renewed { .. })) => {
                transaction.commit().await?;
                Ok(step)
            }
            other => {
                transaction.rollback().await?;
                other
            }
        }
    }

    async fn store_within(self, transaction: &DatabaseTransaction) -> Result<Step, Fault> {
        if row_of(transaction, self.organization).await?.rollup_steps != self.steps {
            return Ok(Step::Overtaken);
        }
        for write in self.writes {
            transaction.execute_raw(write).await?;
        }
        count(transaction, self.organization).await?;
        Ok(self.step)
    }
}

/// What says whether anything of an organization is kept added up, and up to which order: the last that there is now.
pub fn keeping(id: OrganizationId, has_rollups: bool) -> UpdateMany<organization::Entity> {
    let last = order::Entity::find().select_only().filter(order::COLUMN.organization_id.eq(id.0));
    let last = last.expr(Func::coalesce([order::COLUMN.order_key.max(), Expr::val(0_i64)])).into_query();
    let rolled = if has_rollups { last.into() } else { Expr::val(i64::MAX) };
    organization::Entity::update_many()
        .col_expr(organization::Column::RolledOrders, rolled)
        .col_expr(organization::Column::HasRollups, Expr::value(has_rollups))
        .filter(organization::COLUMN.id.eq(id.0))
}

/// Says that what is kept became another.
async fn count(transaction: &DatabaseTransaction, id: OrganizationId) -> Result<(), Fault> {
    let steps = Expr::col(organization::Column::RollupSteps).add(1_i64);
    organization::Entity::update_many()
        .col_expr(organization::Column::RollupSteps, steps)
        .filter(organization::COLUMN.id.eq(id.0))
        .exec(transaction)
        .await?;
    Ok(())
}

/// An organization's own row.
pub async fn row_of(db: &DatabaseTransaction, id: OrganizationId) -> Result<organization::Model, Fault> {
    let row = organization::Entity::find_by_id(id.0).one(db).await?;
    row.ok_or_else(|| Fault::Internal("the organization is gone".to_owned()))
}

/// A month of a large shop may take longer than a question may.
async fn untimed(transaction: &DatabaseTransaction) -> Result<(), Fault> {
    if ConnectionTrait::get_database_backend(transaction) == DbBackend::Postgres {
        transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    Ok(())
}

/// A transaction under the organization's lock; nothing where others hold it for long.
async fn locked(
    db: &DatabaseConnection,
    organization: OrganizationId,
) -> Result<Option<DatabaseTransaction>, Fault> {
    let transaction = database::begin(db, Some(SqliteTransactionMode::Immediate)).await?;
    untimed(&transaction).await?;
    if !organizations::lock_within(&transaction, organization, PATIENCE).await? {
        transaction.rollback().await?;
        return Ok(None);
    }
    Ok(Some(transaction))
}
