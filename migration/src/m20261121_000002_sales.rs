//! The sales side: what orders point to, orders and their lines, refunds, exchange rates.

use sea_orm_migration::prelude::*;

use crate::table::{Columns, Placement::ByOrganization, drop_all, index, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        parties(manager).await?;
        catalogue(manager).await?;
        orders(manager).await?;
        exchange_rates(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(
            manager,
            &[
                "exchange_rates",
                "refunds",
                "order_items",
                "orders",
                "products",
                "categories",
                "sales_reps",
                "customers",
            ],
        )
        .await
    }
}

async fn parties(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "customers", &["organization_id", "customer_key"])
        .integers(&["organization_id", "customer_key"])
        .texts(&["customer_id"])
        .optional_texts(&["customer_number"])
        .texts(&["name"])
        .optional_texts(&["company_name", "email", "country", "region", "city", "acquisition_channel"])
        .optional_integers(&["acquired_at", "churned_at", "first_ordered_at"])
        .references(&["organization_id"], "organizations", &["id"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_customers_id", "customers", &["organization_id", "customer_id"]).await?;
    // New customers of a period are found by the instant that counts: the source's word, else the first order.
    // Written out: sea-query has no expression in an index on SQLite. The statement is the same on both.
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE INDEX ix_customers_won ON customers \
             (organization_id, (COALESCE(acquired_at, first_ordered_at)))",
        )
        .await?;

    Columns::of(manager, "sales_reps", &["organization_id", "sales_rep_key"])
        .integers(&["organization_id", "sales_rep_key"])
        .texts(&["sales_rep_number", "name"])
        .references(&["organization_id"], "organizations", &["id"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_sales_reps_number", "sales_reps", &["organization_id", "sales_rep_number"]).await
}

async fn catalogue(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "categories", &["organization_id", "category_key"])
        .integers(&["organization_id", "category_key"])
        .texts(&["category_id", "name"])
        .optional_integers(&["parent_key"])
        .references(&["organization_id"], "organizations", &["id"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_categories_id", "categories", &["organization_id", "category_id"]).await?;

    Columns::of(manager, "products", &["organization_id", "product_key"])
        .integers(&["organization_id", "product_key"])
        .texts(&["product_id", "sku", "name"])
        .optional_integers(&["category_key", "unit_price_micros", "unit_cost_micros"])
        .texts(&["currency"])
        .boolean("is_active")
        .optional_integers(&["stock"])
        .references(&["organization_id", "category_key"], "categories", &["organization_id", "category_key"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_products_id", "products", &["organization_id", "product_id"]).await
}

async fn orders(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "orders", &["organization_id", "order_key"])
        .integers(&["organization_id", "order_key"])
        .texts(&["order_id"])
        .optional_integers(&["customer_key", "sales_rep_key"])
        .integers(&["placed_at"])
        .small_integer("status")
        .texts(&["currency"])
        .integers(&["total", "discount", "shipping", "tax"])
        .optional_texts(&["channel", "coupon_code", "country", "region", "city"])
        .references(&["organization_id", "customer_key"], "customers", &["organization_id", "customer_key"])
        .references(
            &["organization_id", "sales_rep_key"],
            "sales_reps",
            &["organization_id", "sales_rep_key"],
        )
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_orders_id", "orders", &["organization_id", "order_id"]).await?;
    // Covers the headline figures: revenue, orders and active customers of a period never touch the table.
    index(
        manager,
        "ix_orders_placed",
        "orders",
        &["organization_id", "placed_at", "status", "currency", "total", "customer_key"],
    )
    .await?;
    index(manager, "ix_orders_customer", "orders", &["organization_id", "customer_key", "placed_at"]).await?;

    Columns::of(manager, "order_items", &["organization_id", "order_key", "line_number"])
        .integers(&[
            "organization_id",
            "order_key",
            "line_number",
            "product_key",
            "quantity",
            "unit_price_micros",
            "discount",
            "line_total",
        ])
        .references(&["organization_id", "order_key"], "orders", &["organization_id", "order_key"])
        .references(&["organization_id", "product_key"], "products", &["organization_id", "product_key"])
        .create(ByOrganization)
        .await?;

    Columns::of(manager, "refunds", &["organization_id", "refund_key"])
        .integers(&["organization_id", "refund_key"])
        .texts(&["refund_id"])
        .integers(&["order_key", "refunded_at", "amount"])
        .optional_integers(&["product_key", "quantity"])
        .optional_texts(&["reason"])
        .references(&["organization_id", "order_key"], "orders", &["organization_id", "order_key"])
        .references(&["organization_id", "product_key"], "products", &["organization_id", "product_key"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_refunds_id", "refunds", &["organization_id", "refund_id"]).await?;
    index(
        manager,
        "ix_refunds_refunded",
        "refunds",
        &["organization_id", "refunded_at", "order_key", "amount"],
    )
    .await
}

async fn exchange_rates(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "exchange_rates", &["organization_id", "from_currency", "to_currency", "day"])
        .integers(&["organization_id"])
        .texts(&["from_currency", "to_currency"])
        .integers(&["day"])
        .texts(&["rate"])
        .references(&["organization_id"], "organizations", &["id"])
        .create(ByOrganization)
        .await
}
