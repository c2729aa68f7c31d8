//! Conversions: what visits came to.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// An order that somebody was referred to: one fact of the source `conversions`. Amounts are minor units of `currency`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversions")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization, given at first sight: the id that feeds show.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversion_key: i64,
    /// The source's id.
    pub conversion_id: String,
    /// The order's id, as the source writes it; the order itself need not be there, or may come later.
    pub order_id: Option<String>,
    /// When it happened: the instant that it belongs to in every report.
    pub converted_at: Timestamp,
    /// The code that it names. One that names none is told by the clicks of its session.
    pub tracking_code_key: Option<i64>,
    /// The visit that it was part of.
    pub session_id: Option<String>,
    /// What the customer pays.
    pub order_total: i64,
    /// What the affiliate earns, as the source says; absent, a rule says it.
    pub commission: Option<i64>,
    /// ISO 4217 code of both amounts.
    pub currency: String,
    /// The code.
    #[sea_orm(
        belongs_to,
        from = "(organization_id, tracking_code_key)",
        to = "(organization_id, tracking_code_key)"
    )]
    pub tracking_code: BelongsTo<Option<super::tracking_code::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
