//! The bucket that is running: what it has so far, and what is expected of the whole.

use std::fmt::Write as _;

use chrono::Datelike;
use serde_json::{Value, json};

use super::{Shop, after, orders};
use crate::support::app::Dataset;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    what_has_come_in_is_added_to_what_is_yet_to_come,
    what_comes_at_once_is_not_expected_again,
    hours_of_a_day_count,
    days_that_are_told_whole_are_waited_for,
    a_level_goes_on_from_where_it_stands,
    what_may_fall_again_is_not_held_up,
    buckets_after_it_do_not_know_it,
);

/// What is expected of the running bucket: so far, low, predicted and high.
async fn current(shop: &Shop, arguments: &str) -> (String, [f64; 3]) {
    let query = format!("{{ forecast({arguments}) {{ current {{ soFar low predicted high }} }} }}");
    let told = shop.told(&query).await["forecast"]["current"].take();
    let number = |name: &str| text(&told[name]).parse().expect("a number");
    (text(&told["soFar"]).to_owned(), ["low", "predicted", "high"].map(number))
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a decimal")
}

fn near(value: f64, truth: f64, share: f64) {
    assert!((value - truth).abs() <= share * truth.abs(), "{value} is not {truth}");
}

/// A hundred dollars a day at ten o'clock, for more than three years.
fn even(last: &str) -> String {
    let mut file = String::new();
    orders(&mut file, "web", "2023-01-01", last, |_| 10_000);
    file
}

async fn what_has_come_in_is_added_to_what_is_yet_to_come(database: TestDatabase) {
    // Fifteen of March's 31 days are over.
    let shop = Shop::open(&database, "even", &even("2026-03-31"), "2026-03-16T00:00:00Z").await;
    let (so_far, [low, predicted, high]) = current(&shop, "metric: REVENUE").await;
    assert_eq!(so_far, "1500.00");
    near(predicted, 3_100.0, 0.03);
    assert!((1_500.0..predicted).contains(&low) && high > predicted, "{low} to {high}");
    // Nothing yet at its first instant, and all at its last.
    let shop = Shop::open(&database, "first", &even("2026-03-31"), "2026-03-01T00:00:00Z").await;
    let (so_far, [_, predicted, _]) = current(&shop, "metric: REVENUE").await;
    assert_eq!(so_far, "0.00");
    near(predicted, 3_100.0, 0.03);
    let shop = Shop::open(&database, "last", &even("2026-03-31"), "2026-03-31T23:59:59Z").await;
    let (so_far, expected) = current(&shop, "metric: REVENUE").await;
    assert_eq!(so_far, "3100.00");
    for value in expected {
        near(value, 3_100.0, 0.001);
    }
    // Ten times as much as ever: it is there, and more will come.
    let mut file = even("2026-02-28");
    orders(&mut file, "boom", "2026-03-01", "2026-03-15", |_| 100_000);
    let shop = Shop::open(&database, "boom", &file, "2026-03-16T00:00:00Z").await;
    for metric in ["REVENUE", "GROSS_REVENUE", "ORDERS"] {
        for grain in ["MONTH", "QUARTER"] {
            let (so_far, [low, predicted, high]) =
                current(&shop, &format!("metric: {metric}, grain: {grain}")).await;
            let so_far: f64 = so_far.parse().expect("a number");
            assert!(
                so_far <= low && low <= predicted && predicted <= high,
                "{metric} by {grain}: {so_far}, {low}"
            );
        }
    }
    let (so_far, [_, predicted, _]) = current(&shop, "metric: REVENUE").await;
    assert_eq!(so_far, "15000.00");
    near(predicted, 15_000.0 + 1_600.0, 0.02);
}

async fn what_comes_at_once_is_not_expected_again(database: TestDatabase) {
    let mut file = String::new();
    orders(&mut file, "web", "2022-03-01", "2026-03-31", |day| if day.day() == 1 { 1_820_000 } else { 0 });
    let shop = Shop::open(&database, "monthly", &file, "2026-03-20T12:00:00Z").await;
    assert_eq!(current(&shop, "metric: REVENUE").await, ("18200.00".to_owned(), [18_200.0; 3]));
    let told =
        shop.told("{ forecast(metric: REVENUE, grain: QUARTER) { current { soFar predicted } } }").await;
    assert_eq!(told["forecast"]["current"], json!({ "soFar": "54600.00", "predicted": "54600.00" }));
}

