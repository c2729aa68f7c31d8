//! Every route on a shop small enough to be worked out by hand.

use std::collections::BTreeMap;

use countinghouse::principal::Scope;
use serde_json::value::RawValue;

use crate::momentum::corner_shop::dataset;
use crate::support::app::{App, key, organization};
use crate::support::{TestDatabase, both_databases};

/// The corner shop of `momentum`'s tests: what is said of its orders there holds here.
struct Shop {
    app: App,
    organization: countinghouse::principal::Organization,
}

impl Shop {
    async fn open(database: &TestDatabase) -> Self {
        let organization = organization(&database.connection, "corner-shop", "USD", dataset().path()).await;
        Self { app: App::new(&database.connection, "2024-02-10T15:00:00Z"), organization }
    }

    async fn asked(&self, path: &str) -> String {
        let principal = key(&self.organization, &[Scope::ReportsRead]);
        let reply = self.app.get(Ok(principal), &format!("/api/analytics/{path}")).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        assert_eq!(reply.headers["content-type"], "application/json; charset=utf-8");
        assert_eq!(reply.headers["cache-control"], "private, no-cache");
        reply.body
    }
}

/// The member of a body, as it is written.
fn member(body: &str, path: &str) -> String {
    path.split('/').skip(1).fold(body.to_owned(), |text, name| {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).expect("an object");
        members[name].get().to_owned()
    })
}

async fn revenue(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // All of January, with o4 at the end of its last second: 100 + 50.50 + 11 + 7; four orders of 42.125 each. In the 31
    // days before: o0, 40. Growth (168.50 - 40) / 40 = 3.2125.
    assert_eq!(
        shop.asked("revenue?from=2024-01-01&to=2024-01-31&groupBy=quarter").await,
        r#"{"summary":{"totalRevenue":16850,"revenueGrowth":3.21,"mrr":0,"arr":0,"avgOrderValue":4213,"currency":"usd"},"timeSeries":[{"period":"2024-Q1","revenue":16850,"orders":4,"refunds":0}],"byProduct":[{"productName":"Desk lamp","revenue":7100,"units":3},{"productName":"Stool","revenue":6000,"units":5},{"productName":"Poster","revenue":1525,"units":1},{"productName":"Postcard","revenue":1525,"units":1}]}"#
    );
    // To the end of the last second but one microsecond: an instant is itself included.
    let body = shop.asked("revenue?from=2024-01-31T23:59:59Z&to=2024-01-31T23:59:59Z").await;
    assert_eq!(member(&body, "/summary/totalRevenue"), "1100");
    // An offset moves the bounds, and not the grouping: January of New York has no o1, and reaches into 1 February.
    let body = shop
        .asked("revenue?from=2024-01-01T00:00:00-05:00&to=2024-01-31T23:59:59.999999-05:00&groupBy=month")
        .await;
    assert_eq!(
        member(&body, "/timeSeries"),
        r#"[{"period":"2024-01","revenue":6850,"orders":3,"refunds":0},{"period":"2024-02","revenue":0,"orders":0,"refunds":0}]"#
    );
}

