//! What campaigns did, by day.

use sea_orm::entity::prelude::*;

/// One day of a campaign. What its channel does not tell is absent.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_days")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// The campaign.
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_key: i64,
    /// The day, as days since 1970-01-01.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    /// What it cost, in minor units of `currency`.
    pub spend: Option<i64>,
    /// ISO 4217 code.
    pub currency: String,
    /// How often it was shown.
    pub impressions: Option<i64>,
    /// How often it was clicked.
    pub clicks: Option<i64>,
    /// Mails sent.
    pub sent: Option<i64>,
    /// Mails that arrived.
    pub delivered: Option<i64>,
    /// Mails that were opened, each once.
    pub opened: Option<i64>,
    /// Mails in which something was clicked, each once.
    pub clicked: Option<i64>,
    /// Mails that came back.
    pub bounced: Option<i64>,
    /// Mails after which somebody wanted no more.
    pub unsubscribed: Option<i64>,
    /// What it was for, done.
    pub conversions: Option<i64>,
    /// What was sold through it by its own count, in minor units of `currency`.
    pub revenue: Option<i64>,
    /// The campaign.
    #[sea_orm(belongs_to, from = "(organization_id, campaign_key)", to = "(organization_id, campaign_key)")]
    pub campaign: BelongsTo<super::campaign::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
