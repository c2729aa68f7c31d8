//! Every route on a small shop, worked out by hand: drafts and cancelled orders count, guests do not among customers,
//! amounts of other currencies are converted by the rate of their day.

use countinghouse::principal::Scope;

use crate::support::app::{App, Dataset, Reply, key, organization};
use crate::support::{TestDatabase, both_databases};

/// Euro amounts are worth 1.10 from the first of May on.
pub fn dataset() -> Dataset {
    Dataset::new()
        .file(
            "customers.csv",
            "customer_id,name,email\nc1,Ann,ann@shop.example\nc2,Bob,\nc3,\"Cy, Inc.\",cy@shop.example\nc4,Never,\n",
        )
        .file("categories.csv", "category_id,name\nk1,Tea\nk2,Pots\n")
        .file(
            "products.csv",
            "product_id,sku,name,category_id,unit_price,currency,stock,is_active\n\
             p1,S1,Green tea,k1,0.125,USD,7,true\n\
             p2,S2,Assam,k1,4.00,EUR,2,true\n\
             p3,S3,Pot,k2,19.90,USD,-3,true\n\
             p4,S4,Voucher,,,USD,,true\n\
             p5,S5,Old pot,k2,99.00,USD,4,false\n",
        )
        .file(
            "orders.csv",
            "order_id,customer_id,placed_at,status,currency,total,discount,shipping,tax,channel,coupon_code,country,region,city\n\
             o1,c1,2024-05-02T00:00:00Z,DELIVERED,USD,10.00,1.00,2.00,0.50,web,MAY,DE,BE,Berlin\n\
             o2,c2,2024-05-02T23:59:59.999999Z,DRAFT,USD,20.00,,,,,,,,\n\
             o3,,2024-05-03T12:00:00Z,SHIPPED,USD,5.00,,,,,,,,\n\
             o4,c1,2024-05-05T12:00:00.123456Z,CANCELLED,EUR,10.00,,,,,,,,\n\
             o5,c3,2024-05-05T13:00:00Z,SUBMITTED,USD,0.00,,,,,,,,\n\
             o6,c3,2024-06-01T00:00:00Z,DELIVERED,USD,99.00,,,,,,,,\n",
        )
        .file(
            "order_items.csv",
            "order_id,line_number,product_id,quantity,unit_price,line_total\n\
             o1,1,p1,2,4.00,8.00\no1,2,p3,1,1.00,1.00\no2,1,p3,1,20.00,20.00\n\
             o4,1,p1,1,10.00,10.00\no4,2,p1,1,0.00,0.00\no6,1,p2,1,99.00,99.00\n",
        )
        .file("exchange_rates.csv", "day,from,to,rate\n2024-05-01,EUR,USD,1.10\n")
}

pub struct Shop {
    app: App,
    reader: countinghouse::principal::Principal,
}

impl Shop {
    pub async fn open(database: &TestDatabase) -> Self {
        let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
        let app = App::new(&database.connection, "2024-05-06T09:00:00Z");
        Self { app, reader: key(&shop, &[Scope::ReportsRead]) }
    }

    pub async fn ask(&self, path: &str) -> Reply {
        self.app.get(Ok(self.reader.clone()), &format!("/api/v1/reports/{path}")).await
    }

