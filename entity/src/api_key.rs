//! API keys: secrets that programs carry. Only a hash is kept.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// One key, live or ended.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    /// Dense integer, given by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The organization whose data the key opens.
    pub organization_id: i64,
    /// What the key starts with (`dk`, `eco_live`), and so whose it looks like.
    pub prefix: String,
    /// SHA-256 of the whole key, in lower-case hex.
    #[sea_orm(unique)]
    pub secret_hash: String,
    /// Last four characters, so that people can tell their keys apart.
    pub last_four: String,
    /// What the key is for, in its maker's words.
    pub name: String,
    /// Granted scopes, parted by spaces (`reports:read data:write`).
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From this instant on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked; from then on it is refused.
    pub revoked_at: Option<Timestamp>,
    /// How much a minute it may ask for, in the place of the server's settings (`distribu=600 graphql=none`); empty where
    /// they hold.
    pub rate_limits: String,
    /// The organization.
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
