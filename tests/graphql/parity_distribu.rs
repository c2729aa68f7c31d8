//! The same question through GraphQL and through `distribu` has the same answer.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::metrics::shop::{Shop, all_time};
use crate::support::app::{App, admin};
use crate::support::{TestDatabase, both_databases};

both_databases!(distribu_says_what_graphql_says);

/// What is behind the routes.
const QUERY: &str = "query ($period: PeriodInput!) {
  orders(period: $period, timeZone: \"UTC\") {
    totals { grossOrders grossRevenue { amount } grossAverageOrderValue { amount } }
    series(grain: DAY) { date grossOrders grossRevenue { amount } }
    breakdown(by: STATUS, orderBy: GROSS_ORDERS) { id grossOrders grossRevenue { amount } }
  }
  customers(period: $period, timeZone: \"UTC\") {
    top(by: GROSS_REVENUE, first: 1000) { customer { id name email } lastOrderAt }
  }
  spent: revenue(period: $period, timeZone: \"UTC\", where: [{ dimension: CUSTOMER, notIn: [null] }]) {
    totals { grossCustomers grossOrders grossRevenue { amount } }
    breakdown(by: CUSTOMER, orderBy: GROSS_REVENUE, first: 1000) { id grossOrders grossRevenue { amount } }
  }
  products(period: $period, timeZone: \"UTC\") {
    totals { grossProductsSold grossOrders grossUnits grossRevenue { amount } }
    top(by: GROSS_REVENUE, first: 1000) {
      product { id name sku category { name } } grossOrders grossUnits grossRevenue { amount }
    }
  }
  inventory(period: $period, timeZone: \"UTC\") {
    totals { productsOnSale stockOnSale stockOnSaleAtPrice { amount } }
    breakdown(by: PRODUCT, orderBy: STOCK_ON_SALE_AT_PRICE, first: 1000) {
      id name productsOnSale stockOnSale stockOnSaleAtPrice { amount } averageListPrice { amount }
    }
    categories: breakdown(by: CATEGORY, orderBy: STOCK_ON_SALE_AT_PRICE) {
      name productsOnSale stockOnSale stockOnSaleAtPrice { amount }
    }
  }
}";

/// Digits as a JSON number.
fn number(digits: &Value) -> Value {
    digits.as_str().map_or(Value::Null, |digits| serde_json::from_str(digits).expect("a number"))
}

fn list<'a>(of: &'a Value, path: &str) -> &'a [Value] {
    of.pointer(path).and_then(Value::as_array).unwrap_or_else(|| panic!("no {path} in {of}"))
}

