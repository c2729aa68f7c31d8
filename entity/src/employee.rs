//! Employees.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// Somebody who works here, or did.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "employees")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub employee_key: i64,
    /// The source's id.
    pub employee_id: String,
    /// Where in the organization.
    pub department: String,
    /// What they do.
    pub title: Option<String>,
    /// Where in the world.
    pub location: Option<String>,
    /// When they came.
    pub hired_at: Timestamp,
    /// When they left.
    pub left_at: Option<Timestamp>,
    /// Why, in the source's words.
    pub leave_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
