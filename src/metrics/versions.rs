//! Which version an organization's data has. Each request looks once, after it arrived: in SQLite's file itself, and through
//! the driver together with those that arrive at the same time.
//!
//! A look that began after a request arrived is fresh enough for it, and one that began before is not. So who arrives while
//! the driver looks waits for the next look, with all others who do, of whichever organization: one statement at a time, and
//! none while nobody asks.

mod file;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::DatabaseConnection;
use tokio::sync::oneshot;
use tokio::task::coop::consume_budget;
use tokio::task::yield_now;

use self::file::File;
use crate::database;
use crate::fault::Fault;
use crate::metrics::run::Means;
use crate::organizations::{self, AtVersion};
use crate::principal::OrganizationId;

/// What is told of an organization.
type Found = Result<Arc<AtVersion>, Fault>;

/// Looks at versions; clones share their looks.
#[derive(Clone, Debug)]
pub struct Versions(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: DatabaseConnection,
    file: Option<File>,
    wanted: Mutex<Wanted>,
}

#[derive(Debug, Default)]
struct Wanted {
    /// Who waits for the next look.
    by: Vec<(OrganizationId, oneshot::Sender<Found>)>,
    /// Whether a task looks.
    is_looked_for: bool,
}

/// Looking, until it is dropped: then nobody waits for a look that nobody takes.
struct Looking {
    versions: Arc<Inner>,
    is_done: bool,
}

impl Versions {
    /// Of the organizations in `db`.
    pub fn new(db: DatabaseConnection) -> Self {
        let file = database::file_of(&db).map(File::new);
        Self(Arc::new(Inner { db, file, wanted: Mutex::default() }))
    }

    /// The organization as it is now, or later.
    pub async fn now(&self, id: OrganizationId) -> Found {
        // Who looks again and again lets others have their turn, though nobody is waited for.
        consume_budget().await;
        match self.0.file.as_ref().and_then(|file| file.now(id)) {
            Some(at) => Ok(at),
            None => self.together(id).await,
        }
    }

    /// The same through the driver, with all who wait for that.
    async fn together(&self, id: OrganizationId) -> Found {
        let (tell, told) = oneshot::channel();
        let begins = {
            let mut wanted = self.0.wanted();
            wanted.by.push((id, tell));
            !std::mem::replace(&mut wanted.is_looked_for, true)
        };
        if begins {
            // A task of its own: who gives up takes nobody along.
            tokio::spawn(Looking { versions: Arc::clone(&self.0), is_done: false }.look());
        }
        told.await.unwrap_or_else(|_| Err(Fault::Internal("a look at versions broke off".to_owned())))
    }
}

impl Means {
    /// The organization as it is now, for an answer to rest on.
    pub async fn organization(&self, id: OrganizationId) -> Result<Arc<AtVersion>, Fault> {
        let at = tokio::time::timeout(self.deadline, self.versions.now(id)).await;
        at.map_err(|_| Fault::Timeout)?
    }
}

impl Inner {
    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Looking {
    async fn look(mut self) {
        loop {
            // Whoever arrived already asks first, and is told by this look.
            yield_now().await;
            let by = {
                let mut wanted = self.versions.wanted();
                self.is_done = wanted.by.is_empty();
                wanted.is_looked_for = !self.is_done;
                std::mem::take(&mut wanted.by)
            };
            if self.is_done {
                return;
            }
            let mut ids: Vec<OrganizationId> = by.iter().map(|(id, _)| *id).collect();
            ids.sort_unstable();
            ids.dedup();
            let found = organizations::at_versions(&self.versions.db, &ids).await;
            let found = found.map_err(Fault::from).map(|found| {
                let told = found.into_iter().map(|(id, at)| (id, at.map(Arc::new).map_err(Fault::from)));
                told.collect::<HashMap<_, Found>>()
            });
            let gone = || Err(Fault::Internal("the organization is gone".to_owned()));
            for (id, tell) in by {
                let one = match &found {
                    Ok(found) => found.get(&id).cloned().unwrap_or_else(gone),
                    Err(fault) => Err(fault.clone()),
                };
                // Who gave up needs no answer.
                drop(tell.send(one));
            }
        }
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        if !self.is_done {
            *self.versions.wanted() = Wanted::default();
        }
    }
}
