//! What visitors of shops do, as their pages tell it: who may tell, what is kept of a visitor (neither address nor anything
//! that outlives the day), and how it is written.
//!
//! Knows no HTTP.

pub mod agents;
mod countries;
mod event;
mod origin;
mod queue;
mod salts;
mod sessions;
pub mod sites;
mod store;
mod visitors;
mod writer;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::fault::Fault;
use crate::telemetry::Instruments;
use crate::throttle::{Throttle, Verdict};
use agents::Agents;
use countries::Countries;
pub use event::{BadEvent, Given, MOST, Told, read};
use event::{Visitor, check};
use queue::Queue;
use sessions::Sessions;
use sites::Sites;
pub use sites::{KnownSite, Site};
use visitors::Visitors;
use writer::Writer;

/// How often days that are over are looked for; where the database is away, or somebody reads, again after a minute.
const LOOK: Duration = Duration::from_hours(1);
const AGAIN: Duration = Duration::from_mins(1);

/// Until the day is over, or an hour.
fn until_the_next_look(now: DateTime<Utc>) -> Duration {
    let midnight = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc() + chrono::Days::new(1);
    (midnight - now).to_std().map_or(LOOK, |left| left.min(LOOK))
}

/// Where a request came from: a visitor's address, which is neither kept nor logged. Among the extensions of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub IpAddr);

/// How events are taken.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// How many may wait to be written.
    pub room: usize,
    /// A file in MaxMind's format that tells countries.
    pub countries: Option<&'a Path>,
    /// Patterns in uap-core's format that tell agents.
    pub agents: Option<&'a Path>,
    /// How much sites and their visitors may tell.
    pub throttle: Throttle,
    /// Counts what is dropped.
    pub instruments: Instruments,
}

/// What a request says of its visitor.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// Where it came from, where that is known.
    pub address: Option<IpAddr>,
    /// The `User-Agent`.
    pub agent: String,
    /// Whether the visitor asks not to be followed: `DNT: 1` or `Sec-GPC: 1`.
    pub is_private: bool,
}

/// What became of what was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many will be written.
    pub accepted: usize,
    /// How many will not: the visitor asks not to be followed, or is a program.
    pub left_out: usize,
    /// Those that are wrong, where each is taken by itself.
    pub bad: Vec<BadEvent>,
    /// The visit that they are of, where they will be written.
    pub session: Option<String>,
}

/// What becomes of good events that come with a wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// All are taken, or none.
    Whole,
    /// Each is taken, or not, by itself.
    Each,
}

/// Which file is no good, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadFile {
    /// That of countries.
    Countries(String),
    /// That of agents.
    Agents(String),
}

/// Why nothing was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// These are wrong.
    Bad(Vec<BadEvent>),
    /// What can go wrong elsewhere too.
    Fault(Fault),
}

impl From<Fault> for NotTaken {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Takes events.
#[derive(Clone)]
pub struct Tracker {
    sites: Sites,
    sessions: Sessions,
    agents: Agents,
    countries: Arc<Countries>,
    queue: Queue,
    throttle: Throttle,
    visitors: Visitors,
}

impl Tracker {
    /// Into `db`. What was taken is written until `stopping` is set and `tasks` is closed, which waits for it. Refuses files
    /// that cannot be read.
    pub fn start(
        db: &DatabaseConnection,
        options: Options<'_>,
        stopping: CancellationToken,
        tasks: &TaskTracker,
    ) -> Result<Self, BadFile> {
        let agents = Agents::open(options.agents).map_err(BadFile::Agents)?;
        let countries = Arc::new(Countries::open(options.countries).map_err(BadFile::Countries)?);
        let (queue, receiver) = Queue::new(options.room);
        tasks.spawn(Writer::new(db.clone(), receiver, options.instruments).run(stopping, tasks.clone()));
        Ok(Self {
            sites: Sites::new(db.clone()),
            sessions: Sessions::new(db.clone()),
            agents,
            countries,
            queue,
            throttle: options.throttle,
            visitors: Visitors::default(),
        })
    }

    /// The site of that key, if there is one that was not revoked.
    pub async fn site(&self, key: &str) -> Result<Option<Arc<KnownSite>>, Fault> {
        self.sites.find(key).await
    }

    /// A turn of a visitor who tells `site` of so many events; nothing where that is not limited. Whatever asks counts as one
    /// event at least.
    pub async fn turn(&self, site: &KnownSite, visit: &Visit, events: usize) -> Option<Verdict> {
        let key = &site.site.key;
        let visitor = visit.address.map(|address| self.visitors.name(key, address));
        let cost = u64::try_from(events.max(1)).unwrap_or(u64::MAX);
        self.throttle.visit(site.organization.id, key, visitor.as_deref(), cost).await
    }

    /// Takes what a page of `site` tells. What was taken is written, also if the server is told to end.
    pub async fn take(
        &self,
        site: &KnownSite,
        visit: &Visit,
        told: Vec<Told>,
        together: Together,
        now: DateTime<Utc>,
    ) -> Result<Taken, NotTaken> {
        let (facts, bad) = check(told, site, now);
        let is_whole = together == Together::Whole || facts.is_empty();
        if is_whole && !bad.is_empty() {
            return Err(NotTaken::Bad(bad));
        }
        let count = facts.len();
        let agent = self.agents.read(&visit.agent);
        if visit.is_private || agent.is_bot {
            return Ok(Taken { accepted: 0, left_out: count, bad, session: None });
        }
        let session = self.sessions.of(&site.site.key, visit.address, &visit.agent, now).await?;
        let visitor = Visitor {
            session: session.clone(),
            device: Some(agent.device),
            browser: agent.browser.clone(),
            os: agent.os.clone(),
            country: visit.address.and_then(|address| self.countries.of(address)),
        };
        let full = |_| Fault::Busy("too many events wait to be written; try again shortly".to_owned());
        self.queue.offer(site.organization.id, visitor, facts).map_err(full)?;
        Ok(Taken { accepted: count, left_out: 0, bad, session: Some(session) })
    }

    /// Deletes each day's salt when the day is over, also where nobody visits any more, until `stopping` is set.
    pub async fn forget_days(self, clock: Clock, stopping: CancellationToken) {
        loop {
            let is_done = self.sessions.forget(clock.now()).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "salts of days that are over cannot be deleted now");
                false
            });
            let wait = if is_done { until_the_next_look(clock.now()) } else { AGAIN };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stopping.cancelled() => return,
            }
        }
    }

    /// How many more events there is room for.
    pub fn room(&self) -> usize {
        self.queue.room()
    }
}
