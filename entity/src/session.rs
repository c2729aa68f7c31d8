//! Sessions: users who are signed in.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// One browser that a user is signed in with.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// The organization that it opens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// SHA-256 of the secret in its cookie, in lower-case hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub secret_hash: String,
    /// Who is signed in.
    pub user_id: i64,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was used last, give or take a minute.
    pub last_used_at: Timestamp,
    /// From this instant on it is gone, however much it is used.
    pub expires_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
