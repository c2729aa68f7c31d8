//! Who wants to know when an organization's data is written, on whichever server.
//!
//! Each write counts the organization's version up in its own transaction. A server asks for the versions of those that
//! somebody watches here, all in one statement, twice a second, and not at all while nobody does. That needs nothing of
//! the database but a table: it is the same on SQLite (where another process may write), on PostgreSQL behind a pooler,
//! and on Citus.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::DatabaseConnection;
use tokio::sync::watch;

use crate::database::to_the_end;
use crate::fault::Fault;
use crate::organizations;
use crate::principal::OrganizationId;

/// How long a write may go unnoticed.
const PAUSE: Duration = Duration::from_millis(500);

/// Tells of writes.
#[derive(Clone, Debug)]
pub struct Changes {
    db: DatabaseConnection,
    watched: Arc<Mutex<Watched>>,
}

#[derive(Debug, Default)]
struct Watched {
    versions: HashMap<OrganizationId, watch::Sender<i64>>,
    /// Whether a task asks for them.
    is_asked_for: bool,
}

impl Changes {
    /// Of what is written to `db`.
    pub fn new(db: DatabaseConnection) -> Self {
        Self { db, watched: Arc::default() }
    }

    /// The organization's version, now and whenever it grows. What is read of the organization after this call is at least as
    /// new as the version that counts as seen.
    pub async fn follow(&self, organization: OrganizationId) -> Result<watch::Receiver<i64>, Fault> {
        if let Some(receiver) = self.join(organization, None) {
            return Ok(receiver);
        }
        let found = self.ask(vec![organization]).await?;
        let version = found.first().map(|(_, version)| *version);
        let version = version.ok_or_else(|| Fault::Internal("the organization is gone".to_owned()))?;
        self.join(organization, Some(version)).ok_or_else(|| Fault::Internal("a version is given".to_owned()))
    }

    /// Joins those who watch the organization, or begins to with the version that was read just now.
    fn join(&self, organization: OrganizationId, version: Option<i64>) -> Option<watch::Receiver<i64>> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = watched.versions.get(&organization) {
            return Some(sender.subscribe());
        }
        let (sender, receiver) = watch::channel(version?);
        watched.versions.insert(organization, sender);
        if !std::mem::replace(&mut watched.is_asked_for, true) {
            tokio::spawn(self.clone().keep_asking());
        }
        Some(receiver)
    }

    /// Asks while anybody watches.
    async fn keep_asking(self) {
        let mut was_away = false;
        loop {
            tokio::time::sleep(PAUSE).await;
            let Some(ids) = self.still_watched() else { return };
            let found = match self.ask(ids).await {
                Ok(found) => found,
                Err(error) => {
                    if !std::mem::replace(&mut was_away, true) {
                        tracing::warn!(%error, "writes cannot be noticed; trying again until they can");
                    }
                    continue;
                }
            };
            was_away = false;
            let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
            for (id, version) in found {
                if let Some(sender) = watched.versions.get(&id) {
                    sender.send_if_modified(|known| std::mem::replace(known, version) != version);
                }
            }
        }
    }

    /// The organizations that somebody still watches; nothing, and no more asking, where there are none.
    fn still_watched(&self) -> Option<Vec<OrganizationId>> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.versions.retain(|_, sender| sender.receiver_count() > 0);
        watched.is_asked_for = !watched.versions.is_empty();
        watched.is_asked_for.then(|| watched.versions.keys().copied().collect())
    }

    async fn ask(&self, ids: Vec<OrganizationId>) -> Result<Vec<(OrganizationId, i64)>, Fault> {
        let db = self.db.clone();
        Ok(to_the_end(async move { organizations::versions(&db, &ids).await }).await?)
    }
}
