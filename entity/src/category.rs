//! Product categories.

use sea_orm::entity::prelude::*;

/// A category; categories may nest.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "categories")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub category_key: i64,
    /// The source's id.
    pub category_id: String,
    /// Display name.
    pub name: String,
    /// The category above, if any.
    pub parent_key: Option<i64>,
    /// Products that stand directly in it.
    #[sea_orm(has_many)]
    pub products: HasMany<super::product::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
