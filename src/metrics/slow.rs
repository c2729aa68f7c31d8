//! Statements that take long are logged with the database's own plan of them, and without any value that clients sent.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbBackend, QueryResult, Statement, TryGetable};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Level, enabled};

use crate::fault::Fault;
use crate::metrics::catalogue::{Formula, METRICS, Measure, Over};
use crate::metrics::plan::{self, Pass, Reach};
use crate::metrics::run::{Reader, TURN_PATIENCE};
use crate::metrics::{sql, statement};
use crate::telemetry::Sent;

/// How long a database may take to tell a plan.
const PATIENCE: Duration = Duration::from_secs(10);
/// What slow statements' lines are told by.
const TARGET: &str = "countinghouse::slow_query";

/// What becomes of slow statements.
#[derive(Clone, Debug)]
pub struct Slow {
    /// From how long on a statement is slow; nothing where none is.
    pub threshold: Option<Duration>,
    /// Who may ask for a plan: one at a time, so that a slow database is not made slower.
    explaining: Arc<Semaphore>,
}

impl Default for Slow {
    /// None is slow.
    fn default() -> Self {
        Self::from(None)
    }
}

impl From<Option<Duration>> for Slow {
    fn from(threshold: Option<Duration>) -> Self {
        Self { threshold, explaining: Arc::new(Semaphore::new(1)) }
    }
}

/// A statement under way, looked at when it is dropped: the slowest are those that are given up.
pub(super) struct Watched<'a> {
    reader: &'a Reader,
    passes: &'a [Pass],
    sent: Sent,
    rows: usize,
    is_done: bool,
}

impl<'a> Watched<'a> {
    /// The statement that reads `passes`.
    pub(super) fn new(reader: &'a Reader, passes: &'a [Pass], sent: Sent) -> Self {
        Self { reader, passes, sent, rows: 0, is_done: false }
    }

    /// It read one more row.
    pub(super) fn row(&mut self) {
        self.rows += 1;
    }

    /// It read all that there were.
    pub(super) fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.sent.rows(self.rows);
        let took = self.sent.elapsed();
        let is_slow = self.reader.slow.threshold.is_some_and(|threshold| took >= threshold);
        let (true, Ok(runtime)) = (is_slow && enabled!(target: TARGET, Level::WARN), Handle::try_current())
        else {
            return;
        };
        // Put together again: the one that was sent is gone with its values, and slow ones are few.
        let Ok(statement) = sql::statement(self.reader.organization, self.passes) else { return };
        let line = Line {
            asked: plan::explain(self.passes).join("; "),
            metrics: metrics(self.passes),
            statement: self.reader.db.get_database_backend().build(&statement),
            took,
            rows: self.rows,
            is_done: self.is_done,
        };
        let (db, turns) = (self.reader.db.clone(), Arc::clone(&self.reader.turns));
        let Ok(place) = Arc::clone(&self.reader.slow.explaining).try_acquire_owned() else {
            return self
                .reader
                .meter
                .request()
                .in_scope(|| line.write("not asked for: that of another statement was"));
        };
        let explain = async move {
            let plan = explained(&db, &turns, line.statement.clone()).await;
            drop(place);
            match plan {
                Ok(plan) => line.write(&plan),
                Err(fault) => line.write(&format!("not told: {fault}")),
            }
        };
        runtime.spawn(explain.instrument(self.reader.meter.request()));
    }
}

/// What the log says of a slow statement.
struct Line {
    asked: String,
    metrics: String,
    statement: Statement,
    took: Duration,
    rows: usize,
    is_done: bool,
}

impl Line {
    fn write(&self, plan: &str) {
        let ms = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX);
        let Self { asked, metrics, statement, rows, is_done, .. } = self;
        let sql = &statement.sql;
        tracing::warn!(target: TARGET, ms, rows, is_done, asked, metrics, sql, plan, "slow statement");
    }
}

