//! Users: people who sign in with an e-mail address and a password.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use entity::{Timestamp, user};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, SqlErr, TransactionTrait,
};
use unicode_normalization::UnicodeNormalization;

use crate::passwords::PasswordHash;
use crate::principal::{OrganizationId, Role, Scope};
use crate::sessions;

/// Most bytes of an address (RFC 5321, 4.5.3.1.3).
const LONGEST: usize = 254;
/// How often another maker may take the same number in between.
const ATTEMPTS: u32 = 20;

/// An e-mail address in the form that it is compared in: lower case, composed, without blanks around it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// A text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an address such as ada@shop.example, at most {LONGEST} bytes")]
pub struct NoEmail;

impl Email {
    /// Reads one. Whether mail reaches it is not asked.
    pub fn parse(text: &str) -> Result<Self, NoEmail> {
        if text.len() > LONGEST * 2 {
            return Err(NoEmail);
        }
        let text: String = text.trim().to_lowercase().nfc().collect();
        let (person, host) = text.rsplit_once('@').ok_or(NoEmail)?;
        let is_written = !text
            .chars()
            .any(|character| character.is_control() || character.is_whitespace() || character == '\u{fffd}');
        if person.is_empty() || host.is_empty() || text.len() > LONGEST || !is_written {
            return Err(NoEmail);
        }
        Ok(Self(text))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Email {
    /// Logs are no place for people's addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[an address]")
    }
}

/// What a new user is made of.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Whose data they see.
    pub organization: OrganizationId,
    /// What they sign in with.
    pub email: Email,
    /// Display name.
    pub name: String,
    /// The name of their role; empty for none.
    pub role: String,
    /// What they may do besides.
    pub scopes: BTreeSet<Scope>,
    /// What is kept of their password.
    pub password: PasswordHash,
}

/// A user in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their number.
    pub id: i64,
    /// Whose data they see.
    pub organization: OrganizationId,
    /// What they sign in with.
    pub email: String,
    /// Display name.
    pub name: String,
    /// The name of their role; empty for none.
    pub role: String,
    /// What they may do besides; scopes that this version does not know are left out.
    pub scopes: BTreeSet<Scope>,
    /// What is kept of their password; without one nobody signs in.
    pub password: Option<PasswordHash>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// Since when it is shut.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When somebody signed in last.
    pub signed_in_at: Option<DateTime<Utc>>,
}

impl User {
    /// What their role comes to.
    pub fn role(&self) -> Role {
        Role::named(&self.role)
    }
}

/// Makes a user and returns their number; nothing where somebody has the address already, in whichever organization.
pub async fn add(db: &impl ConnectionTrait, new: &NewUser, now: DateTime<Utc>) -> Result<Option<i64>, DbErr> {
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.name()).collect();
    let mut attempt = 0;
    loop {
        let last = user::Entity::find().select_only().column_as(user::COLUMN.id.max(), "last");
        let last: Option<i64> = last.into_tuple().one(db).await?.flatten();
        let id = last.unwrap_or(0) + 1;
        let row = user::ActiveModel {
            id: Set(id),
            organization_id: Set(new.organization.0),
            email: Set(new.email.as_str().to_owned()),
            name: Set(new.name.clone()),
            role: Set(new.role.clone()),
            created_at: Set(now.into()),
            scopes: Set(scopes.join(" ")),
            password_hash: Set(Some(new.password.reveal().to_owned())),
            disabled_at: Set(None),
            signed_in_at: Set(None),
        };
        attempt += 1;
        match user::Entity::insert(row).exec_without_returning(db).await {
            Ok(_) => return Ok(Some(id)),
            Err(error) if !matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                return Err(error);
            }
            // The address is somebody's, or another maker took the number in between.
            Err(error) => {
                if find(db, &new.email).await?.is_some() {
                    return Ok(None);
                }
                if attempt == ATTEMPTS {
                    return Err(error);
                }
            }
        }
    }
}

