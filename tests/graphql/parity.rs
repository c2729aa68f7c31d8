//! The same question through GraphQL and through the documented API has the same answer.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::metrics::shop::{Shop, all_time};
use crate::support::app::{App, admin};
use crate::support::{TestDatabase, both_databases};

both_databases!(momentum_says_what_graphql_says);

const QUERY: &str = "query ($period: PeriodInput!) {
  revenue(period: $period, timeZone: \"UTC\") {
    totals { revenue { amount currency } orders averageOrderValue { amount } activeCustomers }
    series(grain: MONTH) { start revenue { amount } orders }
    month: change(against: { previous: MONTH }) { current { orders } previous { orders } percent { orders } }
    window: change(against: { previous: PERIOD }) { current { activeCustomers } previous { activeCustomers } percent { activeCustomers } }
  }
  products(period: $period, timeZone: \"UTC\") { top(first: 7) { product { id sku name } revenue { amount } units } }
  categories(period: $period, timeZone: \"UTC\") { top(first: 7) { category { id name } revenue { amount } } }
  customers(period: $period, timeZone: \"UTC\") { top(first: 7) { customer { id number name companyName } revenue { amount } orders } }
  salesReps(period: $period, timeZone: \"UTC\") { top(first: 7) { salesRep { number name } revenue { amount } orders } }
}";

struct Both {
    app: App,
    shop: Shop,
}

impl Both {
    async fn momentum(&self, route: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Value {
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let path = format!("/api/analytics/{route}?startDate={}&endDate={}&limit=7", text(start), text(end));
        let reply = self.app.get(Ok(admin(&self.shop.organization)), &path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.json()
    }

    async fn graphql(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> Value {
        let after = end + Duration::microseconds(1);
        let period =
            json!({ "period": { "range": { "from": start.to_rfc3339(), "to": after.to_rfc3339() } } });
        let mut body = self.app.graphql(Ok(admin(&self.shop.organization)), QUERY, period).await.json();
        assert_eq!(body.get("errors"), None);
        body["data"].take()
    }
}

/// A JSON number by its digits.
fn digits(value: &Value) -> Value {
    Value::String(value.to_string())
}

/// Rows of both, told alike.
fn rows(of: &Value, shape: impl Fn(&Value) -> Value) -> Vec<Value> {
    of.as_array().expect("a list").iter().map(shape).collect()
}

/// GraphQL's null over nothing is 0 in the documented API where nothing is there now either, else 100.
fn percent(of: &Value, now: &Value) -> Value {
    if of.is_null() { json!(if *now == json!(0) { "0.00" } else { "100.00" }) } else { of.clone() }
}

async fn momentum_says_what_graphql_says(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let both = Both { app: App::over(shop.gateway.clone()), shop };
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let seconds = (all_time().end() - all_time().start()).num_seconds();
    for _ in 0..8 {
        let from = chance.random_range(0..seconds - 1);
        let length = chance.random_range(0..(seconds - from).min(200 * 86_400));
        let start = all_time().start() + Duration::seconds(from);
        compare(&both, start, start + Duration::seconds(length)).await;
    }
}

async fn compare(both: &Both, start: DateTime<Utc>, end: DateTime<Utc>) {
    let told = both.graphql(start, end).await;
    let (totals, revenue) = (&told["revenue"]["totals"], &told["revenue"]);
    let ask = async |route: &str| both.momentum(route, start, end).await;

    let body = ask("revenue").await;
    assert_eq!(digits(&body["totalRevenue"]), totals["revenue"]["amount"]);
    assert_eq!(body["currencyCode"], totals["revenue"]["currency"]);

    let aov = &totals["averageOrderValue"];
    let expected = if aov.is_null() { json!("0.00") } else { aov["amount"].clone() };
    assert_eq!(digits(&ask("aov").await["averageOrderValue"]), expected);

    let at = |row: &Value, name: &str| {
        row[name].as_str().expect("text").parse::<DateTime<Utc>>().expect("an instant").to_rfc3339()
    };
    assert_eq!(
        rows(&ask("revenue/trend").await, |row| json!([at(row, "date"), digits(&row["revenue"])])),
        rows(&revenue["series"], |row| json!([at(row, "start"), row["revenue"]["amount"]])),
    );
    assert_eq!(
        rows(&ask("orders/trend").await, |row| json!([at(row, "date"), row["orderCount"]])),
        rows(&revenue["series"], |row| json!([at(row, "start"), row["orders"]])),
    );

    let (body, month) = (ask("orders/mtd").await, &revenue["month"]);
    assert_eq!(body["count"], month["current"]["orders"]);
    assert_eq!(body["previousMonthCount"], month["previous"]["orders"]);
    assert_eq!(
        digits(&body["percentChange"]),
        percent(&month["percent"]["orders"], &month["current"]["orders"])
    );

    let (body, window) = (ask("active-customers").await, &revenue["window"]);
    let active = &window["current"]["activeCustomers"];
    assert_eq!((&body["activeCustomers"], active), (active, &totals["activeCustomers"]));
    assert_eq!(digits(&body["percentChange"]), percent(&window["percent"]["activeCustomers"], active));

    compare_rankings(both, start, end, &told).await;
}

async fn compare_rankings(both: &Both, start: DateTime<Utc>, end: DateTime<Utc>, told: &Value) {
    let ask = async |what: &str| both.momentum(&format!("{what}/top-by-revenue"), start, end).await;
    assert_eq!(
        rows(&ask("products").await, |row| json!([
            row["productId"],
            row["sku"],
            row["name"],
            digits(&row["revenue"]),
            row["unitsOrdered"]
        ])),
        rows(&told["products"]["top"], |row| {
            let product = &row["product"];
            json!([product["id"], product["sku"], product["name"], row["revenue"]["amount"], row["units"]])
        }),
    );
    assert_eq!(
        rows(&ask("categories").await, |row| json!([
            row["categoryId"],
            row["name"],
            digits(&row["revenue"])
        ])),
        rows(&told["categories"]["top"], |row| json!([
            row["category"]["id"],
            row["category"]["name"],
            row["revenue"]["amount"]
        ])),
    );
    let or = |first: &Value, second: &Value| if first.is_null() { second.clone() } else { first.clone() };
    assert_eq!(
        rows(&ask("customers").await, |row| json!([
            row["customerNumber"],
            row["companyName"],
            digits(&row["revenue"]),
            row["orderCount"]
        ])),
        rows(&told["customers"]["top"], |row| {
            let customer = &row["customer"];
            json!([
                or(&customer["number"], &customer["id"]),
                or(&customer["companyName"], &customer["name"]),
                row["revenue"]["amount"],
                row["orders"]
            ])
        }),
    );
    assert_eq!(
        rows(&ask("sales-reps").await, |row| json!([
            row["salesRepNumber"],
            row["name"],
            digits(&row["revenue"]),
            row["orderCount"]
        ])),
        rows(&told["salesReps"]["top"], |row| json!([
            row["salesRep"]["number"],
            row["salesRep"]["name"],
            row["revenue"]["amount"],
            row["orders"]
        ])),
    );
}
