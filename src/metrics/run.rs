//! Running passes: those that are wanted at the same time and read the same source over the same period become one
//! statement, through `gather`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, DbBackend, Statement};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument;

use crate::database::to_the_end;
use crate::fault::Fault;
use crate::metrics::answer::{self, Reading, Table};
use crate::metrics::catalogue::Source;
use crate::metrics::fold::{self, Fold, Groups};
use crate::metrics::gather::Gathering;
use crate::metrics::holds::{Basis, Holds};
use crate::metrics::kept::{Follow, Kept, Sorted, Version};
use crate::metrics::merge::{Part, Rest, merge, whole};
use crate::metrics::plan::{self, Pass};
use crate::metrics::query::MetricQuery;
use crate::metrics::rates::{self, Rates};
use crate::metrics::records::{Listed, Stretch, Wanted};
use crate::metrics::rollup::{self, Answered, Memory, Told, View};
use crate::metrics::slow::{Slow, Watched};
use crate::metrics::time::span;
use crate::metrics::versions::Versions;
use crate::metrics::{sql, statement};
use crate::organizations::AtVersion;
use crate::period::Period;
use crate::principal::OrganizationId;
use crate::telemetry::{Instruments, Meter, Reads, spans};

/// The semantic layer for one request.
pub struct Engine {
    db: DatabaseConnection,
    id: OrganizationId,
    now: DateTime<Utc>,
    known: Arc<OnceCell<Arc<AtVersion>>>,
    fault: Option<Fault>,
    holds: Holds,
    versions: Versions,
    deadline: Duration,
    passes: Gathering<Reader>,
    memory: Memory,
    /// Ends what is being read once the request is gone.
    _wanted: DropGuard,
}

/// What all requests share.
#[derive(Clone, Debug)]
pub struct Means {
    /// The database.
    pub db: DatabaseConnection,
    /// How long one question may take.
    pub deadline: Duration,
    /// What is counted and timed.
    pub instruments: Instruments,
    /// What becomes of slow statements.
    pub slow: Slow,
    /// How many statements may read facts at once.
    pub turns: Arc<Semaphore>,
    /// What was read and still holds.
    pub kept: Kept,
    /// What is in memory of rollups.
    pub memory: Memory,
    /// Which version whose data has.
    pub versions: Versions,
}

impl Means {
    /// Where the statements of the request that this is called in are put down.
    pub fn meter(&self) -> Meter {
        let system = match self.db.get_database_backend() {
            DbBackend::Postgres => "postgresql",
            _ => "sqlite",
        };
        Meter::here(&self.instruments, system)
    }
}

/// How long a statement waits for its turn.
pub(super) const TURN_PATIENCE: Duration = Duration::from_secs(3);

impl Engine {
    /// Answers for the organization of that key, as of `now`.
    pub fn new(means: Means, id: OrganizationId, now: DateTime<Utc>) -> Self {
        Self::resting_on(Basis::default(), means, id, now)
    }

    /// The same about the organization as `basis` has it, where is put down for how long what is told holds.
    pub fn resting_on(basis: Basis, means: Means, id: OrganizationId, now: DateTime<Utc>) -> Self {
        let given_up = CancellationToken::new();
        let wanted = given_up.clone().drop_guard();
        let meter = means.meter();
        let Means { db, deadline, slow, turns, kept, memory, versions, .. } = means;
        let Basis { at, fault, holds } = basis;
        let known = Arc::new(OnceCell::new_with(at));
        let reader = Reader {
            db: db.clone(),
            organization: id,
            known: Arc::clone(&known),
            deadline,
            meter,
            slow,
            turns,
            kept,
            memory: memory.clone(),
            given_up,
        };
        let passes = Gathering::new(reader);
        Self { db, memory, id, now, known, fault, holds, versions, deadline, passes, _wanted: wanted }
    }

