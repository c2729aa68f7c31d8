//! What stands behind keys: ids that clients know, and what else is known of the things that facts point to.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{Expr, Query, SelectStatement, SimpleExpr};

use super::tables::named;
use crate::metrics::catalogue::{Column, Dimension};
use crate::principal::OrganizationId;

/// Whether tables hold a dimension's values as numbers: keys of what they point to, codes, and what clocks show.
pub fn is_number(dimension: Dimension) -> bool {
    named(dimension).is_some()
        || dimension.codes().is_some()
        || dimension.is_of_clock()
        || dimension == Dimension::Cohort
}

/// The ids of these keys, of all where none are named: rows of (key, id). Nothing where a dimension is no pointer.
pub fn ids(
    organization: OrganizationId,
    dimension: Dimension,
    keys: Option<&[i64]>,
) -> Option<SelectStatement> {
    let name = named(dimension)?;
    let mut select = Query::select().columns([name.key, name.id]).from(name.table).to_owned();
    select.and_where(own(organization));
    if let Some(keys) = keys {
        select.and_where(Expr::col(name.key).is_in(keys.iter().copied()));
    }
    Some(select)
}

/// The keys of these ids: rows of (key, id).
pub fn keys(organization: OrganizationId, dimension: Dimension, ids: &[&str]) -> Option<SelectStatement> {
    let name = named(dimension)?;
    let mut select = Query::select().columns([name.key, name.id]).from(name.table).to_owned();
    select.and_where(own(organization)).and_where(Expr::col(name.id).is_in(ids.iter().copied()));
    Some(select)
}

/// What a column says of the things that a dimension points to: rows of (key, value). Nothing where it says nothing of them.
pub fn attributes(
    organization: OrganizationId,
    dimension: Dimension,
    column: Column,
) -> Option<SelectStatement> {
    let name = named(dimension).filter(|name| name.table == column.table.name())?;
    let mut select = Query::select().columns([name.key, column.name]).from(name.table).to_owned();
    Some(select.and_where(own(organization)).take())
}

fn own(organization: OrganizationId) -> SimpleExpr {
    Expr::col("organization_id").eq(organization.0)
}
