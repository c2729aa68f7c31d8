//! Sessions in the database: who is signed in, under the hash of a secret that only their cookie holds.

use chrono::{DateTime, Duration, Utc};
use entity::{Timestamp, session};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
};

use crate::principal::OrganizationId;
use crate::ticket::Ticket;

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifespan {
    /// A session that was not used for so long is over.
    pub idle: Duration,
    /// So long after it began a session is over, however much it is used.
    pub whole: Duration,
}

/// How often at most it is noted that a session is used.
const NOTED_EACH: Duration = Duration::minutes(1);

/// A session in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The organization that it opens.
    pub organization: OrganizationId,
    /// Who is signed in.
    pub user: i64,
    /// When they signed in.
    pub created_at: DateTime<Utc>,
    /// When it was used last, as far as that was noted.
    pub last_used_at: DateTime<Utc>,
    /// From when on it is over, however much it is used.
    pub expires_at: DateTime<Utc>,
}

impl Session {
    /// Whether it opens nothing any more at `now`.
    pub fn is_over(&self, now: DateTime<Utc>, lifespan: Lifespan) -> bool {
        now >= self.expires_at || now >= self.last_used_at + lifespan.idle
    }

    /// Whether a use at `now` is to be noted.
    pub fn is_to_be_noted(&self, now: DateTime<Utc>) -> bool {
        now >= self.last_used_at + NOTED_EACH
    }
}

/// Begins a session of the user at `now`; `ticket` is what their cookie will hold.
pub async fn begin(
    db: &impl ConnectionTrait,
    ticket: &Ticket,
    user: i64,
    now: DateTime<Utc>,
    lifespan: Lifespan,
) -> Result<Session, DbErr> {
    let row = session::Model {
        organization_id: ticket.organization().0,
        secret_hash: ticket.hash(),
        user_id: user,
        created_at: now.into(),
        last_used_at: now.into(),
        expires_at: (now + lifespan.whole).into(),
    };
    let begun = read(&row);
    let row = session::ActiveModel {
        organization_id: Set(row.organization_id),
        secret_hash: Set(row.secret_hash),
        user_id: Set(row.user_id),
        created_at: Set(row.created_at),
        last_used_at: Set(row.last_used_at),
        expires_at: Set(row.expires_at),
    };
    session::Entity::insert(row).exec_without_returning(db).await?;
    Ok(begun)
}

/// The session of that ticket, over or not.
pub async fn find(db: &impl ConnectionTrait, ticket: &Ticket) -> Result<Option<Session>, DbErr> {
    let row = session::Entity::find_by_id((ticket.organization().0, ticket.hash())).one(db).await?;
    Ok(row.as_ref().map(read))
}

/// Every session of a user, the one that began last first.
pub async fn list(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    user: i64,
) -> Result<Vec<Session>, DbErr> {
    let mine = session::Entity::find()
        .filter(session::COLUMN.organization_id.eq(organization.0))
        .filter(session::COLUMN.user_id.eq(user))
        .order_by_desc(session::Column::CreatedAt)
        .order_by_asc(session::Column::SecretHash);
    Ok(mine.all(db).await?.iter().map(read).collect())
}

/// Notes that the session is used at `now`, unless another server just did.
pub async fn note_use(db: &impl ConnectionTrait, ticket: &Ticket, now: DateTime<Utc>) -> Result<(), DbErr> {
    session::Entity::update_many()
        .col_expr(session::Column::LastUsedAt, Expr::value(now.timestamp_micros()))
        .filter(session::COLUMN.organization_id.eq(ticket.organization().0))
        .filter(session::COLUMN.secret_hash.eq(ticket.hash()))
        .filter(session::Column::LastUsedAt.lte(Timestamp::from(now - NOTED_EACH)))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends the session of that ticket, if it is there.
pub async fn end(db: &impl ConnectionTrait, ticket: &Ticket) -> Result<(), DbErr> {
    session::Entity::delete_by_id((ticket.organization().0, ticket.hash())).exec(db).await?;
    Ok(())
}

/// Ends every session of a user; how many there were.
pub async fn end_all(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    user: i64,
) -> Result<u64, DbErr> {
    let ended = session::Entity::delete_many()
        .filter(session::COLUMN.organization_id.eq(organization.0))
        .filter(session::COLUMN.user_id.eq(user));
    Ok(ended.exec(db).await?.rows_affected)
}

/// Forgets the organization's sessions that are over at `now`.
pub async fn forget(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    now: DateTime<Utc>,
    lifespan: Lifespan,
) -> Result<(), DbErr> {
    let is_over = Condition::any()
        .add(session::Column::ExpiresAt.lte(Timestamp::from(now)))
        .add(session::Column::LastUsedAt.lte(Timestamp::from(now - lifespan.idle)));
    session::Entity::delete_many()
        .filter(session::COLUMN.organization_id.eq(organization.0))
        .filter(is_over)
        .exec(db)
        .await?;
    Ok(())
}

fn read(row: &session::Model) -> Session {
    Session {
        organization: OrganizationId(row.organization_id),
        user: row.user_id,
        created_at: row.created_at.into(),
        last_used_at: row.last_used_at.into(),
        expires_at: row.expires_at.into(),
    }
}
