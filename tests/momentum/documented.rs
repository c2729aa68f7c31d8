//! The example bodies of the API's document, byte for byte, from a shop made for them.
//!
//! The document prints its examples with line breaks and spaces; the server sends the same JSON without any. The one
//! example that no data can give is that of `/active-customers`: no whole number grows to 87 by 5.48 percent (82 gives
//! 6.10, 83 gives 4.82). Its percentage is shown from 73 to 77.

use std::fmt::Write as _;

use crate::support::app::{App, Dataset, admin, organization};
use crate::support::{TestDatabase, both_databases};

/// Orders, each of one line, dealt out to windows of their own years.
#[derive(Default)]
struct Ledger {
    orders: String,
    items: String,
    count: usize,
}

impl Ledger {
    /// `count` orders from `instant` on, a minute apart, that come to `cents` together.
    fn add(
        &mut self,
        instant: &str,
        count: usize,
        cents: usize,
        customer: impl Fn(usize) -> String,
        rep: &str,
    ) {
        let first: chrono::DateTime<chrono::Utc> = instant.parse().expect("an instant");
        for number in 0..count {
            let at = first + chrono::Duration::minutes(i64::try_from(number).expect("small"));
            // Equal shares, and what is left over to the first.
            let share = cents / count + if number == 0 { cents % count } else { 0 };
            let total = format!("{}.{:02}", share / 100, share % 100);
            self.count += 1;
            let (id, customer) = (self.count, customer(number));
            writeln!(self.orders, "o{id},{customer},{rep},{},DELIVERED,{total}", at.to_rfc3339())
                .expect("text");
        }
    }

    /// One order with one line.
    fn sell(&mut self, instant: &str, product: &str, units: usize, revenue: &str) {
        self.count += 1;
        let id = self.count;
        writeln!(self.orders, "o{id},,,{instant},DELIVERED,{revenue}").expect("text");
        writeln!(self.items, "o{id},1,{product},{units},0.00,{revenue}").expect("text");
    }
}

fn dataset() -> Dataset {
    let nobody = |_: usize| String::new();
    let mut ledger = Ledger::default();
    // 2024: the revenue of three months, 312, 289 and 347 orders; together 128450.75.
    ledger.add("2024-01-02T00:00:00Z", 312, 42_150_00, nobody, "");
    ledger.add("2024-02-02T00:00:00Z", 289, 38_900_50, nobody, "");
    ledger.add("2024-03-02T00:00:00Z", 347, 47_400_25, nobody, "");
    // 2025: 128 orders in March, 142 in April, at 412.50 each.
    ledger.add("2025-03-02T00:00:00Z", 128, 128 * 412_50, nobody, "");
    ledger.add("2025-04-02T00:00:00Z", 142, 142 * 412_50, nobody, "");
    // 2026: 73 customers in the first ten days, 77 in the ten after.
    ledger.add("2026-01-02T00:00:00Z", 73, 7300, |number| format!("c{number}"), "");
    ledger.add("2026-01-12T00:00:00Z", 77, 7700, |number| format!("c{number}"), "");
    // 2027: products, customers, categories and sales representatives, a month each.
    ledger.sell("2027-01-05T00:00:00Z", "prod_abc123", 246, "18450.00");
    ledger.sell("2027-01-06T00:00:00Z", "prod_def456", 410, "12300.50");
    ledger.add("2027-02-01T00:00:00Z", 18, 24_800_00, |_| "acme".to_owned(), "");
    ledger.add("2027-02-02T00:00:00Z", 12, 19_100_75, |_| "globex".to_owned(), "");
    ledger.sell("2027-03-05T00:00:00Z", "prod_abc123", 1, "52300.00");
    ledger.sell("2027-03-06T00:00:00Z", "prod_def456", 1, "38700.50");
    ledger.add("2027-04-01T00:00:00Z", 54, 31_200_00, nobody, "REP-001");
    ledger.add("2027-04-02T00:00:00Z", 41, 27_400_50, nobody, "REP-002");

    let mut customers = "customer_id,customer_number,name,company_name\n\
                         acme,CUST-0042,Acme,Acme Corp\nglobex,CUST-0017,Globex,Globex Industries\n"
        .to_owned();
    for number in 0..77 {
        writeln!(customers, "c{number},,Customer {number},").expect("text");
    }
    Dataset::new()
        .file("customers.csv", &customers)
        .file("categories.csv", "category_id,name\ncat_001,Widgets\ncat_002,Gadgets\n")
        .file(
            "products.csv",
            "product_id,sku,name,category_id\nprod_abc123,WDG-001,Premium Widget,cat_001\n\
             prod_def456,GDG-002,Standard Gadget,cat_002\n",
        )
        .file("sales_reps.csv", "sales_rep_number,name\nREP-001,Jane Smith\nREP-002,Bob Johnson\n")
        .file(
            "orders.csv",
            &format!("order_id,customer_id,sales_rep_number,placed_at,status,total\n{}", ledger.orders),
        )
        .file(
            "order_items.csv",
            &format!("order_id,line_number,product_id,quantity,unit_price,line_total\n{}", ledger.items),
        )
}

