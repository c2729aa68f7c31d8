//! Anomalies.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::{Shop, after, day, orders};
use crate::support::app::Dataset;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    the_documented_day_is_told_as_documented,
    a_weekly_pattern_is_none_and_a_run_is_one,
    what_made_it_is_ranked,
    what_parts_did_is_what_the_whole_did,
    days_that_are_not_over_and_days_outside_are_not_told,
    severities_and_names_select,
    the_route_tells_what_graphql_tells,
    an_event_is_told_by_the_period_of_its_worst_day,
    what_broke_down_twice_is_told_twice,
);

/// The API's document has it so, but for the hour at which it was detected.
pub const DOCUMENTED_ANOMALY: &str = concat!(
    r#"{"anomalies":[{"metric":"daily_revenue","severity":"high","detectedAt":"2026-03-20T00:00:00Z","#,
    r#""expected":52000,"actual":12000,"deviation":-0.77,"#,
    r#""description":"Revenue 77% below 30-day moving average on 2026-03-19"}]}"#
);

/// 520 dollars each day but 120 on 2026-03-19: 77 % below the moving average, as the API's document has it.
fn documented() -> String {
    let mut file = String::new();
    let bad = "2026-03-19".parse().expect("a day");
    orders(&mut file, "web", "2025-12-01", "2026-03-20", |day| if day == bad { 2_000 } else { 42_000 });
    orders(&mut file, "store", "2025-12-01", "2026-03-20", |_| 10_000);
    file
}

async fn the_documented_day_is_told_as_documented(database: TestDatabase) {
    let shop = Shop::open(&database, "shop", &documented(), "2026-03-20T12:00:00Z").await;
    let reply = shop.get("/anomalies?severity=high&metric=daily_revenue").await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, DOCUMENTED_ANOMALY));
    let query = "{ anomalies(period: { last: { count: 7, grain: DAY } }, metrics: [REVENUE]) { metric severity direction \
        from to day detectedAt expected actual deviation movingAverage description } }";
    let told = shop.told(query).await;
    assert_eq!(
        told["anomalies"],
        json!([{
            "metric": "REVENUE", "severity": "HIGH", "direction": "BELOW", "from": "2026-03-19", "to": "2026-03-19",
            "day": "2026-03-19", "detectedAt": "2026-03-20T00:00:00+00:00", "expected": "520.00", "actual": "120.00",
            "deviation": "-0.7692", "movingAverage": "520.00",
            "description": "Revenue: 77 % below what was to be expected on 2026-03-19, 120.00 USD instead of 520.00 USD",
        }])
    );
    // Everything that rests on the orders' worth stands out then, their number does not.
    let all = shop.get("/anomalies").await.json();
    let names: Vec<&str> =
        all["anomalies"].as_array().expect("rows").iter().filter_map(|row| row["metric"].as_str()).collect();
    assert!(
        names.contains(&"daily_average_order_value") && names.contains(&"daily_net_revenue"),
        "{names:?}"
    );
    assert!(!names.contains(&"daily_orders") && !names.contains(&"daily_customers"), "{names:?}");
}

