//! Stock: what there is, what it is worth, how fast it goes.

use async_graphql::MergedObject;

use crate::reports::face::Common;
use crate::reports::scope::Scope;
use crate::reports::sets::Stock;

/// Stock in a period: units, what they cost, how fast they go; and what there is now.
#[derive(MergedObject)]
#[graphql(name = "Inventory")]
pub struct InventoryReport(Common<Stock>);

impl From<Scope> for InventoryReport {
    fn from(scope: Scope) -> Self {
        Self(scope.into())
    }
}
