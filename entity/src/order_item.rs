//! Lines of orders.

use sea_orm::entity::prelude::*;

/// One line of an order. Amounts are minor units of the order's currency.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_items")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_key: i64,
    /// Number of the line within the order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_number: i64,
    /// What was ordered.
    pub product_key: i64,
    /// How many units; negative where a source books a return as a line.
    pub quantity: i64,
    /// Price of one unit, in millionths of a major unit.
    pub unit_price_micros: i64,
    /// Taken off the line.
    pub discount: i64,
    /// What the line adds to the order: quantity × price − discount, rounded once.
    pub line_total: i64,
    /// The order.
    #[sea_orm(belongs_to, from = "(organization_id, order_key)", to = "(organization_id, order_key)")]
    pub order: BelongsTo<super::order::Entity>,
    /// The product.
    #[sea_orm(belongs_to, from = "(organization_id, product_key)", to = "(organization_id, product_key)")]
    pub product: BelongsTo<super::product::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
