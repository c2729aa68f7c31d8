//! Users: people who may sign in.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A person of an organization.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Dense integer, given by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The organization that they belong to.
    pub organization_id: i64,
    /// E-mail address, in lower case; unique among all organizations.
    #[sea_orm(unique)]
    pub email: String,
    /// Display name.
    pub name: String,
    /// `Admin` or another role name, compared exactly; empty where there is none.
    pub role: String,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Scopes granted by name, parted by spaces.
    pub scopes: String,
    /// The password's argon2id hash, as a PHC string; where there is none nobody signs in.
    pub password_hash: Option<String>,
    /// Since when the account is shut.
    pub disabled_at: Option<Timestamp>,
    /// When somebody signed in last.
    pub signed_in_at: Option<Timestamp>,
    /// The organization.
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
