//! The database's steps, the same for SQLite and PostgreSQL, and placed for Citus where it is there.
//!
//! [`up`] is the one door: all pending steps run in one transaction under one lock, so that two servers that start
//! together are safe and a step that fails leaves nothing behind (SeaORM's own default is neither, on SQLite).

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::seaql_migrations;

mod m20261121_000001_control;
mod m20261121_000002_sales;
mod m20261121_000003_versions;
mod m20261121_000004_business;
mod m20261121_000005_lifetimes;
mod m20261122_000006_keeping;
mod m20261122_000007_sessions;
mod m20261122_000008_sharing;
mod m20261122_000009_discord;
mod m20261122_000010_affiliates;
mod m20261122_000011_limits;
mod m20261122_000012_intake;
mod m20261122_000013_rollups;
mod m20261122_000014_tracked;
mod m20261122_000015_refunds_of_orders;
mod m20261122_000016_stamps;
mod m20261123_000017_rollup_steps;
mod m20261123_000018_ended_subscriptions;
mod m20261123_000019_left_out_days;
mod m20261123_000020_rolled_orders;
mod m20261123_000021_moved_stock;
mod m20261124_000022_settled_version;
mod table;

/// PostgreSQL advisory lock that migrations hold: "chmigr" in hex.
const MIGRATION_LOCK: i64 = 0x6368_6d69_6772;

/// The list of steps, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_control::Migration),
            Box::new(m20261121_000002_sales::Migration),
            Box::new(m20261121_000003_versions::Migration),
            Box::new(m20261121_000004_business::Migration),
            Box::new(m20261121_000005_lifetimes::Migration),
            Box::new(m20261122_000006_keeping::Migration),
            Box::new(m20261122_000007_sessions::Migration),
            Box::new(m20261122_000008_sharing::Migration),
            Box::new(m20261122_000009_discord::Migration),
            Box::new(m20261122_000010_affiliates::Migration),
            Box::new(m20261122_000011_limits::Migration),
            Box::new(m20261122_000012_intake::Migration),
            Box::new(m20261122_000013_rollups::Migration),
            Box::new(m20261122_000014_tracked::Migration),
            Box::new(m20261122_000015_refunds_of_orders::Migration),
            Box::new(m20261122_000016_stamps::Migration),
            Box::new(m20261123_000017_rollup_steps::Migration),
            Box::new(m20261123_000018_ended_subscriptions::Migration),
            Box::new(m20261123_000019_left_out_days::Migration),
            Box::new(m20261123_000020_rolled_orders::Migration),
            Box::new(m20261123_000021_moved_stock::Migration),
            Box::new(m20261124_000022_settled_version::Migration),
        ]
    }
}

/// Names of all steps, oldest first.
pub fn steps() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

/// Brings the schema up to date, or leaves it as it was.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = begin(db).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}

/// Takes the last `steps` steps back, or leaves the schema as it was. Their tables' rows are lost.
pub async fn down(db: &DatabaseConnection, steps: u32) -> Result<(), DbErr> {
    let transaction = begin(db).await?;
    Migrator::down(&transaction, Some(steps)).await?;
    transaction.commit().await
}

/// Names of the steps that the database lacks, oldest first; empty when it is up to date.
///
/// Reads only, so that a health check may ask. Steps of a newer version that the database has already are no matter.
pub async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let applied: Vec<String> = if SchemaManager::new(db).has_table("seaql_migrations").await? {
        // Not the migrator's own list: that would make the table each time it is asked.
        seaql_migrations::Entity::find().all(db).await?.into_iter().map(|step| step.version).collect()
    } else {
        Vec::new()
    };
    Ok(steps().into_iter().filter(|name| !applied.contains(name)).collect())
}

/// A transaction that no other migrating server can hold at the same time.
async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = db.begin_with_options(options).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // A server's connections end slow statements; a step, or the wait for another server's, may take its time.
        transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        // Plain PostgreSQL takes settings of absent extensions; Citus needs both to place tables in a transaction.
        transaction
            .execute_unprepared(
                "SET LOCAL citus.enable_local_reference_table_foreign_keys = off; \
                 SET LOCAL citus.multi_shard_modify_mode = 'sequential'",
            )
            .await?;
    }
    Ok(transaction)
}