    /// Gathers what `loader` loads about answers, once everybody who asks has theirs.
    pub fn followed_by<L: Send + Sync + 'static>(&self, loader: L) -> Gathering<L> {
        Gathering::after(&self.passes, loader)
    }

    /// Answers one question.
    pub async fn ask(&self, query: &MetricQuery) -> Result<Table, Fault> {
        let readings = tokio::time::timeout(self.deadline, async {
            let passes = self.plan(query).await?;
            let readings = self.passes.load_many(passes.clone()).await?;
            Ok::<Vec<Arc<Reading>>, Fault>(
                passes.iter().filter_map(|pass| readings.get(pass).cloned()).collect(),
            )
        });
        answer::answer(query, &readings.await.map_err(|_| Fault::Timeout)??)
    }

    /// Facts of the period of `query` that its filters keep, a part of the list of them.
    pub async fn records<L: Listed>(
        &self,
        list: L,
        query: &MetricQuery,
        stretch: Stretch,
    ) -> Result<Arc<Vec<L::Record>>, Fault> {
        let asked = |metric| MetricQuery { metrics: vec![metric], ..query.clone() };
        asked(L::NUMBER).validate()?;
        let pass = self.plan(&asked(L::FACTS)).await?.into_iter().next();
        let pass = pass.ok_or_else(|| Fault::Internal("a list without a pass".to_owned()))?;
        let records = self.passes.load_one(Wanted { list, pass, stretch }).await?;
        records.ok_or_else(|| Fault::Internal("a list that was not read".to_owned()))
    }

    /// The exchange rates that hold from one UTC day to another.
    pub async fn rates(&self, days: (i64, i64)) -> Result<Rates, Fault> {
        let (db, id) = (self.db.clone(), self.id);
        to_the_end(async move { Ok(Rates::load(&db, id, days).await) }).await?
    }

    /// What `query` reads, in words: facts, and the rollups that tell of them as far as there are any.
    pub async fn explain(&self, query: &MetricQuery) -> Result<Vec<String>, Fault> {
        let passes = self.plan(query).await?;
        // Which rollups there are is no matter of what was written.
        self.holds.not_at_all();
        let mut words = plan::explain(&passes);
        if let Some(at) = self.known.get().filter(|at| at.has_rollups) {
            let unending = CancellationToken::new();
            let view = View::new(&self.db, &unending, &self.memory, at);
            let reading = rollup::read(view, &passes);
            let answered =
                tokio::time::timeout(self.deadline, reading).await.map_err(|_| Fault::Timeout)??;
            for Answered { place, slots, from, .. } in answered {
                let measures = passes[place].measures.len();
                words[place].push_str(&format!("; {} of {measures} sums from the {from}", slots.len()));
            }
        }
        Ok(words)
    }

    /// The passes that answer `query`. Which currencies facts may carry, and how often they were written, is read anew for
    /// each request, never taken from the credential, which may be a second old: an import may have come in between.
    async fn plan(&self, query: &MetricQuery) -> Result<Vec<Pass>, Fault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let known = self.known.get_or_try_init(|| self.versions.now(self.id)).await?;
        let passes = plan::plan(query, &known.organization, self.now)?;
        for pass in &passes {
            self.holds.note(pass, self.now);
        }
        Ok(passes)
    }
}

/// Executes batches of passes.
pub(super) struct Reader {
    pub(super) db: DatabaseConnection,
    pub(super) organization: OrganizationId,
    known: Arc<OnceCell<Arc<AtVersion>>>,
    pub(super) deadline: Duration,
    pub(super) meter: Meter,
    pub(super) slow: Slow,
    pub(super) turns: Arc<Semaphore>,
    kept: Kept,
    memory: Memory,
    pub(super) given_up: CancellationToken,
}

impl Loader<Pass> for Reader {
    type Value = Arc<Reading>;
    type Error = Fault;

