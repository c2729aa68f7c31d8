//! The same question through GraphQL and through `heldsway` has the same answer.

use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use crate::metrics::shop::{Shop, all_time};
use crate::support::app::{App, admin};
use crate::support::{TestDatabase, both_databases};

both_databases!(heldsway_says_what_graphql_says);

/// What is behind the route.
const QUERY: &str = "query ($period: PeriodInput!) {
  affiliates(period: $period, timeZone: \"UTC\") {
    totals {
      affiliateClicks pageviews visitors pagesPerVisit affiliateConversions affiliateRevenue { amount } commission { amount }
      affiliateConversionRate productViews addToCarts removeFromCarts thankYouViews cartToConversionRate
    }
    change(against: { previous: PERIOD }) {
      current { ...Trends }
      previous { ...Trends }
    }
    series(grain: DAY) {
      date affiliateClicks pageviews affiliateConversions affiliateRevenue { amount } productViews addToCarts
    }
    device: breakdown(by: DEVICE, first: 1000) { id affiliateClicks }
    country: breakdown(by: COUNTRY, first: 1000) { id affiliateClicks }
    browser: breakdown(by: BROWSER, first: 1000) { id affiliateClicks }
    os: breakdown(by: OPERATING_SYSTEM, first: 1000) { id affiliateClicks }
    source: breakdown(by: TRAFFIC_SOURCE, first: 1000) { id affiliateClicks }
    topPages(first: 50) { pageUrl pageviews visitors }
    topTrackingCodes(first: 50) { trackingCode affiliateClicks affiliateConversions affiliateRevenue { amount } }
    topAffiliates(first: 50) { affiliate { name } affiliateClicks affiliateConversions affiliateRevenue { amount } }
    topProducts(first: 50) { product { id name } productViews productConversions }
    clicks: events(type: CLICK, first: 100) { edges { node { ...Event } } }
    events(first: 100) { edges { node { ...Event } } }
    conversions(first: 100) {
      edges { node { id orderId orderTotal { amount currency } commission { amount } trackingCode convertedAt } }
    }
  }
}
fragment Trends on AffiliateFigures {
  affiliateClicks pageviews visitors affiliateConversions affiliateRevenue { amount } commission { amount } productViews addToCarts
}
fragment Event on TrackedEvent { id type trackingCode referrerUrl pageUrl device country occurredAt }";

/// Digits as a JSON number.
fn number(digits: &str) -> Value {
    serde_json::from_str(digits).expect("a number")
}

fn amount(of: &Value) -> Value {
    number(of["amount"].as_str().expect("an amount"))
}

fn list<'a>(of: &'a Value, path: &str) -> &'a [Value] {
    of.pointer(path).and_then(Value::as_array).unwrap_or_else(|| panic!("no {path} in {of}"))
}

