//! Running passes: those that are wanted at the same time and read the same source over the same period become one
//! statement, through `gather`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::dataloader::Loader;
use sea_orm::sea_query::{SelectStatement, SqliteQueryBuilder};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult};

use crate::fault::Fault;
use crate::metrics::answer::{self, RawRow, Reading, Table};
use crate::metrics::catalogue::Source;
use crate::metrics::gather::Gathering;
use crate::metrics::plan::{self, Pass};
use crate::metrics::query::MetricQuery;
use crate::metrics::rates::Rates;
use crate::metrics::sql::{self, Layout};
use crate::metrics::time;
use crate::money::Currency;
use crate::period::Period;
use crate::principal::{Organization, OrganizationId};

/// The semantic layer for one request.
pub struct Engine {
    organization: Arc<Organization>,
    deadline: Duration,
    passes: Gathering<Reader>,
}

impl Engine {
    /// Answers for `organization`, each question within `deadline`; `statements` counts what is sent to the database.
    pub fn new(
        db: DatabaseConnection,
        organization: Arc<Organization>,
        deadline: Duration,
        statements: Arc<AtomicU64>,
    ) -> Self {
        let reader = Reader { db, organization: organization.id, statements };
        Self { organization, deadline, passes: Gathering::new(reader) }
    }

    /// Gathers what `loader` loads about answers, once everybody who asks has theirs.
    pub fn followed_by<L: Send + Sync + 'static>(&self, loader: L) -> Gathering<L> {
        Gathering::after(&self.passes, loader)
    }

    /// Answers one question.
    pub async fn ask(&self, query: &MetricQuery) -> Result<Table, Fault> {
        let passes = plan::plan(query, &self.organization)?;
        let convert = passes.iter().any(|pass| pass.convert_to.is_some());
        let rates = async {
            if !convert {
                return Ok(Arc::default());
            }
            let last = LastDay(time::day_number(query.period.last().date_naive()));
            let loaded = self.passes.load_one(last).await?;
            loaded.ok_or_else(|| Fault::Internal("no rates were loaded".to_owned()))
        };
        let readings = self.passes.load_many(passes.clone());
        // The reader runs in a task of its own: giving up on it never cuts a statement short on its connection.
        let both = tokio::time::timeout(self.deadline, async { tokio::try_join!(readings, rates) });
        let (readings, rates) = both.await.map_err(|_| Fault::Timeout)??;
        let readings: Vec<Arc<Reading>> =
            passes.iter().filter_map(|pass| readings.get(pass).map(Arc::clone)).collect();
        answer::answer(query, &readings, &rates)
    }
}

/// Executes batches of passes.
struct Reader {
    db: DatabaseConnection,
    organization: OrganizationId,
    statements: Arc<AtomicU64>,
}

/// The last UTC day that rates are needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct LastDay(i64);

impl Loader<LastDay> for Reader {
    type Value = Arc<Rates>;
    type Error = Fault;

    async fn load(&self, days: &[LastDay]) -> Result<HashMap<LastDay, Arc<Rates>>, Fault> {
        // Rates are looked up on or before a day, so that those up to the latest day serve every earlier one.
        let last = days.iter().map(|day| day.0).max().unwrap_or_default();
        self.statements.fetch_add(1, Ordering::Relaxed);
        let rates = Arc::new(Rates::load(&self.db, self.organization, last).await?);
        Ok(days.iter().map(|day| (*day, Arc::clone(&rates))).collect())
    }
}

impl Loader<Pass> for Reader {
    type Value = Arc<Reading>;
    type Error = Fault;

    async fn load(&self, passes: &[Pass]) -> Result<HashMap<Pass, Arc<Reading>>, Fault> {
        let mut batches: HashMap<(Source, Period), Vec<&Pass>> = HashMap::new();
        for pass in passes {
            batches.entry((pass.source, pass.period)).or_default().push(pass);
        }
        let reads = batches.into_values().map(|batch| self.read(batch));
        let answers = futures::future::try_join_all(reads).await?;
        Ok(answers.into_iter().flatten().collect())
    }
}

/// Most values that a statement may bind: SQLite takes 32,766.
const MAX_VALUES: usize = 30_000;
/// Most passes that one statement reads: SQLite joins up to 500 parts, and a pass may be two.
const MAX_PASSES: usize = 200;

