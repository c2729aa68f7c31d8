//! Orders.

use sea_orm::entity::prelude::*;

use crate::Timestamp;
use crate::code::codes;

codes! {
    /// Where an order stands, in the order of its life.
    Status {
        /// Not placed yet; counts in gross revenue alone.
        Draft = 0 "DRAFT",
        /// Placed.
        Submitted = 1 "SUBMITTED",
        /// Accepted.
        Confirmed = 2 "CONFIRMED",
        /// On its way.
        Shipped = 3 "SHIPPED",
        /// Arrived.
        Delivered = 4 "DELIVERED",
        /// Called off; counts in gross revenue and in cancellations.
        Cancelled = 5 "CANCELLED",
    }
}

/// An order: one fact of the source `orders`. Amounts are minor units of `currency`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_key: i64,
    /// The source's id.
    pub order_id: String,
    /// Who ordered; absent for guests.
    pub customer_key: Option<i64>,
    /// Who sold it.
    pub sales_rep_key: Option<i64>,
    /// When it was placed: the instant that it belongs to in every report.
    pub placed_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// ISO 4217 code of all amounts here and of the order's lines and refunds.
    pub currency: String,
    /// What the customer pays.
    pub total: i64,
    /// Taken off at the order (not at its lines).
    pub discount: i64,
    /// Charged for delivery.
    pub shipping: i64,
    /// Tax within the total.
    pub tax: i64,
    /// Sales channel (`web`, `store`, …).
    pub channel: Option<String>,
    /// Coupon used.
    pub coupon_code: Option<String>,
    /// Country of delivery.
    pub country: Option<String>,
    /// Region of delivery.
    pub region: Option<String>,
    /// City of delivery.
    pub city: Option<String>,
    /// The customer.
    #[sea_orm(belongs_to, from = "(organization_id, customer_key)", to = "(organization_id, customer_key)")]
    pub customer: BelongsTo<Option<super::customer::Entity>>,
    /// The sales representative.
    #[sea_orm(
        belongs_to,
        from = "(organization_id, sales_rep_key)",
        to = "(organization_id, sales_rep_key)"
    )]
    pub sales_rep: BelongsTo<Option<super::sales_rep::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
