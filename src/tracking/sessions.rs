//! Which events are of one visit, without a cookie: by a hash of site, address and agent, with a salt that is another each
//! day and is deleted after it. From then on nobody can tell whose session was which, nor know a visitor again.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::tracking_salt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, DatabaseConnection, DbErr, EntityTrait};
use sha2::{Digest, Sha256};
use tokio::sync::RwLock;

use super::salts::delete_before;
use crate::database::to_the_end;
use crate::fault::Fault;

/// Bytes of a session's name: as many as keep a day's visitors apart.
const LENGTH: usize = 12;
const SECONDS_PER_DAY: i64 = 86_400;

/// Tells sessions.
#[derive(Clone)]
pub struct Sessions {
    db: DatabaseConnection,
    today: Arc<RwLock<Option<tracking_salt::Model>>>,
}

impl Sessions {
    /// By the salts of `db`, which all its servers share.
    pub fn new(db: DatabaseConnection) -> Self {
        Self { db, today: Arc::default() }
    }

    /// The session of a visitor of `site` at `now`.
    pub async fn of(
        &self,
        site: &str,
        address: Option<IpAddr>,
        agent: &str,
        now: DateTime<Utc>,
    ) -> Result<String, Fault> {
        let day = now.timestamp().div_euclid(SECONDS_PER_DAY);
        let salt = self.salt(day).await?;
        let mut hash = Sha256::new();
        let address = address.map_or(String::new(), |address| address.to_string());
        for part in [salt.as_str(), site, &address, agent] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Ok(BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..LENGTH]))
    }

    /// Deletes the salts of the days before that of `now`, here and in the database; says whether nothing is left of them.
    pub async fn forget(&self, now: DateTime<Utc>) -> Result<bool, DbErr> {
        let day = now.timestamp().div_euclid(SECONDS_PER_DAY);
        self.today.write().await.take_if(|known| known.day < day);
        let db = self.db.clone();
        to_the_end(async move { delete_before(&db, day).await }).await
    }

    async fn salt(&self, day: i64) -> Result<String, Fault> {
        if let Some(known) = self.today.read().await.as_ref().filter(|known| known.day == day) {
            return Ok(known.salt.clone());
        }
        let mut today = self.today.write().await;
        if let Some(known) = today.as_ref().filter(|known| known.day == day) {
            return Ok(known.salt.clone());
        }
        let salt = to_the_end(agree_on(self.db.clone(), day)).await?;
        *today = Some(tracking_salt::Model { day, salt: salt.clone() });
        Ok(salt)
    }
}

/// The salt of `day`: the first server that needs one makes it, and those of the days before go.
async fn agree_on(db: DatabaseConnection, day: i64) -> Result<String, DbErr> {
    let salt = hex::encode(rand::random::<[u8; 32]>());
    let row = tracking_salt::ActiveModel { day: Set(day), salt: Set(salt) };
    tracking_salt::Entity::insert(row)
        .on_conflict(OnConflict::column(tracking_salt::Column::Day).do_nothing().to_owned())
        .exec_without_returning(&db)
        .await?;
    delete_before(&db, day).await?;
    let found = tracking_salt::Entity::find_by_id(day).one(&db).await?;
    found.map(|row| row.salt).ok_or_else(|| DbErr::Custom("the day's salt is gone".to_owned()))
}
