//! How often what is kept added up of an organization became another.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("rollup_steps").big_integer().not_null().default(0_i64).to_owned();
        manager.alter_table(Table::alter().table("organizations").add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(Table::alter().table("organizations").drop_column("rollup_steps").to_owned())
            .await
    }
}
