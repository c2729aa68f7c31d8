//! Affiliates.

use sea_orm::entity::prelude::*;

/// Who refers customers to the shop, and is paid for what they buy.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "affiliates")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub affiliate_key: i64,
    /// The source's id.
    pub affiliate_id: String,
    /// Name of the person or firm.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Their codes.
    #[sea_orm(has_many)]
    pub tracking_codes: HasMany<super::tracking_code::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
