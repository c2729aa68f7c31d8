//! Whom the database knows: API keys, sessions and organizations, looked up at most once a second each.
//!
//! So a key that is revoked, or a session that is ended, on whichever server, opens nothing anywhere after a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, DbErr};

use super::recent::Recent;
use crate::api_keys::{self, ApiKey, StoredKey};
use crate::database::to_the_end;
use crate::fault::Fault;
use crate::organizations;
use crate::principal::{CredentialKind, Organization, OrganizationId, Principal, Refusal, Role};
use crate::quota::Allowance;
use crate::sessions::{self, Session};
use crate::telemetry;
use crate::ticket::Ticket;
use crate::users::{self, User};

/// An API key that the database knows, live or not.
pub struct KnownKey {
    /// What is stored of it.
    pub stored: StoredKey,
    /// Who shows it; nothing where its organization is gone.
    pub principal: Option<Arc<Principal>>,
}

/// A session that the database knows, over or not.
pub struct KnownSession {
    /// What is stored of it.
    pub stored: Session,
    /// Who is signed in.
    pub user: User,
    /// The same, as every API knows them.
    pub principal: Arc<Principal>,
    /// When it was noted last that it is used, in microseconds since 1970.
    noted_at: AtomicI64,
}

impl KnownSession {
    /// What is stored of it, with the uses that were noted since it was read.
    pub fn now(&self) -> Session {
        let noted = DateTime::from_timestamp_micros(self.noted_at.load(Ordering::SeqCst));
        let last_used_at = noted.unwrap_or_default().max(self.stored.last_used_at);
        Session { last_used_at, ..self.stored.clone() }
    }

    /// Whether a use at `now` is to be noted: told to one asker alone.
    fn is_to_be_noted(&self, now: DateTime<Utc>) -> Option<i64> {
        let seen = self.noted_at.load(Ordering::SeqCst);
        let is_due = self.now().is_to_be_noted(now);
        let mine = || {
            self.noted_at.compare_exchange(seen, now.timestamp_micros(), Ordering::SeqCst, Ordering::SeqCst)
        };
        (is_due && mine().is_ok()).then_some(seen)
    }
}

/// Keys by their digest, sessions by their ticket, organizations by their name; absent ones too.
#[derive(Clone)]
pub struct Principals {
    db: DatabaseConnection,
    keys: Recent<[u8; 32], Option<Arc<KnownKey>>>,
    sessions: Recent<(OrganizationId, String), Option<Arc<KnownSession>>>,
    organizations: Recent<String, Option<Arc<Organization>>>,
}

impl Principals {
    /// Of `db`.
    pub fn new(db: DatabaseConnection) -> Self {
        Self { db, keys: Recent::new(), sessions: Recent::new(), organizations: Recent::new() }
    }

    /// Counts there how often it need not ask.
    pub fn counted_by(self, cache: &telemetry::Cache) -> Self {
        let keys = self.keys.counted_by(cache.clone());
        let sessions = self.sessions.counted_by(cache.clone());
        let organizations = self.organizations.counted_by(cache.clone());
        Self { db: self.db, keys, sessions, organizations }
    }

    /// The key, if it is known.
    pub async fn key(&self, key: &ApiKey) -> Result<Option<Arc<KnownKey>>, Refusal> {
        let digest = key.digest();
        self.keys.get(digest, || told(find_key(self.db.clone(), digest))).await
    }

    /// The session, if it is known and its user may still sign in.
    pub async fn session(&self, ticket: &Ticket) -> Result<Option<Arc<KnownSession>>, Refusal> {
        let ask = || told(find_session(self.db.clone(), ticket.clone()));
        self.sessions.get(named(ticket), ask).await
    }

    /// Notes that a session is used at `now`, once a minute at most. Nobody waits for it: a database that is busy writing
    /// something large may take its time.
    pub fn note_use(&self, ticket: &Ticket, known: &Arc<KnownSession>, now: DateTime<Utc>) {
        let Some(seen) = known.is_to_be_noted(now) else { return };
        let (db, ticket, known) = (self.db.clone(), ticket.clone(), Arc::clone(known));
        tokio::spawn(async move {
            if let Err(error) = sessions::note_use(&db, &ticket, now).await {
                tracing::debug!(%error, "that a session is used could not be noted");
                known.noted_at.store(seen, Ordering::SeqCst);
            }
        });
    }

    /// Ends a session, on this server at once.
    pub async fn end_session(&self, ticket: &Ticket) -> Result<(), Refusal> {
        let (db, ended) = (self.db.clone(), ticket.clone());
        told(async move { sessions::end(&db, &ended).await }).await?;
        self.forget_session(ticket).await;
        Ok(())
    }

    /// Knows nothing of a session any more, since it was ended.
    pub async fn forget_session(&self, ticket: &Ticket) {
        self.sessions.forget(&named(ticket)).await;
    }

    /// The organization of that name, if there is one.
    pub async fn organization(&self, name: &str) -> Result<Option<Arc<Organization>>, Refusal> {
        let ask = || {
            let (db, name) = (self.db.clone(), name.to_owned());
            told(async move { Ok(organizations::find(&db, &name).await?.map(Arc::new)) })
        };
        self.organizations.get(name.to_owned(), ask).await
    }
}

async fn find_key(db: DatabaseConnection, digest: [u8; 32]) -> Result<Option<Arc<KnownKey>>, DbErr> {
    let Some(stored) = api_keys::find_by_digest(&db, digest).await? else { return Ok(None) };
    let organization = organizations::find_by_key(&db, stored.organization).await?;
    let principal = organization.map(|organization| {
        let subject = format!("key:{}", stored.id);
        Arc::new(Principal {
            organization: Arc::new(organization),
            allowance: Allowance { quotas: stored.quotas.clone(), ..Allowance::of(&subject) },
            subject,
            kind: CredentialKind::ApiKey,
            role: Role::Unnamed,
            scopes: stored.scopes.clone(),
        })
    });
    Ok(Some(Arc::new(KnownKey { stored, principal })))
}

fn named(ticket: &Ticket) -> (OrganizationId, String) {
    (ticket.organization(), ticket.hash())
}

async fn find_session(db: DatabaseConnection, ticket: Ticket) -> Result<Option<Arc<KnownSession>>, DbErr> {
    let Some(stored) = sessions::find(&db, &ticket).await? else { return Ok(None) };
    let user = users::find_by_id(&db, stored.organization, stored.user).await?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
    let Some(organization) = organizations::find_by_key(&db, stored.organization).await? else {
        return Ok(None);
    };
    let subject = format!("user:{}", user.id);
    let principal = Arc::new(Principal {
        organization: Arc::new(organization),
        // Not the session's: who signs in once more has no more budgets for it.
        allowance: Allowance::of(&subject),
        subject,
        kind: CredentialKind::Session,
        role: user.role(),
        scopes: user.scopes.clone(),
    });
    let noted_at = AtomicI64::new(stored.last_used_at.timestamp_micros());
    Ok(Some(Arc::new(KnownSession { stored, user, principal, noted_at })))
}

/// What the database says, also where the client leaves meanwhile.
async fn told<T: Send + 'static>(
    lookup: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, Refusal> {
    to_the_end(lookup).await.map_err(unavailable)
}

/// Whatever keeps the database from answering, the credential cannot be told good or bad.
fn unavailable(error: DbErr) -> Refusal {
    match Fault::from(error) {
        Fault::Unavailable | Fault::Timeout => {}
        fault => tracing::error!(?fault, "a credential could not be checked"),
    }
    Refusal::Unavailable
}
