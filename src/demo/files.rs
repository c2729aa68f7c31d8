//! The dataset folder: one CSV file an entity, its columns, and how many rows each got.

use std::fs::File;
use std::path::Path;

use super::{DemoError, Written};

/// The files of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    Customers,
    Categories,
    Products,
    SalesReps,
    Orders,
    OrderItems,
    Refunds,
    ExchangeRates,
    StockMovements,
    Deals,
    DealStages,
    Subscriptions,
    Employees,
    Attendance,
    Tickets,
    Campaigns,
    CampaignDays,
    Affiliates,
    TrackingCodes,
    Events,
    Conversions,
}

/// Each entity's name and columns, in the order of [`Entity`].
const COLUMNS: [(&str, &[&str]); 21] = [
    (
        "customers",
        &[
            "customer_id",
            "customer_number",
            "name",
            "company_name",
            "email",
            "country",
            "region",
            "city",
            "acquisition_channel",
            "acquired_at",
        ],
    ),
    ("categories", &["category_id", "name", "parent_id"]),
    (
        "products",
        &[
            "product_id",
            "sku",
            "name",
            "category_id",
            "unit_price",
            "unit_cost",
            "currency",
            "is_active",
            "stock",
        ],
    ),
    ("sales_reps", &["sales_rep_number", "name"]),
    (
        "orders",
        &[
            "order_id",
            "customer_id",
            "sales_rep_number",
            "placed_at",
            "status",
            "currency",
            "total",
            "discount",
            "shipping",
            "tax",
            "channel",
            "coupon_code",
            "country",
            "region",
            "city",
        ],
    ),
    (
        "order_items",
        &["order_id", "line_number", "product_id", "quantity", "unit_price", "discount", "line_total"],
    ),
    ("refunds", &["refund_id", "order_id", "refunded_at", "amount", "product_id", "quantity", "reason"]),
    ("exchange_rates", &["day", "from", "to", "rate"]),
    ("stock_movements", &["movement_id", "product_id", "moved_at", "quantity", "kind", "unit_cost"]),
    ("deals", &["deal_id", "title", "customer_id", "sales_rep_number", "value", "source", "created_at"]),
    ("deal_stages", &["deal_id", "stage", "entered_at"]),
    (
        "subscriptions",
        &[
            "subscription_id",
            "customer_id",
            "plan",
            "amount",
            "interval",
            "quantity",
            "started_at",
            "ended_at",
            "trial_ends_at",
        ],
    ),
    ("employees", &["employee_id", "department", "title", "location", "hired_at", "left_at", "leave_reason"]),
    ("attendance", &["employee_id", "day", "status", "hours"]),
    (
        "tickets",
        &[
            "ticket_id",
            "customer_id",
            "channel",
            "priority",
            "category",
            "agent",
            "opened_at",
            "first_replied_at",
            "resolved_at",
            "reopened_count",
            "csat",
        ],
    ),
    ("campaigns", &["campaign_id", "name", "channel", "started_at", "ended_at"]),
    (
        "campaign_days",
        &[
            "campaign_id",
            "day",
            "spend",
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
        ],
    ),
    ("affiliates", &["affiliate_id", "name", "email"]),
    ("tracking_codes", &["tracking_code", "affiliate_id", "commission_rate", "commission_fixed"]),
    (
        "events",
        &[
            "event_id",
            "occurred_at",
            "type",
            "session_id",
            "tracking_code",
            "page_url",
            "referrer_url",
            "product_id",
            "device",
            "browser",
            "os",
            "country",
            "traffic_source",
        ],
    ),
    (
        "conversions",
        &[
            "conversion_id",
            "order_id",
            "converted_at",
            "tracking_code",
            "session_id",
            "order_total",
            "commission",
            "currency",
        ],
    ),
];

/// The open files.
pub struct Files(Vec<(csv::Writer<File>, u64)>);

impl Files {
    /// Makes the folder and its files, each with its header.
    pub fn create(folder: &Path) -> Result<Self, DemoError> {
        std::fs::create_dir_all(folder).map_err(csv::Error::from)?;
        let open = |(name, columns): &(&str, &[&str])| {
            let path = folder.join(format!("{name}.csv"));
            let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 17).from_path(path)?;
            writer.write_record(*columns)?;
            Ok((writer, 0))
        };
        COLUMNS.iter().map(open).collect::<Result<_, csv::Error>>().map(Self).map_err(DemoError::from)
    }

    /// Writes a row, with as many fields as the entity has columns.
    pub fn write<const FIELDS: usize>(
        &mut self,
        entity: Entity,
        row: [&str; FIELDS],
    ) -> Result<(), DemoError> {
        let (writer, rows) = &mut self.0[entity as usize];
        writer.write_record(row)?;
        *rows += 1;
        Ok(())
    }

    /// Closes the files and tells how many rows each has.
    pub fn finish(self) -> Result<Written, DemoError> {
        let mut counts = Vec::with_capacity(self.0.len());
        for ((name, _), (mut writer, rows)) in COLUMNS.iter().zip(self.0) {
            writer.flush().map_err(csv::Error::from)?;
            counts.push((*name, rows));
        }
        Ok(Written(counts))
    }
}