/// The document's spelling without its layout: spaces outside of strings.
fn without_layout(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .filter(|letter| {
            inside ^= *letter == '"';
            inside || !letter.is_whitespace()
        })
        .collect()
}

async fn examples(database: TestDatabase) {
    let shop = organization(&database.connection, "documented", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2027-06-01T00:00:00Z");
    for (request, documented) in EXAMPLES {
        let reply = app.get(Ok(admin(&shop)), &format!("/api/analytics/{request}")).await;
        assert_eq!((reply.status.as_u16(), reply.body), (200, without_layout(documented)), "{request}");
    }
}

/// Requests, and the bodies that the document shows for them.
pub const EXAMPLES: [(&str, &str); 10] = [
    (
        "revenue?startDate=2024-01-01T00:00:00Z&endDate=2024-03-31T23:59:59Z",
        r#"{
  "totalRevenue": 128450.75,
  "currencyCode": "USD"
}"#,
    ),
    (
        "revenue/trend?startDate=2024-01-01T00:00:00Z&endDate=2024-03-31T23:59:59Z",
        r#"[
  { "date": "2024-01-01T00:00:00Z", "revenue": 42150.00 },
  { "date": "2024-02-01T00:00:00Z", "revenue": 38900.50 },
  { "date": "2024-03-01T00:00:00Z", "revenue": 47400.25 }
]"#,
    ),
    (
        "orders/trend?startDate=2024-01-01T00:00:00Z&endDate=2024-03-31T23:59:59Z",
        r#"[
  { "date": "2024-01-01T00:00:00Z", "orderCount": 312 },
  { "date": "2024-02-01T00:00:00Z", "orderCount": 289 },
  { "date": "2024-03-01T00:00:00Z", "orderCount": 347 }
]"#,
    ),
    (
        "orders/mtd?startDate=2025-04-01T00:00:00Z&endDate=2025-04-20T23:59:59Z",
        r#"{
  "count": 142,
  "previousMonthCount": 128,
  "percentChange": 10.94
}"#,
    ),
    (
        "aov?startDate=2025-01-01T00:00:00Z&endDate=2025-12-31T23:59:59Z",
        r#"{
  "averageOrderValue": 412.50,
  "currencyCode": "USD"
}"#,
    ),
    (
        "active-customers?startDate=2026-01-11T00:00:00Z&endDate=2026-01-20T23:59:59.999999Z",
        r#"{
  "activeCustomers": 77,
  "percentChange": 5.48
}"#,
    ),
    (
        "products/top-by-revenue?startDate=2027-01-01T00:00:00Z&endDate=2027-01-31T23:59:59Z&limit=5",
        r#"[
  {
    "productId": "prod_abc123",
    "sku": "WDG-001",
    "name": "Premium Widget",
    "revenue": 18450.00,
    "unitsOrdered": 246
  },
  {
    "productId": "prod_def456",
    "sku": "GDG-002",
    "name": "Standard Gadget",
    "revenue": 12300.50,
    "unitsOrdered": 410
  }
]"#,
    ),
    (
        "customers/top-by-revenue?startDate=2027-02-01T00:00:00Z&endDate=2027-02-28T23:59:59Z",
        r#"[
  {
    "customerNumber": "CUST-0042",
    "companyName": "Acme Corp",
    "revenue": 24800.00,
    "orderCount": 18
  },
  {
    "customerNumber": "CUST-0017",
    "companyName": "Globex Industries",
    "revenue": 19100.75,
    "orderCount": 12
  }
]"#,
    ),
    (
        "categories/top-by-revenue?startDate=2027-03-01T00:00:00Z&endDate=2027-03-31T23:59:59Z",
        r#"[
  { "categoryId": "cat_001", "name": "Widgets", "revenue": 52300.00 },
  { "categoryId": "cat_002", "name": "Gadgets", "revenue": 38700.50 }
]"#,
    ),
    (
        "sales-reps/top-by-revenue?startDate=2027-04-01T00:00:00Z&endDate=2027-04-30T23:59:59Z&limit=5",
        r#"[
  {
    "salesRepNumber": "REP-001",
    "name": "Jane Smith",
    "revenue": 31200.00,
    "orderCount": 54
  },
  {
    "salesRepNumber": "REP-002",
    "name": "Bob Johnson",
    "revenue": 27400.50,
    "orderCount": 41
  }
]"#,
    ),
];

both_databases!(examples);
