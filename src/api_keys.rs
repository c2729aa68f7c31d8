//! API keys: their written form, and the hashes of them in the database.
//!
//! A key is `<prefix>_<30 characters><6 characters>`: 178 random bits in base 62, then the CRC-32 of all that goes
//! before it, so that a mistyped key is told apart without asking the database. The database has its SHA-256 alone.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::api_key;
use rand::distr::{Alphanumeric, SampleString};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
};
use sha2::{Digest, Sha256};

use crate::principal::{OrganizationId, Scope};
use crate::quota::Quotas;

/// Random characters of a key.
const RANDOM: usize = 30;
/// Characters of its checksum: 62^6 is more than 2^32.
const CHECKSUM: usize = 6;
/// Longest prefix.
const LONGEST_PREFIX: usize = 20;
/// How often another maker may take the same number in between.
const ATTEMPTS: u32 = 20;

/// A key as its bearer writes it; well formed, which says nothing about its being known.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// A new key of a prefix such as `dk` or `eco_live`; nothing where the prefix is not one.
    pub fn generate(prefix: &str) -> Option<Self> {
        is_prefix(prefix).then(|| {
            let start = format!("{prefix}_{}", Alphanumeric.sample_string(&mut rand::rng(), RANDOM));
            Self(format!("{start}{}", checksum(&start)))
        })
    }

    /// Reads a key; nothing where its form or its checksum is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, secret) = text.rsplit_once('_')?;
        let is_secret =
            secret.len() == RANDOM + CHECKSUM && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_prefix(prefix) || !is_secret {
            return None;
        }
        let (start, sum) = text.split_at(text.len() - CHECKSUM);
        (checksum(start) == sum).then(|| Self(text.to_owned()))
    }

    /// The text that its bearer sends. Show it once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the key starts with.
    pub fn prefix(&self) -> &str {
        self.0.rsplit_once('_').map_or("", |(prefix, _)| prefix)
    }

    /// SHA-256 of the whole. No salt: there is nothing to guess in 178 random bits, and a lookup by index leaks nothing
    /// about them.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// What the database knows it by: the digest in lower-case hex.
    pub fn hash(&self) -> String {
        hex::encode(self.digest())
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_[redacted]", self.prefix())
    }
}

/// Lower-case letters, digits and single underscores, a letter first.
pub fn is_prefix(text: &str) -> bool {
    text.len() <= LONGEST_PREFIX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.split('_').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

/// CRC-32 in base 62 (`0-9A-Za-z`), padded with zeros.
fn checksum(text: &str) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// What a new key is made of.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Whose data it opens.
    pub organization: OrganizationId,
    /// What it is for, in its maker's words.
    pub name: String,
    /// What it permits.
    pub scopes: BTreeSet<Scope>,
    /// From when on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// How much it may ask for, in the place of the server's quotas.
    pub quotas: Quotas,
}

/// A key in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// Its number.
    pub id: i64,
    /// Whose data it opens.
    pub organization: OrganizationId,
    /// What it starts with.
    pub prefix: String,
    /// What it ends with.
    pub last_four: String,
    /// What it is for.
    pub name: String,
    /// What it permits; scopes that this version does not know are left out.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// How much it may ask for, in the place of the server's quotas; those that this version does not know are left out.
    pub quotas: Quotas,
}

/// Whether a key opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It does.
    Live,
    /// It did, until it expired.
    Expired,
    /// It did, until it was revoked.
    Revoked,
}

impl StoredKey {
    /// What the key is at `now`; revocation is told before expiry.
    pub fn state(&self, now: DateTime<Utc>) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|expiry| now >= expiry) {
            KeyState::Expired
        } else {
            KeyState::Live
        }
    }
}

