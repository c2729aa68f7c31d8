//! Where one request's time goes, as its `Server-Timing` header tells (W3C Server Timing).
//!
//! It is kept with the task that answers the request; where nobody times, nothing is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

tokio::task_local! {
    static CURRENT: Arc<Timings>;
}

/// A part of what answering takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading a document and holding it to its limits.
    Parse,
    /// Executing it, or answering a route.
    Execute,
}

/// What one request took so far, in microseconds.
#[derive(Debug, Default)]
pub struct Timings {
    parse: AtomicU64,
    execute: AtomicU64,
    database: AtomicU64,
    statements: AtomicU64,
}

impl Timings {
    /// A statement took so long.
    pub(super) fn statement(&self, took: Duration) {
        self.statements.fetch_add(1, Ordering::Relaxed);
        add(&self.database, took);
    }

    /// As a header's value; `total` is the whole.
    pub fn header(&self, total: Duration) -> String {
        let [parse, execute, database] = [&self.parse, &self.execute, &self.database]
            .map(|part| Duration::from_micros(part.load(Ordering::Relaxed)));
        let statements = self.statements.load(Ordering::Relaxed);
        let unit = if statements == 1 { "statement" } else { "statements" };
        format!(
            "total;dur={}, parse;dur={}, execute;dur={}, db;dur={};desc=\"{statements} {unit}\"",
            told(total),
            told(parse),
            told(execute),
            told(database),
        )
    }
}

/// Milliseconds, to a microsecond.
fn told(span: Duration) -> String {
    format!("{}.{:03}", span.as_millis(), span.subsec_micros() % 1000)
}

fn add(part: &AtomicU64, took: Duration) {
    part.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// Runs `work`, putting down to `timings` what it takes.
pub async fn timed<T>(timings: Arc<Timings>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(timings, work).await
}

/// What the request that this is called in takes, if it is timed.
pub fn current() -> Option<Arc<Timings>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// From now until the answer is dropped is part of `phase`.
pub fn phase(phase: Phase) -> Option<Running> {
    current().map(|timings| Running { timings, phase, started: Instant::now() })
}

/// A part under way.
pub struct Running {
    timings: Arc<Timings>,
    phase: Phase,
    started: Instant,
}

impl Drop for Running {
    fn drop(&mut self) {
        let part = match self.phase {
            Phase::Parse => &self.timings.parse,
            Phase::Execute => &self.timings.execute,
        };
        add(part, self.started.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells_milliseconds() {
        let timings = Timings::default();
        add(&timings.parse, Duration::from_micros(42));
        add(&timings.execute, Duration::from_micros(3_450));
        timings.statement(Duration::from_millis(1));
        let one = "total;dur=4.001, parse;dur=0.042, execute;dur=3.450, db;dur=1.000;desc=\"1 statement\"";
        assert_eq!(timings.header(Duration::from_nanos(4_001_999)), one);
        timings.statement(Duration::from_micros(2_500));
        let two =
            "total;dur=10000.000, parse;dur=0.042, execute;dur=3.450, db;dur=3.500;desc=\"2 statements\"";
        assert_eq!(timings.header(Duration::from_secs(10)), two);
    }
}
