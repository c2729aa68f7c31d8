//! What holds of any question: parts add up to the whole where they may, series have no gaps, and questions drawn at
//! random are answered as the oracle answers them.

use std::collections::HashSet;

use chrono::{Duration, Weekday};
use chrono_tz::Tz;
use countinghouse::metrics::answer::Figures;
use countinghouse::metrics::{
    Attribution, AttributionModel, Dimension, Filter, Metric, MetricQuery, Order, OrderBy, Table,
};
use countinghouse::money::Exact;
use countinghouse::period::{Calendar, Grain, Period};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::clock::spans;
use super::shop::{Shop, all_time};
use super::tables::{fitting, metrics_of_time};
use crate::support::{TestDatabase, both_databases};

both_databases!(buckets_add_up_to_the_total, groups_add_up_to_the_total, questions_at_random);

/// Draws: the same on both databases and every time.
struct Draw(ChaCha8Rng);

impl Draw {
    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.0.random_range(0..all.len())].clone()
    }

    fn period(&mut self) -> Period {
        let all = all_time();
        let micros = (all.end() - all.start()).num_microseconds().unwrap();
        let from = self.0.random_range(0..micros - 1);
        let length = self.0.random_range(1..micros - from);
        let start = all.start() + Duration::microseconds(from);
        Period::new(start, start + Duration::microseconds(length)).unwrap()
    }

    fn calendar(&mut self) -> Calendar {
        let zones =
            [Tz::UTC, Tz::Europe__London, Tz::America__St_Johns, Tz::Asia__Kolkata, Tz::Pacific__Apia];
        let days = [Weekday::Mon, Weekday::Sun, Weekday::Sat];
        Calendar { zone: self.of(&zones), week_start: self.of(&days) }
    }

    fn attribution(&mut self) -> Attribution {
        use AttributionModel::{FirstClick, LastClick, Linear};
        let model = self.of(&[LastClick, FirstClick, Linear]);
        Attribution { model, window_days: self.of(&[0, 1, 30, 90, 3660]) }
    }
}

const GRAINS: [Grain; 5] = [Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year];

async fn table(shop: &Shop, query: &MetricQuery) -> Table {
    shop.engine().ask(query).await.expect("an answer")
}

async fn buckets_add_up_to_the_total(database: TestDatabase) {
    buckets_add_up_to_the_total_in(&Shop::open(&database).await).await;
}

pub async fn buckets_add_up_to_the_total_in(shop: &Shop) {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(1));
    let mut differs: HashSet<Metric> = HashSet::new();
    for _ in 0..12 {
        let (period, calendar, grain) = (draw.period(), draw.calendar(), draw.of(&GRAINS));
        let whole = MetricQuery { period, calendar, ..shop.question(&metrics_of_time()) };
        let total = table(shop, &whole).await.into_total().unwrap();
        let series = table(shop, &MetricQuery { grain: Some(grain), ..whole }).await;
        let starts: Vec<_> = series.rows.iter().map(|row| row.bucket.unwrap().start).collect();
        let expected: Vec<_> = spans(&calendar, grain, &period).iter().map(|span| span.start).collect();
        assert_eq!(starts, expected, "{grain:?} of {period:?} on {calendar:?}");
        for metric in metrics_of_time() {
            let (sum, total) = (sum_of(&series, metric), exact(&total, metric));
            if metric.adds_up() && !metric.is_level() {
                assert_eq!(sum, total, "{metric:?} by {grain:?} of {period:?}");
            } else if sum != total {
                differs.insert(metric);
            }
        }
    }
    // What is not said to add up does not, at least once: totals are no sums.
    let add_up = [
        Metric::OrdersWithLines,
        Metric::GrossOrdersWithLines,
        Metric::PlacedOrdersWithLines,
        Metric::CancelledOrdersWithLines,
        Metric::RefundedOrders,
        Metric::OrdersTogether,
        Metric::ProductConversions,
        Metric::DaysInPeriod,
        // Nobody orders for the first time twice.
        Metric::FirstTimeCustomers,
        // Of each stage of a step the next one starts with the end.
        Metric::NetNewMrr,
    ];
    for metric in metrics_of_time() {
        let is_sum = metric.adds_up() && !metric.is_level();
        assert!(
            is_sum || differs.contains(&metric) || add_up.contains(&metric),
            "{metric:?} looks like a sum"
        );
    }
}

