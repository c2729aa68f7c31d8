//! Whom the database knows: API keys and organizations, looked up at most once a second each.
//!
//! So a key that is revoked, on whichever server, opens nothing anywhere after a second.

use std::sync::Arc;

use sea_orm::{DatabaseConnection, DbErr};

use super::recent::Recent;
use crate::api_keys::{self, ApiKey, StoredKey};
use crate::database::to_the_end;
use crate::fault::Fault;
use crate::organizations;
use crate::principal::{CredentialKind, Organization, Principal, Refusal, Role};
use crate::telemetry;

/// An API key that the database knows, live or not.
pub struct KnownKey {
    /// What is stored of it.
    pub stored: StoredKey,
    /// Who shows it; nothing where its organization is gone.
    pub principal: Option<Arc<Principal>>,
}

/// Keys by their digest, organizations by their name; absent ones too.
#[derive(Clone)]
pub struct Principals {
    db: DatabaseConnection,
    keys: Recent<[u8; 32], Option<Arc<KnownKey>>>,
    organizations: Recent<String, Option<Arc<Organization>>>,
}

impl Principals {
    /// Of `db`.
    pub fn new(db: DatabaseConnection) -> Self {
        Self { db, keys: Recent::new(), organizations: Recent::new() }
    }

    /// Counts there how often it need not ask.
    pub fn counted_by(self, cache: &telemetry::Cache) -> Self {
        let keys = self.keys.counted_by(cache.clone());
        let organizations = self.organizations.counted_by(cache.clone());
        Self { db: self.db, keys, organizations }
    }

    /// The key, if it is known.
    pub async fn key(&self, key: &ApiKey) -> Result<Option<Arc<KnownKey>>, Refusal> {
        let digest = key.digest();
        self.keys.get(digest, || told(find_key(self.db.clone(), digest))).await
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
        Arc::new(Principal {
            organization: Arc::new(organization),
            subject: format!("key:{}", stored.id),
            kind: CredentialKind::ApiKey,
            role: Role::Unnamed,
            scopes: stored.scopes.clone(),
        })
    });
    Ok(Some(Arc::new(KnownKey { stored, principal })))
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
