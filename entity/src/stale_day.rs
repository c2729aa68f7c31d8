//! Days whose rollups are out of date.

use sea_orm::entity::prelude::*;

/// A day that was written to since it was added up: it is read from facts until it is added up again.
///
/// A mark, and no log, is enough: who writes facts and who adds them up hold the organization's lock until they commit,
/// so that no mark is taken away before the write that made it can be seen.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stale_days")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Which facts.
    #[sea_orm(primary_key, auto_increment = false)]
    pub topic: i16,
    /// The day on the organization's calendar, as days since 1970-01-01.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
}

impl ActiveModelBehavior for ActiveModel {}
