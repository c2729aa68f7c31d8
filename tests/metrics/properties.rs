//! What holds of any question: parts add up to the whole where they may, series have no gaps, and questions drawn at
//! random are answered as the oracle answers them.

use std::collections::HashMap;

use chrono::{Duration, Weekday};
use chrono_tz::Tz;
use countinghouse::metrics::{Dimension, Filter, Metric, MetricQuery, Order, OrderBy, Table};
use countinghouse::money::Exact;
use countinghouse::period::{Calendar, Grain, Period};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::clock::spans;
use super::shop::{Shop, all_time};
use super::tables::{fitting, known_dimensions, metrics};
use crate::support::{TestDatabase, both_databases};

both_databases!(buckets_add_up_to_the_total, questions_at_random);

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
}

const GRAINS: [Grain; 5] = [Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year];

async fn table(shop: &Shop, query: &MetricQuery) -> Table {
    shop.engine().ask(query).await.expect("an answer")
}

async fn buckets_add_up_to_the_total(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(1));
    let mut larger: HashMap<Metric, bool> = HashMap::new();
    for _ in 0..12 {
        let (period, calendar, grain) = (draw.period(), draw.calendar(), draw.of(&GRAINS));
        let whole = MetricQuery { period, calendar, ..shop.question(&metrics()) };
        let total = table(&shop, &whole).await.into_total().unwrap();
        let series = table(&shop, &MetricQuery { grain: Some(grain), ..whole }).await;
        let starts: Vec<_> = series.rows.iter().map(|row| row.bucket.unwrap().start).collect();
        let expected: Vec<_> = spans(&calendar, grain, &period).iter().map(|span| span.start).collect();
        assert_eq!(starts, expected, "{grain:?} of {period:?} on {calendar:?}");
        for metric in metrics() {
            let parts = series.rows.iter().filter_map(|row| row.figures.exact(metric).unwrap());
            let sum = parts.fold(Exact::zero(), |sum, part| &sum + part);
            let total = total.exact(metric).unwrap().cloned().unwrap_or_else(Exact::zero);
            if metric.adds_up() {
                assert_eq!(sum, total, "{metric:?} by {grain:?} of {period:?}");
            } else {
                *larger.entry(metric).or_default() |= sum > total;
            }
        }
    }
    // Of what does not add up, the sum of the parts was more than the whole at least once: totals are no sums.
    for metric in metrics().into_iter().filter(|metric| !metric.adds_up()) {
        let is_whole_in_a_bucket = [Metric::OrdersWithLines, Metric::RefundedOrders].contains(&metric);
        assert!(larger[&metric] || is_whole_in_a_bucket, "{metric:?} looks like a sum");
    }
}

async fn questions_at_random(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(2));
    for _ in 0..60 {
        let mut dimensions: Vec<Dimension> = Vec::new();
        for _ in 0..draw.of(&[0, 1, 1, 2, 3]) {
            let dimension = draw.of(&known_dimensions());
            if !dimensions.contains(&dimension) {
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
        let possible = fitting(&asked);
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
            grain: draw.of(&[None, None, Some(Grain::Week), Some(Grain::Month), Some(Grain::Year)]),
            dimensions,
            filters,
            order: order.map(|descending| Order { by, descending }),
            limit: draw.of(&[None, Some(1), Some(5), Some(50)]),
            named_only: draw.of(&[true, false]),
            metrics,
        };
        shop.check(&query).await;
    }
}

fn condition(dimension: Dimension, values: &[Option<&str>], exclude: bool) -> Filter {
    let values = values.iter().map(|value| value.map(str::to_owned)).collect();
    Filter { dimension, values, exclude }
}
