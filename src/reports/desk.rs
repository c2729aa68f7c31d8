//! What a resolver works with: one request's organization, clock and metric engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::dashboards::Dashboards;
use crate::downloads::{self, Ticket, Waiting};
use crate::fault::Fault;
use crate::metrics::names::Names;
use crate::metrics::{Engine, Gathering, Means, Slow};
use crate::principal::{Organization, Principal, Scope};
use crate::reports::Changes;
use crate::reports::dashboards::Queries;
use crate::telemetry::Instruments;

/// What every request shares: where desks come from.
#[derive(Clone)]
pub struct Gateway {
    /// What reports are read with.
    pub means: Means,
    /// What time it is.
    pub clock: Clock,
    /// When whose data is written.
    pub changes: Changes,
    /// What answers the queries of dashboards' tiles, where that is served.
    pub queries: Option<Arc<dyn Queries>>,
}

/// Statements that read facts at once, where nothing else is said.
const TURNS: usize = 6;

impl Gateway {
    /// Over `db`, by the machine's clock, ten seconds a question.
    pub fn new(db: DatabaseConnection) -> Self {
        let changes = Changes::new(db.clone());
        let means = Means {
            db,
            deadline: Duration::from_secs(10),
            instruments: Instruments::default(),
            slow: Slow::default(),
            turns: Arc::new(Semaphore::new(TURNS)),
        };
        Self { means, clock: Clock::System, changes, queries: None }
    }

    /// A desk for one request of `principal`, who must be allowed to read reports.
    pub fn desk(&self, principal: Arc<Principal>) -> Result<Desk, Fault> {
        if !principal.may(Scope::ReportsRead) {
            let message = format!("this needs the role Admin or the scope {}", Scope::ReportsRead);
            return Err(Fault::Forbidden(message));
        }
        let organization = principal.organization.id;
        let now = self.clock.now();
        let engine = Engine::new(self.means.clone(), organization, now);
        let names = engine.followed_by(Names::new(self.means.db.clone(), organization, self.means.meter()));
        let dashboards = Dashboards::new(self.means.db.clone(), organization);
        let (db, queries, spent) = (self.means.db.clone(), self.queries.clone(), AtomicU64::new(0));
        Ok(Desk(Arc::new(Inner { principal, now, engine, names, db, dashboards, queries, spent })))
    }
}

/// One request's means: whose numbers, as of when, and the engine that reads them.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    principal: Arc<Principal>,
    now: DateTime<Utc>,
    engine: Engine,
    names: Gathering<Names>,
    db: DatabaseConnection,
    dashboards: Dashboards,
    queries: Option<Arc<dyn Queries>>,
    /// What saved queries that were answered cost together.
    spent: AtomicU64,
}

impl Desk {
    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// Whose numbers are asked for.
    pub fn organization(&self) -> &Organization {
        &self.0.principal.organization
    }

    /// The instant that this request takes for now.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.now
    }

    /// The semantic layer.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Names of customers, products, categories and sales representatives, loaded in batches.
    pub fn names(&self) -> &Gathering<Names> {
        &self.0.names
    }

    /// The organization's dashboards, whoever may see them.
    pub fn dashboards(&self) -> &Dashboards {
        &self.0.dashboards
    }

    /// Puts down what somebody may fetch.
    pub async fn keep(&self, ticket: &Ticket, waiting: Waiting) -> Result<(), Fault> {
        downloads::add(&self.0.db, ticket, waiting, self.now()).await
    }

    /// What answers saved queries.
    pub fn queries(&self) -> Result<&dyn Queries, Fault> {
        let queries = self.0.queries.as_deref();
        queries.ok_or_else(|| Fault::Internal("nothing here answers saved queries".to_owned()))
    }

    /// Puts down that a saved query cost so much; says whether all of them together cost no more than `most`.
    pub fn spend(&self, cost: u64, most: u64) -> bool {
        self.0.spent.fetch_add(cost, Ordering::Relaxed).saturating_add(cost) <= most
    }
}
