//! Rows that requests bring: who may store them, whose turn it is, and what becomes of it.
//!
//! The organization is the principal's own, whatever the rows say. Knows neither HTTP nor GraphQL.

mod turns;
mod writer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, DbBackend};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

use crate::fault::Fault;
use crate::ingest::{
    self, Body, Bytes, Earlier, Entity, Form, ImportError, Once, Packing, Report, Resting, Summary,
};
use crate::principal::{Organization, Principal, Scope};
use turns::Turns;
use writer::Writer;

/// How long a request waits for its turn, and then for other writers of its organization.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is nothing to write for who has no right to.
pub fn may_not_write() -> Fault {
    Fault::Forbidden(format!("this needs the role Admin or the scope {}", Scope::DataWrite))
}

/// Stores rows that come by requests.
#[derive(Clone)]
pub struct Intake {
    db: DatabaseConnection,
    bounds: IntakeBounds,
    turns: Arc<Turns>,
    /// SQLite's connections that write.
    resting: Arc<Resting>,
    /// Where it is stored, if not where it is asked for.
    writer: Arc<OnceLock<Option<Writer>>>,
    /// What a server that stops waits for.
    tasks: TaskTracker,
}

/// What a request that brings rows may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntakeBounds {
    /// Most bytes of a body, as it is sent and once it is unpacked.
    pub body: u64,
    /// How long storing it may take. What SQLite has begun to store ends by itself.
    pub deadline: Duration,
    /// How many requests are stored at once.
    pub at_once: usize,
}

impl Default for IntakeBounds {
    fn default() -> Self {
        Self { body: 50_000_000, deadline: Duration::from_mins(2), at_once: 2 }
    }
}

/// What a request brings.
pub struct Rows {
    /// What they are rows of.
    pub entity: &'static Entity,
    /// How they are written.
    pub form: Form,
    /// How that is packed.
    pub packing: Packing,
    /// The body.
    pub bytes: Bytes,
}

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// This, now.
    Now(Summary),
    /// This, before, when the same request came: what was answered then, as JSON.
    Before(String),
}

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Inserted,
    /// It was known, and is changed.
    Updated,
    /// It was known, just so.
    Unchanged,
}

/// Why nothing was stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotStored {
    /// Rows are bad.
    #[error("{0}")]
    BadRows(Report),
    /// The body has more bytes than this once it is unpacked.
    #[error("a body may have {0} bytes, also once it is unpacked")]
    TooLarge(u64),
    /// The key came before, with another request.
    #[error("this Idempotency-Key came before with another request; a new request needs a new key")]
    KeyReused,
    /// What can go wrong elsewhere too.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Intake {
    /// Into `db`; `tasks` is what a server that stops waits for.
    pub fn new(db: DatabaseConnection, bounds: IntakeBounds, tasks: TaskTracker) -> Self {
        let turns = Arc::new(Turns::new(bounds.at_once, PATIENCE));
        Self { db, bounds, turns, resting: Arc::default(), writer: Arc::default(), tasks }
    }

    /// What a request may cost.
    pub fn bounds(&self) -> IntakeBounds {
        self.bounds
    }

    /// Stores `rows` for the principal's organization, whole or not at all; with a `key` once, however often that is sent.
    pub async fn store(
        &self,
        principal: &Principal,
        rows: Rows,
        key: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Stored, NotStored> {
        if !principal.may(Scope::DataWrite) {
            return Err(may_not_write().into());
        }
        let once = key.map(|key| Once { key: hash(&[key]), request: fingerprint(&rows), now });
        self.to_the_end(Arc::clone(&principal.organization), rows, once).await
    }

    /// Stores one record, whose fields are named as the dataset's columns.
    pub async fn record(
        &self,
        principal: &Principal,
        entity: &'static Entity,
        fields: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, NotStored> {
        let bytes = Bytes::from(Value::Object(fields).to_string().into_bytes());
        let rows = Rows { entity, form: Form::Ndjson, packing: Packing::None, bytes };
        let Stored::Now(summary) = self.store(principal, rows, None, now).await? else {
            return Err(Fault::Internal("a record without a key came before".to_owned()).into());
        };
        let entity = summary.entities.first().cloned().unwrap_or_default();
        Ok(match (entity.inserted, entity.updated) {
            (0, 0) => Outcome::Unchanged,
            (0, _) => Outcome::Updated,
            _ => Outcome::Inserted,
        })
    }

    /// In a task of its own: who leaves does not undo what is about to be stored.
    async fn to_the_end(
        &self,
        organization: Arc<Organization>,
        rows: Rows,
        once: Option<Once>,
    ) -> Result<Stored, NotStored> {
        let this = self.clone();
        let storing = self.tasks.spawn(async move {
            let turn = this.turns.wait(organization.id).await?;
            let until = Instant::now() + this.bounds.deadline;
            let writer = this.writer().cloned();
            let stored = async move {
                let _turn = turn;
                // Nobody interrupts SQLite: what is late is not begun.
                if Instant::now() >= until {
                    return Err(Fault::Timeout.into());
                }
                let stored = this.stored(&organization, rows, once.as_ref());
                timeout_at(until, stored).await.unwrap_or(Err(Fault::Timeout.into()))
            };
            match writer {
                Some(writer) => writer.run(stored).await?,
                None => stored.await,
            }
        });
        storing.await.unwrap_or_else(|error| Err(Fault::Internal(error.to_string()).into()))
    }

    /// The thread of those that write to SQLite, which begins with the first.
    fn writer(&self) -> Option<&Writer> {
        let is_sqlite = self.db.get_database_backend() == DbBackend::Sqlite;
        let start =
            || Writer::start().inspect_err(|error| tracing::warn!(%error, "no thread for who writes")).ok();
        is_sqlite.then(|| self.writer.get_or_init(start).as_ref()).flatten()
    }

    async fn stored(
        &self,
        organization: &Organization,
        rows: Rows,
        once: Option<&Once>,
    ) -> Result<Stored, NotStored> {
        let Rows { entity, form, packing, bytes } = rows;
        let is_too_large = Arc::new(AtomicBool::new(false));
        let most = self.bounds.body;
        let body = Body { entity, form, packing, bytes, most, is_too_large: Arc::clone(&is_too_large) };
        let waits = (PATIENCE, &self.resting);
        let stored = ingest::import_body(&self.db, organization, body, once, waits).await;
        if is_too_large.load(Ordering::Relaxed) {
            return Err(NotStored::TooLarge(most));
        }
        match stored {
            Ok(summary) => Ok(Stored::Now(summary)),
            Err(ImportError::Repeated(Earlier::Same(answer))) => Ok(Stored::Before(answer)),
            Err(error) => Err(not_stored(error)),
        }
    }
}

fn not_stored(error: ImportError) -> NotStored {
    match error {
        ImportError::Refused(report) => NotStored::BadRows(report),
        ImportError::Repeated(_) => NotStored::KeyReused,
        ImportError::Database(error) => Fault::from(error).into(),
        ImportError::NoOrganization(name) => {
            Fault::Forbidden(format!("the organization `{name}` is not there any more")).into()
        }
        ImportError::Rejects(words)
        | ImportError::OtherOrganization(words)
        | ImportError::Internal(words) => Fault::Internal(words).into(),
    }
}

/// What tells a request from another one with the same key.
fn fingerprint(rows: &Rows) -> String {
    let (form, packing) = (format!("{:?}", rows.form), format!("{:?}", rows.packing));
    hash(&[rows.entity.name, &form, &packing, &rows.bytes.hash])
}

/// SHA-256 of texts that stay apart, in lower-case hex.
fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}
