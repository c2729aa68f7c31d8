//! Refunds.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// Money given back for an order, dated when it was given.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub refund_key: i64,
    /// The source's id.
    pub refund_id: String,
    /// The order that it is for.
    pub order_key: i64,
    /// When it was refunded: the instant that it belongs to in every report.
    pub refunded_at: Timestamp,
    /// Amount given back, in minor units of the order's currency; positive.
    pub amount: i64,
    /// The product that came back, where one did.
    pub product_key: Option<i64>,
    /// Units that came back.
    pub quantity: Option<i64>,
    /// Why, in the source's words.
    pub reason: Option<String>,
    /// The order.
    #[sea_orm(belongs_to, from = "(organization_id, order_key)", to = "(organization_id, order_key)")]
    pub order: BelongsTo<super::order::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
