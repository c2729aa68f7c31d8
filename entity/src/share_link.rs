//! Links to shared reports.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// One link. Its token says the same and is good by itself: what is here takes it back, and counts.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "share_links")]
pub struct Model {
    /// The organization whose figures it shows.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Random text, given by the application; its token holds it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub link_id: String,
    /// The report, by its name in addresses.
    pub report: String,
    /// Who made it, as their credential names them.
    pub created_by: String,
    /// The first instant that the report is about.
    pub period_start: Timestamp,
    /// The first instant after it.
    pub period_end: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// From this instant on it opens nothing.
    pub expires_at: Timestamp,
    /// How often the report was opened by it.
    pub opens: i64,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// When the report was opened by it last.
    pub opened_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
