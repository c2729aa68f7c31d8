//! The affiliate side: who refers customers, by which codes, what visitors did, what became of it.

use sea_orm_migration::prelude::*;

use crate::table::{Columns, Placement::ByOrganization, drop_all, index, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// An organization's default rule of commission: a share in millionths, or an amount in minor units of its currency.
const DEFAULT_RULE: [&str; 2] = ["commission_rate", "commission_fixed"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in DEFAULT_RULE {
            let column = ColumnDef::new(column).big_integer().null().to_owned();
            manager.alter_table(Table::alter().table("organizations").add_column(column).to_owned()).await?;
        }
        referrers(manager).await?;
        events(manager).await?;
        conversions(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["conversions", "events", "tracking_codes", "affiliates"]).await?;
        for column in DEFAULT_RULE {
            manager.alter_table(Table::alter().table("organizations").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

async fn referrers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "affiliates", &["organization_id", "affiliate_key"])
        .integers(&["organization_id", "affiliate_key"])
        .texts(&["affiliate_id", "name"])
        .optional_texts(&["email"])
        .references(&["organization_id"], "organizations", &["id"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_affiliates_id", "affiliates", &["organization_id", "affiliate_id"]).await?;

    Columns::of(manager, "tracking_codes", &["organization_id", "tracking_code_key"])
        .integers(&["organization_id", "tracking_code_key"])
        .texts(&["tracking_code"])
        .optional_integers(&["affiliate_key", "commission_rate", "commission_fixed"])
        .texts(&["currency"])
        .references(
            &["organization_id", "affiliate_key"],
            "affiliates",
            &["organization_id", "affiliate_key"],
        )
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_tracking_codes_code", "tracking_codes", &["organization_id", "tracking_code"]).await
}

/// Events come by the thousand a second: no foreign keys, which PostgreSQL would look up and lock once a row, all events of a
/// code behind one another; the keys come from the tables themselves, whose rows are never taken away.
async fn events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "events", &["organization_id", "event_key"])
        .integers(&["organization_id", "event_key"])
        .texts(&["event_id"])
        .integers(&["occurred_at"])
        .small_integer("type")
        .optional_texts(&["session_id"])
        .optional_integers(&["tracking_code_key"])
        .optional_texts(&["page_url", "referrer_url"])
        .optional_integers(&["product_key"])
        .optional_texts(&["device", "browser", "os", "country", "traffic_source"])
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_events_id", "events", &["organization_id", "event_id"]).await?;
    // Covers counts by type and visitors of a period, and has the newest at its end.
    index(manager, "ix_events_occurred", "events", &["organization_id", "occurred_at", "type", "session_id"])
        .await?;
    // The clicks that a conversion's session came by. Written out: sea-query has no index over a part of the rows.
    manager
        .get_connection()
        .execute_unprepared(
            "CREATE INDEX ix_events_referred ON events \
             (organization_id, session_id, type, occurred_at, event_key, tracking_code_key) \
             WHERE session_id IS NOT NULL AND tracking_code_key IS NOT NULL",
        )
        .await?;
    Ok(())
}

async fn conversions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Columns::of(manager, "conversions", &["organization_id", "conversion_key"])
        .integers(&["organization_id", "conversion_key"])
        .texts(&["conversion_id"])
        .optional_texts(&["order_id"])
        .integers(&["converted_at"])
        .optional_integers(&["tracking_code_key"])
        .optional_texts(&["session_id"])
        .integers(&["order_total"])
        .optional_integers(&["commission"])
        .texts(&["currency"])
        .references(
            &["organization_id", "tracking_code_key"],
            "tracking_codes",
            &["organization_id", "tracking_code_key"],
        )
        .create(ByOrganization)
        .await?;
    unique(manager, "uq_conversions_id", "conversions", &["organization_id", "conversion_id"]).await?;
    index(manager, "ix_conversions_converted", "conversions", &["organization_id", "converted_at"]).await
}