/// Twice as much on Saturdays is no anomaly; four days at a third of what they should be are one.
async fn a_weekly_pattern_is_none_and_a_run_is_one(database: TestDatabase) {
    let mut file = String::new();
    let first = "2025-06-01";
    let is_bad = |day| (after(first, 150)..=after(first, 153)).contains(&day);
    orders(&mut file, "web", first, "2025-12-31", |day| {
        let usual = 20_000 + 20_000 * i64::from(day.weekday().num_days_from_monday() == 5);
        let noise = i64::from(day.num_days_from_ce()) * 7919 % 1601 - 800;
        (usual + noise) / if is_bad(day) { 3 } else { 1 }
    });
    let shop = Shop::open(&database, "shop", &file, "2026-01-05T00:00:00Z").await;
    let query = "{ anomalies(period: { range: { from: \"2025-06-01\", to: \"2025-12-31\" } }, metrics: [REVENUE]) { \
        direction severity from to day } }";
    let told = shop.told(query).await;
    let rows = told["anomalies"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{told}");
    let row = &rows[0];
    assert_eq!((&row["direction"], &row["severity"]), (&json!("BELOW"), &json!("HIGH")));
    assert_eq!(
        (&row["from"], &row["to"]),
        (&json!(after(first, 150).to_string()), &json!(after(first, 153).to_string()))
    );
}

async fn what_made_it_is_ranked(database: TestDatabase) {
    let shop = Shop::open(&database, "shop", &documented(), "2026-03-20T12:00:00Z").await;
    let of = |metric: &str, more: &str| {
        format!(
            "{{ anomalies(period: {{ preset: YESTERDAY }}, metrics: [{metric}]) {{ \
             contributions({more}) {{ id name actual expected gap share }} }} }}"
        )
    };
    let told = shop.told(&of("REVENUE", "by: CHANNEL")).await;
    assert_eq!(
        told["anomalies"][0]["contributions"],
        json!([
            { "id": "web", "name": "web", "actual": "20.00", "expected": "420.00", "gap": "-400.00", "share": "1.0000" },
            { "id": "store", "name": "store", "actual": "100.00", "expected": "100.00", "gap": "0.00", "share": "0.0000" },
        ])
    );
    // A quotient is moved by each part's own and by its weight: all of it by the web, whose orders were small.
    let told = shop.told(&of("AVERAGE_ORDER_VALUE", "by: CHANNEL, first: 1")).await;
    assert_eq!(
        told["anomalies"][0]["contributions"],
        json!([{ "id": "web", "name": "web", "actual": null, "expected": null, "gap": "-200.00", "share": "1.0000" }])
    );
    for (metric, more, words) in [
        ("REVENUE", "by: CHANNEL, first: 0", "first: must lie between 1 and 100, not 0"),
        ("REVENUE", "by: CHANNEL, first: 101", "first: must lie between 1 and 100, not 101"),
    ] {
        let body = shop.ask(&of(metric, more)).await;
        assert_eq!(body["errors"][0]["message"], words);
    }
    let body = shop.ask(&of("REVENUE", "by: DEPARTMENT")).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "INVALID_ARGUMENT", "{body}");
}

/// Once before something was given back on a Thursday: nothing was to be expected of the whole, and so of its parts.
async fn what_parts_did_is_what_the_whole_did(database: TestDatabase) {
    let mut sold = "order_id,placed_at,status,total,currency,channel\n".to_owned();
    for channel in ["web", "store"] {
        orders(&mut sold, channel, "2025-10-01", "2026-03-19", |_| 10_000);
    }
    let mut given_back = "refund_id,order_id,refunded_at,amount\n".to_owned();
    given_back.push_str("before,web-2026-02-19,2026-02-19T12:00:00Z,75.00\n");
    for day in 1..=13 {
        let channel = if day <= 10 { "web" } else { "store" };
        let order = format!("{channel}-2026-01-{day:02}");
        writeln!(given_back, "{order},{order},2026-03-19T12:00:00Z,100.00").expect("text");
    }
    let dataset = Dataset::new().file("orders.csv", &sold).file("refunds.csv", &given_back);
    let shop = Shop::of(&database, "shop", dataset, "2026-03-20T12:00:00Z").await;
    let query = "{ anomalies(period: { preset: YESTERDAY }, metrics: [REFUNDS]) { \
        expected actual contributions(by: CHANNEL) { id name actual expected gap share } } }";
    assert_eq!(
        shop.told(query).await["anomalies"],
        json!([{ "expected": "0.00", "actual": "1300.00", "contributions": [
            { "id": "web", "name": "web", "actual": "1000.00", "expected": "0.00", "gap": "1000.00", "share": "0.7692" },
            { "id": "store", "name": "store", "actual": "300.00", "expected": "0.00", "gap": "300.00", "share": "0.2308" },
        ] }])
    );
}

