//! What a resolver works with: one request's organization, clock and metric engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sea_orm::DatabaseConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio_util::task::TaskTracker;

use crate::answers::Answers;
use crate::clock::Clock;
use crate::dashboards::Dashboards;
use crate::downloads::{self, Waiting};
use crate::fault::Fault;
use crate::intake::{Intake, IntakeBounds};
use crate::metrics::names::Names;
use crate::metrics::rollup::Memory;
use crate::metrics::{Basis, Engine, Gathering, Holds, Kept, Means, Slow, Versions};
use crate::money::Currency;
use crate::period::{Calendar, Grain, Period};
use crate::principal::{Organization, Principal, Scope};
use crate::reports::Changes;
use crate::reports::dashboards::Queries;
use crate::reports::shared::Sharing;
use crate::reports::window::{ComparisonInput, PeriodInput, Windows};
use crate::share_links::ShareLinks;
use crate::telemetry::Instruments;
use crate::ticket::Ticket;

/// Why there is no desk for who has no right to read reports.
pub fn may_not_read() -> Fault {
    Fault::Forbidden(format!("this needs the role Admin or the scope {}", Scope::ReportsRead))
}

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
    /// Whose turn it is to search through everything.
    pub searches: Arc<Semaphore>,
    /// How many reports are read before anybody asks for them.
    pub ahead: Arc<Semaphore>,
    /// How links to shared reports are made.
    pub sharing: Arc<Sharing>,
    /// What stores rows that come by requests.
    pub intake: Intake,
    /// Whole answers that still hold.
    pub answers: Answers,
}

/// How long a search waits for those before it.
const SEARCH_PATIENCE: Duration = Duration::from_secs(5);

/// Statements that read facts at once, where nothing else is said.
const TURNS: usize = 6;

/// Reports that are read ahead at the same time: few, since nobody waits for them.
pub const READ_AHEAD: usize = 2;

impl Gateway {
    /// Over `db`, by the machine's clock, ten seconds a question.
    pub fn new(db: DatabaseConnection) -> Self {
        let changes = Changes::new(db.clone());
        let versions = Versions::new(db.clone());
        let means = Means {
            db,
            deadline: Duration::from_secs(10),
            instruments: Instruments::default(),
            slow: Slow::default(),
            turns: Arc::new(Semaphore::new(TURNS)),
            kept: Kept::default(),
            memory: Memory::default(),
            versions,
        };
        let searches = Arc::new(Semaphore::new(1));
        let ahead = Arc::new(Semaphore::new(READ_AHEAD));
        let sharing = Arc::new(Sharing::default());
        let intake = Intake::new(means.db.clone(), IntakeBounds::default(), TaskTracker::new());
        let (clock, answers) = (Clock::System, Answers::counted_by(means.instruments.answers()));
        Self { means, clock, changes, queries: None, searches, ahead, sharing, intake, answers }
    }

    /// A desk for one request of `principal`, who must be allowed to read reports.
    pub fn desk(&self, principal: Arc<Principal>) -> Result<Desk, Fault> {
        self.desk_on(Basis::default(), principal)
    }

    /// The same for an answer about the organization as `basis` has it, where is put down for how long it holds.
    pub fn desk_on(&self, basis: Basis, principal: Arc<Principal>) -> Result<Desk, Fault> {
        if !principal.may(Scope::ReportsRead) {
            return Err(may_not_read());
        }
        let organization = principal.organization.id;
        let now = self.clock.now();
        let holds = basis.holds.clone();
        holds.begin();
        let engine = Engine::resting_on(basis, self.means.clone(), organization, now);
        let names = engine.followed_by(Names::new(self.means.db.clone(), organization, self.means.meter()));
        let dashboards = Dashboards::new(self.means.db.clone(), organization);
        let inner = Inner {
            now,
            engine,
            names,
            db: self.means.db.clone(),
            dashboards,
            queries: self.queries.clone(),
            searches: Arc::clone(&self.searches),
            ahead: self.means.kept.keeps_anything().then(|| Arc::clone(&self.ahead)),
            sharing: Arc::clone(&self.sharing),
            intake: self.intake.clone(),
            spent: AtomicU64::new(0),
            holds,
        };
        let inner = Arc::new(inner);
        Ok(Desk { principal, inner })
    }
}

/// One request's means: whose numbers, as of when, and the engine that reads them.
#[derive(Clone)]
pub struct Desk {
    principal: Arc<Principal>,
    inner: Arc<Inner>,
}

