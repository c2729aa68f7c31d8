//! What people keep: dashboards, and exports that wait to be fetched.

use sea_orm_migration::prelude::*;

use crate::table::{Columns, Placement::ByOrganization, drop_all, index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Columns::of(manager, "dashboards", &["organization_id", "dashboard_id"])
            .integers(&["organization_id"])
            .texts(&["dashboard_id", "name", "owner", "tiles"])
            .optional_texts(&["description"])
            .boolean("is_shared")
            .integers(&["version", "created_at", "updated_at"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(ByOrganization)
            .await?;
        Columns::of(manager, "downloads", &["organization_id", "secret_hash"])
            .integers(&["organization_id"])
            .texts(&["secret_hash", "subject", "request"])
            .integers(&["expires_at"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(ByOrganization)
            .await?;
        index(manager, "ix_downloads_expiry", "downloads", &["organization_id", "expires_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["downloads", "dashboards"]).await
    }
}
