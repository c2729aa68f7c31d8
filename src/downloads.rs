//! Exports that wait to be fetched: what was asked for, under the hash of a secret that only their address holds.

use chrono::{DateTime, Utc};
use entity::download;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};

use crate::database::to_the_end;
use crate::fault::Fault;
use crate::ticket::Ticket;

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
        .filter(download::COLUMN.organization_id.eq(ticket.organization().0))
        .filter(download::Column::ExpiresAt.lte(entity::Timestamp::from(now)));
    let row = download::Entity::insert(download::ActiveModel {
        organization_id: Set(ticket.organization().0),
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
    let row = download::Entity::find_by_id((ticket.organization().0, ticket.hash()));
    let db = db.clone();
    let row = to_the_end(async move { row.one(&db).await }).await?;
    let waiting = row.map(|row| Waiting {
        subject: row.subject,
        request: row.request,
        expires_at: row.expires_at.into(),
    });
    Ok(waiting.filter(|waiting| now < waiting.expires_at))
}
