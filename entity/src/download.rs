//! Downloads: exports that somebody was handed an address for.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// One export that may be fetched for a while.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "downloads")]
pub struct Model {
    /// The organization whose figures it tells.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// SHA-256 of the secret in its address, in lower-case hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub secret_hash: String,
    /// Who asked for it, as their credential names them.
    pub subject: String,
    /// What was asked for, as JSON.
    pub request: String,
    /// From this instant on it is gone.
    pub expires_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