async fn hours_of_a_day_count(database: TestDatabase) {
    for (now, so_far) in [("2026-03-15T09:00:00Z", "0.00"), ("2026-03-15T11:00:00Z", "100.00")] {
        let shop = Shop::open(&database, now, &even("2026-03-31"), now).await;
        let told = current(&shop, "metric: REVENUE, grain: DAY").await;
        assert_eq!(told, (so_far.to_owned(), [100.0; 3]), "{now}");
    }
}

/// Fifty dollars a day are spent; what a day cost is told when it is over.
async fn days_that_are_told_whole_are_waited_for(database: TestDatabase) {
    let campaigns = "campaign_id,name,channel\nc,C,search\n";
    for (today, so_far, of_day) in [("", "0.00", 50.0), ("c,2026-03-15,80.00\n", "80.00", 80.0)] {
        let mut days = "campaign_id,day,spend\n".to_owned();
        for index in 0..438 {
            writeln!(days, "c,{},50.00", after("2025-01-01", index)).expect("text");
        }
        days.push_str(today);
        let dataset = Dataset::new().file("campaigns.csv", campaigns).file("campaign_days.csv", &days);
        let shop = Shop::of(&database, so_far, dataset, "2026-03-15T12:00:00Z").await;
        let told = current(&shop, "metric: SPEND, grain: DAY").await;
        assert_eq!((told.0.as_str(), told.1[1]), (so_far, of_day));
        let (month, [_, predicted, _]) = current(&shop, "metric: SPEND").await;
        assert_eq!(month, if today.is_empty() { "700.00" } else { "780.00" });
        near(predicted, 1_550.0, 0.05);
    }
}

async fn a_level_goes_on_from_where_it_stands(database: TestDatabase) {
    let mut employees = "employee_id,department,hired_at,left_at\n".to_owned();
    for index in 0..10 {
        let left = if index == 0 { "2026-03-10T00:00:00Z" } else { "" };
        writeln!(employees, "e{index},Sales,2020-01-01T00:00:00Z,{left}").expect("text");
    }
    let dataset = Dataset::new().file("employees.csv", &employees);
    let shop = Shop::of(&database, "staff", dataset, "2026-03-16T00:00:00Z").await;
    assert_eq!(current(&shop, "metric: HEADCOUNT").await, ("9".to_owned(), [9.0; 3]));
    // Who left is one, and no month had any before.
    let (so_far, [low, predicted, _]) = current(&shop, "metric: LEAVERS").await;
    assert_eq!((so_far.as_str(), low, predicted), ("1", 1.0, 1.0));
}

async fn what_may_fall_again_is_not_held_up(database: TestDatabase) {
    let mut sold = "order_id,placed_at,status,total,currency,channel\n".to_owned();
    sold.push_str(&even("2026-03-15"));
    let mut refunds = "refund_id,order_id,refunded_at,amount\n".to_owned();
    for day in 1..=28 {
        writeln!(refunds, "r{day},web-2026-02-{day:02},2026-03-02T00:00:00Z,100.00").expect("text");
    }
    let dataset = Dataset::new().file("orders.csv", &sold).file("refunds.csv", &refunds);
    let shop = Shop::of(&database, "refunds", dataset, "2026-03-16T00:00:00Z").await;
    let (so_far, [low, predicted, high]) = current(&shop, "metric: NET_REVENUE").await;
    assert_eq!(so_far, "-1300.00");
    // What is left of the month, 16 days of 31, goes on as it would have.
    near(predicted, -1_300.0 + 3_100.0 * 16.0 / 31.0, 0.2);
    assert!(low < predicted && predicted < high);
}

async fn buckets_after_it_do_not_know_it(database: TestDatabase) {
    let query = "{ forecast(metric: REVENUE) { points { predicted low high } } }";
    let calm = Shop::open(&database, "calm", &even("2026-02-28"), "2026-03-16T00:00:00Z").await;
    let mut file = even("2026-02-28");
    orders(&mut file, "boom", "2026-03-01", "2026-03-15", |_| 100_000);
    let boom = Shop::open(&database, "boom", &file, "2026-03-16T00:00:00Z").await;
    assert_eq!(calm.told(query).await, boom.told(query).await);
    let route = "/forecast?periods=3&granularity=month";
    assert_eq!(calm.get(route).await.body, boom.get(route).await.body);
}
