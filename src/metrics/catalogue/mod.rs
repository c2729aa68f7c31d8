//! The catalogue: every metric and dimension that can be asked for, declared once as data.
//!
//! `sources` says which facts there are, `dimensions` what tells them apart, `metrics` which figures they come to. GraphQL
//! descriptions, the `metrics` listing, what may be grouped by what, and the reference in docs/metrics.md all follow from
//! here. How a declaration becomes SQL is `sql`'s business.

use async_graphql::Enum;

mod affiliates;
mod commerce;
mod course;
mod dimensions;
mod measures;
mod metrics;
mod shorthand;
mod sources;

pub use course::Course;
pub use dimensions::Dimension;
pub use measures::{Aggregate, Is, Measure, Over, Rows, Value};
pub use metrics::{METRICS, Metric};
pub use sources::{Column, Facts, Instant, Source, Table, column};

/// What a figure is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum Unit {
    /// Money in the report's currency, rounded to its digits.
    Money,
    /// A whole number of things.
    Count,
    /// A quotient of counts, to two digits.
    Average,
    /// A number of things of which some count in part, to six digits.
    Fraction,
    /// A share, to four digits: 0.1250 is 12.5 %.
    Ratio,
    /// Minutes, to two digits.
    Minutes,
    /// Hours, to two digits.
    Hours,
    /// Days of 24 hours, to two digits.
    Days,
}

impl Unit {
    /// Decimal digits of a figure that is not money.
    pub fn digits(self) -> u32 {
        match self {
            Self::Money | Self::Count => 0,
            Self::Average | Self::Minutes | Self::Hours | Self::Days => 2,
            Self::Ratio => 4,
            Self::Fraction => 6,
        }
    }

    /// Microseconds in one of it, where it is a length of time.
    pub fn micros(self) -> i64 {
        match self {
            Self::Minutes => 60_000_000,
            Self::Hours => 3_600_000_000,
            Self::Days => 86_400_000_000,
            Self::Money | Self::Count | Self::Average | Self::Fraction | Self::Ratio => 1,
        }
    }
}

/// What a customer's monthly recurring revenue did within a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Move {
    /// It came from nothing.
    New,
    /// It grew.
    Expansion,
    /// It shrank.
    Contraction,
    /// It went.
    Churn,
    /// How many customers it came from nothing for.
    Won,
    /// How many it went for.
    Lost,
    /// How many had one at the start.
    AtStart,
    /// How many had one at the end.
    AtEnd,
}

impl Move {
    /// Whether it counts customers, and tells no amount.
    pub fn counts(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::AtStart | Self::AtEnd)
    }

    /// What came in and went out, by customer.
    pub fn flows() -> [Measure; 2] {
        [Source::Subscriptions, Source::EndedSubscriptions]
            .map(|source| Measure::new(source, Aggregate::Amount(Value::Yearly), Rows::All).over(Over::End))
    }
}

/// How a metric is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// Read from a source.
    Measure(Measure),
    /// One reading less another: what came in and has not gone out.
    Net(Measure, Measure),
    /// One reading divided by another, over the same rows.
    Mean(Measure, Measure),
    /// The first divided by one less than the second: the mean of what lies between so many. Null where there are not two.
    MeanGap(Measure, Measure),
    /// How long before the end the latest instant of a reading lies. Null where there is none.
    SinceLast(Measure),
    /// How long ago the instants of what came in and has not gone out are in the mean, at the end.
    MeanAge {
        /// What came in.
        came: Source,
        /// What went out.
        went: Source,
        /// The instant that they are as old as.
        since: Column,
    },
    /// What customers' monthly recurring revenue did.
    Moves(Move),
    /// The days of the bucket, as far as it lies in the period.
    Days,
    /// The first divided by the second, both over the same rows: never an average of quotients. Null over zero.
    Ratio(Metric, Metric),
    /// The first less the second.
    Difference(Metric, Metric),
    /// The first and the second together.
    Total(Metric, Metric),
    /// The first times the second.
    Product(Metric, Metric),
    /// Half of both together.
    Middle(Metric, Metric),
    /// A metric divided by a number.
    Part(Metric, i64),
}

/// A report domain's share of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum Domain {
    /// Orders, their lines and refunds.
    Commerce,
    /// Deals.
    Sales,
    /// Recurring revenue.
    Subscriptions,
    /// Customers over their lifetime.
    Customers,
    /// Stock.
    Inventory,
    /// Employees.
    Hr,
    /// Tickets.
    Support,
    /// Campaigns.
    Marketing,
    /// Visits, affiliates and what they bring.
    Affiliates,
}

/// One entry of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Which metric.
    pub metric: Metric,
    /// Whose it is.
    pub domain: Domain,
    /// Its name in GraphQL fields and in docs.
    pub name: &'static str,
    /// What it means.
    pub description: &'static str,
    /// What it is told in.
    pub unit: Unit,
    /// How it is computed.
    pub formula: Formula,
}

