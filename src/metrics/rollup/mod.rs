//! Rollups: facts added up by days and months, so that a report over years reads no more than its rows.
//!
//! A kind of rollup is a reading of one source, told apart by some dimensions. Its blocks are made by the very statements
//! that read facts, a day at a time, and months of days. A question is answered from months, from days where a month is
//! not whole, and from facts where a day is not whole or was written to since: so it is exact at all times. What writes
//! says which days it touched, in its own transaction (`stale`); `upkeep` adds those up again.

mod best;
mod block;
mod build;
mod converted;
mod costs;
mod cover;
mod extent;
mod facts;
mod groups;
mod keys;
mod kinds;
mod known;
mod live;
mod memory;
mod names;
mod paired;
mod read;
mod renew;
mod route;
mod rows;
mod spread;
mod stale;
mod store;
mod sums;
mod terms;
mod together;
mod totals;
mod upkeep;
mod verify;
mod view;
mod words;
mod worker;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::metrics::catalogue::{Aggregate, Dimension, Measure, Source, Table};
use crate::metrics::plan::{Pass, Reach};
use crate::metrics::sql::is_number;

pub use crate::metrics::time::date_of;
pub use memory::Memory;
pub(super) use read::{Answered, Told, read};
pub use stale::{DAYS_AT_ONCE, Topic, days_of_hours, mark_stale};
pub use upkeep::{Step, Upkeep};
pub use verify::{Difference, verify};
pub(super) use view::View;

/// Of keys as tables have them, hashed fast.
type FastMap<K, V> = HashMap<K, V, ahash::RandomState>;
type FastSet<K> = HashSet<K, ahash::RandomState>;

/// Counted up where blocks are written another way.
const FORMAT: u8 = 5;

/// What is kept of one source, told apart in one way.
#[derive(Debug)]
pub struct Kind {
    /// Its number in the database.
    pub number: i16,
    /// What is added up.
    pub source: Source,
    /// What its sums are told apart by.
    pub dimensions: &'static [Dimension],
    /// Whether a day's block tells hours apart, and a month's days: where few things are told apart.
    pub is_fine: bool,
    /// What is added up.
    pub measures: Vec<Measure>,
    /// The sum whose single values tell its rows apart as well, behind the dimensions: then it tells percentiles alone.
    pub values: Option<Measure>,
}

/// The length of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// A day of the organization's calendar.
    Day = 0,
    /// A month of it.
    Month = 1,
    /// A month of it, all amounts converted into the organization's currency by the rates of their days.
    Converted = 2,
}

/// Every kind; of those that answer a question the first one does.
pub fn kinds() -> &'static [Kind] {
    static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(kinds::declared);
    &KINDS
}

/// Those of a source.
fn kinds_of(source: Source) -> Vec<&'static Kind> {
    kinds().iter().filter(|kind| kind.source == source).collect()
}

/// Each of them once, in order.
fn each_once<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<T>>().into_iter().collect()
}

/// Whether it counts what belongs to one day, as an order does, and not what is refunded of it: then the counts of days
/// add up.
fn is_of_one_day(measure: Measure) -> bool {
    matches!(measure.source, Source::Orders | Source::Lines | Source::Pairs)
        && matches!(measure.aggregate, Aggregate::Distinct(column) if column.name == "order_key")
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by: Vec<&str> = self.dimensions.iter().map(|dimension| dimension.name()).collect();
        write!(f, "{:?}", self.source)?;
        if !by.is_empty() {
            write!(f, " by {}", by.join(", "))?;
        }
        if self.values.is_some() { write!(f, ", value by value") } else { Ok(()) }
    }
}

impl Kind {
    /// The kind of that number.
    pub fn numbered(number: i16) -> Option<&'static Self> {
        kinds().iter().find(|kind| kind.number == number)
    }

    /// How many columns of keys its blocks have.
    pub fn keys(&self) -> usize {
        self.dimensions.len() + usize::from(self.values.is_some())
    }

    /// Whether a column of keys has numbers.
    pub fn is_number(&self, slot: usize) -> bool {
        self.dimensions.get(slot).is_none_or(|dimension| is_number(*dimension))
    }

    /// Which facts' days make its blocks stale.
    pub fn topic(&self) -> Topic {
        Topic::of(self.source).unwrap_or(Topic::Orders)
    }

    /// What the blocks of its source are made of and how they are written, as a number: those of a source are made together.
    pub fn shape(&self) -> i64 {
        static SHAPES: LazyLock<HashMap<Source, i64>> = LazyLock::new(|| {
            let shape = |alike: &[Kind]| {
                let hash = Sha256::digest(format!("{FORMAT} {alike:?}"));
                hash.iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
            };
            let sources = kinds().chunk_by(|kind, next| kind.source == next.source);
            sources.map(|alike| (alike[0].source, shape(alike))).collect()
        });
        SHAPES.get(&self.source).copied().unwrap_or_default()
    }

    /// Its dimensions of which one order may have several.
    fn of_lines(&self) -> impl Iterator<Item = &'static Dimension> {
        let is_of_lines = |dimension: &&Dimension| {
            dimension.column(self.source).is_some_and(|column| column.table != Table::Orders)
        };
        self.dimensions.iter().filter(is_of_lines)
    }
}

/// Whether facts of a source are kept added up at all, for what a pass wants of them.
pub(super) fn may_answer(pass: &Pass) -> bool {
    pass.reach != Reach::ByCustomer
        && pass.attribution.is_none()
        && pass.lapse.is_none()
        && kinds().iter().any(|kind| kind.source == costs::kept_as(pass.source))
}
