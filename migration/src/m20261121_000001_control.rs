//! Control tables: who there is, and who may ask.

use sea_orm_migration::prelude::*;

use crate::table::{Columns, Placement::Reference, drop_all, index, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Columns::of(manager, "organizations", &["id"])
            .integers(&["id"])
            .texts(&["external_id", "name", "currency", "time_zone", "fact_currencies"])
            .integers(&["created_at"])
            .create(Reference)
            .await?;
        unique(manager, "uq_organizations_external_id", "organizations", &["external_id"]).await?;

        Columns::of(manager, "users", &["id"])
            .integers(&["id", "organization_id"])
            .texts(&["email", "name", "role"])
            .integers(&["created_at"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(Reference)
            .await?;
        unique(manager, "uq_users_email", "users", &["email"]).await?;

        Columns::of(manager, "api_keys", &["id"])
            .integers(&["id", "organization_id"])
            .texts(&["prefix", "secret_hash", "last_four", "name", "scopes"])
            .integers(&["created_at"])
            .optional_integers(&["expires_at", "revoked_at"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(Reference)
            .await?;
        unique(manager, "uq_api_keys_secret_hash", "api_keys", &["secret_hash"]).await?;
        index(manager, "ix_api_keys_organization", "api_keys", &["organization_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["api_keys", "users", "organizations"]).await
    }
}
