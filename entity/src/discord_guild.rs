//! Discord's servers, which it calls guilds.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A server whose members may ask for an organization's reports. Its number is unique among all organizations, as a
/// user's address is: a question brings nothing else to find the organization by.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "discord_guilds")]
pub struct Model {
    /// Discord's number of the server.
    #[sea_orm(primary_key, auto_increment = false)]
    pub guild_id: String,
    /// The organization whose figures are told there.
    pub organization_id: i64,
    /// Discord's numbers of the roles that may ask, parted by spaces; administrators always may.
    pub roles: String,
    /// When it was linked.
    pub created_at: Timestamp,
    /// The organization.
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