/// Hundredths or tenths as they are written.
fn scaled(value: i128, digits: usize) -> Value {
    let text = format!("{:0>width$}", value.unsigned_abs(), width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    number(&format!("{}{whole}.{part}", if value < 0 { "-" } else { "" }))
}

/// `part` of `whole` times `times`, half away from zero; over nothing 0, or one whole.
fn ratio(part: i128, whole: i128, times: i128) -> i128 {
    match (part, whole) {
        (0, 0) => 0,
        (_, 0) => times,
        _ => (2 * part.abs() * times + whole) / (2 * whole) * part.signum(),
    }
}

fn count(of: &Value, name: &str) -> i128 {
    of[name].as_i64().unwrap_or_else(|| panic!("no {name} in {of}")).into()
}

/// An amount in cents, or a count.
fn figure(of: &Value, name: &str) -> i128 {
    match of[name]["amount"].as_str() {
        Some(digits) => digits.replace('.', "").parse().expect("cents"),
        None => count(of, name),
    }
}

fn stats(told: &Value) -> Value {
    let totals = &told["totals"];
    let of = |name: &str| count(totals, name);
    json!({
        "total_clicks": totals["affiliateClicks"], "total_pageviews": totals["pageviews"],
        "unique_visitors": totals["visitors"],
        "pages_per_visit": scaled(ratio(of("pageviews"), of("visitors"), 100), 2),
        "total_conversions": totals["affiliateConversions"],
        "total_revenue": amount(&totals["affiliateRevenue"]), "total_commission": amount(&totals["commission"]),
        "conversion_rate": scaled(ratio(of("affiliateConversions"), of("affiliateClicks"), 100_00), 2),
        "total_product_views": totals["productViews"], "total_add_to_carts": totals["addToCarts"],
        "total_remove_from_carts": totals["removeFromCarts"], "total_thank_you_views": totals["thankYouViews"],
        "cart_to_conversion_rate": scaled(ratio(of("affiliateConversions"), of("addToCarts"), 100_00), 2),
    })
}

/// Changes of counts alone: those of amounts are told by more digits than are shown.
fn trends(told: &Value) -> Map<String, Value> {
    let change = &told["change"];
    [
        ("clicks", "affiliateClicks"),
        ("pageviews", "pageviews"),
        ("visitors", "visitors"),
        ("conversions", "affiliateConversions"),
        ("product_views", "productViews"),
        ("add_to_carts", "addToCarts"),
    ]
    .into_iter()
    .map(|(name, field)| {
        let (now, then) = (figure(&change["current"], field), figure(&change["previous"], field));
        (name.to_owned(), scaled(ratio(now - then, then, 100_0), 1))
    })
    .collect()
}

fn charts(told: &Value) -> Value {
    let days = list(told, "/series");
    let labels: Vec<&Value> = days.iter().map(|day| &day["date"]).collect();
    let series = |field: &str| {
        let data: Vec<Value> = days
            .iter()
            .map(|day| if day[field].is_object() { amount(&day[field]) } else { day[field].clone() })
            .collect();
        json!({ "labels": labels, "data": data })
    };
    let slices = |name: &str| {
        let mut slices: Vec<(i64, String)> = Vec::new();
        for row in list(told, &format!("/{name}")) {
            let label = row["id"].as_str().unwrap_or("unknown");
            let count = row["affiliateClicks"].as_i64().expect("a count");
            match slices.iter_mut().find(|(_, other)| other == label) {
                Some((sum, _)) => *sum += count,
                None => slices.push((count, label.to_owned())),
            }
        }
        slices.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let (data, labels): (Vec<i64>, Vec<String>) = slices.into_iter().unzip();
        json!({ "labels": labels, "data": data })
    };
    json!({
        "clicks_over_time": series("affiliateClicks"), "pageviews_over_time": series("pageviews"),
        "device_breakdown": slices("device"), "conversions_over_time": series("affiliateConversions"),
        "revenue_over_time": series("affiliateRevenue"), "product_views_over_time": series("productViews"),
        "add_to_carts_over_time": series("addToCarts"), "country_breakdown": slices("country"),
        "browser_breakdown": slices("browser"), "os_breakdown": slices("os"),
        "traffic_source_breakdown": slices("source"),
    })
}

fn tables(told: &Value) -> Value {
    let rows = |path: &str, row: &dyn Fn(&Value) -> Value| -> Vec<Value> {
        list(told, path).iter().map(row).collect()
    };
    let conversions = |row: &Value| (row["affiliateConversions"].clone(), amount(&row["affiliateRevenue"]));
    json!({
        "top_pages": rows("/topPages", &|row| {
            json!({ "page_url": row["pageUrl"], "pageviews": row["pageviews"], "visitors": row["visitors"] })
        }),
        "top_tracking_codes": rows("/topTrackingCodes", &|row| {
            let (conversions, revenue) = conversions(row);
            json!({ "tracking_code": row["trackingCode"], "clicks": row["affiliateClicks"], "conversions": conversions,
                    "revenue": revenue })
        }),
        "top_affiliates": rows("/topAffiliates", &|row| {
            let (conversions, revenue) = conversions(row);
            json!({ "name": row["affiliate"]["name"], "clicks": row["affiliateClicks"], "conversions": conversions,
                    "revenue": revenue })
        }),
        "top_products": rows("/topProducts", &|row| {
            json!({ "product_id": row["product"]["id"], "name": row["product"]["name"], "views": row["productViews"],
                    "conversions": row["productConversions"] })
        }),
    })
}

/// An instant to the second.
fn instant(of: &Value) -> String {
    let at: DateTime<Utc> = of.as_str().expect("an instant").parse().expect("an instant");
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn id(of: &Value) -> Value {
    number(of["id"].as_str().expect("an id"))
}

fn events(told: &Value, path: &str, with_type: bool) -> Vec<Value> {
    let row = |edge: &Value| {
        let node = &edge["node"];
        let mut row = json!({
            "id": id(node), "tracking_code": node["trackingCode"], "referrer_url": node["referrerUrl"],
            "page_url": node["pageUrl"], "device": node["device"], "country": node["country"],
            "created_at": instant(&node["occurredAt"]),
        });
        if with_type {
            row["type"] = node["type"].clone();
        }
        row
    };
    list(told, path).iter().map(row).collect()
}

fn conversions(told: &Value) -> Vec<Value> {
    let row = |edge: &Value| {
        let node = &edge["node"];
        json!({
            "id": id(node), "order_id": node["orderId"], "order_total": node["orderTotal"]["amount"],
            "commission": node["commission"]["amount"], "tracking_code": node["trackingCode"],
            "currency": node["orderTotal"]["currency"], "created_at": instant(&node["convertedAt"]),
        })
    };
    list(told, "/conversions/edges").iter().map(row).collect()
}

async fn heldsway_says_what_graphql_says(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let app = App::over(shop.gateway.clone());
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let first = all_time().start().date_naive();
    let today: NaiveDate = shop.gateway.clock.now().date_naive();
    let length = u64::try_from((today - first).num_days()).expect("it lies before");
    let mut windows = vec![(first, today), (today, today)];
    windows.extend(
        std::iter::repeat_with(|| {
            let mut days = [chance.random_range(0..=length), chance.random_range(0..=length)];
            days.sort_unstable();
            let [from, to] = days.map(|after| first + Days::new(after));
            (from, to)
        })
        .take(6),
    );
    for (from, to) in windows {
        let variables = json!({ "period": { "range": { "from": from.to_string(), "to": to.to_string() } } });
        let reply = app.graphql(Ok(admin(&shop.organization)), QUERY, variables).await.json();
        assert!(reply.get("errors").is_none(), "{}", reply["errors"]);
        let told = &reply["data"]["affiliates"];
        let ask = async |section: &str| -> Value {
            let query = format!("section={section}&from={from}&to={to}&per_page=100&top_limit=50");
            let path = format!("/v1/affiliate/analytics?{query}");
            let reply = app.get(Ok(admin(&shop.organization)), &path).await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.body);
            reply.json()["data"][section].take()
        };
        assert_eq!(ask("stats").await, stats(told), "{from} to {to}");
        assert_eq!(ask("charts").await, charts(told), "{from} to {to}");
        assert_eq!(ask("tables").await, tables(told), "{from} to {to}");
        let found = ask("trends").await;
        for (name, expected) in trends(told) {
            assert_eq!(found[&name], expected, "{name} from {from} to {to}");
        }
        for (name, field) in [("revenue", "affiliateRevenue"), ("commission", "commission")] {
            let of = |window: &str| figure(&told["change"][window], field);
            // Of rounded amounts, so the last digit may be another one.
            let near = ratio(of("current") - of("previous"), of("previous"), 100_0);
            let exact: f64 = found[name].to_string().parse().expect("a number");
            #[allow(clippy::cast_precision_loss, reason = "a percentage")]
            let near = near as f64 / 10.0;
            assert!((exact - near).abs() <= 0.1 + near.abs() / 1000.0, "{name}: {exact}, {near}");
        }
        for (section, rows) in [
            ("recent_clicks", events(told, "/clicks/edges", false)),
            ("recent_events", events(told, "/events/edges", true)),
            ("recent_conversions", conversions(told)),
        ] {
            assert_eq!(ask(section).await["data"], json!(rows), "{section} from {from} to {to}");
        }
    }
}
