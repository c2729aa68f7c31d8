//! Tracking codes.

use sea_orm::entity::prelude::*;

/// A code that links carry, so that clicks and conversions are known to be an affiliate's. It may have a rule of commission: a
/// share of the total or a fixed amount, never both.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracking_codes")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tracking_code_key: i64,
    /// The code itself.
    pub tracking_code: String,
    /// Whose it is; absent for the shop's own campaigns.
    pub affiliate_key: Option<i64>,
    /// Share of a conversion's total that it earns, in millionths.
    pub commission_rate: Option<i64>,
    /// Amount that a conversion earns instead, in minor units of `currency`.
    pub commission_fixed: Option<i64>,
    /// ISO 4217 code of `commission_fixed`.
    pub currency: String,
    /// The affiliate.
    #[sea_orm(
        belongs_to,
        from = "(organization_id, affiliate_key)",
        to = "(organization_id, affiliate_key)"
    )]
    pub affiliate: BelongsTo<Option<super::affiliate::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
