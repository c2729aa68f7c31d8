//! Marketing campaigns.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A campaign on one channel.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_key: i64,
    /// The source's id.
    pub campaign_id: String,
    /// Display name.
    pub name: String,
    /// Through what: `search`, `email`, …
    pub channel: String,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
