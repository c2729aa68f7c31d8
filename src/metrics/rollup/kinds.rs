//! Which kinds of rollups there are.

use super::costs;
use super::{Kind, each_once, is_of_one_day};
use crate::metrics::catalogue::Dimension::{
    AcquisitionChannel, Agent, BillingInterval, Browser, Channel, City, Country, Coupon, Customer,
    DealSource, Device, EventType, MovementKind, OperatingSystem, Page, PairedProduct, Plan, Priority,
    Product, Referrer, RefundReason, Region, SalesRep, Stage, Status, TicketCategory, TrackingCode,
    TrafficSource,
};
use crate::metrics::catalogue::{
    Aggregate, Column, Dimension, METRICS, Measure, Over, Rows, Source, Table, Value, column,
};

/// Dimensions of one kind each, those that tell few things apart first: these are fine.
type Each = (i16, Source, &'static [&'static [Dimension]], &'static [&'static [Dimension]]);
const EACH: [Each; 15] = [
    (1, Source::Orders, &[&[Status], &[Channel]], &[&[Country], &[Region], &[City], &[Coupon], &[SalesRep]]),
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
    (100, Source::ResolvedTickets, &[&[Channel], &[Priority]], &[&[TicketCategory], &[Agent], &[Customer]]),
    (110, Source::StockMovements, &[&[MovementKind]], &[&[Product]]),
    (140, Source::Deals, &[&[DealSource]], &[&[SalesRep]]),
    (150, Source::ClosedDeals, &[&[DealSource]], &[&[SalesRep]]),
    (160, Source::DealStages, &[&[Stage]], &[&[DealSource], &[SalesRep]]),
    (180, Source::Subscriptions, &[&[Plan]], &[&[BillingInterval]]),
    (190, Source::EndedSubscriptions, &[&[Plan]], &[&[BillingInterval]]),
];

/// Of which single values are told apart, by these dimensions.
type Spread = (i16, Source, &'static [&'static [Dimension]]);
const SPREADS: [Spread; 3] = [
    (120, Source::Tickets, &[&[], &[Channel], &[Priority], &[TicketCategory], &[Agent]]),
    (130, Source::ResolvedTickets, &[&[], &[Channel], &[Priority], &[TicketCategory], &[Agent]]),
    (170, Source::DealStages, &[&[], &[Stage], &[DealSource], &[SalesRep]]),
];

/// All of them.
pub fn declared() -> Vec<Kind> {
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

#[cfg(test)]
mod tests {
    use super::declared;

    #[test]
    fn each_kind_has_a_number_of_its_own() {
        let mut numbers: Vec<i16> = declared().iter().map(|kind| kind.number).collect();
        let many = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), many);
    }
}
