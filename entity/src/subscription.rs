//! Subscriptions: revenue that comes again.

use sea_orm::entity::prelude::*;

use crate::Timestamp;
use crate::code::codes;

codes! {
    /// How often a subscription is paid.
    Interval {
        /// Each month.
        Month = 1 "MONTH",
        /// Each year.
        Year = 2 "YEAR",
    }
}

/// A subscription of one plan, from its start to its end. A change of plan or price is the end of one and the start of
/// another.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subscription_key: i64,
    /// The source's id.
    pub subscription_id: String,
    /// Who pays.
    pub customer_key: i64,
    /// What for.
    pub plan: String,
    /// Price of one an interval, in minor units of `currency`.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// How often it is paid.
    pub interval: Interval,
    /// How many.
    pub quantity: i64,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Until when it costs nothing.
    pub trial_ends_at: Option<Timestamp>,
    /// When it began to be paid for: its start, or its trial's end; none where it ended before. The database's.
    pub paid_from: Option<Timestamp>,
    /// When it was paid for no more; none while it is, or where it never was. The database's.
    pub paid_until: Option<Timestamp>,
    /// The customer.
    #[sea_orm(belongs_to, from = "(organization_id, customer_key)", to = "(organization_id, customer_key)")]
    pub customer: BelongsTo<super::customer::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
