//! Stale days say how often and when they were marked, so that who adds one up without holding up writers knows whether it was
//! written to meanwhile; and whether their month's blocks are without them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            ColumnDef::new("marks").big_integer().not_null().default(1).to_owned(),
            ColumnDef::new("marked_at").big_integer().not_null().default(0).to_owned(),
            ColumnDef::new("left_out").boolean().not_null().default(false).to_owned(),
        ] {
            manager.alter_table(Table::alter().table("stale_days").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["left_out", "marked_at", "marks"] {
            manager.alter_table(Table::alter().table("stale_days").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
