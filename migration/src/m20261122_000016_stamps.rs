//! Rollups by the stamp of what they hold, which is read without it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::m20261122_000013_rollups::rollups;
use crate::table::drop_all;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        make_anew(manager, &["stamp"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        make_anew(manager, &[]).await
    }
}

/// Rollups are derived: what was kept is added up again.
async fn make_anew(manager: &SchemaManager<'_>, more: &[&'static str]) -> Result<(), DbErr> {
    drop_all(manager, &["rollups"]).await?;
    rollups(manager, more).await?;
    let connection = manager.get_connection();
    connection.execute_unprepared("DELETE FROM rollup_states").await?;
    connection.execute_unprepared("UPDATE organizations SET has_rollups = FALSE").await?;
    Ok(())
}
