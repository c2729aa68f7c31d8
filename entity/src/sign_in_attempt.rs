//! Attempts to sign in: when an account or an address may try again.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// One account, one address, or both together, that somebody tried to sign in with.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_attempts")]
pub struct Model {
    /// SHA-256 of what it is, in lower-case hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_hash: String,
    /// The instant at which all attempts so far are forgotten.
    pub free_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
