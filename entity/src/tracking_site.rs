//! Shops' pages that may send events.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A shop whose pages send events. Its key is no secret, and is unique among all organizations: a browser brings nothing else
/// to find the organization by.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tracking_sites")]
pub struct Model {
    /// What its pages name it by.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_key: String,
    /// Whose events they are.
    pub organization_id: i64,
    /// Display name.
    pub name: String,
    /// Origins of its pages, parted by spaces.
    pub origins: String,
    /// Origins that its links may lead to, parted by spaces; the first is where they lead if they say nothing.
    pub targets: String,
    /// Whether its pages may name sessions of their own.
    pub takes_sessions: bool,
    /// Whether its pages may tell of conversions.
    pub takes_conversions: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub revoked_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
