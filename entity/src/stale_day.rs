//! Days whose rollups are out of date, or that their month leaves out.

use sea_orm::entity::prelude::*;

/// A day that was written to since it was added up is read from facts until it is added up again. What is written to again and
/// again, as today, is left out of its month, so that only the day is added up each time.
///
/// A mark, and no log, is enough: who adds up reads marks and facts in one snapshot, and takes those marks away, under the lock
/// of who writes, that he read.
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
    /// How often it was written to since it was added up.
    pub marks: i64,
    /// When it was written to last, in microseconds since 1970.
    pub marked_at: i64,
    /// Whether its month's blocks are without it.
    pub left_out: bool,
}

impl ActiveModelBehavior for ActiveModel {}
