//! The example bodies of the API's document, byte for byte, from shops made for them: one for each, since their figures are not
//! those of one shop.
//!
//! The document prints its examples with line breaks and spaces, and of each feed its first row alone; the server sends the same
//! JSON without layout, and whole pages. So the other rows are put behind the documented ones here.

use std::fmt::Write as _;

use countinghouse::principal::{Refusal, Scope};

use super::PATHS;
use crate::distribu::documented::without_layout;
use crate::support::app::{App, Dataset, key, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(examples, errors);

/// A day of the February after.
const NOW: &str = "2024-02-10T15:00:00Z";

/// Everything that visitors do in a shop, and what it brings.
#[derive(Default)]
struct Shop {
    codes: String,
    events: String,
    conversions: String,
    orders: String,
    items: String,
    counts: [usize; 2],
}

impl Shop {
    /// So many events of a kind at an instant; `rest` are the columns behind it, from `session_id` on.
    fn events(&mut self, count: usize, at: &str, kind: &str, rest: &str) {
        for _ in 0..count {
            self.counts[0] += 1;
            writeln!(self.events, "e{},{at},{kind},{rest}", self.counts[0]).expect("text");
        }
    }

    /// So many conversions that come to `cents` each; `rest` are tracking code and commission.
    fn conversions(&mut self, count: usize, at: &str, cents: u64, rest: &str) {
        for _ in 0..count {
            self.counts[1] += 1;
            let (number, whole, part) = (self.counts[1], cents / 100, cents % 100);
            writeln!(self.conversions, "c{number},o{number},{at},{whole}.{part:02},{rest}").expect("text");
        }
    }

    fn dataset(&self) -> Dataset {
        let file = |header: &str, rows: &str| format!("{header}\n{rows}");
        let events = "event_id,occurred_at,type,session_id,tracking_code,page_url,referrer_url,product_id,device,country";
        let conversions = "conversion_id,order_id,converted_at,order_total,tracking_code,commission";
        let items = "order_id,line_number,product_id,quantity,unit_price";
        Dataset::new()
            .file("affiliates.csv", "affiliate_id,name\na1,Jane Smith\n")
            .file("products.csv", "product_id,sku,name\nprod_abc,W,Widget Pro\n")
            .file("tracking_codes.csv", &file("tracking_code,affiliate_id", &self.codes))
            .file("events.csv", &file(events, &self.events))
            .file("conversions.csv", &file(conversions, &self.conversions))
            .file("orders.csv", &file("order_id,placed_at,status,total", &self.orders))
            .file("order_items.csv", &file(items, &self.items))
    }
}

/// 1,842 clicks and 73 conversions for 12,450.00.
fn stats() -> Shop {
    let mut shop = Shop::default();
    shop.events(1, "2023-12-31T23:59:59Z", "CLICK", "s0,,,,,,");
    shop.events(1000, "2024-01-01T00:00:00Z", "CLICK", "s1,,,,,,");
    shop.events(842, "2024-01-31T23:59:59Z", "CLICK", "s2,,,,,,");
    shop.events(5, "2024-01-15T10:00:00Z", "PAGEVIEW", "s1,,,,,,");
    shop.events(1, "2024-02-01T00:00:00Z", "CLICK", "s3,,,,,,");
    // 72 × 170.54 + 171.12
    shop.conversions(72, "2024-01-10T10:00:00Z", 170_54, ",");
    shop.conversions(1, "2024-01-31T10:00:00Z", 171_12, ",");
    shop.conversions(1, "2024-02-01T00:00:00Z", 999_99, ",");
    shop
}

/// From 16 clicks to 18, from 31 conversions to 30, and from 1,000.00 to 1,081.00; the window before is all of December.
fn trends() -> Shop {
    let mut shop = Shop::default();
    shop.events(5, "2023-11-30T23:59:59Z", "CLICK", "s1,,,,,,");
    shop.events(16, "2023-12-01T00:00:00Z", "CLICK", "s1,,,,,,");
    shop.events(18, "2024-01-20T10:00:00Z", "CLICK", "s1,,,,,,");
    shop.conversions(30, "2023-12-05T10:00:00Z", 30_00, ",");
    shop.conversions(1, "2023-12-31T23:59:59Z", 100_00, ",");
    shop.conversions(29, "2024-01-05T10:00:00Z", 36_00, ",");
    shop.conversions(1, "2024-01-01T00:00:00Z", 37_00, ",");
    shop
}

/// 1,031 clicks of a week.
fn charts() -> Shop {
    let mut shop = Shop::default();
    let mut devices = [("desktop", 612), ("mobile", 389), ("tablet", 30)]
        .into_iter()
        .flat_map(|(device, count)| std::iter::repeat_n(device, count));
    for (day, count) in (1..).zip([120, 145, 98, 201, 176, 133, 158]) {
        for _ in 0..count {
            let device = devices.next().expect("as many as there are clicks");
            shop.events(1, &format!("2024-01-0{day}T12:00:00Z"), "CLICK", &format!("s1,,,,,{device},"));
        }
    }
    assert_eq!(devices.next(), None);
    shop.events(3, "2024-01-08T00:00:00Z", "CLICK", "s1,,,,,tablet,");
    shop
}

/// Jane Smith's 420 clicks and 18 conversions for 2,340.00; 312 views of a product and 24 conversions whose order holds it.
fn tables() -> Shop {
    let mut shop = Shop { codes: "AFF-JANE-001,a1\nAFF-JANE-002,a1\n".to_owned(), ..Shop::default() };
    shop.events(400, "2024-01-09T10:00:00Z", "CLICK", ",AFF-JANE-001,,,,,");
    shop.events(20, "2024-01-10T10:00:00Z", "CLICK", ",AFF-JANE-002,,,,,");
    shop.events(312, "2024-01-10T10:00:00Z", "PRODUCT_VIEW", ",,,,prod_abc,,");
    shop.conversions(10, "2024-01-12T10:00:00Z", 130_00, "AFF-JANE-001,");
    shop.conversions(8, "2024-01-13T10:00:00Z", 130_00, "AFF-JANE-002,");
    shop.conversions(6, "2024-01-14T10:00:00Z", 50_00, ",");
    // Another one, of which nobody knows what was bought.
    shop.conversions(1, "2024-01-14T10:00:00Z", 50_00, ",");
    for number in 1..=24 {
        writeln!(shop.orders, "o{number},2024-01-12T09:00:00Z,DELIVERED,130.00").expect("text");
        writeln!(shop.items, "o{number},1,prod_abc,2,65.00").expect("text");
        writeln!(shop.items, "o{number},2,prod_abc,1,0.00").expect("text");
    }
    shop
}

const CLICK: &str =
    "s1,AFF-JANE-001,https://shop.example.com/product,https://blog.example.com/review,,mobile,US";

/// The 9,812th event is the newest of 92 clicks.
fn recent_clicks() -> Shop {
    let mut shop = Shop { codes: "AFF-JANE-001,a1\n".to_owned(), ..Shop::default() };
    shop.events(9_720, "2023-11-01T10:00:00Z", "CLICK", "s1,,,,,,");
    shop.events(91, "2024-01-14T08:00:00.9Z", "CLICK", "s1,,,,,,");
    shop.events(1, "2024-01-15T14:23:11Z", "CLICK", CLICK);
    shop.events(5, "2024-01-20T10:00:00Z", "PAGEVIEW", "s1,,,,,,");
    shop
}

/// The 441st conversion is the newest of 37.
fn recent_conversions() -> Shop {
    let mut shop = Shop { codes: "AFF-JANE-001,a1\n".to_owned(), ..Shop::default() };
    shop.conversions(404, "2023-11-01T10:00:00Z", 10_00, ",");
    shop.conversions(36, "2024-01-02T10:00:00Z", 20_50, ",");
    writeln!(shop.conversions, "c441,ORD-20240115-0042,2024-01-15T16:05:33Z,149.99,AFF-JANE-001,22.50")
        .expect("text");
    shop
}

/// What the document shows, and the rows that it leaves out behind the one that ends so.
fn completed(documented: &str, behind: &str, rows: impl Iterator<Item = String>) -> String {
    let shown = without_layout(documented);
    assert_eq!(shown.matches(behind).count(), 1, "{behind}");
    shown.replace(behind, &format!("{behind}{}", rows.collect::<String>()))
}

async fn examples(database: TestDatabase) {
    let db = &database.connection;
    let app = App::new(db, NOW);
    let shops = [stats(), trends(), charts(), tables(), recent_clicks(), recent_conversions()];
    for (number, ((query, documented), shop)) in EXAMPLES.into_iter().zip(shops).enumerate() {
        let expected = match number {
            4 => {
                let rows = (9_793..=9_811).rev().map(|id| {
                    format!(
                        r#",{{"id":{id},"tracking_code":null,"referrer_url":null,"page_url":null,"device":null,"country":null,"created_at":"2024-01-14T08:00:00Z"}}"#
                    )
                });
                completed(documented, r#""created_at":"2024-01-15T14:23:11Z"}"#, rows)
            }
            5 => {
                let rows = (432..=440).rev().map(|id| {
                    format!(
                        r#",{{"id":{id},"order_id":"o{id}","order_total":"20.50","commission":null,"tracking_code":null,"currency":"USD","created_at":"2024-01-02T10:00:00Z"}}"#
                    )
                });
                completed(documented, r#""created_at":"2024-01-15T16:05:33Z"}"#, rows)
            }
            _ => without_layout(documented),
        };
        let organization = organization(db, &format!("shop{number}"), "USD", shop.dataset().path()).await;
        let reader = key(&organization, &[Scope::ReportsRead]);
        for path in PATHS {
            let reply = app.get(Ok(reader.clone()), &format!("{path}?{query}")).await;
            assert_eq!(
                (reply.status.as_u16(), reply.body.as_str()),
                (200, expected.as_str()),
                "{path}?{query}"
            );
            assert_eq!(reply.headers["content-type"], "application/json; charset=utf-8");
        }
    }
}

async fn errors(database: TestDatabase) {
    let app = App::new(&database.connection, NOW);
    let shop = organization(&database.connection, "shop", "USD", stats().dataset().path()).await;
    // The list of what would be right is whole.
    let all = "total_clicks, total_pageviews, unique_visitors, pages_per_visit, total_conversions, total_revenue, \
               total_commission, conversion_rate, total_product_views, total_add_to_carts, total_remove_from_carts, \
               total_thank_you_views, cart_to_conversion_rate";
    let shown = without_layout(INVALID);
    let expected = shown.replace("total_clicks, total_pageviews, ...", all);
    assert_ne!(shown, expected);
    for path in PATHS {
        let reader = key(&shop, &[Scope::ReportsRead]);
        let reply = app.get(Ok(reader), &format!("{path}?section=stats&metrics=clicks")).await;
        assert_eq!((reply.status.as_u16(), reply.body), (422, expected.clone()));
        for refusal in [Refusal::Missing, Refusal::Invalid("the API key was revoked".to_owned())] {
            let reply = app.get(Err(refusal), &format!("{path}?section=stats")).await;
            assert_eq!((reply.status.as_u16(), reply.body), (401, without_layout(UNAUTHORIZED)));
            assert_eq!(reply.headers["www-authenticate"], "Bearer");
        }
    }
}

/// Questions, and the bodies that the document shows for them.
pub const EXAMPLES: [(&str, &str); 6] = [
    (
        "section=stats&from=2024-01-01&to=2024-01-31&metrics=total_clicks,total_conversions,total_revenue",
        r#"{
"success": true,
"message": "OK",
"data": {
"filters": { "from": "2024-01-01", "to": "2024-01-31" },
"section": "stats",
"stats": {
"total_clicks": 1842,
"total_conversions": 73,
"total_revenue": 12450.00
}
}
}"#,
    ),
    (
        "section=trends&from=2024-01-01&to=2024-01-31&metrics=clicks,conversions,revenue",
        r#"{
"success": true,
"message": "OK",
"data": {
"filters": { "from": "2024-01-01", "to": "2024-01-31" },
"section": "trends",
"trends": {
"clicks": 12.5,
"conversions": -3.2,
"revenue": 8.1
}
}
}"#,
    ),
    (
        "section=charts&from=2024-01-01&to=2024-01-07&metrics=clicks_over_time,device_breakdown",
        r#"{
"success": true,
"message": "OK",
"data": {
"filters": { "from": "2024-01-01", "to": "2024-01-07" },
"section": "charts",
"charts": {
"clicks_over_time": {
"labels": ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-06", "2024-01-07"],
"data": [120, 145, 98, 201, 176, 133, 158]
},
"device_breakdown": {
"labels": ["desktop", "mobile", "tablet"],
"data": [612, 389, 30]
}
}
}
}"#,
    ),
    (
        "section=tables&from=2024-01-01&to=2024-01-31&metrics=top_affiliates,top_products",
        r#"{
"success": true,
"message": "OK",
"data": {
"filters": { "from": "2024-01-01", "to": "2024-01-31" },
"section": "tables",
"tables": {
"top_affiliates": [
{ "name": "Jane Smith", "clicks": 420, "conversions": 18, "revenue": 2340.00 }
],
"top_products": [
{ "product_id": "prod_abc", "name": "Widget Pro", "views": 312, "conversions": 24 }
]
}
}
}"#,
    ),
    (
        "section=recent_clicks&from=2024-01-01&to=2024-01-31&per_page=20",
        r#"{
"success": true,
"message": "OK",
"data": {
"filters": { "from": "2024-01-01", "to": "2024-01-31" },
"section": "recent_clicks",
"recent_clicks": {
"data": [
{
"id": 9812,
"tracking_code": "AFF-JANE-001",
"referrer_url": "https://blog.example.com/review",
"page_url": "https://shop.example.com/product",
"device": "mobile",
"country": "US",
"created_at": "2024-01-15T14:23:11Z"
}
],
"pagination": {
"current_page": 1,
"last_page": 5,
"per_page": 20,
"total": 92
}
}
}
}"#,
    ),
    (
        "section=recent_conversions&from=2024-01-01&to=2024-01-31&per_page=10",
        r#"{
"success": true,
"message": "OK",
"data": {
"filters": { "from": "2024-01-01", "to": "2024-01-31" },
"section": "recent_conversions",
"recent_conversions": {
"data": [
{
"id": 441,
"order_id": "ORD-20240115-0042",
"order_total": "149.99",
"commission": "22.50",
"tracking_code": "AFF-JANE-001",
"currency": "USD",
"created_at": "2024-01-15T16:05:33Z"
}
],
"pagination": {
"current_page": 1,
"last_page": 4,
"per_page": 10,
"total": 37
}
}
}
}"#,
    ),
];

/// What the document shows of a metric that there is not; it leaves most of those out that there are.
pub const INVALID: &str = r#"{
"success": false,
"error": {
"code": "VALIDATION_ERROR",
"message": "Validation failed",
"details": {
"metrics": ["Invalid metric(s) for stats: clicks. Allowed: total_clicks, total_pageviews, ..."]
}
}
}"#;

/// What it shows of a token that is missing or bad.
pub const UNAUTHORIZED: &str = r#"{
"success": false,
"error": {
"code": "UNAUTHORIZED",
"message": "Unauthorized"
}
}"#;
