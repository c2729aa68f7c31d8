//! What one question sees of an organization: its rollups in one state, from memory as far as they are there, and all else
//! in one snapshot of the database, which is opened when something is to be read.

use std::sync::Arc;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{DatabaseConnection, QueryResult};
use tokio_util::sync::CancellationToken;

use super::memory::Memory;
use crate::fault::Fault;
use crate::metrics::rates::Rates;
use crate::metrics::statement::{self, Snapshot};
use crate::organizations::AtVersion;
use crate::principal::{Organization, OrganizationId};

/// How often an organization's data was written, and how often what is kept of them was added up: where neither has
/// changed, neither has anything that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    version: i64,
    steps: i64,
    /// Which follows from both.
    rolled_orders: i64,
    /// The version since which nothing but orders after those was written.
    settled: i64,
}

impl State {
    /// Whether nothing was added up in between.
    pub fn has_blocks_of(&self, other: &Self) -> bool {
        self.steps == other.steps
    }

    /// Whether nothing but orders that came last was written in between, nor anything added up.
    pub fn has_all_but_latest_of(&self, other: &Self) -> bool {
        let same = (self.settled, self.rolled_orders) == (other.settled, other.rolled_orders);
        same && self.has_blocks_of(other)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// The database is in another state than what came from memory: what is asked once more is all read in this one.
    Moved,
    /// As said.
    Fault(Fault),
}

impl From<Fault> for Unanswered {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What a question sees.
pub struct View<'a> {
    db: &'a DatabaseConnection,
    given_up: &'a CancellationToken,
    /// What is in memory.
    pub memory: &'a Memory,
    at: &'a AtVersion,
    state: State,
    snapshot: Option<Snapshot>,
}

impl<'a> View<'a> {
    /// Of the organization as it is `at` a version.
    pub fn new(
        db: &'a DatabaseConnection,
        given_up: &'a CancellationToken,
        memory: &'a Memory,
        at: &'a AtVersion,
    ) -> Self {
        let AtVersion { version, rollup_steps: steps, rolled_orders, settled_version: settled, .. } = *at;
        let state = State { version, steps, rolled_orders, settled };
        Self { db, given_up, memory, at, state, snapshot: None }
    }

    /// The organization.
    pub fn organization(&self) -> &'a Organization {
        &self.at.organization
    }

    /// Which one it is, among those of all databases.
    pub fn key(&self) -> (OrganizationId, i64) {
        (self.at.organization.id, self.at.made_at)
    }

    /// The state in which it is seen.
    pub fn state(&self) -> State {
        self.state
    }

    /// The key of the last order of which rollups know, in that state.
    pub fn rolled_orders(&self) -> i64 {
        self.state.rolled_orders
    }

    /// Hands every row to `take`, of the database as it is in the state.
    pub async fn read(
        &mut self,
        select: &SelectStatement,
        take: impl FnMut(&QueryResult) -> Result<(), Fault> + Send,
    ) -> Result<(), Unanswered> {
        Ok(self.snapshot().await?.read(select, take).await?)
    }

    /// The same of what never changes once it is there, as a thing's key.
    pub async fn read_lasting(
        &mut self,
        select: &SelectStatement,
        take: impl FnMut(&QueryResult) -> Result<(), Fault> + Send,
    ) -> Result<(), Unanswered> {
        if let Some(snapshot) = &mut self.snapshot {
            return Ok(snapshot.read(select, take).await?);
        }
        let select = self.db.get_database_backend().build(select);
        Ok(statement::read(self.db, select, self.given_up, take).await?)
    }

    /// The exchange rates that hold from one UTC day to another; in the state that the database is in now, where nobody has
    /// read them in this one.
    pub async fn rates(mut self, days: (i64, i64)) -> Result<Arc<Rates>, Fault> {
        let memory = self.memory;
        let rates = loop {
            match memory.rates(&mut self, days).await {
                Ok(rates) => break rates,
                // Not more than once: the state of a snapshot does not change.
                Err(Unanswered::Moved) => {}
                Err(Unanswered::Fault(fault)) => return Err(fault),
            }
        };
        self.end().await?;
        Ok(rates)
    }

    async fn snapshot(&mut self) -> Result<&mut Snapshot, Unanswered> {
        if self.snapshot.is_none() {
            let mut snapshot = Snapshot::open(self.db, self.given_up).await?;
            let state = state_of(&mut snapshot, self.at.organization.id).await?;
            self.snapshot = Some(snapshot);
            if std::mem::replace(&mut self.state, state) != state {
                return Err(Unanswered::Moved);
            }
        }
        let none = || Unanswered::Fault(Fault::Internal("a view without a snapshot".to_owned()));
        self.snapshot.as_mut().ok_or_else(none)
    }

    /// Gives back what it holds.
    pub async fn end(self) -> Result<(), Fault> {
        match self.snapshot {
            Some(snapshot) => snapshot.end().await,
            None => Ok(()),
        }
    }
}

async fn state_of(snapshot: &mut Snapshot, organization: OrganizationId) -> Result<State, Fault> {
    let select = Query::select()
        .columns(["version", "rollup_steps", "rolled_orders", "settled_version"])
        .from("organizations")
        .and_where(Expr::col("id").eq(organization.0))
        .take();
    let mut state = None;
    let take = |row: &QueryResult| {
        let number = |place: usize| row.try_get_by_index::<i64>(place);
        let [version, steps, rolled_orders, settled] = [number(0)?, number(1)?, number(2)?, number(3)?];
        state = Some(State { version, steps, rolled_orders, settled });
        Ok(())
    };
    snapshot.read(&select, take).await?;
    state.ok_or_else(|| Fault::Internal("the organization is gone".to_owned()))
}
