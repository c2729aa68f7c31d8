//! Support tickets.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A customer asked for help.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tickets")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ticket_key: i64,
    /// The source's id.
    pub ticket_id: String,
    /// Who asked, where they are known.
    pub customer_key: Option<i64>,
    /// Through what.
    pub channel: Option<String>,
    /// How urgent.
    pub priority: Option<String>,
    /// What about.
    pub category: Option<String>,
    /// Who answers.
    pub agent: Option<String>,
    /// When they asked.
    pub opened_at: Timestamp,
    /// When somebody first answered.
    pub first_replied_at: Option<Timestamp>,
    /// When it was settled.
    pub resolved_at: Option<Timestamp>,
    /// How often it was settled and was not.
    pub reopened_count: i64,
    /// How content they were, 1 to 5.
    pub csat: Option<i64>,
    /// The customer.
    #[sea_orm(belongs_to, from = "(organization_id, customer_key)", to = "(organization_id, customer_key)")]
    pub customer: BelongsTo<Option<super::customer::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
