//! Exchange rates, by UTC day.

use sea_orm::entity::prelude::*;

/// On `day`, 1 `from` = `rate` `to`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exchange_rates")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// ISO 4217 code of what is exchanged.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_currency: String,
    /// ISO 4217 code of what it is worth.
    #[sea_orm(primary_key, auto_increment = false)]
    pub to_currency: String,
    /// UTC day, as days since 1970-01-01.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    /// The rate, as a plain decimal (`1.0873`): text, so that not a digit is lost on either database.
    pub rate: String,
}

impl ActiveModelBehavior for ActiveModel {}
