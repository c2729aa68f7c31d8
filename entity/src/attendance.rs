//! Who was at work on a day.

use sea_orm::entity::prelude::*;

use crate::code::codes;

codes! {
    /// Where somebody was on a scheduled day.
    Status {
        /// At work.
        Present = 1 "PRESENT",
        /// At work elsewhere.
        Remote = 2 "REMOTE",
        /// At work, after its beginning.
        Late = 3 "LATE",
        /// On leave.
        Leave = 4 "LEAVE",
        /// Ill.
        Sick = 5 "SICK",
        /// Away without leave.
        Absent = 6 "ABSENT",
    }
}

/// An employee on a scheduled day.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// The employee.
    #[sea_orm(primary_key, auto_increment = false)]
    pub employee_key: i64,
    /// The day, as days since 1970-01-01.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    /// Where they were.
    pub status: Status,
    /// Hours worked, in millionths.
    pub hours_micros: Option<i64>,
    /// The employee.
    #[sea_orm(belongs_to, from = "(organization_id, employee_key)", to = "(organization_id, employee_key)")]
    pub employee: BelongsTo<super::employee::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
