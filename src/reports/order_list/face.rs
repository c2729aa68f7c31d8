//! Orders one by one in GraphQL: a connection as Relay has them.

use async_graphql::{Enum, Object, Result};
use entity::order;

use super::{OrderRecord, Page, currency, orders};
use crate::fault::Fault;
use crate::metrics::names::CustomerKey;
use crate::metrics::records;
use crate::money::{Currency, Money as Amount};
use crate::reports::desk::Desk;
use crate::reports::listing::connection;
use crate::reports::parties::CustomerObject;
use crate::reports::scope::Scope;
use crate::scalars::{Instant, Long, Money};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "order::Status")]
enum OrderStatus {
    /// Not placed yet; counts in gross figures alone.
    Draft,
    /// Placed.
    Submitted,
    /// Accepted.
    Confirmed,
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// Called off; counts in gross figures and in cancellations.
    Cancelled,
}

/// An order. Its amounts are in its own currency.
struct OrderObject {
    desk: Desk,
    record: OrderRecord,
    currency: Currency,
}

impl OrderObject {
    fn new(desk: &Desk, record: OrderRecord) -> Result<Self, Fault> {
        let currency = currency(&record)?;
        Ok(Self { desk: desk.clone(), record, currency })
    }

    fn money(&self, minor: i64) -> Money {
        Amount { minor, currency: self.currency }.into()
    }
}

/// An order. Its amounts are in its own currency.
#[Object(name = "Order")]
impl OrderObject {
    /// The source's id.
    async fn id(&self) -> &str {
        &self.record.order.order_id
    }

    /// When it was placed.
    async fn placed_at(&self) -> Instant {
        Instant(self.record.order.placed_at.into())
    }

    /// Where it stands.
    async fn status(&self) -> OrderStatus {
        self.record.order.status.into()
    }

    /// What the customer pays.
    async fn total(&self) -> Money {
        self.money(self.record.order.total)
    }

    /// Taken off at the order, not at its lines.
    async fn discount(&self) -> Money {
        self.money(self.record.order.discount)
    }

    /// Charged for delivery.
    async fn shipping(&self) -> Money {
        self.money(self.record.order.shipping)
    }

    /// Tax within the total.
    async fn tax(&self) -> Money {
        self.money(self.record.order.tax)
    }

    /// How many lines it has.
    async fn lines(&self) -> Long {
        Long(self.record.lines)
    }

    /// Sales channel; null where the source tells none.
    async fn channel(&self) -> Option<&str> {
        self.record.order.channel.as_deref()
    }

    /// Coupon used; null where there was none.
    async fn coupon_code(&self) -> Option<&str> {
        self.record.order.coupon_code.as_deref()
    }

    /// Country of delivery; null where the source tells none.
    async fn country(&self) -> Option<&str> {
        self.record.order.country.as_deref()
    }

    /// Region of delivery; null where the source tells none.
    async fn region(&self) -> Option<&str> {
        self.record.order.region.as_deref()
    }

    /// City of delivery; null where the source tells none.
    async fn city(&self) -> Option<&str> {
        self.record.order.city.as_deref()
    }

    /// Who ordered; null for guests.
    async fn customer(&self) -> Result<Option<CustomerObject>> {
        let Some(key) = self.record.order.customer_key else { return Ok(None) };
        Ok(self.desk.names().load_one(CustomerKey(key)).await?.map(CustomerObject::from))
    }
}

connection! {
    /// A page of orders.
    OrderConnection, OrderEdge, OrderObject, records::OrderList
}

/// The field `list` of orders.
pub struct OrderList(pub Scope);

#[Object]
impl OrderList {
    /// Orders one by one, whatever their status, the last one placed first. Orders that come in meanwhile do not make any
    /// come twice, nor any that was there be left out.
    async fn list(
        &self,
        #[graphql(desc = "How many, at most 1000.", default = 50)] first: u32,
        #[graphql(desc = "What the page comes after: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "The first one placed first.", default = false)] oldest_first: bool,
    ) -> Result<OrderConnection> {
        let page = Page { first, after: after.as_deref(), oldest_first };
        let listing = orders(&self.0, page).await?;
        let nodes = listing.records.iter().map(|record| OrderObject::new(&self.0.desk, record.clone()));
        let nodes = nodes.collect::<Result<Vec<OrderObject>, Fault>>()?;
        Ok(OrderConnection::of(&self.0, &listing, nodes, page.after))
    }
}
