//! Orders one by one, in pages that hold still however many orders come in meanwhile. Their GraphQL face is in `face`.

mod face;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::fault::Fault;
pub use crate::metrics::records::OrderRecord;
use crate::metrics::records::{Place, Stretch};
use crate::money::Currency;
use crate::period::Period;
use crate::principal::OrganizationId;
use crate::reports::desk::Desk;
use crate::reports::scope::{Scope, check_first};

pub(super) use face::OrderList;

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

/// The currency of an order's amounts.
pub fn currency(record: &OrderRecord) -> Result<Currency, Fault> {
    let code = &record.order.currency;
    code.parse().map_err(|_| Fault::Internal(format!("an order in the currency {code}")))
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
