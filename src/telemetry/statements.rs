//! Statements that are sent to the database: counted, timed, traced, and put down to the request that wants them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use tracing::Span;

use super::timing::{self, Timings};
use super::{Instruments, spans};

/// What a statement reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Facts, added up or one by one.
    Facts,
    /// Facts as they are kept added up, and those that are not.
    Rollups,
    /// Exchange rates.
    Rates,
    /// What ids stand for.
    Names,
}

/// Each of them, by its number.
pub(super) const EACH_READS: [Reads; 4] = [Reads::Facts, Reads::Rollups, Reads::Rates, Reads::Names];

impl Reads {
    /// As labels tell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Rollups => "rollups",
            Self::Rates => "rates",
            Self::Names => "names",
        }
    }
}

/// What is told of statements that read one thing.
#[derive(Debug)]
pub(super) struct Series {
    pub sent: Counter,
    pub rows: Counter,
    pub duration: Histogram,
}

/// Where one request's statements are put down.
#[derive(Clone, Debug)]
pub struct Meter {
    instruments: Instruments,
    timings: Option<Arc<Timings>>,
    system: &'static str,
    request: Span,
}

impl Meter {
    /// For the request that this is called in; `system` is the database's name, as OpenTelemetry has it.
    pub fn here(instruments: &Instruments, system: &'static str) -> Self {
        let (timings, request) = (timing::current(), Span::current());
        Self { instruments: instruments.clone(), timings, system, request }
    }

    /// The span that the request's lines are logged in.
    pub fn request(&self) -> Span {
        self.request.clone()
    }

    /// A statement is sent.
    pub fn sent(&self, reads: Reads) -> Sent {
        self.instruments.statement(reads).sent.inc();
        let span = spans::statement(self.system, reads.name());
        Sent { meter: self.clone(), reads, span, started: Instant::now(), rows: 0 }
    }
}

/// A statement under way: put down when it is dropped, also where it was given up.
pub struct Sent {
    meter: Meter,
    reads: Reads,
    span: Span,
    started: Instant,
    rows: u64,
}

impl Sent {
    /// What is traced of it.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// How many rows it read.
    pub fn rows(&mut self, rows: usize) {
        self.rows = rows as u64;
    }

    /// How long it has taken.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let series = self.meter.instruments.statement(self.reads);
        series.rows.inc_by(self.rows);
        series.duration.observe(took.as_secs_f64());
        spans::rows(&self.span, self.rows);
        if let Some(timings) = &self.meter.timings {
            timings.statement(took);
        }
    }
}
