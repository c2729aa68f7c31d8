//! Stages that deals entered.

use sea_orm::entity::prelude::*;

use crate::Timestamp;
use crate::code::codes;

codes! {
    /// How far a deal has come.
    Stage {
        /// Somebody may be interested.
        Leads = 1 "LEADS",
        /// They are, and can pay.
        Qualified = 2 "QUALIFIED",
        /// They have an offer.
        Proposal = 3 "PROPOSAL",
        /// They talk about it.
        Negotiation = 4 "NEGOTIATION",
        /// They bought.
        Won = 5 "WON",
        /// They did not.
        Lost = 6 "LOST",
    }
}

/// A deal entered a stage: one fact of the funnel.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deal_stages")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// The deal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub deal_key: i64,
    /// The stage.
    #[sea_orm(primary_key, auto_increment = false)]
    pub stage: Stage,
    /// When it entered.
    pub entered_at: Timestamp,
    /// When it entered the next one, by time; absent while it stays. Kept by the transaction that writes stages.
    pub left_at: Option<Timestamp>,
    /// The deal.
    #[sea_orm(belongs_to, from = "(organization_id, deal_key)", to = "(organization_id, deal_key)")]
    pub deal: BelongsTo<super::deal::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