async fn groups_add_up_to_the_total(database: TestDatabase) {
    groups_add_up_to_the_total_in(&Shop::open(&database).await).await;
}

pub async fn groups_add_up_to_the_total_in(shop: &Shop) {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(3));
    for dimension in Dimension::ALL {
        let (period, calendar) = (draw.period(), draw.calendar());
        let metrics: Vec<Metric> =
            fitting(&[dimension]).into_iter().filter(|metric| metric.adds_up()).collect();
        let whole = MetricQuery { period, calendar, ..shop.question(&metrics) };
        let total = table(shop, &whole).await.into_total().unwrap();
        let groups = table(shop, &MetricQuery { dimensions: vec![dimension], ..whole }).await;
        for metric in metrics {
            assert_eq!(
                sum_of(&groups, metric),
                exact(&total, metric),
                "{metric:?} by {dimension:?} of {period:?}"
            );
        }
    }
}

fn exact(figures: &Figures, metric: Metric) -> Exact {
    figures.exact(metric).unwrap().cloned().unwrap_or_else(Exact::zero)
}

fn sum_of(table: &Table, metric: Metric) -> Exact {
    table.rows.iter().fold(Exact::zero(), |sum, row| &sum + &exact(&row.figures, metric))
}

async fn questions_at_random(database: TestDatabase) {
    questions_at_random_in(&Shop::open(&database).await).await;
}

pub async fn questions_at_random_in(shop: &Shop) {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(2));
    for _ in 0..200 {
        let mut dimensions: Vec<Dimension> = Vec::new();
        for _ in 0..draw.of(&[0, 1, 1, 2, 3]) {
            let dimension = draw.of(&Dimension::ALL);
            let goes_with = |other: &Dimension| fitting(&[*other, dimension]).len() > 1;
            if !dimensions.contains(&dimension) && dimensions.iter().all(goes_with) {
                dimensions.push(dimension);
            }
        }
        let on = draw.of(&[Dimension::Channel, Dimension::Country, Dimension::Status, Dimension::Currency]);
        let filters = match (on, draw.of(&[0, 1, 2])) {
            (_, 0) => Vec::new(),
            (Dimension::Channel, _) => vec![condition(on, &[Some("web"), None], draw.of(&[true, false]))],
            (Dimension::Country, _) => vec![condition(on, &[Some("Germany")], draw.of(&[true, false]))],
            (Dimension::Status, _) => vec![condition(on, &[Some("DELIVERED"), Some("DRAFT")], false)],
            _ => vec![condition(on, &[Some("EUR")], true)],
        };
        let mut asked = dimensions.clone();
        asked.extend(filters.iter().map(|filter| filter.dimension));
        let grain = draw.of(&[None, None, Some(Grain::Week), Some(Grain::Month), Some(Grain::Year)]);
        let mut possible = fitting(&asked);
        possible.retain(|metric| grain.is_none() || metric.has_history());
        if possible.len() < 2 {
            // Nothing has all of that; what there is is asked elsewhere.
            continue;
        }
        let mut metrics: Vec<Metric> = Vec::new();
        for _ in 0..draw.of(&[1, 2, 4]) {
            let metric = draw.of(&possible);
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        let order = draw.of(&[None, Some(true), Some(false)]);
        let by = OrderBy::Metric(draw.of(&metrics));
        let query = MetricQuery {
            period: draw.period(),
            calendar: draw.calendar(),
            currency: draw.of(&["EUR", "EUR", "GBP", "KWD", "JPY"]).parse().unwrap(),
            grain,
            dimensions,
            filters,
            order: order.map(|descending| Order { by, descending }),
            ties: Vec::new(),
            limit: draw.of(&[None, Some(1), Some(5), Some(50)]),
            named_only: draw.of(&[true, false]),
            attribution: draw.attribution(),
            metrics,
        };
        shop.check(&query).await;
    }
}

fn condition(dimension: Dimension, values: &[Option<&str>], exclude: bool) -> Filter {
    let values = values.iter().map(|value| value.map(str::to_owned)).collect();
    Filter { dimension, values, exclude }
}
