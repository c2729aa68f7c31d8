//! Adding up: what was never added up, month by month, and the days that were written to since.
//!
//! Each step is one transaction under the organization's lock, which writers of its facts hold too: so nothing that was
//! written can be missed, and a step that is cut off has not happened.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use entity::{organization, rollup, rollup_state, stale_day};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    QuerySelect, SqliteTransactionMode,
};
use tokio_util::sync::CancellationToken;

use super::kinds;
use super::worker::Worker;
use crate::database;
use crate::fault::Fault;
use crate::organizations;
use crate::principal::{Organization, OrganizationId};

/// How long it rests when there is nothing to do.
const REST: Duration = Duration::from_secs(1);
/// How many times as long as it worked it rests after adding up again what was written to.
const PAUSE_AFTER_RENEWAL: u32 = 4;
/// How long at most.
const LONGEST_REST: Duration = Duration::from_secs(20);
/// How long it rests when the database cannot be asked.
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
            loop {
                let rest = match self.round().await {
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
    async fn round(&self) -> Result<usize, Fault> {
        let (mut steps, mut fault) = (0, None);
        for id in self.waiting().await? {
            let Some(organization) = organizations::find_by_key(&self.db, id).await? else { continue };
            let begun = Instant::now();
            // Who asks comes first: what is written all the time would else be added up all the time. It rests after each step, and
            // not after all of them: so who writes waits for one step at most.
            let rest = match self.step(&organization).await {
                Ok(Step::Nothing | Step::Busy) => continue,
                Ok(Step::Built { .. }) => begun.elapsed(),
                Ok(Step::Renewed { .. }) => begun.elapsed() * PAUSE_AFTER_RENEWAL,
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
        loop {
            match self.step(organization).await? {
                Step::Nothing => return Ok(()),
                Step::Busy => tokio::time::sleep(REST).await,
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
        mark(&transaction, organization, false).await?;
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
        let step =
            Worker::new(&transaction, organization, self.is_in_haste.then_some(&self.db)).step().await?;
        if step != Step::Nothing {
            count(&transaction, organization.id).await?;
        }
        transaction.commit().await?;
        Ok(step)
    }
}

/// Says whether anything of an organization is kept added up.
pub async fn mark(
    transaction: &DatabaseTransaction,
    id: OrganizationId,
    has_rollups: bool,
) -> Result<(), Fault> {
    organization::Entity::update_many()
        .col_expr(organization::Column::HasRollups, Expr::value(has_rollups))
        .filter(organization::COLUMN.id.eq(id.0))
        .filter(organization::COLUMN.has_rollups.ne(has_rollups))
        .exec(transaction)
        .await?;
    Ok(())
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

/// A transaction under the organization's lock; nothing where somebody else holds it.
async fn locked(
    db: &DatabaseConnection,
    organization: OrganizationId,
) -> Result<Option<DatabaseTransaction>, Fault> {
    let transaction = database::begin(db, Some(SqliteTransactionMode::Immediate)).await?;
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
