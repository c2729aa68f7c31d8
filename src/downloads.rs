//! Exports that wait to be fetched: what was asked for, under the hash of a secret that only their address holds.

use chrono::{DateTime, Utc};
use entity::download;
use rand::distr::{Alphanumeric, SampleString};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};

use crate::database::to_the_end;
use crate::fault::Fault;
use crate::principal::OrganizationId;

/// Random characters of a secret: 238 bits.
const SECRET: usize = 40;

/// A secret address: whose figures, and the proof that it was given out.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    organization: OrganizationId,
    secret: String,
}

impl Ticket {
    /// A new one.
    pub fn generate(organization: OrganizationId) -> Self {
        Self { organization, secret: Alphanumeric.sample_string(&mut rand::rng(), SECRET) }
    }

    /// Reads one from an address.
    pub fn parse(text: &str) -> Option<Self> {
        let (organization, secret) = text.split_once('-')?;
        let is_secret = secret.len() == SECRET && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let key: i64 = organization.parse().ok()?;
        // Written in one way only.
        (is_secret && key.to_string() == organization)
            .then(|| Self { organization: OrganizationId(key), secret: secret.to_owned() })
    }

    /// The text that an address holds. Show it once.
    pub fn reveal(&self) -> String {
        format!("{}-{}", self.organization.0, self.secret)
    }

    /// Whose figures.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.secret.as_bytes()))
    }
}

/// What waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Who asked for it, as their credential names them.
    pub subject: String,
    /// What was asked for, as JSON.
    pub request: String,
    /// From this instant on it is gone.
    pub expires_at: DateTime<Utc>,
}

/// Puts something down to be fetched, and forgets what nobody fetched in time.
pub async fn add(
    db: &DatabaseConnection,
    ticket: &Ticket,
    new: Waiting,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let forgotten = download::Entity::delete_many()
        .filter(download::COLUMN.organization_id.eq(ticket.organization.0))
        .filter(download::Column::ExpiresAt.lte(entity::Timestamp::from(now)));
    let row = download::Entity::insert(download::ActiveModel {
        organization_id: Set(ticket.organization.0),
        secret_hash: Set(ticket.hash()),
        subject: Set(new.subject),
        request: Set(new.request),
        expires_at: Set(new.expires_at.into()),
    });
    let db = db.clone();
    let done = async move {
        forgotten.exec(&db).await?;
        row.exec_without_returning(&db).await
    };
    to_the_end(done).await?;
    Ok(())
}

/// What waits under that ticket at `now`.
pub async fn find(
    db: &DatabaseConnection,
    ticket: &Ticket,
    now: DateTime<Utc>,
) -> Result<Option<Waiting>, Fault> {
    let row = download::Entity::find_by_id((ticket.organization.0, ticket.hash()));
    let db = db.clone();
    let row = to_the_end(async move { row.one(&db).await }).await?;
    let waiting = row.map(|row| Waiting {
        subject: row.subject,
        request: row.request,
        expires_at: row.expires_at.into(),
    });
    Ok(waiting.filter(|waiting| now < waiting.expires_at))
}
