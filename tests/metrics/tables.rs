//! Whole tables: totals, every grain on every clock, every dimension, several of them together, other currencies.

use chrono::Weekday;
use chrono_tz::Tz;
use countinghouse::metrics::catalogue::METRICS;
use countinghouse::metrics::{Dimension, Metric, MetricQuery};
use countinghouse::money::Currency;
use countinghouse::period::{Calendar, Grain};

use super::shop::{Shop, period};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    each_metric_alone_is_what_the_oracle_says,
    every_grain_on_every_clock,
    every_dimension,
    several_dimensions_and_a_grain,
    other_currencies,
);

pub fn metrics() -> Vec<Metric> {
    let known = METRICS.iter().map(|definition| definition.metric);
    known.take_while(|metric| *metric != Metric::CostedRevenue).collect()
}

pub fn known_dimensions() -> Vec<Dimension> {
    use Dimension::*;
    vec![
        Status,
        Channel,
        Coupon,
        Currency,
        Country,
        Region,
        City,
        AcquisitionChannel,
        Customer,
        SalesRep,
        Product,
        Category,
        HourOfDay,
        DayOfWeek,
    ]
}

pub fn fitting(dimensions: &[Dimension]) -> Vec<Metric> {
    metrics()
        .into_iter()
        .filter(|metric| dimensions.iter().all(|dimension| metric.fits(*dimension)))
        .collect()
}

async fn each_metric_alone_is_what_the_oracle_says(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for metric in metrics() {
        let total = shop.question(&[metric]);
        assert_eq!(shop.check(&total).await, 1);
        assert_eq!(shop.check(&MetricQuery { grain: Some(Grain::Month), ..total.clone() }).await, 25);
        let dimensions = vec![Dimension::AcquisitionChannel];
        assert!(shop.check(&MetricQuery { dimensions, ..total }).await > 1);
    }
    // Nothing at all happened: zeros, and null where nothing is divided.
    let empty = MetricQuery {
        period: period("2031-01-01T00:00:00Z", "2031-03-01T00:00:00Z"),
        ..shop.question(&metrics())
    };
    assert_eq!(shop.check(&empty).await, 1);
    assert_eq!(shop.check(&MetricQuery { grain: Some(Grain::Week), ..empty }).await, 9);
}

const ZONES: [Tz; 7] = [
    Tz::UTC,
    Tz::Europe__London,
    Tz::America__New_York,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::Africa__Cairo,
    Tz::Pacific__Auckland,
];

async fn every_grain_on_every_clock(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let all = shop.question(&metrics());
    for zone in ZONES {
        for week_start in [Weekday::Mon, Weekday::Sun] {
            let calendar = Calendar { zone, week_start };
            let grains = [Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year];
            for grain in
                grains.into_iter().filter(|grain| week_start == Weekday::Mon || *grain == Grain::Week)
            {
                let rows = shop.check(&MetricQuery { calendar, grain: Some(grain), ..all.clone() }).await;
                assert!(rows >= 3);
            }
        }
        // Hours, over stretches that hold every change of clocks, from and to odd instants.
        for (start, end) in [
            ("2024-04-05T00:10:00Z", "2024-04-09T00:00:00Z"),
            ("2024-10-04T10:59:59.999999Z", "2024-11-05T00:00:00.000001Z"),
            ("2025-03-07T23:20:00Z", "2025-04-30T01:00:00Z"),
        ] {
            let calendar = Calendar { zone, week_start: Weekday::Mon };
            let period = period(start, end);
            for grain in [Grain::Hour, Grain::Day] {
                let query = MetricQuery { calendar, period, grain: Some(grain), ..all.clone() };
                assert!(shop.check(&query).await >= 4);
            }
        }
    }
}

async fn every_dimension(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for dimension in known_dimensions() {
        let fitting = fitting(&[dimension]);
        assert!(!fitting.is_empty());
        let all = MetricQuery { dimensions: vec![dimension], ..shop.question(&fitting) };
        assert!(shop.check(&all).await > 4, "{dimension:?} tells nothing apart");
        // One at a time: which groups there are depends on what is asked.
        for (index, metric) in fitting.into_iter().enumerate() {
            let calendar = Calendar { zone: Tz::America__New_York, week_start: Weekday::Sun };
            let metrics = vec![metric];
            let named_only = index % 2 == 0;
            shop.check(&MetricQuery { metrics, calendar, named_only, ..all.clone() }).await;
        }
    }
}

async fn several_dimensions_and_a_grain(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let calendar = Calendar { zone: Tz::Australia__Lord_Howe, week_start: Weekday::Wed };
    for dimensions in [
        vec![Dimension::Channel, Dimension::Country],
        vec![Dimension::Customer, Dimension::AcquisitionChannel],
        vec![Dimension::DayOfWeek, Dimension::HourOfDay],
        vec![Dimension::Category, Dimension::Product, Dimension::Status],
        vec![Dimension::SalesRep, Dimension::Customer],
        vec![Dimension::City, Dimension::Region, Dimension::Country],
        known_dimensions(),
    ] {
        let query =
            MetricQuery { dimensions: dimensions.clone(), calendar, ..shop.question(&fitting(&dimensions)) };
        shop.check(&query).await;
        for grain in [Grain::Day, Grain::Week, Grain::Quarter] {
            shop.check(&MetricQuery { grain: Some(grain), ..query.clone() }).await;
        }
    }
}

async fn other_currencies(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for code in ["USD", "JPY", "KWD"] {
        let currency: Currency = code.parse().expect("a currency");
        let all = MetricQuery { currency, ..shop.question(&metrics()) };
        shop.check(&all).await;
        shop.check(&MetricQuery { grain: Some(Grain::Quarter), ..all.clone() }).await;
        let dimensions = vec![Dimension::Currency];
        shop.check(&MetricQuery { metrics: fitting(&dimensions), dimensions, ..all.clone() }).await;
        let dimensions = vec![Dimension::Category];
        shop.check(&MetricQuery { metrics: fitting(&dimensions), dimensions, ..all }).await;
    }
}
