//! Which organization's figures are told in which of Discord's servers.

use sea_orm_migration::prelude::*;

use crate::table::{Columns, Placement::Reference, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Columns::of(manager, "discord_guilds", &["guild_id"])
            .texts(&["guild_id"])
            .integers(&["organization_id"])
            .texts(&["roles"])
            .integers(&["created_at"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(Reference)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["discord_guilds"]).await
    }
}
