//! Rollups: facts added up by days and months, how far they go, and the days that they say nothing of at present.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::table::{Columns, Placement::ByOrganization, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("has_rollups").boolean().not_null().default(false).to_owned();
        manager.alter_table(Table::alter().table("organizations").add_column(column).to_owned()).await?;
        rollups(manager, &[]).await?;
        Columns::of(manager, "rollup_states", &["organization_id", "kind"])
            .integers(&["organization_id"])
            .small_integer("kind")
            .integers(&["shape", "until_day"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(ByOrganization)
            .await?;
        Columns::of(manager, "stale_days", &["organization_id", "topic", "day"])
            .integers(&["organization_id"])
            .small_integer("topic")
            .integers(&["day"])
            .references(&["organization_id"], "organizations", &["id"])
            .create(ByOrganization)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["stale_days", "rollup_states", "rollups"]).await?;
        manager.alter_table(Table::alter().table("organizations").drop_column("has_rollups").to_owned()).await
    }
}

/// The table of blocks, with more numbers before the block: what stands behind it is read with all of it by SQLite.
pub async fn rollups(manager: &SchemaManager<'_>, more: &[&'static str]) -> Result<(), DbErr> {
    Columns::of(manager, "rollups", &["organization_id", "kind", "level", "day"])
        .integers(&["organization_id"])
        .small_integer("kind")
        .small_integer("level")
        .integers(&["day"])
        .integers(more)
        .bytes("block")
        .references(&["organization_id"], "organizations", &["id"])
        .create(ByOrganization)
        .await?;
    let connection = manager.get_connection();
    if connection.get_database_backend() == DbBackend::Postgres {
        // Blocks are small as they are: to press them once more only makes reading slower.
        let plain = "ALTER TABLE rollups ALTER COLUMN block SET STORAGE EXTERNAL";
        connection.execute_unprepared(plain).await?;
    }
    Ok(())
}
