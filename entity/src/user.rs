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
    /// `Admin` or another role name; compared exactly.
    pub role: String,
    /// When the account was made.
    pub created_at: Timestamp,
    /// The organization.
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
