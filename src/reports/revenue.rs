//! What was sold in a period.

use async_graphql::MergedObject;

use crate::reports::face::Common;
use crate::reports::places::PlacesField;
use crate::reports::scope::Scope;
use crate::reports::sets::Sales;

/// What was sold in a period: totals, over time, by any dimension of orders, by place, beside another window.
#[derive(MergedObject)]
#[graphql(name = "Revenue")]
pub struct RevenueReport(Common<Sales>, PlacesField);

impl From<Scope> for RevenueReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), PlacesField(scope))
    }
}