async fn days_that_are_not_over_and_days_outside_are_not_told(database: TestDatabase) {
    // While the bad day runs it is not judged, and neither is the empty rest of a later one.
    for (now, count) in
        [("2026-03-19T23:59:59Z", 0), ("2026-03-20T00:00:00Z", 1), ("2026-03-20T23:00:00Z", 1)]
    {
        let shop = Shop::open(&database, now, &documented(), now).await;
        let told = shop.get("/anomalies?metric=daily_revenue").await.json();
        assert_eq!(told["anomalies"].as_array().map(Vec::len), Some(count), "{now}");
    }
    let shop = Shop::open(&database, "shop", &documented(), "2026-03-20T12:00:00Z").await;
    for (window, count) in [
        ("from=2026-03-19&to=2026-03-19", 1),
        ("from=2026-03-01&to=2026-03-18", 0),
        ("from=2026-03-20&to=2026-12-31", 0),
        ("from=2027-01-01&to=2027-12-31", 0),
        // Part of a day is not a day.
        ("from=2026-03-19T00:00:00Z&to=2026-03-19T12:00:00Z", 0),
        ("from=2026-03-19T12:00:00Z&to=2026-03-20T00:00:00Z", 1),
    ] {
        let told = shop.get(&format!("/anomalies?metric=daily_revenue&{window}")).await.json();
        assert_eq!(told["anomalies"].as_array().map(Vec::len), Some(count), "{window}");
    }
    // In New York the day's orders are another day's: ten in the morning in London is the same day there.
    let query = "{ anomalies(period: { last: { count: 7, grain: DAY } }, metrics: [REVENUE], timeZone: \"America/New_York\") { \
        day detectedAt } }";
    let told = shop.told(query).await;
    assert_eq!(
        told["anomalies"],
        json!([{ "day": "2026-03-19", "detectedAt": "2026-03-20T04:00:00+00:00" }])
    );
}

