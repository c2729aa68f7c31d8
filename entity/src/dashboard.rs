//! Dashboards: what people keep to look at again.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// One dashboard, as it was saved last.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dashboards")]
pub struct Model {
    /// The organization that it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Random text, given by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub dashboard_id: String,
    /// Display name.
    pub name: String,
    /// What it shows, in its maker's words.
    pub description: Option<String>,
    /// Who made it, as their credential names them.
    pub owner: String,
    /// Whether everybody in the organization sees it.
    pub is_shared: bool,
    /// What it shows: a list of tiles, as JSON.
    pub tiles: String,
    /// How often it was saved, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was saved last.
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
