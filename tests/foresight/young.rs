//! Shops that opened in the middle of a bucket, or in the one that is running.

use serde_json::{Value, json};

use super::{Shop, orders};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    the_bucket_that_business_began_within_is_left_out,
    what_comes_once_a_month_did_not_begin_late,
    a_shop_without_a_complete_bucket_goes_on_by_its_pace,
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
    // Nobody has bought anything yet.
    let shop = Shop::open(&database, "none", "", "2026-03-16T00:00:00Z").await;
    let told = foreseen(&shop, "MONTH").await;
    let nothing = json!({ "bucket": { "start": "2026-04-01T00:00:00+00:00" }, "low": "0.00", "predicted": "0.00", "high": "0.00" });
    assert_eq!(told["points"][0], nothing);
}
