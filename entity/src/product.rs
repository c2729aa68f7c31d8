//! Products.

use sea_orm::entity::prelude::*;

/// A product of an organization.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_key: i64,
    /// The source's id.
    pub product_id: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Display name.
    pub name: String,
    /// The category that it stands in.
    pub category_key: Option<i64>,
    /// List price, in millionths of a major unit of `currency`: prices may be finer than the currency's digits.
    pub unit_price_micros: Option<i64>,
    /// Cost, in millionths of a major unit of `currency`.
    pub unit_cost_micros: Option<i64>,
    /// ISO 4217 code of price and cost.
    pub currency: String,
    /// Whether it is on sale.
    pub is_active: bool,
    /// Units on hand now, where the source says.
    pub stock: Option<i64>,
    /// What its movements of stock come to, kept by whoever writes those; nothing where nothing moved.
    pub moved_stock: Option<i64>,
    /// The category.
    #[sea_orm(belongs_to, from = "(organization_id, category_key)", to = "(organization_id, category_key)")]
    pub category: BelongsTo<Option<super::category::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
