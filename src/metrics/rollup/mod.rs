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
mod facts;
mod groups;
mod keys;
mod known;
mod live;
mod memory;
mod names;
mod paired;
mod read;
mod route;
mod rows;
mod spread;
mod stale;
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

use crate::metrics::catalogue::{
    Aggregate, Column, Dimension, METRICS, Measure, Over, Rows, Source, Table, Value, column,
};
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
    static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(declared);
    &KINDS
}

/// Those of a source.
fn kinds_of(source: Source) -> Vec<&'static Kind> {
    kinds().iter().filter(|kind| kind.source == source).collect()
}

fn declared() -> Vec<Kind> {
    use Dimension::{
        AcquisitionChannel, Agent, Browser, Channel, City, Country, Coupon, Customer, DealSource, Device,
        EventType, MovementKind, OperatingSystem, Page, PairedProduct, Priority, Product, Referrer,
        RefundReason, Region, SalesRep, Stage, Status, TicketCategory, TrackingCode, TrafficSource,
    };
    /// Dimensions of one kind each, those that tell few things apart first: these are fine.
    type Each = (i16, Source, &'static [&'static [Dimension]], &'static [&'static [Dimension]]);
    const EACH: [Each; 13] = [
        (
            1,
            Source::Orders,
            &[&[Status], &[Channel]],
            &[&[Country], &[Region], &[City], &[Coupon], &[SalesRep]],
        ),
        (20, Source::Lines, &[&[Status]], &[&[Product]]),
        (40, Source::Pairs, &[], &[&[], &[Product, PairedProduct]]),
        (
            30,
            Source::Refunds,
            &[&[RefundReason], &[Channel]],
            &[&[Status], &[Country], &[Region], &[City], &[Coupon], &[SalesRep], &[Customer], &[Product]],
        ),
        (50, Source::Customers, &[&[AcquisitionChannel]], &[&[Country], &[Region], &[City]]),
        (
            60,
            Source::Events,
            &[&[EventType], &[Device]],
            &[
                &[TrackingCode],
                &[Product],
                &[Country],
                &[Browser],
                &[OperatingSystem],
                &[TrafficSource],
                &[Page],
                &[Referrer],
            ],
        ),
        (80, Source::Conversions, &[&[]], &[]),
        (90, Source::Tickets, &[&[Channel], &[Priority]], &[&[TicketCategory], &[Agent], &[Customer]]),
        (
            100,
            Source::ResolvedTickets,
            &[&[Channel], &[Priority]],
            &[&[TicketCategory], &[Agent], &[Customer]],
        ),
        (110, Source::StockMovements, &[&[MovementKind]], &[&[Product]]),
        (140, Source::Deals, &[&[DealSource]], &[&[SalesRep]]),
        (150, Source::ClosedDeals, &[&[DealSource]], &[&[SalesRep]]),
        (160, Source::DealStages, &[&[Stage]], &[&[DealSource], &[SalesRep]]),
    ];
    /// Of which single values are told apart, by these dimensions.
    type Spread = (i16, Source, &'static [&'static [Dimension]]);
    const SPREADS: [Spread; 3] = [
        (120, Source::Tickets, &[&[], &[Channel], &[Priority], &[TicketCategory], &[Agent]]),
        (130, Source::ResolvedTickets, &[&[], &[Channel], &[Priority], &[TicketCategory], &[Agent]]),
        (170, Source::DealStages, &[&[], &[Stage], &[DealSource], &[SalesRep]]),
    ];
    let mut kinds = Vec::new();
    for (first, source, fine, others) in EACH {
        let all = fine.iter().map(|by| (*by, true)).chain(others.iter().map(|by| (*by, false)));
        let numbered = (first..).zip(all);
        kinds.extend(numbered.map(|(number, (dimensions, is_fine))| Kind {
            number,
            source,
            dimensions,
            is_fine,
            measures: measures(source),
            values: None,
        }));
    }
    // Customers are many: what is asked most is apart from the rest, so that less is read.
    let total_or_count = |measure: &Measure| match measure.aggregate {
        Aggregate::Count => true,
        Aggregate::Amount(value) => value == TOTAL,
        _ => false,
    };
    let (counting, others): (Vec<Measure>, Vec<Measure>) =
        measures(Source::Orders).into_iter().filter(total_or_count).partition(|of| of.rows == Rows::Counting);
    let others = others.into_iter().filter(|of| matches!(of.rows, Rows::All | Rows::First | Rows::Again));
    let of_customers = |number, measures| Kind {
        number,
        source: Source::Orders,
        dimensions: &[Customer],
        is_fine: false,
        measures,
        values: None,
    };
    kinds.push(of_customers(8, counting));
    kinds.push(of_customers(9, others.collect()));
    for (first, source, each) in SPREADS {
        let told = spreads(source).into_iter().flat_map(|values| each.iter().map(move |by| (values, *by)));
        kinds.extend((first..).zip(told).map(|(number, (values, dimensions))| Kind {
            number,
            source,
            dimensions,
            is_fine: false,
            measures: vec![Measure { aggregate: Aggregate::Count, ..values }],
            values: Some(values),
        }));
    }
    // Those of one source are read together.
    kinds.sort_by_key(|kind| (kind.source, kind.number));
    kinds
}

const TOTAL: Value = Value::Of(column(Table::Orders, "total"));

/// What the catalogue asks of a source and blocks can hold: levels are told from what came in and went out.
fn measures(source: Source) -> Vec<Measure> {
    let within = of_metrics().map(|measure| measure.over(Over::Within));
    let of_costs = within.clone().filter_map(costs::told).flat_map(costs::Told::kept);
    let kept = within.filter(|measure| is_kept(*measure)).chain(of_costs);
    each_once(kept.filter(|measure| measure.source == source))
}

/// The sums of whose single values the catalogue asks percentiles.
fn spreads(source: Source) -> Vec<Measure> {
    let of_source = of_metrics().filter(|measure| measure.source == source);
    each_once(of_source.filter_map(|measure| match measure.aggregate {
        Aggregate::Percentile(value, _) => Some(Measure { aggregate: Aggregate::Sum(value), ..measure }),
        _ => None,
    }))
}

/// What the catalogue asks of facts, some of it more than once.
fn of_metrics() -> impl Iterator<Item = Measure> + Clone {
    METRICS.iter().flat_map(|definition| definition.metric.measures())
}

/// Each of them once, in order.
fn each_once<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<T>>().into_iter().collect()
}

/// Whether the numbers of days add up to a month's, and say nothing of what may change without a day being touched: a
/// product's cost does, a customer's first order does not.
fn is_kept(measure: Measure) -> bool {
    let adds_up = match measure.aggregate {
        Aggregate::Amount(value) | Aggregate::Sum(value) => {
            !matches!(value, Value::AtCost | Value::OutAtCost | Value::Stock | Value::StockAt(_))
        }
        other => other.adds_up() || is_of_one_day(measure),
    };
    let stands = |(column, _): &(Column, _)| column.table != Table::Products;
    adds_up && measure.rows.conditions().iter().all(stands)
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
