//! Deals: how far they come, how fast, and what is open.

use async_graphql::MergedObject;

use crate::reports::face::Common;
use crate::reports::scope::Scope;
use crate::reports::sets::Deals;

/// Deals in a period: the funnel, what was won, how fast, and what is open.
#[derive(MergedObject)]
#[graphql(name = "Sales")]
pub struct SalesReport(Common<Deals>);

impl From<Scope> for SalesReport {
    fn from(scope: Scope) -> Self {
        Self(scope.into())
    }
}
