//! Links to shared reports in the database, each organization's apart. A link's token is good by itself; here is what
//! takes it back, and how often it was opened.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::share_link;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    SqliteTransactionMode,
};

use crate::database::{self, to_the_end};
use crate::fault::Fault;
use crate::period::Period;
use crate::principal::OrganizationId;

/// One link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareLink {
    /// What it is known by within its organization.
    pub id: String,
    /// The report, by its name in addresses.
    pub report: String,
    /// The time that the report is about, whenever it is opened.
    pub period: Period,
    /// Who made it, as their credential names them.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From this instant on it opens nothing.
    pub expires_at: DateTime<Utc>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// How often the report was opened by it.
    pub opens: i64,
    /// When the report was opened by it last.
    pub opened_at: Option<DateTime<Utc>>,
}

/// The links of one organization.
#[derive(Clone, Debug)]
pub struct ShareLinks {
    db: DatabaseConnection,
    organization: OrganizationId,
}

impl ShareLinks {
    /// Those of `organization`.
    pub fn new(db: DatabaseConnection, organization: OrganizationId) -> Self {
        Self { db, organization }
    }

    /// Keeps a new one, and forgets those that expired before `forgotten`; false, and nothing done, where `most` are good
    /// already when it is made. Who makes others at the same time waits: none of them is counted too late.
    pub async fn add(&self, new: &ShareLink, forgotten: DateTime<Utc>, most: u64) -> Result<bool, Fault> {
        let organization = self.organization;
        let good = self.good(new.created_at);
        let old = share_link::Entity::delete_many()
            .filter(share_link::COLUMN.organization_id.eq(organization.0))
            .filter(share_link::Column::ExpiresAt.lt(entity::Timestamp::from(forgotten)));
        let row = share_link::Entity::insert(share_link::ActiveModel {
            organization_id: Set(organization.0),
            link_id: Set(new.id.clone()),
            report: Set(new.report.clone()),
            created_by: Set(new.created_by.clone()),
            period_start: Set(new.period.start().into()),
            period_end: Set(new.period.end().into()),
            created_at: Set(new.created_at.into()),
            expires_at: Set(new.expires_at.into()),
            opens: Set(new.opens),
            revoked_at: Set(new.revoked_at.map(Into::into)),
            opened_at: Set(new.opened_at.map(Into::into)),
        });
        let db = self.db.clone();
        let done = async move {
            let transaction = alone(&db, organization).await?;
            if good.count(&transaction).await? >= most {
                transaction.rollback().await?;
                return Ok(false);
            }
            old.exec(&transaction).await?;
            row.exec_without_returning(&transaction).await?;
            transaction.commit().await?;
            Ok::<bool, DbErr>(true)
        };
        Ok(to_the_end(done).await?)
    }

    /// All that are good at `now`, and of the others the newest, so many that there are at most `most` in all; the newest
    /// first, those of the same instant by id.
    pub async fn list(&self, now: DateTime<Utc>, most: u64) -> Result<Vec<ShareLink>, Fault> {
        let good = self.good(now);
        let newest = self
            .all()
            .order_by_desc(share_link::Column::CreatedAt)
            .order_by_asc(share_link::Column::LinkId)
            .limit(most);
        let db = self.db.clone();
        let read_both = async move { Ok::<_, DbErr>((good.all(&db).await?, newest.all(&db).await?)) };
        let (mut rows, newest) = to_the_end(read_both).await?;
        let known: HashSet<String> = rows.iter().map(|row| row.link_id.clone()).collect();
        let left = usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(rows.len());
        rows.extend(newest.into_iter().filter(|row| !known.contains(&row.link_id)).take(left));
        let mut links: Vec<ShareLink> = rows.into_iter().map(read).collect::<Result<_, Fault>>()?;
        links.sort_by(|one, other| (other.created_at, &one.id).cmp(&(one.created_at, &other.id)));
        Ok(links)
    }

    fn all(&self) -> Select<share_link::Entity> {
        share_link::Entity::find().filter(share_link::COLUMN.organization_id.eq(self.organization.0))
    }