impl Reader {
    /// Reads passes over one source and period, by one statement as long as the databases take it.
    async fn read(&self, passes: Vec<&Pass>) -> Result<Vec<(Pass, Arc<Reading>)>, Fault> {
        let (merged, places) = merge(&passes);
        let mut readings = Vec::with_capacity(merged.len());
        for (part, statement) in self.parts(&merged)? {
            readings.extend(self.read_part(part, &statement).await?);
        }
        let read = passes.into_iter().zip(places);
        Ok(read.map(|(pass, place)| (pass.clone(), Arc::clone(&readings[place]))).collect())
    }

    /// Cuts a list of passes into such as fit one statement each.
    fn parts<'a>(&self, passes: &'a [Pass]) -> Result<Vec<(&'a [Pass], SelectStatement)>, Fault> {
        let statement = sql::statement(self.organization, passes)?;
        let (_, values) = statement.build(SqliteQueryBuilder);
        if values.0.len() <= MAX_VALUES && passes.len() <= MAX_PASSES {
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

    async fn read_part(
        &self,
        passes: &[Pass],
        statement: &SelectStatement,
    ) -> Result<Vec<Arc<Reading>>, Fault> {
        let layout = Layout::of(passes);
        self.statements.fetch_add(1, Ordering::Relaxed);
        let rows = self.db.query_all(statement).await?;
        if rows.len() as u64 > sql::MAX_ROWS {
            let message =
                "this tells too many groups apart; ask for fewer dimensions, a coarser grain or less time";
            return Err(Fault::invalid("dimensions", message));
        }
        let mut readings: Vec<Reading> =
            passes.iter().map(|pass| Reading { measures: pass.measures.clone(), rows: Vec::new() }).collect();
        for row in rows {
            let index = row.try_get_by_index::<i64>(0)?;
            let place = usize::try_from(index).ok().filter(|place| *place < passes.len());
            let place = place.ok_or_else(|| Fault::Internal(format!("a row of pass {index}")))?;
            readings[place].rows.push(decode(&row, &passes[place], layout)?);
        }
        Ok(readings.into_iter().map(Arc::new).collect())
    }
}

/// Passes that differ in measures alone are read together; says where each one's reading stands.
fn merge(passes: &[&Pass]) -> (Vec<Pass>, Vec<usize>) {
    let mut merged: Vec<Pass> = Vec::new();
    let mut places = Vec::with_capacity(passes.len());
    for pass in passes {
        if let Some(place) = merged.iter().position(|other| can_join(other, pass)) {
            let known = &mut merged[place];
            known.convert_to = known.convert_to.or(pass.convert_to);
            known.measures.extend(&pass.measures);
            known.measures.sort_unstable();
            known.measures.dedup();
            places.push(place);
        } else {
            places.push(merged.len());
            merged.push((*pass).clone());
        }
    }
    (merged, places)
}

/// Whether two passes group the same facts alike, and tell amounts, if both have any, in the same currency.
///
/// A list that the database cuts is left alone: it is ordered by one measure over just the rows that were asked for.
fn can_join(a: &Pass, b: &Pass) -> bool {
    let one_currency = a.convert_to == b.convert_to || !a.has_amounts() || !b.has_amounts();
    let same = Pass { measures: b.measures.clone(), convert_to: b.convert_to, ..a.clone() };
    b.top.is_none() && one_currency && same == *b
}

fn decode(row: &QueryResult, pass: &Pass, layout: Layout) -> Result<RawRow, DbErr> {
    let currency: Option<String> = row.try_get_by_index(1)?;
    let day: Option<i64> = row.try_get_by_index(2)?;
    let foreign = match (currency, day) {
        (Some(code), Some(day)) => {
            let currency: Currency = code.parse().map_err(|_| DbErr::Type(format!("currency {code}")))?;
            Some((currency, day))
        }
        _ => None,
    };
    let first_key = Layout::FIRST_KEY;
    let first_measure = first_key + layout.keys;
    Ok(RawRow {
        foreign,
        bucket: row.try_get_by_index(3)?,
        keys: (0..pass.dimensions.len())
            .map(|slot| row.try_get_by_index(first_key + slot))
            .collect::<Result<_, _>>()?,
        values: (0..pass.measures.len())
            .map(|slot| row.try_get_by_index(first_measure + slot))
            .collect::<Result<_, _>>()?,
    })
}
