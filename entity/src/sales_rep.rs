//! Sales representatives.

use sea_orm::entity::prelude::*;

/// A sales representative.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sales_reps")]
pub struct Model {
    /// The organization that the row belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: i64,
    /// Dense key within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sales_rep_key: i64,
    /// The source's number.
    pub sales_rep_number: String,
    /// Full name.
    pub name: String,
    /// Orders attributed to them.
    #[sea_orm(has_many)]
    pub orders: HasMany<super::order::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
