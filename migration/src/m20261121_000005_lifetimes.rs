//! From when to when customers are customers and subscriptions are paid for: instants that follow from others, in columns
//! of their own, so that reports find their rows by an index.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::table::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Columns that the database computes: table, column, and what it is.
const COMPUTED: [(&str, &str, &str); 3] = [
    ("customers", "won_at", "COALESCE(acquired_at, first_ordered_at, subscribed_from)"),
    // A trial that ends with the subscription was never paid for.
    (
        "subscriptions",
        "paid_from",
        "CASE WHEN ended_at <= started_at OR ended_at <= trial_ends_at THEN NULL \
         WHEN trial_ends_at > started_at THEN trial_ends_at ELSE started_at END",
    ),
    (
        "subscriptions",
        "paid_until",
        "CASE WHEN ended_at <= started_at OR ended_at <= trial_ends_at THEN NULL ELSE ended_at END",
    ),
];

/// Columns that writes keep.
const KEPT: [(&str, &str); 3] =
    [("customers", "last_ordered_at"), ("customers", "subscribed_from"), ("customers", "subscribed_until")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let window = ColumnDef::new("churn_days").big_integer().not_null().default(90).to_owned();
        manager.alter_table(Table::alter().table("organizations").add_column(window).to_owned()).await?;
        for (table, column) in KEPT {
            let column = ColumnDef::new(column).big_integer().null().to_owned();
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        let connection = manager.get_connection();
        // SQLite adds computed columns only where they take no room, PostgreSQL knew only stored ones for long.
        let kind = match connection.get_database_backend() {
            DbBackend::Postgres => "STORED",
            _ => "VIRTUAL",
        };
        for (table, column, is) in COMPUTED {
            let statement =
                format!("ALTER TABLE {table} ADD COLUMN {column} BIGINT GENERATED ALWAYS AS ({is}) {kind}");
            connection.execute_unprepared(&statement).await?;
        }
        connection.execute_unprepared("DROP INDEX ix_customers_won").await?;
        index(manager, "ix_customers_won", "customers", &["organization_id", "won_at"]).await?;
        index(manager, "ix_subscriptions_paid", "subscriptions", &["organization_id", "paid_from"]).await?;
        for statement in BACKFILL {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in [
            "DROP INDEX ix_customers_won",
            "DROP INDEX ix_subscriptions_paid",
            "CREATE INDEX ix_customers_won ON customers (organization_id, (COALESCE(acquired_at, first_ordered_at)))",
        ] {
            connection.execute_unprepared(statement).await?;
        }
        let computed = COMPUTED.iter().map(|(table, column, _)| (*table, *column));
        for (table, column) in computed.chain(KEPT).chain([("organizations", "churn_days")]) {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// What the writes before this step would have kept. Statuses 0 and 5 are draft and cancelled.
const BACKFILL: [&str; 2] = [
    "UPDATE customers SET last_ordered_at = (SELECT MAX(o.placed_at) FROM orders o \
     WHERE o.organization_id = customers.organization_id AND o.customer_key = customers.customer_key \
     AND o.status NOT IN (0, 5))",
    "UPDATE customers SET subscribed_from = s.first, subscribed_until = CASE WHEN s.running = 0 THEN s.last END \
     FROM (SELECT organization_id, customer_key, MIN(paid_from) AS first, MAX(paid_until) AS last, \
     SUM(CASE WHEN paid_until IS NULL THEN 1 ELSE 0 END) AS running FROM subscriptions \
     WHERE paid_from IS NOT NULL GROUP BY organization_id, customer_key) s \
     WHERE s.organization_id = customers.organization_id AND s.customer_key = customers.customer_key",
];
