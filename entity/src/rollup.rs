//! Facts added up by days and months.

use sea_orm::entity::prelude::*;

/// One block: what the facts of a day or of a month come to, told apart in one way. Derived from facts and disposable.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollups")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Which facts, and how they are told apart.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: i16,
    /// 0 for a day, 1 for a month, 2 for a month whose amounts are converted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub level: i16,
    /// Its first day on the organization's calendar, as days since 1970-01-01.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    /// What tells the block from others by what is in it.
    pub stamp: i64,
    /// Columns of keys and sums.
    pub block: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
