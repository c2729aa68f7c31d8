//! Attempts to sign in, counted by account and by address for all servers together, so that nobody guesses passwords
//! faster than they may. An attempt counts before its password is looked at, and no more once that was right.
//!
//! Each of the counted has an instant at which all its attempts are forgotten; an attempt moves it on by one step, and may
//! be made as long as it lies no more than so many steps ahead. So a limit never shuts for good: it lets one through a step.

use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, Duration, Utc};
use entity::{Timestamp, sign_in_attempt as attempt};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use sha2::{Digest, Sha256};

use crate::database;
use crate::users::Email;

/// How many attempts may be made at once, and how often one more after that.
#[derive(Clone, Copy, Debug)]
struct Limit {
    at_once: i32,
    step: Duration,
}

/// Of one account from one address: who mistypes.
const OF_BOTH: Limit = Limit { at_once: 5, step: Duration::minutes(1) };
/// Of one account, from addresses where it was not signed in lately: who guesses from many.
const OF_ACCOUNT: Limit = Limit { at_once: 50, step: Duration::minutes(1) };
/// Of one address: who tries one password on many accounts.
const OF_ADDRESS: Limit = Limit { at_once: 20, step: Duration::seconds(15) };
/// For how long an address from which an account was signed in is not held to the limit of others: who guesses elsewhere
/// cannot keep its user out.
const FAMILIAR: Duration = Duration::days(30);
/// Most rows forgotten with an attempt: more than one leaves behind.
const FORGOTTEN_AT_ONCE: u64 = 20;

/// Who tries.
#[derive(Clone, Debug)]
pub struct Attempt {
    account: Email,
    address: String,
}

/// What may be done about it.
#[derive(Debug)]
pub enum Turn {
    /// It counts; to be given back if the password is right.
    Granted(Counted),
    /// Not before so long.
    Wait(Duration),
}

/// What an attempt was counted for.
#[derive(Debug)]
pub struct Counted {
    steps: Vec<(String, Duration)>,
    familiar: String,
}

impl Attempt {
    /// Of an account, there or not, from an address. Of IPv6 the network counts, since one machine has all its addresses.
    pub fn new(account: Email, address: Option<IpAddr>) -> Self {
        let address = match address {
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).to_string(),
            None => String::new(),
        };
        Self { account, address }
    }

    /// Counts it at `now`, if the limits allow.
    pub async fn begin(&self, db: &DatabaseConnection, now: DateTime<Utc>) -> Result<Turn, DbErr> {
        forget(db, now).await?;
        let familiar = self.hash("familiar");
        let known = attempt::Entity::find_by_id(&familiar).one(db).await?;
        let is_familiar = known.is_some_and(|row| now < row.free_at.into());
        // In this order always: two that wait for each other's rows would never end.
        let mut limits = vec![(self.hash("both"), OF_BOTH)];
        if !is_familiar {
            limits.push((self.hash("account"), OF_ACCOUNT));
        }
        limits.push((self.hash("address"), OF_ADDRESS));
        let transaction = database::begin(db, None).await?;
        let steps: Vec<_> = limits.iter().map(|(hash, limit)| (hash.clone(), limit.step)).collect();
        move_on(&transaction, &steps, now).await?;
        let mut wait = Duration::zero();
        for (hash, limit) in limits {
            let row = attempt::Entity::find_by_id(hash).one(&transaction).await?;
            let free_at = row.map_or(now, |row| row.free_at.into());
            wait = wait.max(free_at - now - limit.step * limit.at_once);
        }
        if wait > Duration::zero() {
            transaction.rollback().await?;
            return Ok(Turn::Wait(wait));
        }
        transaction.commit().await?;
        Ok(Turn::Granted(Counted { steps, familiar }))
    }

    /// What the database knows it by: who tried is nobody's to read.
    fn hash(&self, what: &str) -> String {
        let (account, address) = match what {
            "account" => (self.account.as_str(), ""),
            "address" => ("", self.address.as_str()),
            _ => (self.account.as_str(), self.address.as_str()),
        };
        hex::encode(Sha256::digest(format!("{what}\n{account}\n{address}")))
    }
}

impl Counted {
    /// The password was right: what was counted is given back, and the address is familiar from now on.
    pub async fn give_back(&self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
        for (place, (hash, step)) in self.steps.iter().enumerate() {
            let back = if place == 0 { Expr::value(now.timestamp_micros()) } else { before(*step) };
            attempt::Entity::update_many()
                .col_expr(attempt::Column::FreeAt, back)
                .filter(attempt::COLUMN.subject_hash.eq(hash.as_str()))
                .exec(db)
                .await?;
        }
        let row = attempt::ActiveModel {
            subject_hash: Set(self.familiar.clone()),
            free_at: Set((now + FAMILIAR).into()),
        };
        let anew = OnConflict::column(attempt::Column::SubjectHash)
            .update_column(attempt::Column::FreeAt)
            .to_owned();
        attempt::Entity::insert(row).on_conflict(anew).exec_without_returning(db).await?;
        Ok(())
    }
}

fn before(step: Duration) -> Expr {
    Expr::col(attempt::Column::FreeAt).sub(micros(step))
}

/// Moves each on by its step, from where it is or from `now`.
async fn move_on(
    db: &impl ConnectionTrait,
    steps: &[(String, Duration)],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let rows = steps.iter().map(|(hash, step)| attempt::ActiveModel {
        subject_hash: Set(hash.clone()),
        free_at: Set((now + *step).into()),
    });
    let there = || Expr::col((attempt::Entity, attempt::Column::FreeAt));
    let new = || Expr::col((Alias::new("excluded"), attempt::Column::FreeAt));
    let now = now.timestamp_micros();
    let moved = Expr::case(there().gt(now), there().add(new().sub(now))).finally(new());
    let moved =
        OnConflict::column(attempt::Column::SubjectHash).value(attempt::Column::FreeAt, moved).to_owned();
    attempt::Entity::insert_many(rows).on_conflict(moved).exec_without_returning(db).await?;
    Ok(())
}

/// Forgets some of those whose attempts are all forgotten; one by one, so that nobody waits for two.
async fn forget(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<(), DbErr> {
    let is_free = || attempt::Column::FreeAt.lte(Timestamp::from(now));
    let old = attempt::Entity::find().filter(is_free()).order_by_asc(attempt::Column::FreeAt);
    for row in old.limit(FORGOTTEN_AT_ONCE).all(db).await? {
        attempt::Entity::delete_by_id(row.subject_hash).filter(is_free()).exec(db).await?;
    }
    Ok(())
}

fn micros(step: Duration) -> i64 {
    step.num_microseconds().unwrap_or(i64::MAX)
}