    fn good(&self, now: DateTime<Utc>) -> Select<share_link::Entity> {
        self.all()
            .filter(share_link::Column::RevokedAt.is_null())
            .filter(share_link::Column::ExpiresAt.gt(entity::Timestamp::from(now)))
    }

    /// The one of that id.
    pub async fn find(&self, id: &str) -> Result<Option<ShareLink>, Fault> {
        let row = share_link::Entity::find_by_id((self.organization.0, id.to_owned()));
        let db = self.db.clone();
        to_the_end(async move { row.one(&db).await }).await?.map(read).transpose()
    }

    /// The one that was made by the same for the same, is not taken back, and is good up to `until` at least.
    pub async fn find_alike(
        &self,
        new: &ShareLink,
        until: DateTime<Utc>,
    ) -> Result<Option<ShareLink>, Fault> {
        let (start, end) = (new.period.start(), new.period.end());
        let row = self
            .all()
            .filter(share_link::Column::Report.eq(new.report.as_str()))
            .filter(share_link::Column::CreatedBy.eq(new.created_by.as_str()))
            .filter(share_link::Column::PeriodStart.eq(entity::Timestamp::from(start)))
            .filter(share_link::Column::PeriodEnd.eq(entity::Timestamp::from(end)))
            .filter(share_link::Column::RevokedAt.is_null())
            .filter(share_link::Column::ExpiresAt.gte(entity::Timestamp::from(until)))
            .order_by_desc(share_link::Column::ExpiresAt)
            .order_by_asc(share_link::Column::LinkId);
        let db = self.db.clone();
        to_the_end(async move { row.one(&db).await }).await?.map(read).transpose()
    }

    /// Takes one back, for good. One that was taken back keeps its instant.
    pub async fn revoke(&self, id: &str, now: DateTime<Utc>) -> Result<(), Fault> {
        let update = self
            .one(id)
            .col_expr(share_link::Column::RevokedAt, Expr::value(entity::Timestamp::from(now)))
            .filter(share_link::Column::RevokedAt.is_null());
        let db = self.db.clone();
        to_the_end(async move { update.exec(&db).await }).await?;
        Ok(())
    }

    /// Counts that the report was opened by it.
    pub async fn count_opening(&self, id: &str, now: DateTime<Utc>) -> Result<(), Fault> {
        let update = self
            .one(id)
            .col_expr(share_link::Column::Opens, Expr::col(share_link::Column::Opens).add(1))
            .col_expr(share_link::Column::OpenedAt, Expr::value(entity::Timestamp::from(now)));
        let db = self.db.clone();
        to_the_end(async move { update.exec(&db).await }).await?;
        Ok(())
    }

    fn one(&self, id: &str) -> sea_orm::UpdateMany<share_link::Entity> {
        share_link::Entity::update_many()
            .filter(share_link::COLUMN.organization_id.eq(self.organization.0))
            .filter(share_link::Column::LinkId.eq(id))
    }
}

/// What the advisory locks of who makes links begin with in PostgreSQL: "chlink" in hex, above all organizations.
const LOCK: i64 = 0x6368_6c69_6e6b_0000;

/// A transaction in which nobody else makes a link of the organization; on SQLite, in which nobody writes anything.
async fn alone(db: &DatabaseConnection, organization: OrganizationId) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database::begin(db, Some(SqliteTransactionMode::Immediate)).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = LOCK.wrapping_add(organization.0);
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({lock})")).await?;
    }
    Ok(transaction)
}

fn read(row: share_link::Model) -> Result<ShareLink, Fault> {
    let period = Period::new(row.period_start.into(), row.period_end.into());
    Ok(ShareLink {
        period: period.map_err(|error| Fault::Internal(format!("share link {}: {error}", row.link_id)))?,
        id: row.link_id,
        report: row.report,
        created_by: row.created_by,
        created_at: row.created_at.into(),
        expires_at: row.expires_at.into(),
        revoked_at: row.revoked_at.map(Into::into),
        opens: row.opens,
        opened_at: row.opened_at.map(Into::into),
    })
}