async fn severities_and_names_select(database: TestDatabase) {
    let shop = Shop::open(&database, "shop", &documented(), "2026-03-20T12:00:00Z").await;
    for (query, words) in [
        ("severity=grave", "severity must be one of low, medium, high, not 'grave'"),
        ("severity=High", "severity must be one of low, medium, high, not 'High'"),
        (
            "metric=daily_luck",
            "metric must be the name of a daily metric such as daily_revenue or daily_orders, not 'daily_luck'",
        ),
        (
            "metric=daily_mrr",
            "metric must be the name of a daily metric such as daily_revenue or daily_orders, not 'daily_mrr'",
        ),
        ("metric=daily_revenue&metric=daily_orders", "metric was given more than once"),
    ] {
        let reply = shop.get(&format!("/anomalies?{query}")).await;
        let body = json!({ "statusCode": 400, "error": "Bad Request", "message": words });
        assert_eq!((reply.status.as_u16(), reply.json()), (400, body), "{query}");
    }
    assert_eq!(shop.get("/anomalies?from=2026-03-02&to=2026-03-01").await.status.as_u16(), 422);
    let body = shop.ask("{ anomalies(period: { preset: TODAY }, metrics: [MRR]) { day } }").await;
    assert_eq!(
        body["errors"][0]["message"],
        "metrics: mrr is not a figure of a day: of an instant, or of no history"
    );
    // A condition that only some metrics can be held against leaves the others out.
    let query = "{ anomalies(period: { last: { count: 7, grain: DAY } }, where: [{ dimension: CHANNEL, in: [\"store\"] }]) { metric } }";
    assert_eq!(shop.told(query).await["anomalies"], json!([]), "the store had its usual day");
    assert_eq!(shop.get("/anomalies?metric=daily_orders").await.body, r#"{"anomalies":[]}"#);
}

async fn the_route_tells_what_graphql_tells(database: TestDatabase) {
    let shop = Shop::open(&database, "shop", &documented(), "2026-03-20T12:00:00Z").await;
    for severity in ["low", "medium", "high"] {
        let route =
            shop.get(&format!("/anomalies?severity={severity}&from=2026-03-01&to=2026-03-20")).await.json();
        let query = format!(
            "{{ anomalies(severity: {}, timeZone: \"UTC\", period: {{ range: {{ from: \"2026-03-01\", to: \"2026-03-20\" }} }}) \
             {{ metric severity detectedAt }} }}",
            severity.to_uppercase()
        );
        let graphql = shop.told(&query).await;
        let of = |rows: &Value, metric: fn(&Value) -> String| -> Vec<(String, String)> {
            let rows = rows.as_array().expect("rows");
            rows.iter()
                .map(|row| (metric(&row["metric"]), row["severity"].as_str().expect("text").to_lowercase()))
                .collect()
        };
        let there =
            of(&graphql["anomalies"], |value| format!("daily_{}", value.as_str().unwrap().to_lowercase()));
        let here = of(&route["anomalies"], |value| value.as_str().unwrap().to_owned());
        assert_eq!(here, there);
        assert!(!here.is_empty(), "{severity}");
    }
}

/// Of two neighbouring periods one tells an event, and tells all of it.
async fn an_event_is_told_by_the_period_of_its_worst_day(database: TestDatabase) {
    let mut file = String::new();
    let worth = |at: NaiveDate| match at {
        at if at == day("2026-03-02") => 20_000,
        at if at == day("2026-03-03") => 5_000,
        at if at == day("2026-03-04") => 22_000,
        _ => 50_000,
    };
    orders(&mut file, "web", "2025-10-01", "2026-03-15", worth);
    let shop = Shop::open(&database, "shop", &file, "2026-03-16T00:00:00Z").await;
    let mut told = Vec::new();
    for (from, to) in [
        ("2026-03-01", "2026-03-02"),
        ("2026-03-03", "2026-03-03"),
        ("2026-03-01", "2026-03-15"),
        ("2026-03-04", "2026-03-15"),
    ] {
        let query = format!(
            "{{ anomalies(period: {{ range: {{ from: \"{from}\", to: \"{to}\" }} }}, metrics: [REVENUE]) \
             {{ from to day severity expected actual deviation description }} }}"
        );
        told.push(shop.told(&query).await["anomalies"].take());
    }
    assert_eq!((&told[0], &told[3]), (&json!([]), &json!([])));
    assert_eq!(told[1], told[2]);
    let days = ["from", "day", "to"].map(|name| &told[1][0][name]);
    assert_eq!(days, [&json!("2026-03-02"), &json!("2026-03-03"), &json!("2026-03-04")]);
}

/// A rush on the same day as last year is expected. Nothing sold, as last year, may be a feast or break down again.
async fn what_broke_down_twice_is_told_twice(database: TestDatabase) {
    for (name, unusual, expected) in [("down", 0, vec!["LOW", "HIGH"]), ("up", 400_000, vec!["HIGH"])] {
        let mut file = String::new();
        let again = [day("2025-02-18"), day("2026-02-17")];
        orders(&mut file, "web", "2024-09-01", "2026-03-01", |at| {
            let noise = i64::from(at.num_days_from_ce()) * 7919 % 1601 - 800;
            if again.contains(&at) { unusual } else { 50_000 + noise }
        });
        let shop = Shop::open(&database, name, &file, "2026-03-02T00:00:00Z").await;
        let query = "{ anomalies(period: { range: { from: \"2024-12-01\", to: \"2026-03-01\" } }, metrics: [REVENUE]) { day severity } }";
        let told = shop.told(query).await["anomalies"].take();
        let rows = told.as_array().expect("rows");
        let severities: Vec<&str> = rows.iter().filter_map(|row| row["severity"].as_str()).collect();
        assert_eq!(severities, expected, "{name}: {told}");
    }
}
