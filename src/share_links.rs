//! Links to shared reports in the database, each organization's apart. A link's token is good by itself; here is what
//! takes it back, and how often it was opened.

use chrono::{DateTime, Utc};
use entity::share_link;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseConnection, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::database::to_the_end;
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

    /// Keeps a new one, and forgets those that expired before `forgotten`.
    pub async fn add(&self, new: &ShareLink, forgotten: DateTime<Utc>) -> Result<(), Fault> {
        let old = share_link::Entity::delete_many()
            .filter(share_link::COLUMN.organization_id.eq(self.organization.0))
            .filter(share_link::Column::ExpiresAt.lt(entity::Timestamp::from(forgotten)));
        let row = share_link::Entity::insert(share_link::ActiveModel {
            organization_id: Set(self.organization.0),
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
            old.exec(&db).await?;
            row.exec_without_returning(&db).await
        };
        to_the_end(done).await?;
        Ok(())
    }

    /// The newest ones, at most so many, the newest first; those of the same instant by id.
    pub async fn list(&self, most: u64) -> Result<Vec<ShareLink>, Fault> {
        let rows = share_link::Entity::find()
            .filter(share_link::COLUMN.organization_id.eq(self.organization.0))
            .order_by_desc(share_link::Column::CreatedAt)
            .order_by_asc(share_link::Column::LinkId)
            .limit(most);
        let db = self.db.clone();
        to_the_end(async move { rows.all(&db).await }).await?.into_iter().map(read).collect()
    }

    /// How many are good at `now`.
    pub async fn count_good(&self, now: DateTime<Utc>) -> Result<u64, Fault> {
        let all = share_link::Entity::find()
            .filter(share_link::COLUMN.organization_id.eq(self.organization.0))
            .filter(share_link::Column::RevokedAt.is_null())
            .filter(share_link::Column::ExpiresAt.gt(entity::Timestamp::from(now)));
        let db = self.db.clone();
        Ok(to_the_end(async move { all.count(&db).await }).await?)
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
        let row = share_link::Entity::find()
            .filter(share_link::COLUMN.organization_id.eq(self.organization.0))
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
