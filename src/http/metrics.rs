//! `GET /metrics`: what was counted and timed, for Prometheus. Beside the APIs or on a listener of its own, open or
//! for who shows a token, as the settings say.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use subtle::ConstantTimeEq;

use crate::config::{MetricsPlace, MetricsSettings, Secret};
use crate::database;
use crate::metrics::Means;
use crate::problem::Problem;
use crate::telemetry::Instruments;

/// Who may read the metrics.
#[derive(Clone)]
pub struct MetricsReader {
    instruments: Instruments,
    token: Option<Arc<Secret>>,
}

impl MetricsReader {
    /// Whoever shows `token`; where there is none, everybody who can reach it.
    pub fn new(instruments: &Instruments, token: Option<Secret>) -> Self {
        Self { instruments: instruments.clone(), token: token.map(Arc::new) }
    }

    /// The route.
    pub fn router(self) -> Router {
        Router::new().route("/metrics", get(told)).with_state(self)
    }

    fn may_read(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let shown = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        let shown = shown.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default();
        shown.ct_eq(token.reveal().as_bytes()).into()
    }
}

/// The route, where it is served beside the APIs.
pub fn beside(settings: Option<&MetricsSettings>, instruments: &Instruments) -> Router {
    match settings {
        Some(MetricsSettings { place: MetricsPlace::Same, token }) => {
            MetricsReader::new(instruments, token.clone()).router()
        }
        _ => Router::new(),
    }
}

/// Tells what stands by: connections to the database, and turns for statements.
pub fn measure(instruments: &Instruments, means: &Means) {
    let db = means.db.clone();
    let open = move || i64::from(database::connections(&db).0);
    instruments.tell("countinghouse_database_connections", "Database connections that are open", open);
    let db = means.db.clone();
    let idle = move || i64::try_from(database::connections(&db).1).unwrap_or(i64::MAX);
    let help = "Database connections that are open and rest";
    instruments.tell("countinghouse_database_connections_idle", help, idle);
    let turns = Arc::clone(&means.turns);
    let free = move || i64::try_from(turns.available_permits()).unwrap_or(i64::MAX);
    let help = "Statements that read facts which could be sent at once";
    instruments.tell("countinghouse_statement_turns_available", help, free);
}

async fn told(State(reader): State<MetricsReader>, headers: HeaderMap) -> Response {
    if !reader.may_read(&headers) {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
        let problem = Problem::new(401).with_detail("the metrics need their own token, as a Bearer");
        return (challenge, problem).into_response();
    }
    let Some(text) = reader.instruments.text() else { return Problem::new(500).into_response() };
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response()
}