struct Inner {
    now: DateTime<Utc>,
    engine: Engine,
    names: Gathering<Names>,
    db: DatabaseConnection,
    dashboards: Dashboards,
    queries: Option<Arc<dyn Queries>>,
    searches: Arc<Semaphore>,
    /// Where what is read is kept.
    ahead: Option<Arc<Semaphore>>,
    sharing: Arc<Sharing>,
    intake: Intake,
    /// What saved queries that were answered cost together.
    spent: AtomicU64,
    /// For how long what is told here holds, as long as no version counts up.
    holds: Holds,
}

// What an answer takes from here but from facts and their names is put down: it holds no longer than that.

impl Desk {
    /// Who asks.
    pub fn principal(&self) -> &Principal {
        self.inner.holds.not_at_all();
        &self.principal
    }

    /// Whose numbers are asked for.
    pub fn organization(&self) -> &Organization {
        &self.principal.organization
    }

    /// The same for who takes that currency and that time zone for the organization's own.
    #[must_use]
    pub fn told_in(&self, currency: Currency, time_zone: Tz) -> Self {
        let organization = Organization { currency, time_zone, ..self.organization().clone() };
        let principal = Principal { organization: Arc::new(organization), ..(*self.principal).clone() };
        Self { principal: Arc::new(principal), inner: Arc::clone(&self.inner) }
    }

    /// The instant that this request takes for now: what follows from it is good for this request alone. What is cut at
    /// midnight asks for that.
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.holds.not_at_all();
        self.inner.now
    }

    /// The day that is running.
    pub fn today(&self, calendar: &Calendar) -> NaiveDate {
        self.inner.holds.until_next(Grain::Day, calendar, self.inner.now);
        calendar.date(self.inner.now)
    }

    /// The period that is meant now.
    pub fn period(&self, input: &PeriodInput, calendar: &Calendar) -> Result<Period, Fault> {
        if let Some(grain) = input.follows() {
            self.inner.holds.until_next(grain, calendar, self.inner.now);
        }
        input.resolve(calendar, self.inner.now)
    }

    /// The windows that are meant now for `period`.
    pub fn windows(
        &self,
        against: &ComparisonInput,
        period: Period,
        calendar: &Calendar,
    ) -> Result<Windows, Fault> {
        if against.is_cut_now() && period.end() > self.inner.now {
            self.inner.holds.not_at_all();
        }
        against.resolve(period, calendar, self.inner.now)
    }

    /// The semantic layer.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Names of customers, products, categories and sales representatives, loaded in batches.
    pub fn names(&self) -> &Gathering<Names> {
        &self.inner.names
    }

    /// The organization's dashboards, whoever may see them.
    pub fn dashboards(&self) -> &Dashboards {
        self.inner.holds.not_at_all();
        &self.inner.dashboards
    }

    /// The organization's links to shared reports.
    pub fn share_links(&self) -> ShareLinks {
        self.inner.holds.not_at_all();
        ShareLinks::new(self.inner.db.clone(), self.organization().id)
    }

    /// How links to shared reports are made.
    pub fn sharing(&self) -> &Sharing {
        self.inner.holds.not_at_all();
        &self.inner.sharing
    }

    /// What stores rows that come by requests.
    pub fn intake(&self) -> &Intake {
        self.inner.holds.not_at_all();
        &self.inner.intake
    }

    /// Puts down what somebody may fetch.
    pub async fn keep(&self, ticket: &Ticket, waiting: Waiting) -> Result<(), Fault> {
        downloads::add(&self.inner.db, ticket, waiting, self.now()).await
    }

    /// What answers saved queries.
    pub fn queries(&self) -> Result<&dyn Queries, Fault> {
        self.inner.holds.not_at_all();
        let queries = self.inner.queries.as_deref();
        queries.ok_or_else(|| Fault::Internal("nothing here answers saved queries".to_owned()))
    }

    /// Waits until nobody else on this server searches through everything that there is, but not for long.
    pub async fn turn_to_search(&self) -> Result<SemaphorePermit<'_>, Fault> {
        let turn = tokio::time::timeout(SEARCH_PATIENCE, self.inner.searches.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or_else(Fault::busy)
    }

    /// Leave to read a report before anybody asks for it; none where nothing of it would be kept, or others are read so.
    pub fn turn_to_read_ahead(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(self.inner.ahead.as_ref()?).try_acquire_owned().ok()
    }

    /// Puts down that a saved query cost so much; says whether all of them together cost no more than `most`.
    pub fn spend(&self, cost: u64, most: u64) -> bool {
        self.inner.spent.fetch_add(cost, Ordering::Relaxed).saturating_add(cost) <= most
    }

    /// What saved queries of this request cost together so far, those among it that were too much.
    pub fn spent(&self) -> u64 {
        self.inner.spent.load(Ordering::Relaxed)
    }
}
