//! The instruments of one server, and their text.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::labels::{Answered, Build, Finished, Looked, Named, OverBudget, Reading, Refused, Route, Tried};
use super::operations::Names;
use super::statements::{EACH_READS, Reads, Series};

/// What one server counts and times; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Instruments(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Mutex<Registry>,
    requests: Family<Answered, Counter>,
    request_durations: Family<Route, Histogram, fn() -> Histogram>,
    requests_in_flight: Gauge,
    connections: Gauge,
    refused: Family<Refused, Counter>,
    over_budget: Family<OverBudget, Counter>,
    events_dropped: Counter,
    sign_ins: Family<Tried, Counter>,
    passwords: Counter,
    operations: Family<Finished, Counter>,
    operation_durations: Family<Named, Histogram, fn() -> Histogram>,
    names: Names,
    statements: [Series; EACH_READS.len()],
    credentials: Cache,
    documents: Cache,
    readings: Cache,
    answers: Cache,
}

/// Upper bounds in seconds: from what an answer out of memory takes to what ends a request.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0];

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

/// How often a cache was asked.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    hits: Counter,
    misses: Counter,
}

impl Cache {
    /// Once more, and it knew or did not.
    pub fn asked(&self, knew: bool) {
        if knew {
            self.hits.inc()
        } else {
            self.misses.inc()
        };
    }
}

impl Default for Inner {
    fn default() -> Self {
        let mut registry = Registry::default();
        let (requests, refused, operations) = (Family::default(), Family::default(), Family::default());
        let request_durations = Family::new_with_constructor(seconds as fn() -> Histogram);
        let operation_durations = Family::new_with_constructor(seconds as fn() -> Histogram);
        let (requests_in_flight, connections) = (Gauge::default(), Gauge::default());
        registry.register("countinghouse_http_requests", "HTTP requests answered", requests.clone());
        let took = "Time from a request's head to its answer's head";
        registry.register_with_unit(
            "countinghouse_http_request_duration",
            took,
            Unit::Seconds,
            request_durations.clone(),
        );
        let now = "HTTP requests that are being answered";
        registry.register("countinghouse_http_requests_in_flight", now, requests_in_flight.clone());
        registry.register("countinghouse_http_connections", "Connections that are open", connections.clone());
        registry.register("countinghouse_refused", "Requests refused by a limit or a rule", refused.clone());
        let over_budget = Family::default();
        let help = "Requests refused because a credential's budget was used up";
        registry.register("countinghouse_over_budget", help, over_budget.clone());
        let events_dropped = Counter::default();
        let help = "Events that the database will never take";
        registry.register("countinghouse_events_dropped", help, events_dropped.clone());
        registry.register("countinghouse_graphql_operations", "GraphQL operations", operations.clone());
        let took = "Time that GraphQL operations took to execute";
        let unit = Unit::Seconds;
        registry.register_with_unit(
            "countinghouse_graphql_operation_duration",
            took,
            unit,
            operation_durations.clone(),
        );
        let (sign_ins, passwords) = sign_ins(&mut registry);
        let [credentials, documents, readings, answers] = caches(&mut registry);
        let statements = statements(&mut registry);
        let version = Build { version: env!("CARGO_PKG_VERSION") };
        registry.register("countinghouse_build", "What is running", Info::new(version));
        let start = "When these instruments were made, in seconds since 1970";
        let made = ConstGauge::new(seconds_since_1970());
        registry.register_with_unit("process_start_time", start, Unit::Seconds, made);
        let registry = Mutex::new(registry);
        Self {
            registry,
            requests,
            request_durations,
            requests_in_flight,
            connections,
            refused,
            over_budget,
            events_dropped,
            sign_ins,
            passwords,
            operations,
            operation_durations,
            names: Names::default(),
            statements,
            credentials,
            documents,
            readings,
            answers,
        }
    }
}

fn sign_ins(registry: &mut Registry) -> (Family<Tried, Counter>, Counter) {
    let (sign_ins, passwords) = (Family::default(), Counter::default());
    registry.register("countinghouse_sign_ins", "Attempts to sign in", sign_ins.clone());
    registry.register(
        "countinghouse_passwords_checked",
        "Passwords hashed to be compared",
        passwords.clone(),
    );
    (sign_ins, passwords)
}

fn caches(registry: &mut Registry) -> [Cache; 4] {
    let asked: Family<Looked, Counter> = Family::default();
    registry.register("countinghouse_cache_requests", "Questions to a cache", asked.clone());
    ["credentials", "documents", "readings", "answers"].map(|cache| Cache {
        hits: asked.get_or_create_owned(&Looked { cache, outcome: "hit" }),
        misses: asked.get_or_create_owned(&Looked { cache, outcome: "miss" }),
    })
}