    /// The body of `path`, which is answered.
    pub async fn body(&self, path: &str) -> String {
        let reply = self.ask(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        assert_eq!(reply.headers["content-type"], "application/json; charset=utf-8");
        assert_eq!(reply.headers["cache-control"], "private, no-cache");
        reply.body
    }
}

const MAY: &str = "from=2024-05-01&to=2024-05-05";
/// How every answer about it begins.
const RANGE: &str = r#"{"data":{"range":{"from":"2024-05-01T00:00:00.000Z","to":"2024-05-05T23:59:59.999Z","preset":"custom","label":"2024-05-01 → 2024-05-05"},"#;

async fn sales(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // 10 + 20 + 5 + 10 × 1.10 + 0 = 46.00, over five orders 9.20.
    let rest = concat!(
        r#""totals":{"orderCount":5,"revenue":46.00,"averageOrderValue":9.20},"#,
        r#""daily":[{"date":"2024-05-01","orderCount":0,"revenue":0.00},"#,
        r#"{"date":"2024-05-02","orderCount":2,"revenue":30.00},"#,
        r#"{"date":"2024-05-03","orderCount":1,"revenue":5.00},"#,
        r#"{"date":"2024-05-04","orderCount":0,"revenue":0.00},"#,
        r#"{"date":"2024-05-05","orderCount":2,"revenue":11.00}],"#,
        r#""byStatus":[{"status":"DRAFT","orderCount":1,"revenue":20.00},"#,
        r#"{"status":"SUBMITTED","orderCount":1,"revenue":0.00},"#,
        r#"{"status":"SHIPPED","orderCount":1,"revenue":5.00},"#,
        r#"{"status":"DELIVERED","orderCount":1,"revenue":10.00},"#,
        r#"{"status":"CANCELLED","orderCount":1,"revenue":11.00}]}}"#,
    );
    assert_eq!(shop.body(&format!("sales?{MAY}")).await, format!("{RANGE}{rest}"));
}

async fn a_range_that_begins_and_ends_within_a_day_counts_what_lies_in_it(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // The millisecond of the last instant counts whole: o2 was placed in its last microsecond.
    let body =
        shop.body("sales?from=2024-05-02T00:00:00.001Z&to=2024-05-02T23:59:59.999Z&fields=orderCount").await;
    let expected = concat!(
        r#"{"data":{"range":{"from":"2024-05-02T00:00:00.001Z","to":"2024-05-02T23:59:59.999Z","preset":"custom","label":"2024-05-02 → 2024-05-02"},"#,
        r#""totals":{"orderCount":1,"revenue":20.00,"averageOrderValue":20.00},"daily":[{"orderCount":1}],"#,
        r#""byStatus":[{"status":"DRAFT","orderCount":1,"revenue":20.00}]}}"#,
    );
    assert_eq!(body, expected);
}

async fn customers(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // The guest's order is nobody's, and who never ordered is left out; an order for nothing is an order.
    let rest = concat!(
        r#""totals":{"customerCount":3,"orderCount":4,"revenue":41.00},"rows":["#,
        r#"{"customerId":"c1","customerName":"Ann","customerEmail":"ann@shop.example","orderCount":2,"revenue":21.00,"lastOrderAt":"2024-05-05T12:00:00.123Z"},"#,
        r#"{"customerId":"c2","customerName":"Bob","customerEmail":null,"orderCount":1,"revenue":20.00,"lastOrderAt":"2024-05-02T23:59:59.999Z"},"#,
        r#"{"customerId":"c3","customerName":"Cy, Inc.","customerEmail":"cy@shop.example","orderCount":1,"revenue":0.00,"lastOrderAt":"2024-05-05T13:00:00.000Z"}]}}"#,
    );
    assert_eq!(shop.body(&format!("customers?{MAY}")).await, format!("{RANGE}{rest}"));
    let some = concat!(
        r#""totals":{"customerCount":3,"orderCount":4,"revenue":41.00},"#,
        r#""rows":[{"revenue":21.00,"customerName":"Ann"},{"revenue":20.00,"customerName":"Bob"},{"revenue":0.00,"customerName":"Cy, Inc."}]}}"#,
    );
    assert_eq!(
        shop.body(&format!("customers?{MAY}&fields=revenue,customerName")).await,
        format!("{RANGE}{some}")
    );
}

async fn inventory(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // 7 × 0.125 = 0.875 is 0.88 as a value, 2 × 4.00 EUR at 1.10 are 8.80, −3 × 19.90 = −59.70: −50.025 in all, which is
    // rounded once. Nobody tells the voucher's price and stock.
    let expected = concat!(
        r#"{"data":{"totals":{"productCount":4,"totalUnits":6,"totalValue":-50.03},"rows":["#,
        r#"{"productId":"p2","name":"Assam","sku":"S2","category":"Tea","stock":2,"unitPrice":4.40,"value":8.80,"isActive":true},"#,
        r#"{"productId":"p1","name":"Green tea","sku":"S1","category":"Tea","stock":7,"unitPrice":0.125,"value":0.88,"isActive":true},"#,
        r#"{"productId":"p3","name":"Pot","sku":"S3","category":"Pots","stock":-3,"unitPrice":19.90,"value":-59.70,"isActive":true},"#,
        r#"{"productId":"p4","name":"Voucher","sku":"S4","category":null,"stock":0,"unitPrice":null,"value":0.00,"isActive":true}],"#,
        r#""groups":[{"category":"Pots","productCount":1,"totalUnits":-3,"totalValue":-59.70},"#,
        r#"{"category":"Tea","productCount":2,"totalUnits":9,"totalValue":9.68},"#,
        r#"{"category":"Uncategorised","productCount":1,"totalUnits":0,"totalValue":0.00}]}}"#,
    );
    assert_eq!(shop.body("inventory").await, expected);
    // What it does not take it does not look at.
    assert_eq!(shop.body("inventory?preset=never&from=never").await, expected);
    let stock = shop.body("inventory?fields=sku,stock").await;
    assert!(stock.contains(r#""rows":[{"sku":"S2","stock":2},{"sku":"S1","stock":7},"#), "{stock}");
}

async fn products(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // p1: 8.00, and 10.00 + 0.00 EUR on two lines of one order; p3: 1.00 and 20.00 of the draft. p2 was sold in June.
    let totals = r#""totals":{"productCount":2,"orderCount":3,"units":6,"revenue":40.00},"#;
    let pot = r#"{"productId":"p3","name":"Pot","sku":"S3","category":"Pots","orderCount":2,"units":2,"revenue":21.00}"#;
    let tea = r#"{"productId":"p1","name":"Green tea","sku":"S1","category":"Tea","orderCount":2,"units":4,"revenue":19.00}"#;
    let whole = format!(r#"{RANGE}{totals}"rows":[{pot},{tea}]}}}}"#);
    assert_eq!(shop.body(&format!("products?{MAY}")).await, whole);
    let first = format!(r#"{RANGE}{totals}"rows":[{pot}]}}}}"#);
    assert_eq!(shop.body(&format!("products?{MAY}&limit=1")).await, first);
    let names = format!(r#"{RANGE}{totals}"rows":[{{"name":"Pot"}},{{"name":"Green tea"}}]}}}}"#);
    assert_eq!(shop.body(&format!("products?{MAY}&fields=name")).await, names);
}

async fn nothing(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let range = r#"{"data":{"range":{"from":"2020-01-01T00:00:00.000Z","to":"2020-01-01T23:59:59.999Z","preset":"custom","label":"2020-01-01 → 2020-01-01"},"#;
    for (route, rest) in [
        (
            "sales",
            r#""totals":{"orderCount":0,"revenue":0.00,"averageOrderValue":0.00},"daily":[{"date":"2020-01-01","orderCount":0,"revenue":0.00}],"byStatus":[]}}"#,
        ),
        ("customers", r#""totals":{"customerCount":0,"orderCount":0,"revenue":0.00},"rows":[]}}"#),
        ("products", r#""totals":{"productCount":0,"orderCount":0,"units":0,"revenue":0.00},"rows":[]}}"#),
        ("orders", r#""rows":[],"nextCursor":null}}"#),
    ] {
        let body = shop.body(&format!("{route}?from=2020-01-01&to=2020-01-01")).await;
        assert_eq!(body, format!("{range}{rest}"), "{route}");
    }
}

/// Amounts have the digits of the organization's currency: none of the yen, three of the dinar.
async fn digits_are_the_currencys(database: TestDatabase) {
    for (currency, total, told) in [("JPY", "1200", "1200"), ("KWD", "1.5", "1.500")] {
        let data = Dataset::new().file(
            "orders.csv",
            &format!("order_id,placed_at,status,total\no1,2024-05-06T01:00:00Z,SHIPPED,{total}\n"),
        );
        let shop = organization(&database.connection, currency, currency, data.path()).await;
        let app = App::new(&database.connection, "2024-05-06T09:00:00Z");
        let reply =
            app.get(Ok(key(&shop, &[Scope::ReportsRead])), "/api/v1/reports/sales?preset=today").await;
        let totals = format!(r#""totals":{{"orderCount":1,"revenue":{told},"averageOrderValue":{told}}}"#);
        assert!(reply.body.contains(&totals), "{}", reply.body);
    }
}

both_databases!(
    sales,
    a_range_that_begins_and_ends_within_a_day_counts_what_lies_in_it,
    customers,
    inventory,
    products,
    nothing,
    digits_are_the_currencys,
);
