//! How much a minute each API key may ask for, where the server's settings do not say it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let limits = ColumnDef::new("rate_limits").text().not_null().default("").to_owned();
        manager.alter_table(Table::alter().table("api_keys").add_column(limits).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("api_keys").drop_column("rate_limits").to_owned()).await
    }
}
