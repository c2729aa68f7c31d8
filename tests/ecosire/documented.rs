//! The example bodies of the API's document, byte for byte, from a shop made for them.
//!
//! The document prints its examples with line breaks and spaces; the server sends the same JSON without any. All three
//! are of the first quarter of 2026.

mod rest;

use std::fmt::Write as _;

use chrono::{DateTime, Duration, Utc};
use countinghouse::principal::Scope;

use crate::foresight;
use crate::support::app::{App, Dataset, key, organization};
use crate::support::{TestDatabase, both_databases};

/// A file of a dataset folder, written row by row.
struct File {
    name: &'static str,
    text: String,
}

impl File {
    fn new(name: &'static str, header: &str) -> Self {
        Self { name, text: format!("{header}\n") }
    }

    fn add(&mut self, row: &str) {
        writeln!(self.text, "{row}").expect("text");
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Cents as an amount.
fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The shop: 50 customers at the start of the quarter and 48 who come in it.
pub fn dataset() -> Dataset {
    let mut files = vec![];
    files.extend(orders());
    files.push(customers());
    files.push(subscriptions());
    files.extend(deals());
    files.extend(campaigns());
    let folder =
        rest::files().into_iter().fold(Dataset::new(), |folder, (name, text)| folder.file(name, text));
    files.into_iter().fold(folder, |folder, file| folder.file(file.name, &file.text))
}

/// 70 orders in the quarter, of months of 9,800, 12,400 and 15,600; 30,730 in the 90 days before it, so that it grew by
/// 23 percent; and before those what is left of 98 customers' 2,980.00 each.
fn orders() -> [File; 3] {
    const BEFORE: i64 = 30_730_00;
    const QUARTER: [i64; 3] = [9_800_00, 12_400_00, 15_600_00];
    let long_ago = 98 * 2_980_00 - BEFORE - QUARTER.iter().sum::<i64>();
    let mut orders = File::new("orders.csv", "order_id,customer_id,placed_at,status,total");
    let mut count = 0;
    let mut add = |day: &str, number: i64, cents: i64, customer: &dyn Fn(i64) -> String| {
        for place in 0..number {
            // Equal shares, and what is left over to the first.
            let share = cents / number + if place == 0 { cents % number } else { 0 };
            let placed_at = at(day) + Duration::minutes(place);
            count += 1;
            let customer = customer(place);
            orders.add(&format!(
                "o{count},{customer},{},DELIVERED,{}",
                placed_at.to_rfc3339(),
                amount(share)
            ));
        }
    };
    // Each of the new ones orders on the day that they come; the others are the first of the old ones.
    let of_month = |first: i64, new: i64| {
        move |place: i64| {
            if place < new { format!("n{}", first + place) } else { format!("c{}", place - new + 1) }
        }
    };
    add("2026-01-05T09:00:00Z", 18, QUARTER[0], &of_month(1, 12));
    add("2026-02-03T09:00:00Z", 23, QUARTER[1], &of_month(13, 16));
    add("2026-03-04T09:00:00Z", 29, QUARTER[2], &of_month(29, 20));
    add("2025-11-10T09:00:00Z", 50, BEFORE, &|place| format!("c{}", place + 1));
    add("2025-06-02T09:00:00Z", 50, long_ago, &|place| format!("c{}", place + 1));
    // A year's last 40 Amazon Connectors, so that products grew by a quarter: 24,960.00 after 19,960.00.
    // 30 Shopify Connectors for 14,980.00 together, and 20 Amazon Connectors for 9,980.00.
    let mut items =
        File::new("order_items.csv", "order_id,line_number,product_id,quantity,unit_price,line_total");
    for order in 1..=50 {
        let (product, price) = if order <= 30 { ("shopify", 49_933) } else { ("amazon", 49_900) };
        let price = if order == 1 { 14_980_00 - 29 * 49_933 } else { price };
        items.add(&format!("o{order},1,{product},1,{0},{0}", amount(price)));
    }
    for order in 71..=110 {
        items.add(&format!("o{order},1,amazon,1,499.00,499.00"));
    }
    let mut refunds = File::new("refunds.csv", "refund_id,order_id,refunded_at,amount,product_id");
    refunds.add("r1,o2,2026-01-20T10:00:00Z,150.00,shopify");
    refunds.add("r2,o40,2026-03-15T10:00:00Z,499.00,amazon");
    [orders, items, refunds]
}

/// 50 old ones, three of whom leave in the quarter; 48 new ones: 22, 14 and 12 by their channels.
fn customers() -> File {
    let mut file = File::new("customers.csv", "customer_id,name,acquisition_channel,acquired_at,churned_at");
    for number in 1..=50 {
        let churned = if number > 47 { "2026-02-10T00:00:00Z" } else { "" };
        file.add(&format!("c{number},Old {number},direct,2025-01-15T00:00:00Z,{churned}"));
    }
    for number in 1..=48 {
        let day = match number {
            1..=12 => "2026-01-05",
            13..=28 => "2026-02-03",
            _ => "2026-03-04",
        };
        let channel = match number {
            1..=22 => "organic_search",
            23..=36 => "direct",
            _ => "referral",
        };
        file.add(&format!("n{number},New {number},{channel},{day},"));
    }
    file
}

/// 46 of 250.00 a month, and one of 15,600.00 a year: 12,800.00 a month. Those of who left have ended.
fn subscriptions() -> File {
    let mut file = File::new(
        "subscriptions.csv",
        "subscription_id,customer_id,plan,amount,interval,quantity,started_at,ended_at",
    );
    for number in 1..=46 {
        file.add(&format!("s{number},c{number},Team,250.00,MONTH,1,2025-02-01T00:00:00Z,"));
    }
    file.add("s47,c47,Enterprise,15600.00,YEAR,1,2025-02-01T00:00:00Z,");
    for number in 48..=50 {
        file.add(&format!(
            "s{number},c{number},Team,125.00,MONTH,2,2025-02-01T00:00:00Z,2026-02-10T00:00:00Z"
        ));
    }
    file
}

/// 420 deals of 490.00 each. 210 were qualified, 95 came to a proposal, 48 of those to a negotiation, and 70 were won: 22
/// of them without one. Half were won after 17 days, half after 19.
fn deals() -> [File; 2] {
    let mut deals = File::new("deals.csv", "deal_id,value,created_at");
    let mut stages = File::new("deal_stages.csv", "deal_id,stage,entered_at");
    for number in 1..=420 {
        let created = at("2026-01-02T08:00:00Z") + Duration::days(number % 40);
        deals.add(&format!("d{number},490.00,{}", created.to_rfc3339()));
        let won_after = if number % 2 == 0 { 17 } else { 19 };
        for (stage, last, days) in [
            ("LEADS", 420, 0),
            ("QUALIFIED", 210, 3),
            ("PROPOSAL", 95, 7),
            ("NEGOTIATION", 48, 12),
            ("WON", 70, won_after),
        ] {
            if number <= last {
                stages.add(&format!("d{number},{stage},{}", (created + Duration::days(days)).to_rfc3339()));
            }
        }
    }
    [deals, stages]
}

/// 5,760.00 spent in the quarter: 120.00 for each new customer.
fn campaigns() -> [File; 2] {
    let mut campaigns = File::new("campaigns.csv", "campaign_id,name,channel");
    campaigns.add("k1,Spring,paid_search");
    campaigns.add("k2,Newsletter,email");
    let mut days = File::new(
        "campaign_days.csv",
        "campaign_id,day,spend,impressions,clicks,conversions,revenue,sent,delivered,bounced,opened,clicked,unsubscribed",
    );
    days.add("k1,2025-12-31,999.00,20000,400,5,1000.00,,,,,,");
    for day in ["2026-01-01", "2026-02-14", "2026-03-31"] {
        days.add(&format!("k1,{day},1920.00,40000,800,10,4000.00,,,,,,"));
    }
    for day in ["2026-01-15", "2026-03-15"] {
        days.add(&format!("k2,{day},,,,4,800.00,1000,980,20,343,98,5"));
    }
    [campaigns, days]
}

/// The document's spelling without its layout: spaces outside of strings.
pub fn without_layout(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .filter(|letter| {
            inside ^= *letter == '"';
            inside || !letter.is_whitespace()
        })
        .collect()
}

/// The routes that the document shows nothing of: their examples are ours, each figure worked out in `rest`.
pub const OWN_EXAMPLES: [(&str, &str); 5] = [
    ("products?from=2026-01-01&to=2026-03-31&groupBy=month", rest::PRODUCTS),
    ("inventory?from=2026-01-01&to=2026-03-31&groupBy=month", rest::INVENTORY),
    ("hr?from=2026-01-01&to=2026-03-31&groupBy=month", rest::HR),
    ("support?from=2026-01-01&to=2026-03-31&groupBy=month", rest::SUPPORT),
    ("marketing?from=2026-01-01&to=2026-03-31&groupBy=month", rest::MARKETING),
];

async fn examples(database: TestDatabase) {
    let shop = organization(&database.connection, "documented", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2026-05-01T00:00:00Z");
    for (request, documented) in EXAMPLES.into_iter().chain(OWN_EXAMPLES) {
        let reply =
            app.get(Ok(key(&shop, &[Scope::ReportsRead])), &format!("/api/analytics/{request}")).await;
        assert_eq!((reply.status.as_u16(), reply.body), (200, without_layout(documented)), "{request}");
    }
}

/// Requests, and the bodies that the document shows for them.
pub const EXAMPLES: [(&str, &str); 3] = [
    (
        "revenue?from=2026-01-01&to=2026-03-31&groupBy=month",
        r#"{
"summary": {
"totalRevenue": 3780000,
"revenueGrowth": 0.23,
"mrr": 1280000,
"arr": 15360000,
"avgOrderValue": 54000,
"currency": "usd"
},
"timeSeries": [
{ "period": "2026-01", "revenue": 980000, "orders": 18, "refunds": 15000 },
{ "period": "2026-02", "revenue": 1240000, "orders": 23, "refunds": 0 },
{ "period": "2026-03", "revenue": 1560000, "orders": 29, "refunds": 49900 }
],
"byProduct": [
{ "productName": "Shopify Connector", "revenue": 1498000, "units": 30 },
{ "productName": "Amazon Connector", "revenue": 998000, "units": 20 }
]
}"#,
    ),
    (
        "sales?from=2026-01-01&to=2026-03-31",
        r#"{
"funnel": [
{ "stage": "leads", "count": 420, "value": 20580000 },
{ "stage": "qualified", "count": 210, "value": 10290000 },
{ "stage": "proposal", "count": 95, "value": 4655000 },
{ "stage": "negotiation", "count": 48, "value": 2352000 },
{ "stage": "won", "count": 70, "value": 3430000 }
],
"winRate": 0.167,
"avgDealSize": 49000,
"avgCycledays": 18
}"#,
    ),
    (
        "customers?from=2026-01-01&to=2026-03-31",
        r#"{
"newCustomers": 48,
"churnedCustomers": 3,
"netGrowth": 45,
"avgLtv": 298000,
"cac": 12000,
"ltvCacRatio": 24.8,
"retentionRate": 0.94,
"byAcquisitionChannel": [
{ "channel": "organic_search", "customers": 22, "percent": 0.46 },
{ "channel": "direct", "customers": 14, "percent": 0.29 },
{ "channel": "referral", "customers": 12, "percent": 0.25 }
]
}"#,
    ),
];

both_databases!(examples);

#[test]
fn the_page_of_the_api_shows_the_same() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ecosire.md")).expect("it reads");
    let shown: Vec<String> = page
        .split("```json\n")
        .skip(1)
        .map(|rest| without_layout(rest.split("```").next().expect("an end")))
        .collect();
    for (request, documented) in EXAMPLES.into_iter().chain(OWN_EXAMPLES) {
        assert!(shown.contains(&without_layout(documented)), "{request}: {shown:?}");
    }
    assert!(shown.contains(&without_layout(foresight::DOCUMENTED_ANOMALY)), "{shown:?}");
    // What forecasts and dashboards look like is held by their own tests.
    assert_eq!(shown.len(), EXAMPLES.len() + OWN_EXAMPLES.len() + 3);
}
