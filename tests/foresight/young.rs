//! Shops that opened in the middle of a bucket, or in the one that is running.

use serde_json::{Value, json};

use super::{Shop, orders};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    the_bucket_that_business_began_within_is_left_out,
    what_comes_once_a_month_did_not_begin_late,
    a_shop_without_a_complete_bucket_goes_on_by_its_pace,
    on_its_second_day_a_shop_is_expected_to_have_what_it_has,
    who_began_within_the_bucket_before_goes_on_by_its_pace,
);

/// A shop with a hundred dollars a day since `first`.
async fn since(database: &TestDatabase, first: &str, now: &str) -> Shop {
    let mut file = String::new();
    orders(&mut file, "web", first, "2026-03-31", |_| 10_000);
    Shop::open(database, first, &file, now).await
}

/// What is foreseen of its revenue.
async fn foreseen(shop: &Shop, grain: &str) -> Value {
    let points = "soFar low predicted high";
    let query = format!(
        "{{ forecast(metric: REVENUE, grain: {grain}, periods: 3) {{ model history confidence coverage \
         current {{ {points} }} points {{ bucket {{ start }} low predicted high }} }} }}"
    );
    shop.told(&query).await["forecast"].take()
}

/// What was sold in a part of a month says nothing of months: who opened on the 15th is told what one is told who opened
/// on the first of the next.
async fn the_bucket_that_business_began_within_is_left_out(database: TestDatabase) {
    for (within, after, grain) in [
        ("2025-09-15", "2025-10-01", "MONTH"),
        ("2023-08-20", "2023-10-01", "QUARTER"),
        ("2025-10-09", "2025-10-13", "WEEK"),
    ] {
        let mut told = Vec::new();
        for first in [within, after] {
            let shop = since(&database, first, "2026-03-16T00:00:00Z").await;
            told.push(foreseen(&shop, grain).await);
        }
        assert_eq!(told[0], told[1], "{grain}");
        assert_ne!(told[0]["points"][0]["predicted"], json!("0.00"), "{grain}");
    }
}

/// Rent comes on the 15th; its first month is as whole as any.
async fn what_comes_once_a_month_did_not_begin_late(database: TestDatabase) {
    use chrono::Datelike;
    let mut file = String::new();
    orders(&mut file, "web", "2025-09-01", "2026-03-31", |day| if day.day() == 15 { 50_000 } else { 0 });
    let shop = Shop::open(&database, "rent", &file, "2026-03-01T00:00:00Z").await;
    let told = foreseen(&shop, "MONTH").await;
    assert_eq!((&told["history"], &told["points"][0]["predicted"]), (&json!(6), &json!("500.00")));
}

async fn a_shop_without_a_complete_bucket_goes_on_by_its_pace(database: TestDatabase) {
    // Ten of March's 31 days were sold in, 15 are over.
    let shop = since(&database, "2026-03-06", "2026-03-16T00:00:00Z").await;
    let told = foreseen(&shop, "MONTH").await;
    let point = |start: &str| json!({ "bucket": { "start": start }, "low": "0.00", "predicted": "3100.00", "high": "6200.00" });
    assert_eq!(told["history"], json!(0));
    assert_eq!((&told["confidence"], &told["coverage"]), (&Value::Null, &Value::Null));
    let months = ["2026-04-01", "2026-05-01", "2026-06-01"];
    let points: Vec<Value> = months.iter().map(|month| point(&format!("{month}T00:00:00+00:00"))).collect();
    assert_eq!(told["points"], json!(points));
    // 1,000 are there, and 16 of 31 days are yet to come.
    let predicted = &told["current"]["predicted"];
    assert_eq!((&told["current"]["soFar"], predicted), (&json!("1000.00"), &json!("2600.00")));
    // What came once, and never again, is not on its way again.
    let mut file = String::new();
    orders(&mut file, "web", "2026-03-06", "2026-03-06", |_| 10_000);
    let shop = Shop::open(&database, "once", &file, "2026-03-16T00:00:00Z").await;
    let told = foreseen(&shop, "MONTH").await;
    assert_eq!(
        (&told["current"]["predicted"], &told["points"][0]["predicted"]),
        (&json!("100.00"), &json!("0.00"))
    );
    // But nothing makes sure of that.
    assert_eq!(told["points"][0]["high"], json!("100.00"));
    // Nobody has bought anything yet.
    let shop = Shop::open(&database, "none", "", "2026-03-16T00:00:00Z").await;
    let told = foreseen(&shop, "MONTH").await;
    let nothing = json!({ "bucket": { "start": "2026-04-01T00:00:00+00:00" }, "low": "0.00", "predicted": "0.00", "high": "0.00" });
    assert_eq!(told["points"][0], nothing);
}

/// One order yesterday and none yet today is no reason to be sure of anything, however long a bucket is, how much of it is
/// over, and whether the two days are of one bucket.
async fn on_its_second_day_a_shop_is_expected_to_have_what_it_has(database: TestDatabase) {
    // A Wednesday and a Thursday; a Sunday and a Monday; the last day of a quarter and the first of the next.
    for (first, today) in [("2026-03-11", "12"), ("2026-03-15", "16"), ("2025-09-30", "01")] {
        let month = if today == "01" { "2025-10" } else { "2026-03" };
        for time in ["00:00:00Z", "00:30:00Z", "09:00:00Z", "23:59:59Z"] {
            let mut file = String::new();
            orders(&mut file, "web", first, first, |_| 9_999);
            let now = format!("{month}-{today}T{time}");
            let shop = Shop::open(&database, &now, &file, &now).await;
            for grain in ["DAY", "WEEK", "MONTH", "QUARTER"] {
                let told = foreseen(&shop, grain).await;
                for point in told["points"].as_array().expect("points") {
                    let told = ["low", "predicted", "high"].map(|name| &point[name]);
                    assert_eq!(told, ["0.00", "99.99", "199.98"], "{grain} at {now}");
                }
            }
        }
    }
}

/// A hundred dollars a day since the 29th of March are 3,000 in April, though nothing has come in it yet.
async fn who_began_within_the_bucket_before_goes_on_by_its_pace(database: TestDatabase) {
    let shop = since(&database, "2026-03-29", "2026-04-01T00:00:00Z").await;
    let told = foreseen(&shop, "MONTH").await;
    assert_eq!(told["history"], json!(0));
    // A bucket has as many days as the one that is running.
    let point = &told["points"][0];
    assert_eq!(["low", "predicted", "high"].map(|name| &point[name]), ["0.00", "3000.00", "6000.00"]);
}