/// The user of that address, if there is one.
pub async fn find(db: &impl ConnectionTrait, email: &Email) -> Result<Option<User>, DbErr> {
    let row = user::Entity::find().filter(user::COLUMN.email.eq(email.as_str())).one(db).await?;
    Ok(row.map(read))
}

/// The user of that number, if the organization has them.
pub async fn find_by_id(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    id: i64,
) -> Result<Option<User>, DbErr> {
    let mine = user::Entity::find_by_id(id).filter(user::COLUMN.organization_id.eq(organization.0));
    Ok(mine.one(db).await?.map(read))
}

/// Every user of an organization, by number.
pub async fn list(db: &impl ConnectionTrait, organization: OrganizationId) -> Result<Vec<User>, DbErr> {
    let mine = user::Entity::find().filter(user::COLUMN.organization_id.eq(organization.0));
    Ok(mine.order_by_asc(user::COLUMN.id).all(db).await?.into_iter().map(read).collect())
}

/// Gives the user another password and ends all of their sessions.
pub async fn set_password(db: &DatabaseConnection, user: &User, hash: &PasswordHash) -> Result<(), DbErr> {
    change(db, user, user::Column::PasswordHash, Expr::value(hash.reveal())).await
}

/// Shuts the account at `now` and ends all of its sessions. One that was shut before keeps its instant.
pub async fn disable(db: &DatabaseConnection, user: &User, now: DateTime<Utc>) -> Result<(), DbErr> {
    let at = user.disabled_at.unwrap_or(now).timestamp_micros();
    change(db, user, user::Column::DisabledAt, Expr::value(at)).await
}

/// Opens the account again; its sessions of before stay ended.
pub async fn enable(db: &DatabaseConnection, user: &User) -> Result<(), DbErr> {
    change(db, user, user::Column::DisabledAt, Expr::value(None::<i64>)).await
}

/// Sets a column of the user's and ends their sessions. Who signs in meanwhile comes before it, and is ended with the
/// others, or comes after it, and is refused by [`sign_in`].
async fn change(db: &DatabaseConnection, user: &User, column: user::Column, to: Expr) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    user::Entity::update_many()
        .col_expr(column, to)
        .filter(user::COLUMN.id.eq(user.id))
        .filter(user::COLUMN.organization_id.eq(user.organization.0))
        .exec(&transaction)
        .await?;
    sessions::end_all(&transaction, user.organization, user.id).await?;
    transaction.commit().await
}

/// Notes within a transaction that the user signs in, and keeps a `stronger` hash of the same password where there is one.
///
/// Says whether they may: not where the account was shut, or its password set anew, since `user` was read. From here to the
/// end of the transaction neither can happen.
pub async fn sign_in(
    transaction: &impl ConnectionTrait,
    user: &User,
    stronger: Option<&PasswordHash>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let seen = user.password.as_ref().map(PasswordHash::reveal).unwrap_or_default();
    let mut update = user::Entity::update_many()
        .col_expr(user::Column::SignedInAt, Expr::value(now.timestamp_micros()))
        .filter(user::COLUMN.id.eq(user.id))
        .filter(user::COLUMN.organization_id.eq(user.organization.0))
        .filter(Expr::col(user::Column::PasswordHash).eq(seen))
        .filter(user::COLUMN.disabled_at.is_null());
    if let Some(stronger) = stronger {
        update = update.col_expr(user::Column::PasswordHash, Expr::value(stronger.reveal()));
    }
    Ok(update.exec(transaction).await?.rows_affected == 1)
}

fn read(row: user::Model) -> User {
    let instant = |at: Option<Timestamp>| at.map(Into::into);
    User {
        id: row.id,
        organization: OrganizationId(row.organization_id),
        email: row.email,
        name: row.name,
        role: row.role,
        scopes: row.scopes.split_ascii_whitespace().filter_map(Scope::named).collect(),
        password: row.password_hash.map(PasswordHash::stored),
        created_at: row.created_at.into(),
        disabled_at: instant(row.disabled_at),
        signed_in_at: instant(row.signed_in_at),
    }
}
