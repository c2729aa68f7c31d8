//! What came into the stock and went out of it.

use sea_orm::entity::prelude::*;

use crate::Timestamp;
use crate::code::codes;

codes! {
    /// Why stock moves.
    Kind {
        /// It was delivered.
        Receipt = 1 "RECEIPT",
        /// It was sold.
        Sale = 2 "SALE",
        /// It came back.
        Return = 3 "RETURN",
        /// It was counted.
        Adjustment = 4 "ADJUSTMENT",
    }
}

/// Units of a product that came or went.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_movements")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub movement_key: i64,
    /// The source's id.
    pub movement_id: String,
    /// The product.
    pub product_key: i64,
    /// When.
    pub moved_at: Timestamp,
    /// How many came; less than zero where they went.
    pub quantity: i64,
    /// Why.
    pub kind: Kind,
    /// What one cost, in millionths of a major unit of the product's currency.
    pub unit_cost_micros: Option<i64>,
    /// The product.
    #[sea_orm(belongs_to, from = "(organization_id, product_key)", to = "(organization_id, product_key)")]
    pub product: BelongsTo<super::product::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