/// The metrics that the passes read, by name.
fn metrics(passes: &[Pass]) -> String {
    let is_read = |measure: &Measure| {
        // Both edges of a bucket are read as one.
        let read = if measure.over == Over::Within { *measure } else { measure.over(Over::End) };
        passes.iter().any(|pass| pass.measures.contains(&read))
    };
    let read = METRICS.iter().filter(|metric| match &metric.formula {
        Formula::Measure(measure) => is_read(measure),
        Formula::Net(came, went) => is_read(came) || is_read(went),
        Formula::Mean(total, _) | Formula::MeanGap(total, _) | Formula::SinceLast(total) => is_read(total),
        Formula::Moves(_) => passes.iter().any(|pass| pass.reach == Reach::ByCustomer),
        _ => false,
    });
    read.map(|metric| metric.name).collect::<Vec<_>>().join(", ")
}

/// The database's plan of a statement: its steps, those that feed another behind it with one `>` more.
async fn explained(
    db: &DatabaseConnection,
    turns: &Semaphore,
    statement: Statement,
) -> Result<String, Fault> {
    let backend = db.get_database_backend();
    let asks = match backend {
        DbBackend::Postgres => "EXPLAIN (FORMAT JSON) ",
        _ => "EXPLAIN QUERY PLAN ",
    };
    let statement = Statement { sql: format!("{asks}{}", statement.sql), ..statement };
    let mut steps = Vec::new();
    let read = async {
        let turn = tokio::time::timeout(TURN_PATIENCE, turns.acquire()).await;
        let _turn = turn.ok().and_then(Result::ok).ok_or_else(Fault::busy)?;
        let never = CancellationToken::new();
        statement::read(db, statement, &never, |row| match backend {
            DbBackend::Postgres => take_tree(row, &mut steps),
            _ => take_line(row, &mut steps),
        })
        .await
    };
    tokio::time::timeout(PATIENCE, read).await.map_err(|_| Fault::Timeout)??;
    let told = steps.into_iter().map(|step| format!("{}{}", ">".repeat(step.depth), step.words));
    Ok(told.collect::<Vec<_>>().join("; "))
}

/// One step of a plan.
struct Step {
    id: i64,
    depth: usize,
    words: String,
}

/// SQLite tells a step a row, under the number of the one that it feeds; it writes `?` for values.
fn take_line(row: &QueryResult, steps: &mut Vec<Step>) -> Result<(), Fault> {
    let (id, parent): (i64, i64) = (column(row, 0)?, column(row, 1)?);
    let depth = steps.iter().rev().find(|step| step.id == parent).map_or(0, |step| step.depth + 1);
    steps.push(Step { id, depth, words: column(row, 3)? });
    Ok(())
}

/// PostgreSQL tells a tree whose conditions hold the values that were bound; of each step only what it is, on what, and
/// what the planner expects are taken.
fn take_tree(row: &QueryResult, steps: &mut Vec<Step>) -> Result<(), Fault> {
    let told: Value = column(row, 0)?;
    branch(&told[0]["Plan"], 0, steps);
    Ok(())
}

fn branch(node: &Value, depth: usize, steps: &mut Vec<Step>) {
    let text = |name: &str| node[name].as_str();
    let mut words = text("Node Type").unwrap_or("?").to_owned();
    if let Some(index) = text("Index Name") {
        words += &format!(" using {index}");
    }
    if let Some(table) = text("Relation Name").or(text("CTE Name")) {
        words += &format!(" on {table}");
    }
    words += &format!(" (cost {}, rows {})", node["Total Cost"], node["Plan Rows"]);
    steps.push(Step { id: 0, depth, words });
    for below in node["Plans"].as_array().into_iter().flatten() {
        branch(below, depth + 1, steps);
    }
}

fn column<T: TryGetable>(row: &QueryResult, index: usize) -> Result<T, Fault> {
    row.try_get_by_index(index).map_err(Fault::from)
}