fn statements(registry: &mut Registry) -> [Series; EACH_READS.len()] {
    let (sent, rows): (Family<Reading, Counter>, Family<Reading, Counter>) = Default::default();
    let durations: Family<Reading, Histogram, _> = Family::new_with_constructor(seconds as fn() -> Histogram);
    registry.register("countinghouse_statements", "Statements sent to the database", sent.clone());
    registry.register("countinghouse_statement_rows", "Rows read", rows.clone());
    let took = "Time until a statement's last row was read";
    registry.register_with_unit("countinghouse_statement_duration", took, Unit::Seconds, durations.clone());
    EACH_READS.map(|reads| {
        let labels = Reading { reads: reads.name() };
        Series {
            sent: sent.get_or_create_owned(&labels),
            rows: rows.get_or_create_owned(&labels),
            duration: durations.get_or_create_owned(&labels),
        }
    })
}

impl Instruments {
    /// Statements that questions sent so far, of every kind.
    pub fn statements(&self) -> u64 {
        self.0.statements.iter().map(|series| series.sent.get()).sum()
    }

    pub(super) fn statement(&self, reads: Reads) -> &Series {
        &self.0.statements[reads as usize]
    }

    /// A request was refused, with a code that is one of few.
    pub fn refused(&self, code: &'static str) {
        self.0.refused.get_or_create(&Refused { code }).inc();
    }

    /// A credential asked an API for more than its budget had.
    pub fn over_budget(&self, api: &'static str) {
        self.0.over_budget.get_or_create(&OverBudget { api }).inc();
    }

    /// An event was taken that the database will never take.
    pub fn event_dropped(&self) {
        self.0.events_dropped.inc();
    }

    /// Somebody tried to sign in, with an outcome that is one of few.
    pub fn tried_to_sign_in(&self, outcome: &'static str) {
        self.0.sign_ins.get_or_create(&Tried { outcome }).inc();
    }

    /// A password is hashed to be compared.
    pub fn password_checked(&self) {
        self.0.passwords.inc();
    }

    /// The cache of what the database says of credentials.
    pub fn credentials(&self) -> &Cache {
        &self.0.credentials
    }

    /// The cache of documents that were read.
    pub fn documents(&self) -> &Cache {
        &self.0.documents
    }

    /// The cache of what was read of facts.
    pub fn readings(&self) -> &Cache {
        &self.0.readings
    }

    /// The cache of whole answers.
    pub fn answers(&self) -> &Cache {
        &self.0.answers
    }

    /// A connection is open until this is dropped.
    pub fn connection(&self) -> OneOf {
        OneOf::new(&self.0.connections)
    }

    pub(super) fn in_flight(&self) -> OneOf {
        OneOf::new(&self.0.requests_in_flight)
    }

    pub(super) fn answered(&self, labels: Answered, seconds: f64) {
        self.0.requests.get_or_create(&labels).inc();
        let Answered { route, method, .. } = labels;
        self.0.request_durations.get_or_create(&Route { route, method }).observe(seconds);
    }

    pub(super) fn finished(&self, labels: &Finished, seconds: Option<f64>) {
        self.0.operations.get_or_create(labels).inc();
        if let Some(seconds) = seconds {
            let Finished { operation, kind, .. } = labels.clone();
            self.0.operation_durations.get_or_create(&Named { operation, kind }).observe(seconds);
        }
    }

    pub(super) fn names(&self) -> &Names {
        &self.0.names
    }

    /// Tells a number that somebody else keeps: `read` is asked whenever the metrics are. Each name is told by one.
    pub fn tell(
        &self,
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> i64 + Send + Sync + 'static,
    ) {
        let told = Told { name, help: format!("{help}."), read: Box::new(read) };
        let mut registry = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(Box::new(told));
    }

    /// Everything as text, as `OpenMetrics` 1.0 has it; nothing where it cannot be written.
    pub fn text(&self) -> Option<String> {
        let registry = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let mut written = String::with_capacity(16 * 1024);
        text::encode(&mut written, &registry).ok()?;
        Some(written)
    }
}

/// By the machine's clock.
fn seconds_since_1970() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// One that a gauge counts, until it is dropped.
#[derive(Debug)]
pub struct OneOf(Gauge);

impl OneOf {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for OneOf {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A gauge whose number is asked for.
struct Told {
    name: &'static str,
    help: String,
    read: Box<dyn Fn() -> i64 + Send + Sync>,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Collector for Told {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let metric = encoder.encode_descriptor(self.name, &self.help, None, MetricType::Gauge)?;
        ConstGauge::new((self.read)()).encode(metric)
    }
}
