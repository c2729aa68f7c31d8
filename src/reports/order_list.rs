//! Orders one by one: a Relay connection, whose pages hold still however many orders come in meanwhile.

use async_graphql::{Enum, Object, Result, SimpleObject};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::order;
use sha2::{Digest, Sha256};

use crate::fault::Fault;
use crate::metrics::names::CustomerKey;
pub use crate::metrics::records::OrderRecord;
use crate::metrics::records::{Place, Stretch};
use crate::money::{Currency, Money as Amount};
use crate::period::Period;
use crate::principal::OrganizationId;
use crate::reports::desk::Desk;
use crate::reports::parties::CustomerObject;
use crate::reports::scope::{Scope, check_first};
use crate::scalars::{Instant, Long, Money};

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// How many orders, 1 to 1000.
    pub first: u32,
    /// What it comes after: the cursor of an order of the same list.
    pub after: Option<&'a str>,
    /// Whether the list begins with the order that was placed first, and not with the last one.
    pub oldest_first: bool,
}

/// A part of the list.
#[derive(Clone, Debug)]
pub struct Orders {
    /// The orders.
    pub orders: Vec<OrderRecord>,
    /// Whether there are more behind them.
    pub has_next: bool,
    oldest_first: bool,
}

impl Orders {
    /// What the page after this one comes after; none behind the last one.
    pub fn next(&self, desk: &Desk) -> Option<String> {
        let last = self.orders.last().filter(|_| self.has_next)?;
        Some(self.cursor(desk, last))
    }

    fn cursor(&self, desk: &Desk, record: &OrderRecord) -> String {
        let place = Place { placed_at: record.order.placed_at.0, key: record.order.order_key };
        Cursor { place, oldest_first: self.oldest_first }.write(desk.organization().id)
    }
}

/// Orders of the period, whatever their status, by the instant they were placed; those of one instant by the order in
/// which they first came in.
pub async fn orders(scope: &Scope, page: Page<'_>) -> Result<Orders, Fault> {
    check_first(page.first)?;
    let after = page.after.map(|text| {
        let known = Cursor::read(text, scope.desk.organization().id);
        known.filter(|cursor| cursor.oldest_first == page.oldest_first).map(|cursor| cursor.place).ok_or_else(
            || Fault::invalid("after", "is no cursor of this list: pass on what a page before it gave"),
        )
    });
    let stretch =
        Stretch { after: after.transpose()?, oldest_first: page.oldest_first, most: page.first + 1 };
    let mut orders = scope.desk.engine().orders(&scope.query(&[]), stretch).await?.to_vec();
    let has_next = orders.len() > page.first as usize;
    orders.truncate(page.first as usize);
    Ok(Orders { orders, has_next, oldest_first: page.oldest_first })
}

/// When the organization's first order was placed; nothing where there is none.
pub async fn first_placed_at(desk: &Desk) -> Result<Option<DateTime<Utc>>, Fault> {
    let scope = Scope::utc(desk.clone(), Period::ever());
    let first = orders(&scope, Page { first: 1, after: None, oldest_first: true }).await?;
    Ok(first.orders.first().map(|record| record.order.placed_at.into()))
}

/// The form that follows.
const VERSION: u8 = 1;
/// Bytes of what a cursor says: its form, the list's direction, the instant, the key.
const SAID: usize = 1 + 1 + 8 + 8;
/// Bytes of a cursor; the last six hold the others and the organization together.
const WHOLE: usize = SAID + 6;

/// Where a page ended, as clients hand it back: 32 characters. It opens nothing, since whose orders are listed is the
/// credential's to say; the check is for texts that were cut, altered, or made for another organization.
struct Cursor {
    place: Place,
    oldest_first: bool,
}

impl Cursor {
    fn write(&self, organization: OrganizationId) -> String {
        let mut bytes = Vec::with_capacity(WHOLE);
        bytes.extend([VERSION, u8::from(self.oldest_first)]);
        bytes.extend(self.place.placed_at.to_be_bytes());
        bytes.extend(self.place.key.to_be_bytes());
        bytes.extend(check(organization, &bytes));
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn read(text: &str, organization: OrganizationId) -> Option<Self> {
        let bytes: [u8; WHOLE] = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (said, proof) = bytes.split_at(SAID);
        let number = |at: usize| said[at..at + 8].try_into().ok().map(i64::from_be_bytes);
        let is_whole = said[0] == VERSION && check(organization, said) == proof;
        let place = Place { placed_at: number(2)?, key: number(10)? };
        is_whole.then_some(Self { place, oldest_first: said[1] == 1 })
    }
}

fn check(organization: OrganizationId, said: &[u8]) -> [u8; WHOLE - SAID] {
    let digest = Sha256::new()
        .chain_update(b"countinghouse order list")
        .chain_update(organization.0.to_be_bytes())
        .chain_update(said)
        .finalize();
    std::array::from_fn(|at| digest[at])
}

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

/// The currency of an order's amounts.
pub fn currency(record: &OrderRecord) -> Result<Currency, Fault> {
    let code = &record.order.currency;
    code.parse().map_err(|_| Fault::Internal(format!("an order in the currency {code}")))
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

/// An order at its place in a list.
#[derive(SimpleObject)]
struct OrderEdge {
    /// Stands for the place: the list goes on behind it with `after`.
    cursor: String,
    /// The order.
    node: OrderObject,
}

/// What there is around a page.
#[derive(SimpleObject)]
struct PageInfo {
    /// Whether there are more behind the page.
    has_next_page: bool,
    /// Whether there are any before the page.
    has_previous_page: bool,
    /// The cursor of its first order; null where it has none.
    start_cursor: Option<String>,
    /// The cursor of its last order; null where it has none.
    end_cursor: Option<String>,
}

/// A page of orders.
#[derive(SimpleObject)]
struct OrderConnection {
    /// The orders, each at its place.
    edges: Vec<OrderEdge>,
    /// What there is around them.
    page_info: PageInfo,
}

/// The field `list` of orders.
pub(super) struct OrderList(pub(super) Scope);

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
        let desk = &self.0.desk;
        let page = orders(&self.0, Page { first, after: after.as_deref(), oldest_first }).await?;
        let cursor = |record: Option<&OrderRecord>| record.map(|record| page.cursor(desk, record));
        let page_info = PageInfo {
            has_next_page: page.has_next,
            has_previous_page: after.is_some(),
            start_cursor: cursor(page.orders.first()),
            end_cursor: cursor(page.orders.last()),
        };
        let edges: Result<Vec<OrderEdge>, Fault> = page
            .orders
            .iter()
            .map(|record| {
                let node = OrderObject::new(desk, record.clone())?;
                Ok(OrderEdge { cursor: page.cursor(desk, record), node })
            })
            .collect();
        Ok(OrderConnection { edges: edges?, page_info })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_in_no_other_way() {
        let (ours, theirs) = (OrganizationId(7), OrganizationId(8));
        let place = Place { placed_at: -1, key: i64::MAX };
        let text = Cursor { place, oldest_first: true }.write(ours);
        assert_eq!(text.len(), 32);
        let read = Cursor::read(&text, ours).expect("a cursor");
        assert_eq!((read.place, read.oldest_first), (place, true));
        assert!(Cursor::read(&text, theirs).is_none());
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&text).expect("base64url");
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(Cursor::read(&BASE64_URL_SAFE_NO_PAD.encode(altered), ours).is_none(), "bit {bit}");
        }
        for length in 0..text.len() {
            assert!(Cursor::read(&text[..length], ours).is_none(), "{length}");
        }
        assert!(Cursor::read(&format!("{text}="), ours).is_none());
    }
}
