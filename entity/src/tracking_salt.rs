//! The salts that sessions are told apart by, one a day.

use sea_orm::entity::prelude::*;

/// A day's salt. When the day is over the row is deleted, and nobody can tell any more whose session was which.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracking_salts")]
pub struct Model {
    /// The UTC day, as days since 1970-01-01.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    /// 256 random bits, in lower-case hex.
    pub salt: String,
}

impl ActiveModelBehavior for ActiveModel {}
