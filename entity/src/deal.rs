//! Deals: what may become sales.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A deal, from the first lead to its end.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deals")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub deal_key: i64,
    /// The source's id.
    pub deal_id: String,
    /// What it is about.
    pub title: Option<String>,
    /// Whom it is with, where they are known.
    pub customer_key: Option<i64>,
    /// Who works on it.
    pub sales_rep_key: Option<i64>,
    /// What it is worth, in minor units of `currency`.
    pub value: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Where it came from.
    pub source: Option<String>,
    /// When it came up.
    pub created_at: Timestamp,
    /// Since when it is won or lost, none while it is open or open again; kept by the transaction that writes its stages.
    pub closed_at: Option<Timestamp>,
    /// The customer.
    #[sea_orm(belongs_to, from = "(organization_id, customer_key)", to = "(organization_id, customer_key)")]
    pub customer: BelongsTo<Option<super::customer::Entity>>,
    /// The sales representative.
    #[sea_orm(
        belongs_to,
        from = "(organization_id, sales_rep_key)",
        to = "(organization_id, sales_rep_key)"
    )]
    pub sales_rep: BelongsTo<Option<super::sales_rep::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
