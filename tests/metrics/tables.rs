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

/// Every metric.
pub fn metrics() -> Vec<Metric> {
    METRICS.iter().map(|definition| definition.metric).collect()
}

/// Every metric that can be told bucket by bucket.
pub fn metrics_of_time() -> Vec<Metric> {
    metrics().into_iter().filter(|metric| metric.has_history()).collect()
}

pub fn fitting(dimensions: &[Dimension]) -> Vec<Metric> {
    metrics()
        .into_iter()
        .filter(|metric| dimensions.iter().all(|dimension| metric.fits(*dimension)))
        .collect()
}

async fn each_metric_alone_is_what_the_oracle_says(database: TestDatabase) {
    each_metric_alone_is_what_the_oracle_says_in(&Shop::open(&database).await).await;
}

pub async fn each_metric_alone_is_what_the_oracle_says_in(shop: &Shop) {
    for metric in metrics() {
        let total = shop.question(&[metric]);
        assert_eq!(shop.check(&total).await, 1);
        if metric.has_history() {
            assert_eq!(shop.check(&MetricQuery { grain: Some(Grain::Month), ..total.clone() }).await, 25);
        }
    }
    // The shop has something to say of every one of them.
    let mut silent = metrics();
    for grain in [None, Some(Grain::Quarter)] {
        let metrics = if grain.is_some() { metrics_of_time() } else { metrics() };
        let query = MetricQuery { grain, ..shop.question(&metrics) };
        for row in shop.ask(&query).await.expect("an answer") {
            let is_nothing = |value: &str| value.chars().all(|digit| matches!(digit, '0' | '.'));
            let told = metrics.iter().zip(&row.values);
            let told = told.filter(|(_, value)| !value.as_deref().is_none_or(is_nothing));
            let told: Vec<Metric> = told.map(|(metric, _)| *metric).collect();
            silent.retain(|metric| !told.contains(metric));
        }
    }
    assert_eq!(silent, [], "nothing happens that these tell");
    // Nothing at all happened: zeros, and null where nothing is divided.
    let empty = MetricQuery {
        period: period("2031-01-01T00:00:00Z", "2031-03-01T00:00:00Z"),
        ..shop.question(&metrics_of_time())
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
    every_grain_on_every_clock_in(&Shop::open(&database).await).await;
}

pub async fn every_grain_on_every_clock_in(shop: &Shop) {
    let all = shop.question(&metrics_of_time());
    for zone in ZONES {
        for week_start in [Weekday::Mon, Weekday::Sun] {
            let calendar = Calendar { zone, week_start };
            let grains = [Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year];
            for grain in
                grains.into_iter().filter(|grain| week_start == Weekday::Mon || *grain == Grain::Week)
            {
                // Two years of days take long: two clocks have them all, others half a year.
                let is_whole = grain != Grain::Day || [Tz::UTC, Tz::Australia__Lord_Howe].contains(&zone);
                let half = period("2024-09-30T18:30:00Z", "2025-04-01T00:00:00Z");
                let period = if is_whole { all.period } else { half };
                let query = MetricQuery { calendar, period, grain: Some(grain), ..all.clone() };
                assert!(shop.check(&query).await >= 3);
            }
        }
        // Hours, over stretches that hold every change of clocks, from and to odd instants.
        for (start, end) in [
            ("2024-04-05T00:10:00Z", "2024-04-08T00:00:00Z"),
            ("2024-10-04T10:59:59.999999Z", "2024-10-06T10:00:00Z"),
            ("2024-10-26T10:59:59.999999Z", "2024-10-28T00:00:00Z"),
            ("2024-11-01T00:00:00Z", "2024-11-04T00:00:00.000001Z"),
            ("2025-03-08T23:20:00Z", "2025-03-10T01:00:00Z"),
            ("2025-03-29T00:00:00.000001Z", "2025-03-31T01:00:00Z"),
            ("2025-04-24T00:00:00Z", "2025-04-26T01:00:00Z"),
        ] {
            let calendar = Calendar { zone, week_start: Weekday::Mon };
            let period = period(start, end);
            for grain in [Grain::Hour, Grain::Day] {
                let query = MetricQuery { calendar, period, grain: Some(grain), ..all.clone() };
                assert!(shop.check(&query).await >= 2);
            }
        }
    }
}

async fn every_dimension(database: TestDatabase) {
    every_dimension_in(&Shop::open(&database).await).await;
}

pub async fn every_dimension_in(shop: &Shop) {
    for dimension in Dimension::ALL {
        let fitting = fitting(&[dimension]);
        assert!(!fitting.is_empty());
        let all = MetricQuery { dimensions: vec![dimension], ..shop.question(&fitting) };
        let least = if dimension == Dimension::BillingInterval { 2 } else { 3 };
        assert!(shop.check(&all).await >= least, "{dimension:?} tells nothing apart");
        // A few at a time: which groups there are depends on what is asked.
        for (index, metrics) in fitting.chunks(5).enumerate() {
            let calendar = Calendar { zone: Tz::America__New_York, week_start: Weekday::Sun };
            let (metrics, named_only) = (metrics.to_vec(), index % 2 == 0);
            shop.check(&MetricQuery { metrics, calendar, named_only, ..all.clone() }).await;
        }
    }
}

async fn several_dimensions_and_a_grain(database: TestDatabase) {
    several_dimensions_and_a_grain_in(&Shop::open(&database).await).await;
}

pub async fn several_dimensions_and_a_grain_in(shop: &Shop) {
    use Dimension as D;
    let calendar = Calendar { zone: Tz::Australia__Lord_Howe, week_start: Weekday::Wed };
    for dimensions in [
        vec![D::Channel, D::Country],
        vec![D::Customer, D::AcquisitionChannel],
        vec![D::DayOfWeek, D::HourOfDay],
        vec![D::Category, D::Product, D::Status],
        vec![D::SalesRep, D::Customer],
        vec![D::City, D::Region, D::Country],
        vec![D::Cohort, D::Status],
        vec![D::Product, D::PairedProduct],
        vec![D::Stage, D::DealSource, D::Currency],
        vec![D::Plan, D::BillingInterval],
        vec![D::Customer, D::Plan],
        vec![D::MovementKind, D::Category],
        vec![D::Department, D::Location, D::JobTitle, D::LeaveReason],
        vec![D::Attendance, D::DayOfWeek],
        vec![D::Priority, D::TicketCategory, D::Agent],
        vec![D::Campaign, D::Currency],
        vec![D::TrackingCode, D::Affiliate],
        vec![D::Affiliate, D::Currency],
        vec![D::EventType, D::Device, D::OperatingSystem],
        vec![D::TrafficSource, D::Browser, D::TrackingCode],
    ] {
        let fitting = fitting(&dimensions);
        assert!(fitting.len() > 1, "{dimensions:?}");
        let query = MetricQuery { dimensions: dimensions.clone(), calendar, ..shop.question(&fitting) };
        shop.check(&query).await;
        let metrics = fitting.into_iter().filter(|metric| metric.has_history()).collect();
        let query = MetricQuery { metrics, ..query };
        shop.check(&MetricQuery { grain: Some(Grain::Quarter), ..query.clone() }).await;
        let period = period("2024-12-17T05:00:00Z", "2025-02-03T17:00:00Z");
        for grain in [Grain::Day, Grain::Week] {
            shop.check(&MetricQuery { grain: Some(grain), period, ..query.clone() }).await;
        }
    }
}

async fn other_currencies(database: TestDatabase) {
    other_currencies_in(&Shop::open(&database).await).await;
}

pub async fn other_currencies_in(shop: &Shop) {
    for code in ["USD", "JPY", "KWD"] {
        let currency: Currency = code.parse().expect("a currency");
        let all = MetricQuery { currency, ..shop.question(&metrics()) };
        shop.check(&all).await;
        let metrics = metrics_of_time();
        shop.check(&MetricQuery { grain: Some(Grain::Quarter), metrics, ..all.clone() }).await;
        for dimension in [Dimension::Currency, Dimension::Category, Dimension::Country, Dimension::Plan] {
            let dimensions = vec![dimension];
            shop.check(&MetricQuery { metrics: fitting(&dimensions), dimensions, ..all.clone() }).await;
        }
    }
}
