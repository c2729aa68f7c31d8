//! Organizations: the tenants.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// An organization: whose numbers they are.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organizations")]
pub struct Model {
    /// Dense integer, given by the application; first in every tenant key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The name that credentials carry (JWT claim `OrganizationId`).
    #[sea_orm(unique)]
    pub external_id: String,
    /// Display name.
    pub name: String,
    /// ISO 4217 code of the currency that reports are told in.
    pub currency: String,
    /// IANA time zone that calendars are cut by where a report asks for local time.
    pub time_zone: String,
    /// Every currency that a fact of this organization ever carried, as codes parted by commas: tells a report
    /// whether anything is to be converted. Grows only.
    pub fact_currencies: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often its data was written. Each write that changes anything adds one in its own transaction, so that who
    /// sees a version sees what it wrote.
    pub version: i64,
    /// Days without an order after which a customer without subscriptions counts as lost.
    pub churn_days: i64,
    /// Share of a conversion's total that is earned where neither the conversion nor its code says otherwise, in millionths.
    pub commission_rate: Option<i64>,
    /// Amount that is earned instead, in minor units of `currency`. At most one of the two is there.
    pub commission_fixed: Option<i64>,
    /// Whether any of its facts are kept added up: then writes say which days they touched.
    pub has_rollups: bool,
    /// How often what is kept added up became another: where neither this nor `version` changed, it is the same.
    pub rollup_steps: i64,
    /// The largest `order_key` of which rollups know: facts of orders after it are in none, and are read as they are. The
    /// largest number that there is where nothing is kept added up.
    pub rolled_orders: i64,
    /// The `version` of the last write of anything but orders after `rolled_orders`, and their lines.
    pub settled_version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
