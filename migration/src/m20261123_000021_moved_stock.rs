//! What a product's movements of stock come to stands beside it, so that nobody who asks for the stock of now adds up all
//! that ever moved.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMN: &str = "moved_stock";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(COLUMN).big_integer().null().to_owned();
        manager.alter_table(Table::alter().table("products").add_column(column).to_owned()).await?;
        manager.get_connection().execute_unprepared(BACKFILL).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("products").drop_column(COLUMN).to_owned()).await
    }
}

/// What the writes before this step would have kept: nothing where nothing moved.
const BACKFILL: &str = "UPDATE products SET moved_stock = m.moved FROM \
    (SELECT organization_id, product_key, CAST(SUM(quantity) AS BIGINT) AS moved FROM stock_movements \
     GROUP BY organization_id, product_key) m \
    WHERE m.organization_id = products.organization_id AND m.product_key = products.product_key";