    async fn load(&self, passes: &[Pass]) -> Result<HashMap<Pass, Arc<Reading>>, Fault> {
        // The reader runs in a task of its own, which goes on when its question was given up.
        tokio::time::timeout(self.deadline, self.recall(passes)).await.map_err(|_| Fault::Timeout)?
    }
}

/// Most values that a statement may bind: SQLite takes 32,766.
const MAX_VALUES: usize = 30_000;
/// Most passes that one statement reads: SQLite joins up to 500 parts, and a pass may be two.
const MAX_PASSES: usize = 200;

impl Reader {
    /// What is known of these passes, and for the rest what is read now, by this request or by another that reads it already.
    async fn recall(&self, passes: &[Pass]) -> Result<HashMap<Pass, Arc<Reading>>, Fault> {
        let Some(known) = self.known.get() else { return self.read_all(passes).await };
        let version = Version { organization: self.organization, writes: known.version };
        let (mut readings, mut wanted) = (HashMap::with_capacity(passes.len()), passes.to_vec());
        while !wanted.is_empty() {
            let Sorted { known, own, others } = self.kept.sort(version, wanted);
            readings.extend(known);
            if !own.passes.is_empty() {
                let read = self.read_all(&own.passes).await?;
                own.tell(&read);
                readings.extend(read);
            }
            // Nobody waits before all who wait for them have been told.
            wanted = Vec::new();
            for (pass, told) in futures::future::join_all(others.into_iter().map(Follow::told)).await {
                match told {
                    Some(reading) => drop(readings.insert(pass, reading)),
                    None => wanted.push(pass),
                }
            }
        }
        Ok(readings)
    }

    /// Reads passes: from rollups what they can tell, and the rest from facts.
    async fn read_all(&self, passes: &[Pass]) -> Result<HashMap<Pass, Arc<Reading>>, Fault> {
        let (merged, places) = merge(passes);
        let mut told = self.read_rollups(&merged).await?;
        let mut batches: HashMap<(Source, Period), Vec<Rest>> = HashMap::new();
        for (place, pass) in merged.iter().enumerate() {
            let is_left = |slot: &usize| !told[place].iter().any(|part: &Part| part.slots.contains(slot));
            let slots: Vec<usize> = (0..pass.measures.len()).filter(is_left).collect();
            if !slots.is_empty() {
                let measures = slots.iter().map(|slot| pass.measures[*slot]).collect();
                // A list that is cut is cut by all that it tells.
                let top = pass.top.filter(|_| slots.len() == pass.measures.len());
                let pass = Pass { measures, top, ..pass.clone() };
                batches.entry((pass.source, pass.period)).or_default().push(Rest { place, slots, pass });
            }
        }
        let rates = self.rates(batches.values().flatten().map(|rest| &rest.pass)).await?;
        let reads = batches.into_values().map(|batch| self.read(batch, &rates));
        for (place, part) in futures::future::try_join_all(reads).await?.into_iter().flatten() {
            told[place].push(part);
        }
        let readings: Vec<Arc<Reading>> =
            merged.iter().zip(told).map(|(pass, parts)| whole(pass, parts)).collect();
        let read = passes.iter().zip(places);
        Ok(read.map(|(pass, place)| (pass.clone(), Arc::clone(&readings[place]))).collect())
    }

    /// What rollups tell of each pass.
    async fn read_rollups(&self, passes: &[Pass]) -> Result<Vec<Vec<Part>>, Fault> {
        let mut told: Vec<Vec<Part>> = passes.iter().map(|_| Vec::new()).collect();
        let Some(at) = self.known.get().filter(|at| at.has_rollups) else { return Ok(told) };
        if !passes.iter().any(rollup::may_answer) {
            return Ok(told);
        }
        let _turn = self.turn().await?;
        let mut sent = self.meter.sent(Reads::Rollups);
        let view = View::new(&self.db, &self.given_up, &self.memory, at);
        let answered = rollup::read(view, passes).instrument(sent.span()).await?;
        sent.rows(answered.iter().map(|answered| answered.rows.len()).sum());
        for Answered { place, slots, rows, .. } in answered {
            let pass = &passes[place];
            let mut groups = Groups::with_capacity(rows.len());
            for Told { bucket, keys, values } in rows {
                let sums = groups.entry((bucket, keys)).or_insert_with(|| vec![None; pass.measures.len()]);
                for (slot, value) in slots.iter().zip(values) {
                    if let Some(value) = value {
                        sums[*slot].get_or_insert_default().merge(&value);
                    }
                }
            }
            fold::bounded(groups.len())?;
            told[place].push(Part { slots, reading: Arc::new(fold::reading(pass, groups)) });
        }
        Ok(told)
    }