impl Metric {
    /// Its entry in the catalogue.
    pub fn definition(self) -> &'static Definition {
        &METRICS[self as usize]
    }

    /// Its name in GraphQL fields and in docs.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// The metrics that it is computed from.
    pub fn parts(self) -> Vec<Self> {
        match self.definition().formula {
            Formula::Ratio(a, b)
            | Formula::Difference(a, b)
            | Formula::Total(a, b)
            | Formula::Product(a, b)
            | Formula::Middle(a, b) => vec![a, b],
            Formula::Part(of, _) => vec![of],
            _ => Vec::new(),
        }
    }

    /// The measures that it is computed from, but for those of [`Formula::Moves`].
    pub fn measures(self) -> Vec<Measure> {
        match self.definition().formula {
            Formula::Measure(measure) | Formula::SinceLast(measure) => vec![measure],
            Formula::Net(a, b) | Formula::Mean(a, b) | Formula::MeanGap(a, b) => vec![a, b],
            Formula::MeanAge { came, went, since } => [came, went]
                .into_iter()
                .flat_map(|source| {
                    [Aggregate::Count, Aggregate::Sum(Value::Seconds(since))]
                        .map(|aggregate| Measure::new(source, aggregate, Rows::All).over(Over::End))
                })
                .collect(),
            Formula::Moves(_) | Formula::Days => Vec::new(),
            _ => self.parts().into_iter().flat_map(Self::measures).collect(),
        }
    }

    /// What of customers' recurring revenue it is computed from.
    pub fn moves(self) -> Vec<Move> {
        match self.definition().formula {
            Formula::Moves(kind) => vec![kind],
            _ => self.parts().into_iter().flat_map(Self::moves).collect(),
        }
    }

    /// Whether it tells what customers' recurring revenue did.
    pub fn has_moves(self) -> bool {
        !self.moves().is_empty()
    }

    /// The facts that it is read from.
    pub fn sources(self) -> Vec<Source> {
        let mut sources: Vec<Source> = self.measures().iter().map(|measure| measure.source).collect();
        if self.has_moves() {
            sources.extend(Move::flows().map(|flow| flow.source));
        }
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// Whether it can be null: a quotient over nothing is, a sum over nothing is zero.
    pub fn is_nullable(self) -> bool {
        match self.definition().formula {
            Formula::Measure(measure) => matches!(measure.aggregate, Aggregate::Percentile(..)),
            Formula::Ratio(..)
            | Formula::Mean(..)
            | Formula::MeanGap(..)
            | Formula::SinceLast(_)
            | Formula::MeanAge { .. } => true,
            _ => self.parts().into_iter().any(Self::is_nullable),
        }
    }

    /// Whether the figures of parts add up to the whole's: not so for quotients and distinct counts.
    pub fn adds_up(self) -> bool {
        match self.definition().formula {
            Formula::Product(..) | Formula::Moves(_) | Formula::Days => false,
            _ => {
                !self.is_nullable()
                    && self.measures().iter().all(|measure| measure.aggregate.adds_up())
                    && self.parts().into_iter().all(Self::adds_up)
            }
        }
    }

    /// Whether it is of an instant, or read from facts before its period: then the figures of its buckets do not add up
    /// to the period's.
    pub fn is_level(self) -> bool {
        self.has_moves() || self.measures().iter().any(|measure| measure.over != Over::Within)
    }

    /// Whether the length of its time goes into it.
    pub fn is_of_length(self) -> bool {
        self.definition().formula == Formula::Days || self.parts().into_iter().any(Self::is_of_length)
    }

    /// Whether it tells how long lay between facts, or from the last of them to the end.
    pub fn is_of_gaps(self) -> bool {
        let is_gap = |aggregate| {
            matches!(
                aggregate,
                Aggregate::Percentile(Value::SincePrevious(_), _)
                    | Aggregate::Stretch(_)
                    | Aggregate::Latest(_)
            )
        };
        self.measures().iter().any(|measure| is_gap(measure.aggregate))
    }

    /// Whether it can be grouped and filtered by `dimension`.
    pub fn fits(self, dimension: Dimension) -> bool {
        !(dimension.is_of_clock() && self.is_level())
            && self.sources().into_iter().all(|source| dimension.fits(source))
    }

    /// Whether it can be told bucket by bucket.
    pub fn has_history(self) -> bool {
        !self.sources().into_iter().any(Source::is_timeless)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_metric_is_found_under_its_own_entry_and_a_name_of_its_own() {
        let names: BTreeSet<&str> = METRICS.iter().map(|definition| definition.name).collect();
        assert_eq!(names.len(), METRICS.len());
        for definition in METRICS {
            assert_eq!(definition.metric.definition().name, definition.name);
            assert!(definition.description.ends_with('.'), "{} wants a sentence", definition.name);
        }
    }

    #[test]
    fn what_may_be_grouped_by_what() {
        assert!(Metric::Revenue.fits(Dimension::Channel));
        assert!(!Metric::Revenue.fits(Dimension::Product));
        assert!(Metric::LineRevenue.fits(Dimension::Product));
        assert!(!Metric::NewCustomers.fits(Dimension::Channel));
        assert!(!Metric::UnitsPerOrder.fits(Dimension::Category));
    }
}
