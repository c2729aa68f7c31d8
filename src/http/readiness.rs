//! Whether the server can answer: the schema is up to date, and the database is there.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use crate::fault::Fault;
use crate::problem::Problem;

/// How long the database may take to show that it is there.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer holds, so that probes cannot become load.
const HOLDS: Duration = Duration::from_millis(500);
/// How long to wait before trying again.
const PAUSE: Duration = Duration::from_secs(1);

/// What is known of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Schema {
    /// Nothing yet.
    Unknown,
    /// It lacks steps, or could not be looked at.
    Behind,
    /// It is up to date.
    Current,
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    Ready,
    Pending(usize),
    Unreachable,
}

/// Whether requests can be answered; shared by the probes, the credential layer and the task that prepares the schema.
#[derive(Clone)]
pub struct Readiness {
    db: DatabaseConnection,
    schema: Arc<watch::Sender<Schema>>,
    last: Arc<Mutex<Option<(Instant, Finding)>>>,
}

impl Readiness {
    /// Of a database whose schema nobody looked at yet: requests wait until [`Readiness::prepare`] did.
    pub fn new(db: DatabaseConnection) -> Self {
        Self { db, schema: Arc::new(watch::Sender::new(Schema::Unknown)), last: Arc::default() }
    }

    /// Of a database whose schema is known to be up to date.
    pub fn current(db: DatabaseConnection) -> Self {
        Self { db, schema: Arc::new(watch::Sender::new(Schema::Current)), last: Arc::default() }
    }

    /// Whether the schema is up to date; waits while nobody knows.
    pub async fn schema_is_current(&self) -> bool {
        if *self.schema.borrow() == Schema::Current {
            return true;
        }
        let mut schema = self.schema.subscribe();
        let known = schema.wait_for(|schema| *schema != Schema::Unknown).await;
        known.is_ok_and(|schema| *schema == Schema::Current)
    }

    /// Brings the schema up to date (or, unless `migrate`, waits until someone else did), however long the database
    /// is away. Only a step that fails while the server starts is given back; later it is logged and tried again.
    pub async fn prepare(&self, migrate: bool) -> Result<(), String> {
        let mut said = None;
        loop {
            let outcome = if migrate { migration::up(&self.db).await } else { self.wait_for_steps().await };
            let Err(error) = outcome else {
                self.schema.send_replace(Schema::Current);
                if said.is_some() {
                    tracing::info!("the database is ready");
                }
                return Ok(());
            };
            let words = error.to_string();
            let is_away = matches!(Fault::from(error), Fault::Unavailable | Fault::Timeout);
            if said.is_none() && migrate && !is_away {
                return Err(words);
            }
            self.schema.send_replace(Schema::Behind);
            if said.as_ref() != Some(&words) {
                tracing::warn!(error = %words, "the database is not ready; trying again until it is");
                said = Some(words);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn wait_for_steps(&self) -> Result<(), DbErr> {
        match migration::pending(&self.db).await?.as_slice() {
            [] => Ok(()),
            pending => Err(DbErr::Custom(format!(
                "the database lacks {} of its steps; `countinghouse migrate` applies them",
                pending.len()
            ))),
        }
    }

    /// Asks the database, unless it was asked just now.
    async fn probe(&self) -> Finding {
        let mut last = self.last.lock().await;
        if let Some((at, finding)) = last.as_ref()
            && at.elapsed() < HOLDS
        {
            return finding.clone();
        }
        let finding = match tokio::time::timeout(PATIENCE, migration::pending(&self.db)).await {
            Ok(Ok(pending)) if pending.is_empty() => Finding::Ready,
            Ok(Ok(pending)) => Finding::Pending(pending.len()),
            Ok(Err(_)) | Err(_) => Finding::Unreachable,
        };
        *last = Some((Instant::now(), finding.clone()));
        finding
    }
}

/// `/health/live` (the process runs) and `/health/ready` (it can answer).
pub fn routes(readiness: Readiness) -> Router {
    Router::new()
        .route("/health/live", get(|| async { status(StatusCode::OK, "live") }))
        .route("/health/ready", get(ready))
        .with_state(readiness)
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let detail = match readiness.probe().await {
        Finding::Ready => return status(StatusCode::OK, "ready"),
        Finding::Pending(1) => "the database lacks 1 of its migration steps".to_owned(),
        Finding::Pending(count) => format!("the database lacks {count} of its migration steps"),
        Finding::Unreachable => "the database cannot be reached".to_owned(),
    };
    Problem::new(503).with_detail(detail).into_response()
}

fn status(code: StatusCode, word: &'static str) -> Response {
    let kind = HeaderValue::from_static("application/json");
    (code, [(header::CONTENT_TYPE, kind)], format!("{{\"status\":\"{word}\"}}")).into_response()
}
