//! Answers to requests that stored something, kept so that each is carried out once.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// What a request with a key of its sender's choice was answered.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ingest_answers")]
pub struct Model {
    /// Whose rows were stored.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// SHA-256 of the key, in lower-case hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_hash: String,
    /// SHA-256 of what was asked for, in lower-case hex.
    pub request_hash: String,
    /// The answer's body, JSON.
    pub answer: String,
    /// From this instant on it is gone.
    pub expires_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
