//! Rollups by the stamp of what they hold, which is read without it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::table::{Columns, Placement::ByOrganization, drop_all};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        make_anew(manager, true).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        make_anew(manager, false).await
    }
}

/// Rollups are derived: what was kept is added up again.
async fn make_anew(manager: &SchemaManager<'_>, has_stamps: bool) -> Result<(), DbErr> {
    drop_all(manager, &["rollups"]).await?;
    let columns = Columns::of(manager, "rollups", &["organization_id", "kind", "level", "day"])
        .integers(&["organization_id"])
        .small_integer("kind")
        .small_integer("level")
        .integers(&["day"]);
    // Before the block: what stands behind it is read with all of it by SQLite.
    let columns = if has_stamps { columns.integers(&["stamp"]) } else { columns };
    columns
        .bytes("block")
        .references(&["organization_id"], "organizations", &["id"])
        .create(ByOrganization)
        .await?;
    let connection = manager.get_connection();
    if connection.get_database_backend() == DbBackend::Postgres {
        let plain = "ALTER TABLE rollups ALTER COLUMN block SET STORAGE EXTERNAL";
        connection.execute_unprepared(plain).await?;
    }
    connection.execute_unprepared("DELETE FROM rollup_states").await?;
    connection.execute_unprepared("UPDATE organizations SET has_rollups = FALSE").await?;
    Ok(())
}
