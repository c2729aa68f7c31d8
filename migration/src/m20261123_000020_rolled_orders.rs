//! Organizations say up to which order rollups go: days need not be marked for each order that comes.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("rolled_orders").big_integer().not_null().default(i64::MAX).to_owned();
        manager.alter_table(Table::alter().table("organizations").add_column(column).to_owned()).await?;
        // What is marked already stays so.
        let last = "UPDATE organizations SET rolled_orders = \
                    COALESCE((SELECT MAX(o.order_key) FROM orders o WHERE o.organization_id = organizations.id), 0) \
                    WHERE has_rollups";
        manager.get_connection().execute_unprepared(last).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Orders that came last are in no rollup, and nothing else would say which those are: all is added up anew.
        for statement in [
            "DELETE FROM rollups",
            "DELETE FROM rollup_states",
            "DELETE FROM stale_days",
            "UPDATE organizations SET has_rollups = FALSE, rollup_steps = rollup_steps + 1 WHERE has_rollups",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager
            .alter_table(Table::alter().table("organizations").drop_column("rolled_orders").to_owned())
            .await
    }
}