async fn periods_are_called_by_their_grain(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let series = async |query: &str| member(&shop.asked(&format!("revenue?{query}")).await, "/timeSeries");
    // 31 December 2023 is the Sunday of week 52; gaps are filled.
    assert_eq!(
        series("from=2023-12-31&to=2024-01-02").await,
        r#"[{"period":"2023-12-31","revenue":4000,"orders":1,"refunds":0},{"period":"2024-01-01","revenue":10000,"orders":1,"refunds":0},{"period":"2024-01-02","revenue":0,"orders":0,"refunds":0}]"#
    );
    assert_eq!(
        series("from=2023-12-31&to=2024-01-14&groupBy=week").await,
        r#"[{"period":"2023-W52","revenue":4000,"orders":1,"refunds":0},{"period":"2024-W01","revenue":10000,"orders":1,"refunds":0},{"period":"2024-W02","revenue":0,"orders":0,"refunds":0}]"#
    );
    assert_eq!(
        series("from=2023-12-31&to=2024-03-31&groupBy=quarter").await,
        r#"[{"period":"2023-Q4","revenue":4000,"orders":1,"refunds":0},{"period":"2024-Q1","revenue":18050,"orders":5,"refunds":0}]"#
    );
    // A week is called by the year that most of it lies in: 30 December 2024 begins the first of 2025.
    let body = series("from=2024-12-30&to=2024-12-31&groupBy=week").await;
    assert_eq!(body, r#"[{"period":"2025-W01","revenue":0,"orders":0,"refunds":0}]"#);
}

async fn what_is_not_said_has_its_default(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // The last 30 days up to and including 10 February 2024: o2, o3 and o4.
    let body = shop.asked("revenue").await;
    assert_eq!(member(&body, "/summary/totalRevenue"), "6850");
    let rows: serde_json::Value = serde_json::from_str(&member(&body, "/timeSeries")).expect("rows");
    let rows = rows.as_array().expect("rows");
    assert_eq!(
        (rows.len(), &rows[0]["period"], &rows[29]["period"]),
        (30, &"2024-01-12".into(), &"2024-02-10".into())
    );
    assert_eq!(shop.asked("revenue?from=2024-01-12").await, body);
    assert_eq!(shop.asked("revenue?to=2024-02-10&limit=10&groupBy=day&currency=USD").await, body);
    let one = shop.asked("revenue?from=2024-01-12&limit=1").await;
    assert_eq!(member(&one, "/byProduct"), r#"[{"productName":"Stool","revenue":2000,"units":1}]"#);
}

async fn nothing_and_other_currencies(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // Nothing at all: zeros, and no growth.
    assert_eq!(
        shop.asked("revenue?from=2030-01-01&to=2030-01-01").await,
        r#"{"summary":{"totalRevenue":0,"revenueGrowth":0,"mrr":0,"arr":0,"avgOrderValue":0,"currency":"usd"},"timeSeries":[{"period":"2030-01-01","revenue":0,"orders":0,"refunds":0}],"byProduct":[]}"#
    );
    // o7 is 1500 yen, which have no smaller unit. There was nothing before, and so it grew by 1.
    assert_eq!(
        shop.asked("revenue?from=2024-03-01&to=2024-03-10&groupBy=month&currency=jpy").await,
        r#"{"summary":{"totalRevenue":1500,"revenueGrowth":1,"mrr":0,"arr":0,"avgOrderValue":1500,"currency":"jpy"},"timeSeries":[{"period":"2024-03","revenue":1500,"orders":1,"refunds":0}],"byProduct":[{"productName":"Stool","revenue":1500,"units":3}]}"#
    );
    // And it shrank to nothing after.
    let body = shop.asked("revenue?from=2024-03-11&to=2024-03-20").await;
    assert_eq!(member(&body, "/summary/revenueGrowth"), "-1");
}

async fn products(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    // Lines of January: p1 60 + EUR 10 = 11; p2 40 + 20; p3 and p4 15.25 each: 161.50 for 10 units in three orders. Before:
    // p3 40: growth 121.50 / 40 = 3.0375. 71 / 161.50 = 0.4396, 60 / 161.50 = 0.3715, 15.25 / 161.50 = 0.0944.
    // p3 was 40 before: (15.25 - 40) / 40 = -0.61875. o1 holds p1 and p2, o2 all the others with each other: pairs of one
    // order in three, by their ids.
    assert_eq!(
        shop.asked("products?from=2024-01-01&to=2024-01-31&groupBy=month&limit=3").await,
        r#"{"summary":{"totalRevenue":16150,"revenueGrowth":3.04,"unitsSold":10,"orders":3,"productsSold":4,"avgPrice":1615,"refundRate":0,"grossProfit":0,"grossMargin":null,"currency":"usd"},"timeSeries":[{"period":"2024-01","revenue":16150,"units":10,"orders":3}],"byProduct":[{"productId":"p1","sku":"S-1","productName":"Desk lamp","revenue":7100,"revenueGrowth":1,"units":3,"orders":2,"avgPrice":2367,"refundRate":0,"grossMargin":null,"percent":0.44},{"productId":"p2","sku":"S-2","productName":"Stool","revenue":6000,"revenueGrowth":1,"units":5,"orders":2,"avgPrice":1200,"refundRate":0,"grossMargin":null,"percent":0.37},{"productId":"p3","sku":"S-3","productName":"Poster","revenue":1525,"revenueGrowth":-0.62,"units":1,"orders":1,"avgPrice":1525,"refundRate":0,"grossMargin":null,"percent":0.09}],"byCategory":[{"categoryId":"k1","categoryName":"Lamps","revenue":7100,"units":3,"percent":0.44},{"categoryId":"k2","categoryName":"Chairs","revenue":6000,"units":5,"percent":0.37}],"boughtTogether":[{"productId":"p1","productName":"Desk lamp","withProductId":"p2","withProductName":"Stool","orders":1,"percent":0.33},{"productId":"p2","productName":"Stool","withProductId":"p3","withProductName":"Poster","orders":1,"percent":0.33},{"productId":"p2","productName":"Stool","withProductId":"p4","withProductName":"Postcard","orders":1,"percent":0.33}]}"#
    );
}

both_databases!(
    revenue,
    periods_are_called_by_their_grain,
    what_is_not_said_has_its_default,
    nothing_and_other_currencies,
    products,
);