/// Keeps the hash of `key`, and returns its number.
pub async fn store(
    db: &impl ConnectionTrait,
    key: &ApiKey,
    new: &NewApiKey,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let text = key.reveal();
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.name()).collect();
    let mut attempt = 0;
    loop {
        let last: Option<i64> = api_key::Entity::find()
            .select_only()
            .column_as(api_key::COLUMN.id.max(), "last")
            .into_tuple()
            .one(db)
            .await?
            .flatten();
        let id = last.unwrap_or(0) + 1;
        let row = api_key::ActiveModel {
            id: Set(id),
            organization_id: Set(new.organization.0),
            prefix: Set(key.prefix().to_owned()),
            secret_hash: Set(key.hash()),
            last_four: Set(text[text.len() - 4..].to_owned()),
            name: Set(new.name.clone()),
            scopes: Set(scopes.join(" ")),
            created_at: Set(now.into()),
            expires_at: Set(new.expires_at.map(Into::into)),
            revoked_at: Set(None),
            rate_limits: Set(new.quotas.to_string()),
        };
        attempt += 1;
        match api_key::Entity::insert(row).exec_without_returning(db).await {
            Ok(_) => return Ok(id),
            // Another maker took the number in between.
            Err(error)
                if attempt < ATTEMPTS
                    && matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {}
            Err(error) => return Err(error),
        }
    }
}

/// The stored key of `key`'s hash, live or not.
pub async fn find(db: &impl ConnectionTrait, key: &ApiKey) -> Result<Option<StoredKey>, DbErr> {
    find_by_digest(db, key.digest()).await
}

/// The stored key of that digest, live or not.
pub async fn find_by_digest(db: &impl ConnectionTrait, digest: [u8; 32]) -> Result<Option<StoredKey>, DbErr> {
    let row =
        api_key::Entity::find().filter(api_key::COLUMN.secret_hash.eq(hex::encode(digest))).one(db).await?;
    Ok(row.map(read))
}

/// The stored key of that number, live or not.
pub async fn find_by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<StoredKey>, DbErr> {
    Ok(api_key::Entity::find_by_id(id).one(db).await?.map(read))
}

/// Every key of an organization, by number.
pub async fn list(db: &impl ConnectionTrait, organization: OrganizationId) -> Result<Vec<StoredKey>, DbErr> {
    let rows = api_key::Entity::find()
        .filter(api_key::COLUMN.organization_id.eq(organization.0))
        .order_by_asc(api_key::COLUMN.id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Sets how much a key may ask for.
pub async fn set_quotas(db: &impl ConnectionTrait, key: &StoredKey, quotas: &Quotas) -> Result<(), DbErr> {
    api_key::Entity::update_many()
        .col_expr(api_key::Column::RateLimits, sea_orm::sea_query::Expr::value(quotas.to_string()))
        .filter(api_key::COLUMN.id.eq(key.id))
        .filter(api_key::COLUMN.organization_id.eq(key.organization.0))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a key at `now`. One that was revoked before keeps its instant.
pub async fn revoke(db: &impl ConnectionTrait, key: &StoredKey, now: DateTime<Utc>) -> Result<(), DbErr> {
    api_key::Entity::update_many()
        .col_expr(api_key::Column::RevokedAt, sea_orm::sea_query::Expr::value(now.timestamp_micros()))
        .filter(api_key::COLUMN.id.eq(key.id))
        .filter(api_key::COLUMN.organization_id.eq(key.organization.0))
        .filter(api_key::COLUMN.revoked_at.is_null())
        .exec(db)
        .await?;
    Ok(())
}

fn read(row: api_key::Model) -> StoredKey {
    StoredKey {
        id: row.id,
        organization: OrganizationId(row.organization_id),
        prefix: row.prefix,
        last_four: row.last_four,
        name: row.name,
        scopes: row.scopes.split_ascii_whitespace().filter_map(Scope::named).collect(),
        created_at: row.created_at.into(),
        expires_at: row.expires_at.map(Into::into),
        revoked_at: row.revoked_at.map(Into::into),
        quotas: Quotas::stored(&row.rate_limits),
    }
}

#[cfg(test)]
mod tests;
