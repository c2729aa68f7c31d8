//! How far rollups go.

use sea_orm::entity::prelude::*;

/// How far the rollups of one kind go: without a row there are none that may be read.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup_states")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Which facts, and how they are told apart.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: i16,
    /// What the blocks are made of and how they are written: those of another program version may differ.
    pub shape: i64,
    /// The first day that is not added up yet, as days since 1970-01-01. Every day before it has its block, if it has
    /// facts, and is read from it unless it is among the stale days.
    pub until_day: i64,
}

impl ActiveModelBehavior for ActiveModel {}
