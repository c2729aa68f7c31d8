//! Rankings: order, ties, and where the list is cut, both where the database cuts it and where it cannot.

use countinghouse::metrics::{Dimension, Metric, MetricQuery, Order, OrderBy};
use countinghouse::period::Grain;

use super::shop::{Shop, period};
use crate::support::{TestDatabase, both_databases};

both_databases!(the_first_of_every_dimension, rows_come_in_the_order_that_is_asked_for);

/// Sums, counts, distinct counts, quotients that may be null, percentiles, levels, moves: from each domain a few.
const DECIDING: [Metric; 28] = [
    Metric::Revenue,
    Metric::ActiveCustomers,
    Metric::AverageOrderValue,
    Metric::Units,
    Metric::ProductsSold,
    Metric::RefundedUnits,
    Metric::RefundRate,
    Metric::GrossMargin,
    Metric::OrdersTogether,
    Metric::DealsCreated,
    Metric::WonValue,
    Metric::MedianDaysInStage,
    Metric::Mrr,
    Metric::NewMrr,
    Metric::NewCustomers,
    Metric::Customers,
    Metric::StockAtCost,
    Metric::StockOnHand,
    Metric::Headcount,
    Metric::AbsenceRate,
    Metric::TicketsOpened,
    Metric::P90FirstReply,
    Metric::Spend,
    Metric::ClickThroughRate,
    Metric::Pageviews,
    Metric::Visitors,
    Metric::Commission,
    Metric::ProductConversions,
];

async fn the_first_of_every_dimension(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // A short time, so that there are many ties.
    let period = period("2025-01-10T00:00:00Z", "2025-02-20T00:00:00Z");
    for dimension in Dimension::ALL {
        for by in DECIDING.into_iter().filter(|by| by.fits(dimension)) {
            for (index, limit) in [1, 3].into_iter().enumerate() {
                for descending in [true, false] {
                    let query = MetricQuery {
                        period,
                        dimensions: vec![dimension],
                        order: Some(Order { by: OrderBy::Metric(by), descending }),
                        limit: Some(limit),
                        named_only: index % 2 == 0,
                        ..shop.question(&[by])
                    };
                    assert!(shop.check(&query).await <= limit as usize);
                }
            }
        }
    }
}

async fn rows_come_in_the_order_that_is_asked_for(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let metrics = [Metric::Orders, Metric::GrossOrders, Metric::CancellationRate];
    for by in [
        OrderBy::Time,
        OrderBy::Dimension(Dimension::Channel),
        OrderBy::Dimension(Dimension::HourOfDay),
        OrderBy::Metric(Metric::CancellationRate),
        OrderBy::Metric(Metric::Orders),
    ] {
        for descending in [true, false] {
            let query = MetricQuery {
                dimensions: vec![Dimension::Channel, Dimension::HourOfDay],
                order: Some(Order { by, descending }),
                limit: Some(40),
                ..shop.question(&metrics)
            };
            assert_eq!(shop.check(&query).await, 40);
            shop.check(&MetricQuery { grain: Some(Grain::Quarter), ..query }).await;
        }
    }
}
