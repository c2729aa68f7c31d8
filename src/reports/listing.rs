//! Facts one by one, in pages that hold still however many come in meanwhile: orders, events, conversions.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::fault::Fault;
use crate::metrics::records::{Listed, Place, Stretch};
use crate::principal::OrganizationId;
use crate::reports::desk::Desk;
use crate::reports::scope::{Scope, check_first};

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// How many facts, 1 to 1000.
    pub first: u32,
    /// What it comes after: the cursor of a fact of the same list.
    pub after: Option<&'a str>,
    /// Whether the list begins with what was first, and not with what was last.
    pub oldest_first: bool,
}

/// A part of the list.
#[derive(Clone, Debug)]
pub struct Listing<L: Listed> {
    /// The facts.
    pub records: Vec<L::Record>,
    /// Whether there are more behind them.
    pub has_next: bool,
    oldest_first: bool,
}

impl<L: Listed> Listing<L> {
    /// What the page after this one comes after; none behind the last one.
    pub fn next(&self, desk: &Desk) -> Option<String> {
        let last = self.records.last().filter(|_| self.has_next)?;
        Some(self.cursor(desk, last))
    }

    /// Stands for the place of one of its facts.
    pub fn cursor(&self, desk: &Desk, record: &L::Record) -> String {
        let cursor = Cursor { place: L::place(record), oldest_first: self.oldest_first };
        cursor.write(L::NAME, desk.organization().id)
    }
}

/// Facts of the period in the order of their instants; those of one instant in the order in which they first came in.
pub async fn list<L: Listed>(list: L, scope: &Scope, page: Page<'_>) -> Result<Listing<L>, Fault> {
    check_first(page.first)?;
    let after = page.after.map(|text| {
        let known = Cursor::read(text, L::NAME, scope.desk.organization().id);
        known.filter(|cursor| cursor.oldest_first == page.oldest_first).map(|cursor| cursor.place).ok_or_else(
            || Fault::invalid("after", "is no cursor of this list: pass on what a page before it gave"),
        )
    });
    let (oldest_first, most) = (page.oldest_first, page.first + 1);
    let stretch = Stretch { after: after.transpose()?, skip: 0, oldest_first, most };
    let mut records = scope.desk.engine().records(list, &scope.query(&[]), stretch).await?.to_vec();
    let has_next = records.len() > page.first as usize;
    records.truncate(page.first as usize);
    Ok(Listing { records, has_next, oldest_first })
}

/// The form that follows.
const VERSION: u8 = 1;
/// Bytes of what a cursor says: its form, the list's direction, the instant, the key.
const SAID: usize = 1 + 1 + 8 + 8;
/// Bytes of a cursor; the last six hold the others, the list and the organization together.
const WHOLE: usize = SAID + 6;

/// Where a page ended, as clients hand it back: 32 characters. It opens nothing, since whose facts are listed is the
/// credential's to say; the check is for texts that were cut, altered, or made for another list or organization.
struct Cursor {
    place: Place,
    oldest_first: bool,
}

impl Cursor {
    fn write(&self, list: &str, organization: OrganizationId) -> String {
        let mut bytes = Vec::with_capacity(WHOLE);
        bytes.extend([VERSION, u8::from(self.oldest_first)]);
        bytes.extend(self.place.at.to_be_bytes());
        bytes.extend(self.place.key.to_be_bytes());
        bytes.extend(check(list, organization, &bytes));
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn read(text: &str, list: &str, organization: OrganizationId) -> Option<Self> {
        let bytes: [u8; WHOLE] = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (said, proof) = bytes.split_at(SAID);
        let number = |at: usize| said[at..at + 8].try_into().ok().map(i64::from_be_bytes);
        let is_whole = said[0] == VERSION && check(list, organization, said) == proof;
        let place = Place { at: number(2)?, key: number(10)? };
        is_whole.then_some(Self { place, oldest_first: said[1] == 1 })
    }
}

fn check(list: &str, organization: OrganizationId, said: &[u8]) -> [u8; WHOLE - SAID] {
    let digest = Sha256::new()
        .chain_update(format!("countinghouse {list} list"))
        .chain_update(organization.0.to_be_bytes())
        .chain_update(said)
        .finalize();
    std::array::from_fn(|at| digest[at])
}

/// A connection as Relay has them, of nodes of one type.
macro_rules! connection {
    ($(#[doc = $doc:tt])+ $connection:ident, $edge:ident, $node:ty, $list:ty) => {
        #[doc = "A fact at its place in a list."]
        #[derive(async_graphql::SimpleObject)]
        struct $edge {
            /// Stands for the place: the list goes on behind it with `after`.
            cursor: String,
            /// What stands there.
            node: $node,
        }

        $(#[doc = $doc])+
        #[derive(async_graphql::SimpleObject)]
        struct $connection {
            /// What is listed, each at its place.
            edges: Vec<$edge>,
            /// What there is around them.
            page_info: $crate::reports::listing::PageInfo,
        }

        impl $connection {
            /// The listing of a page, with a node for each of its records; `after`: what the page came after.
            fn of(
                scope: &$crate::reports::scope::Scope,
                listing: &$crate::reports::listing::Listing<$list>,
                nodes: Vec<$node>,
                after: Option<&str>,
            ) -> Self {
                let cursors = listing.records.iter().map(|record| listing.cursor(&scope.desk, record));
                let edges = cursors.zip(nodes).map(|(cursor, node)| $edge { cursor, node }).collect();
                Self { edges, page_info: listing.info(&scope.desk, after.is_some()) }
            }
        }
    };
}
pub(super) use connection;

/// What there is around a page.
#[derive(async_graphql::SimpleObject)]
pub(super) struct PageInfo {
    /// Whether there are more behind the page.
    has_next_page: bool,
    /// Whether there are any before the page.
    has_previous_page: bool,
    /// The cursor of its first fact; null where it has none.
    start_cursor: Option<String>,
    /// The cursor of its last fact; null where it has none.
    end_cursor: Option<String>,
}

impl<L: Listed> Listing<L> {
    /// What there is around it; `has_previous`: it came after another.
    pub(super) fn info(&self, desk: &Desk, has_previous: bool) -> PageInfo {
        let cursor = |record: Option<&L::Record>| record.map(|record| self.cursor(desk, record));
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: has_previous,
            start_cursor: cursor(self.records.first()),
            end_cursor: cursor(self.records.last()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_in_no_other_way() {
        let (ours, theirs) = (OrganizationId(7), OrganizationId(8));
        let place = Place { at: -1, key: i64::MAX };
        let text = Cursor { place, oldest_first: true }.write("order", ours);
        assert_eq!(text.len(), 32);
        let read = Cursor::read(&text, "order", ours).expect("a cursor");
        assert_eq!((read.place, read.oldest_first), (place, true));
        assert!(Cursor::read(&text, "order", theirs).is_none());
        assert!(Cursor::read(&text, "event", ours).is_none());
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&text).expect("base64url");
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let altered = BASE64_URL_SAFE_NO_PAD.encode(altered);
            assert!(Cursor::read(&altered, "order", ours).is_none(), "bit {bit}");
        }
        for length in 0..text.len() {
            assert!(Cursor::read(&text[..length], "order", ours).is_none(), "{length}");
        }
        assert!(Cursor::read(&format!("{text}="), "order", ours).is_none());
    }
}
