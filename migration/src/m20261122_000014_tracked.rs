//! What tracking asks of every conversion that it is told: whether its order is one already. And the day's salt stays out of
//! PostgreSQL's log, its replicas and its base backups, where nobody could delete it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::table::{has_citus, index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index(manager, "ix_conversions_order", "conversions", &["organization_id", "order_id"]).await?;
        logged(manager, "UNLOGGED").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        logged(manager, "LOGGED").await?;
        manager.drop_index(Index::drop().name("ix_conversions_order").table("conversions").to_owned()).await
    }
}

/// Citus copies the table to its nodes, which takes the log.
async fn logged(manager: &SchemaManager<'_>, how: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if connection.get_database_backend() == DbBackend::Postgres && !has_citus(manager).await? {
        connection.execute_unprepared(&format!("ALTER TABLE tracking_salts SET {how}")).await?;
    }
    Ok(())
}