    /// The exchange rates that hold while the passes' facts happened, where any are to be converted.
    async fn rates(&self, passes: impl Iterator<Item = &Pass>) -> Result<Arc<Rates>, Fault> {
        let converted = passes.filter(|pass| pass.convert_to.is_some());
        let days = span(converted.map(rates::days_of_worth));
        let Some(days) = days else { return Ok(Arc::default()) };
        let mut sent = self.meter.sent(Reads::Rates);
        let rates = async {
            match self.known.get() {
                Some(at) => View::new(&self.db, &self.given_up, &self.memory, at).rates(days).await,
                None => Ok(Arc::new(Rates::load(&self.db, self.organization, days).await?)),
            }
        };
        let rates = rates.instrument(sent.span()).await?;
        sent.rows(rates.len());
        Ok(rates)
    }

    /// Reads passes over one source and period, by one statement as long as the databases take it.
    async fn read(&self, rest: Vec<Rest>, rates: &Rates) -> Result<Vec<(usize, Part)>, Fault> {
        let passes: Vec<Pass> = rest.iter().map(|rest| rest.pass.clone()).collect();
        let mut readings = Vec::with_capacity(passes.len());
        for (part, statement) in self.parts(&passes)? {
            readings.extend(self.read_part(part, statement, rates).await?);
        }
        let read = rest.into_iter().zip(readings);
        // Of a part all measures have their places; where they are all there are, it is told as it is.
        Ok(read.map(|(Rest { place, slots, .. }, reading)| (place, Part { slots, reading })).collect())
    }

    /// Cuts a list of passes into such as fit one statement each.
    fn parts<'a>(&self, passes: &'a [Pass]) -> Result<Vec<(&'a [Pass], Statement)>, Fault> {
        let statement = sql::statement(self.organization, passes)?;
        let statement = self.db.get_database_backend().build(&statement);
        let values = statement.values.as_ref().map_or(0, |values| values.0.len());
        if values <= MAX_VALUES && passes.len() <= MAX_PASSES {
            return Ok(vec![(passes, statement)]);
        }
        if passes.len() == 1 {
            return Err(Fault::invalid("where", "there are too many values in this question"));
        }
        let (one, other) = passes.split_at(passes.len() / 2);
        let mut parts = self.parts(one)?;
        parts.extend(self.parts(other)?);
        Ok(parts)
    }

    /// Waits for a turn to read facts: some connections are left to what everybody needs, who asks, and names.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, Fault> {
        let turn = tokio::time::timeout(TURN_PATIENCE, self.turns.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or_else(Fault::busy)
    }

    async fn read_part(
        &self,
        passes: &[Pass],
        statement: Statement,
        rates: &Rates,
    ) -> Result<Vec<Arc<Reading>>, Fault> {
        let _turn = self.turn().await?;
        let mut fold = Fold::new(passes, rates);
        let sent = self.meter.sent(Reads::Facts);
        spans::text(&sent.span(), &statement.sql);
        let span = sent.span();
        let mut watched = Watched::new(self, passes, sent);
        let take = |row: &_| {
            watched.row();
            fold.take(row)
        };
        statement::read(&self.db, statement, &self.given_up, take).instrument(span).await?;
        watched.done();
        Ok(fold.finish().into_iter().map(Arc::new).collect())
    }
}
