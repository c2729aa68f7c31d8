//! The rest of the business: deals, subscriptions, stock, employees, support, marketing.

use sea_orm_migration::prelude::*;

use crate::table::{Columns, Placement::ByOrganization, drop_all, index, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        deals(manager).await?;
        subscriptions(manager).await?;
        stock(manager).await?;
        staff(manager).await?;
        tickets(manager).await?;
        campaigns(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(
            manager,
            &[
                "campaign_days",
                "campaigns",
                "tickets",
                "attendance",
                "employees",
                "stock_movements",
                "subscriptions",
                "deal_stages",
                "deals",
            ],
        )
        .await
    }
}

async fn deals(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "deals", &["organization_id", "deal_key"])
        .integers(&["organization_id", "deal_key"])
        .texts(&["deal_id"])
        .optional_texts(&["title"])
        .optional_integers(&["customer_key", "sales_rep_key"])
        .integers(&["value"])
        .texts(&["currency"])
        .optional_texts(&["source"])
        .integers(&["created_at"])
        .optional_integers(&["closed_at"])
        .references(&["organization_id", "customer_key"], "customers", &["organization_id", "customer_key"])
        .references(
            &["organization_id", "sales_rep_key"],
            "sales_reps",
            &["organization_id", "sales_rep_key"],
        )
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_deals_id", "deals", &["organization_id", "deal_id"]).await?;
    index(manager, "ix_deals_created", "deals", &["organization_id", "created_at"]).await?;
    index(manager, "ix_deals_closed", "deals", &["organization_id", "closed_at"]).await?;

    Columns::of(manager, "deal_stages", &["organization_id", "deal_key", "stage"])
        .integers(&["organization_id", "deal_key"])
        .small_integer("stage")
        .integers(&["entered_at"])
        .optional_integers(&["left_at"])
        .references(&["organization_id", "deal_key"], "deals", &["organization_id", "deal_key"])
        .create(ByOrganization)
        .await?;
    index(manager, "ix_deal_stages_entered", "deal_stages", &["organization_id", "entered_at", "stage"]).await
}

async fn subscriptions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "subscriptions", &["organization_id", "subscription_key"])
        .integers(&["organization_id", "subscription_key"])
        .texts(&["subscription_id"])
        .integers(&["customer_key"])
        .texts(&["plan"])
        .integers(&["amount"])
        .texts(&["currency"])
        .small_integer("interval")
        .integers(&["quantity", "started_at"])
        .optional_integers(&["ended_at", "trial_ends_at"])
        .references(&["organization_id", "customer_key"], "customers", &["organization_id", "customer_key"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_subscriptions_id", "subscriptions", &["organization_id", "subscription_id"]).await?;
    index(manager, "ix_subscriptions_started", "subscriptions", &["organization_id", "started_at"]).await?;
    index(manager, "ix_subscriptions_customer", "subscriptions", &["organization_id", "customer_key"]).await
}

async fn stock(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "stock_movements", &["organization_id", "movement_key"])
        .integers(&["organization_id", "movement_key"])
        .texts(&["movement_id"])
        .integers(&["product_key", "moved_at", "quantity"])
        .small_integer("kind")
        .optional_integers(&["unit_cost_micros"])
        .references(&["organization_id", "product_key"], "products", &["organization_id", "product_key"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_stock_movements_id", "stock_movements", &["organization_id", "movement_id"]).await?;
    index(manager, "ix_stock_movements_moved", "stock_movements", &["organization_id", "moved_at"]).await?;
    index(
        manager,
        "ix_stock_movements_product",
        "stock_movements",
        &["organization_id", "product_key", "moved_at"],
    )
    .await
}

async fn staff(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "employees", &["organization_id", "employee_key"])
        .integers(&["organization_id", "employee_key"])
        .texts(&["employee_id", "department"])
        .optional_texts(&["title", "location"])
        .integers(&["hired_at"])
        .optional_integers(&["left_at"])
        .optional_texts(&["leave_reason"])
        .references(&["organization_id"], "organizations", &["id"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_employees_id", "employees", &["organization_id", "employee_id"]).await?;

    Columns::of(manager, "attendance", &["organization_id", "employee_key", "day"])
        .integers(&["organization_id", "employee_key", "day"])
        .small_integer("status")
        .optional_integers(&["hours_micros"])
        .references(&["organization_id", "employee_key"], "employees", &["organization_id", "employee_key"])
        .create(ByOrganization)
        .await?;
    index(manager, "ix_attendance_day", "attendance", &["organization_id", "day", "status"]).await
}

async fn tickets(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "tickets", &["organization_id", "ticket_key"])
        .integers(&["organization_id", "ticket_key"])
        .texts(&["ticket_id"])
        .optional_integers(&["customer_key"])
        .optional_texts(&["channel", "priority", "category", "agent"])
        .integers(&["opened_at"])
        .optional_integers(&["first_replied_at", "resolved_at"])
        .integers(&["reopened_count"])
        .optional_integers(&["csat"])
        .references(&["organization_id", "customer_key"], "customers", &["organization_id", "customer_key"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_tickets_id", "tickets", &["organization_id", "ticket_id"]).await?;
    index(manager, "ix_tickets_opened", "tickets", &["organization_id", "opened_at"]).await?;
    index(manager, "ix_tickets_resolved", "tickets", &["organization_id", "resolved_at"]).await
}

async fn campaigns(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "campaigns", &["organization_id", "campaign_key"])
        .integers(&["organization_id", "campaign_key"])
        .texts(&["campaign_id", "name", "channel"])
        .optional_integers(&["started_at", "ended_at"])
        .references(&["organization_id"], "organizations", &["id"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_campaigns_id", "campaigns", &["organization_id", "campaign_id"]).await?;

    Columns::of(manager, "campaign_days", &["organization_id", "campaign_key", "day"])
        .integers(&["organization_id", "campaign_key", "day"])
        .optional_integers(&["spend"])
        .texts(&["currency"])
        .optional_integers(&[
            "impressions",
            "clicks",
            "sent",
            "delivered",
            "opened",
            "clicked",
            "bounced",
            "unsubscribed",
            "conversions",
            "revenue",
        ])
        .references(&["organization_id", "campaign_key"], "campaigns", &["organization_id", "campaign_key"])
        .create(ByOrganization)
        .await?;
    index(manager, "ix_campaign_days_day", "campaign_days", &["organization_id", "day"]).await
}
