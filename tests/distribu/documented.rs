//! The example bodies of the API's document, byte for byte, from a shop made for them.
//!
//! The document prints its examples with line breaks and spaces, and of each list its first row alone; the server sends the
//! same JSON without layout, and whole lists. So the other rows are put behind the documented ones here.

use std::fmt::Write as _;

use countinghouse::principal::Scope;

use crate::support::app::{App, Dataset, key, organization};
use crate::support::{TestDatabase, both_databases};

/// When the first example was asked for; the second one was on the last day of March.
pub const TODAY: &str = "2026-04-17T10:30:00Z";
const END_OF_MARCH: &str = "2026-03-31T21:00:00Z";

fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// An order each of `count`, that come to `cents` together: equal shares, and what is left over to the first.
fn orders(text: &mut String, at: &str, customer: &str, status: &str, count: i64, cents: i64) {
    for place in 0..count {
        let share = cents / count + if place == 0 { cents % count } else { 0 };
        let number = text.lines().count();
        writeln!(text, "o{number},{customer},{at},{status},{}", amount(share)).expect("text");
    }
}

/// 16 customers beside the documented one: 72 orders for 43,989.50 together.
fn others() -> impl Iterator<Item = (String, i64, i64)> {
    (1..=16).map(|number| {
        let revenue = if number == 16 { 2_749_40 } else { 2_749_34 };
        (format!("c{number:02}"), if number <= 8 { 5 } else { 4 }, revenue)
    })
}

pub fn dataset() -> Dataset {
    let mut sold = "order_id,customer_id,placed_at,status,total\n".to_owned();
    // April: 3 orders on the first, 39 on the tenth.
    let (first, tenth) = ("2026-04-01T08:00:00Z", "2026-04-10T08:00:00Z");
    orders(&mut sold, first, "", "CANCELLED", 2, 1_200_00);
    orders(&mut sold, first, "", "SUBMITTED", 1, 40_00);
    orders(&mut sold, tenth, "", "SUBMITTED", 1, 370_00);
    orders(&mut sold, tenth, "", "CONFIRMED", 5, 2_100_50);
    orders(&mut sold, tenth, "", "SHIPPED", 10, 4_500_00);
    orders(&mut sold, tenth, "", "DELIVERED", 23, 10_533_00);
    // The first quarter: the documented customer's twelve orders, and those of the others.
    orders(&mut sold, "2026-01-09T09:00:00Z", "clxxcustomer1...", "DELIVERED", 11, 8_000_00);
    orders(&mut sold, "2026-03-28T14:22:00Z", "clxxcustomer1...", "CANCELLED", 1, 420_50);
    let mut customers =
        "customer_id,name,email\nclxxcustomer1...,Acme Restaurant Group,buyer@acme.com\n".to_owned();
    for (id, count, revenue) in others() {
        writeln!(customers, "{id},Customer {id},").expect("text");
        orders(&mut sold, "2026-02-02T09:00:00Z", &id, "SHIPPED", count, revenue);
    }
    Dataset::new()
        .file("orders.csv", &sold)
        .file("customers.csv", &customers)
        .file("categories.csv", "category_id,name\nk1,Hardware\nk2,Kitchen\n")
        .file("products.csv", &products())
}