/// Instants of GraphQL have microseconds, those of the API milliseconds.
fn to_the_millisecond(instant: &Value) -> Value {
    let at: DateTime<Utc> = instant.as_str().expect("an instant").parse().expect("an instant");
    json!(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// `daily`, `byStatus` and `totals` of sales.
fn sales(told: &Value) -> Value {
    let of = |row: &Value| (row["grossOrders"].clone(), number(&row["grossRevenue"]["amount"]));
    let daily = list(told, "/orders/series").iter().map(|row| {
        let (orders, revenue) = of(row);
        json!({ "date": row["date"], "orderCount": orders, "revenue": revenue })
    });
    let groups = list(told, "/orders/breakdown");
    let statuses = ["DRAFT", "SUBMITTED", "CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED"];
    let by_status =
        statuses.iter().filter_map(|status| groups.iter().find(|row| row["id"] == *status)).map(|row| {
            let (orders, revenue) = of(row);
            json!({ "status": row["id"], "orderCount": orders, "revenue": revenue })
        });
    let (orders, revenue) = of(&told["orders"]["totals"]);
    let average = match number(&told["orders"]["totals"]["grossAverageOrderValue"]["amount"]) {
        Value::Null => number(&json!("0.00")),
        average => average,
    };
    json!({
        "totals": { "orderCount": orders, "revenue": revenue, "averageOrderValue": average },
        "daily": daily.collect::<Vec<_>>(), "byStatus": by_status.collect::<Vec<_>>(),
    })
}

fn customers(told: &Value) -> Value {
    let people = list(told, "/customers/top");
    let rows = list(told, "/spent/breakdown").iter().map(|row| {
        let person = people.iter().find(|person| person["customer"]["id"] == row["id"]).expect("a customer");
        json!({
            "customerId": row["id"], "customerName": person["customer"]["name"],
            "customerEmail": person["customer"]["email"], "orderCount": row["grossOrders"],
            "revenue": number(&row["grossRevenue"]["amount"]),
            "lastOrderAt": to_the_millisecond(&person["lastOrderAt"]),
        })
    });
    let totals = &told["spent"]["totals"];
    json!({
        "totals": {
            "customerCount": totals["grossCustomers"], "orderCount": totals["grossOrders"],
            "revenue": number(&totals["grossRevenue"]["amount"]),
        },
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn products(told: &Value) -> Value {
    let rows = list(told, "/products/top").iter().map(|row| {
        json!({
            "productId": row["product"]["id"], "name": row["product"]["name"], "sku": row["product"]["sku"],
            "category": row["product"]["category"]["name"], "orderCount": row["grossOrders"],
            "units": row["grossUnits"], "revenue": number(&row["grossRevenue"]["amount"]),
        })
    });
    let totals = &told["products"]["totals"];
    json!({
        "totals": {
            "productCount": totals["grossProductsSold"], "orderCount": totals["grossOrders"],
            "units": totals["grossUnits"], "revenue": number(&totals["grossRevenue"]["amount"]),
        },
        "rows": rows.collect::<Vec<_>>(),
    })
}

/// The figures of stock, by product and by category, in the order of names.
fn inventory(told: &Value) -> Value {
    let mut rows: Vec<&Value> =
        list(told, "/inventory/breakdown").iter().filter(|row| row["productsOnSale"] == 1).collect();
    rows.sort_by_key(|row| (row["name"].as_str(), row["id"].as_str()));
    let rows = rows.into_iter().map(|row| {
        json!({
            "productId": row["id"], "stock": row["stockOnSale"], "value": number(&row["stockOnSaleAtPrice"]["amount"]),
        })
    });
    let mut groups: Vec<&Value> = list(told, "/inventory/categories").iter().collect();
    groups.sort_by_key(|row| (row["name"].is_null(), row["name"].as_str()));
    let of = |row: &Value| {
        (
            row["productsOnSale"].clone(),
            row["stockOnSale"].clone(),
            number(&row["stockOnSaleAtPrice"]["amount"]),
        )
    };
    let groups = groups.into_iter().filter(|row| row["productsOnSale"] != 0).map(|row| {
        let (products, units, value) = of(row);
        let category = if row["name"].is_null() { json!("Uncategorised") } else { row["name"].clone() };
        json!({ "category": category, "productCount": products, "totalUnits": units, "totalValue": value })
    });
    let (products, units, value) = of(&told["inventory"]["totals"]);
    json!({
        "totals": { "productCount": products, "totalUnits": units, "totalValue": value },
        "rows": rows.collect::<Vec<_>>(), "groups": groups.collect::<Vec<_>>(),
    })
}

/// What a route tells, but for its range.
async fn distribu(
    app: &App,
    shop: &Shop,
    route: &str,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
) -> Value {
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let last = end - Duration::milliseconds(1);
    let fields = if route == "inventory" { "&fields=productId,stock,value" } else { "" };
    let path = format!("/api/v1/reports/{route}?from={}&to={}{fields}", text(start), text(last));
    let reply = app.get(Ok(admin(&shop.organization)), &path).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    let mut data = reply.json()["data"].take();
    data.as_object_mut().expect("data").remove("range");
    data
}

async fn distribu_says_what_graphql_says(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let app = App::over(shop.gateway.clone());
    let mut chance = ChaCha8Rng::seed_from_u64(5);
    let whole = all_time();
    let length = (whole.end() - whole.start()).num_milliseconds();
    let mut windows = vec![(whole.start(), whole.end())];
    windows.extend(
        std::iter::repeat_with(|| {
            let mut instants = [chance.random_range(0..length), chance.random_range(0..length)];
            instants.sort_unstable();
            let [start, end] = instants.map(|after| whole.start() + Duration::milliseconds(after));
            (start, end + Duration::milliseconds(1))
        })
        .take(8),
    );
    for window in windows {
        let (start, end) = window;
        let variables =
            json!({ "period": { "range": { "from": start.to_rfc3339(), "to": end.to_rfc3339() } } });
        let reply = app.graphql(Ok(admin(&shop.organization)), QUERY, variables).await.json();
        assert!(reply.get("errors").is_none(), "{}", reply["errors"]);
        let told = &reply["data"];
        for (route, expected) in [
            ("sales", sales(told)),
            ("customers", customers(told)),
            ("products", products(told)),
            ("inventory", inventory(told)),
        ] {
            let found = distribu(&app, &shop, route, window).await;
            assert_eq!(found, expected, "{route} from {start} to {end}");
        }
        assert!(list(told, "/products/top").len() < 1000);
    }
}
