//! Orders one by one. Their GraphQL face is in `face`.

mod face;

use chrono::{DateTime, Utc};

use crate::fault::Fault;
use crate::metrics::records;
pub use crate::metrics::records::OrderRecord;
use crate::money::Currency;
use crate::period::Period;
use crate::reports::desk::Desk;
pub use crate::reports::listing::Page;
use crate::reports::listing::{self, Listing};
use crate::reports::scope::Scope;

pub(super) use face::OrderList;

/// Orders of the period, whatever their status, by the instant they were placed; those of one instant by the order in
/// which they first came in.
pub async fn orders(scope: &Scope, page: Page<'_>) -> Result<Listing<records::OrderList>, Fault> {
    listing::list(records::OrderList, scope, page).await
}

/// When the organization's first order was placed; nothing where there is none.
pub async fn first_placed_at(desk: &Desk) -> Result<Option<DateTime<Utc>>, Fault> {
    let scope = Scope::utc(desk.clone(), Period::ever());
    let first = orders(&scope, Page { first: 1, after: None, oldest_first: true }).await?;
    Ok(first.records.first().map(|record| record.order.placed_at.into()))
}

/// The currency of an order's amounts.
pub fn currency(record: &OrderRecord) -> Result<Currency, Fault> {
    let code = &record.order.currency;
    code.parse().map_err(|_| Fault::Internal(format!("an order in the currency {code}")))
}