/// 38 products of 2,105 units for 18,432.50 in Hardware, and 104 of 6,325 units for 48,798.75 in Kitchen; one that is not
/// on sale.
fn products() -> String {
    let mut text = "product_id,sku,name,category_id,unit_price,stock,is_active\n".to_owned();
    let mut add =
        |id: &str, sku: &str, name: &str, category: &str, price: &str, stock: i64, is_active: bool| {
            writeln!(text, "{id},{sku},{name},{category},{price},{stock},{is_active}").expect("text");
        };
    add("clxx1234...", "WDG-001", "Widget Blue", "k1", "8.50", 42, true);
    add("gone", "GONE", "A widget that is gone", "k1", "1000.00", 1000, false);
    // 16,216.00 and 1,859.50.
    add("h00", "H00", "Widget Green", "k1", "8.00", 2027, true);
    for number in 1..=36 {
        let price = if number == 36 { "109.50" } else { "50.00" };
        add(&format!("h{number:02}"), "H", "Widget Red", "k1", price, 1, true);
    }
    // 37,332.00 and 11,466.75.
    add("k000", "K000", "Wok", "k2", "6.00", 6222, true);
    for number in 1..=103 {
        let price = if number == 103 { "1266.75" } else { "100.00" };
        add(&format!("k{number:03}"), "K", "Wok, small", "k2", price, 1, true);
    }
    // Names with commas are quoted.
    text.replace("Wok, small", "\"Wok, small\"")
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

/// What the document shows, and the rows that it leaves out behind the one that ends so.
fn completed(documented: &str, behind: &str, rows: &str) -> String {
    let shown = without_layout(documented);
    assert_eq!(shown.matches(behind).count(), 1, "{behind}");
    shown.replace(behind, &format!("{behind}{rows}"))
}

async fn examples(database: TestDatabase) {
    let shop = organization(&database.connection, "documented", "USD", dataset().path()).await;
    let reader = || Ok(key(&shop, &[Scope::ReportsRead]));
    let ask = async |now: &str, path: &str| {
        let app = App::new(&database.connection, now);
        let reply = app.get(reader(), &format!("/api/v1/reports/{path}")).await;
        (reply.status.as_u16(), reply.body)
    };
    let [sales, customers, inventory] = EXAMPLES.map(|(_, documented)| documented);

    let days: String = (2..=17)
        .map(|day| {
            let (count, revenue) = if day == 10 { (39, "17503.50") } else { (0, "0.00") };
            format!(r#",{{"date":"2026-04-{day:02}","orderCount":{count},"revenue":{revenue}}}"#)
        })
        .collect();
    let expected = completed(sales, r#""orderCount":3,"revenue":1240.00}"#, &days);
    assert_eq!(ask(TODAY, "sales?preset=month").await, (200, expected));

    let mut rows: Vec<(String, i64, i64)> = others().collect();
    rows.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    let rows: String = rows
        .into_iter()
        .map(|(id, count, revenue)| {
            format!(
                r#",{{"customerId":"{id}","customerName":"Customer {id}","customerEmail":null,"orderCount":{count},"revenue":{},"lastOrderAt":"2026-02-02T09:00:00.000Z"}}"#,
                amount(revenue)
            )
        })
        .collect();
    let expected = completed(customers, r#""lastOrderAt":"2026-03-28T14:22:00.000Z"}"#, &rows);
    assert_eq!(ask(END_OF_MARCH, "customers?preset=quarter").await, (200, expected));

    let row = |id: &str, sku: &str, name: &str, category: &str, price: &str, stock: i64, value: &str| {
        format!(
            r#",{{"productId":"{id}","name":"{name}","sku":"{sku}","category":"{category}","stock":{stock},"unitPrice":{price},"value":{value},"isActive":true}}"#
        )
    };
    let mut rows = row("h00", "H00", "Widget Green", "Hardware", "8.00", 2027, "16216.00");
    for number in 1..=36 {
        let price = if number == 36 { "109.50" } else { "50.00" };
        rows += &row(&format!("h{number:02}"), "H", "Widget Red", "Hardware", price, 1, price);
    }
    rows += &row("k000", "K000", "Wok", "Kitchen", "6.00", 6222, "37332.00");
    for number in 1..=103 {
        let price = if number == 103 { "1266.75" } else { "100.00" };
        rows += &row(&format!("k{number:03}"), "K", "Wok, small", "Kitchen", price, 1, price);
    }
    let expected = completed(inventory, r#""value":357.00,"isActive":true}"#, &rows);
    let group = r#",{"category":"Kitchen","productCount":104,"totalUnits":6325,"totalValue":48798.75}"#;
    let expected = completed(&expected, r#""totalUnits":2105,"totalValue":18432.50}"#, group);
    assert_eq!(ask(TODAY, "inventory").await, (200, expected));
}

/// Requests, and the bodies that the document shows for them.
pub const EXAMPLES: [(&str, &str); 3] = [
    (
        "sales?preset=month",
        r#"{
"data": {
"range": {
"from": "2026-04-01T00:00:00.000Z",
"to": "2026-04-17T23:59:59.999Z",
"preset": "month",
"label": "April 2026"
},
"totals": {
"orderCount": 42,
"revenue": 18743.50,
"averageOrderValue": 446.27
},
"daily": [
{
"date": "2026-04-01",
"orderCount": 3,
"revenue": 1240.00
}
],
"byStatus": [
{ "status": "SUBMITTED", "orderCount": 2, "revenue": 410.00 },
{ "status": "CONFIRMED", "orderCount": 5, "revenue": 2100.50 },
{ "status": "SHIPPED", "orderCount": 10, "revenue": 4500.00 },
{ "status": "DELIVERED", "orderCount": 23, "revenue": 10533.00 },
{ "status": "CANCELLED", "orderCount": 2, "revenue": 1200.00 }
]
}
}"#,
    ),
    (
        "customers?preset=quarter",
        r#"{
"data": {
"range": {
"from": "2026-01-01T00:00:00.000Z",
"to": "2026-03-31T23:59:59.999Z",
"preset": "quarter",
"label": "Q1 2026"
},
"totals": {
"customerCount": 17,
"orderCount": 84,
"revenue": 52410.00
},
"rows": [
{
"customerId": "clxxcustomer1...",
"customerName": "Acme Restaurant Group",
"customerEmail": "buyer@acme.com",
"orderCount": 12,
"revenue": 8420.50,
"lastOrderAt": "2026-03-28T14:22:00.000Z"
}
]
}
}"#,
    ),
    (
        "inventory",
        r#"{
"data": {
"totals": {
"productCount": 142,
"totalUnits": 8430,
"totalValue": 67231.25
},
"rows": [
{
"productId": "clxx1234...",
"name": "Widget Blue",
"sku": "WDG-001",
"category": "Hardware",
"stock": 42,
"unitPrice": 8.50,
"value": 357.00,
"isActive": true
}
],
"groups": [
{
"category": "Hardware",
"productCount": 38,
"totalUnits": 2105,
"totalValue": 18432.50
}
]
}
}"#,
    ),
];

both_databases!(examples);
