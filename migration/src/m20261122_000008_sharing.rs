//! Links to shared reports: what was given out, what was taken back, and how often each was opened.

use sea_orm_migration::prelude::*;

use crate::table::{Columns, Placement::ByOrganization, drop_all, index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Columns::of(manager, "share_links", &["organization_id", "link_id"])
            .integers(&["organization_id"])
            .texts(&["link_id", "report", "created_by"])
            .integers(&["period_start", "period_end", "created_at", "expires_at", "opens"])
            .optional_integers(&["revoked_at", "opened_at"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(ByOrganization)
            .await?;
        index(manager, "ix_share_links_expiry", "share_links", &["organization_id", "expires_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["share_links"]).await
    }
}
