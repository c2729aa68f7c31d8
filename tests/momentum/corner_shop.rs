//! Every route on a shop small enough to be worked out by hand.

use crate::support::app::{App, Dataset, admin, organization};
use crate::support::{TestDatabase, both_databases};

/// A shop that tells in US dollars and sells in euros and yen too.
///
/// Orders that count in January (from its first instant to 23:59:59 of its last day, both included):
///
/// | order | customer | rep | total | in USD |
/// | --- | --- | --- | --- | --- |
/// | o1, at the first instant | c1 | r1 | 100.00 | 100.00 |
/// | o2 | c2 | r2 | 50.50 | 50.50 |
/// | o3, at 23:59:59 on the 31st | c1 | r1 | EUR 10.00 | 11.00 (the newest rate on or before: 1.1 of the 30th) |
///
/// They do not: o0 (a microsecond before), o4 (a microsecond after), o5 (cancelled), o6 (draft). In March: o7, 1500 yen
/// = 10 euros (150 yen each) = 12.00 dollars (1.2 each).
pub fn dataset() -> Dataset {
    Dataset::new()
        .file(
            "customers.csv",
            "customer_id,customer_number,name,company_name\n\
             c1,CN-1,Ann,Alpha Ltd\n\
             c2,,Bea,\n\
             c3,CN-3,Cid,Gamma Inc\n",
        )
        .file("categories.csv", "category_id,name\nk1,Lamps\nk2,Chairs\n")
        .file(
            "products.csv",
            "product_id,sku,name,category_id\n\
             p1,S-1,Desk lamp,k1\n\
             p2,S-2,Stool,k2\n\
             p3,S-3,Poster,\n\
             p4,S-4,Postcard,\n",
        )
        .file("sales_reps.csv", "sales_rep_number,name\nr1,Jane Smith\nr2,Bob Johnson\n")
        .file(
            "orders.csv",
            "order_id,customer_id,sales_rep_number,placed_at,status,currency,total\n\
             o0,c1,r1,2023-12-31T23:59:59.999999Z,DELIVERED,USD,40.00\n\
             o1,c1,r1,2024-01-01T00:00:00Z,CONFIRMED,USD,100.00\n\
             o2,c2,r2,2024-01-15T12:00:00Z,DELIVERED,USD,50.50\n\
             o3,c1,r1,2024-01-31T23:59:59Z,SHIPPED,EUR,10.00\n\
             o4,,,2024-01-31T23:59:59.000001Z,SUBMITTED,USD,7.00\n\
             o5,c3,r1,2024-01-20T10:00:00Z,CANCELLED,USD,1000.00\n\
             o6,c3,r1,2024-01-21T10:00:00Z,DRAFT,USD,2000.00\n\
             o7,c2,r2,2024-03-10T08:00:00Z,DELIVERED,JPY,1500\n",
        )
        .file(
            "order_items.csv",
            "order_id,line_number,product_id,quantity,unit_price\n\
             o0,1,p3,4,10.00\n\
             o1,1,p1,2,30.00\n\
             o1,2,p2,4,10.00\n\
             o2,1,p2,1,20.00\n\
             o2,2,p4,1,15.25\n\
             o2,3,p3,1,15.25\n\
             o3,1,p1,1,10.00\n\
             o5,1,p1,100,10.00\n\
             o7,1,p2,3,500\n",
        )
        .file(
            "exchange_rates.csv",
            "day,from,to,rate\n\
             2024-01-01,EUR,USD,1.3\n\
             2024-01-30,EUR,USD,1.1\n\
             2024-02-01,EUR,USD,1.9\n\
             2024-03-01,EUR,USD,1.2\n\
             2024-03-01,EUR,JPY,150\n",
        )
}

const JANUARY: &str = "startDate=2024-01-01T00:00:00Z&endDate=2024-01-31T23:59:59Z";

async fn asked(database: &TestDatabase, route: &str, query: &str) -> String {
    let shop = organization(&database.connection, "corner-shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-04-01T00:00:00Z");
    let reply = app.get(Ok(admin(&shop)), &format!("/api/analytics/{route}?{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.headers["content-type"], "application/json; charset=utf-8");
    reply.body
}

async fn revenue(database: TestDatabase) {
    // 100 + 50.50 + 11
    let body = asked(&database, "revenue", JANUARY).await;
    assert_eq!(body, r#"{"totalRevenue":161.50,"currencyCode":"USD"}"#);
    // An offset moves the bounds: January of New York starts five hours later, without o1.
    let offset = "startDate=2024-01-01T00:00:00-05:00&endDate=2024-01-31T23:59:59-05:00";
    let body = asked(&database, "revenue", offset).await;
    // 50.50 + 11 + 7
    assert_eq!(body, r#"{"totalRevenue":68.50,"currencyCode":"USD"}"#);
    // An empty window is no error; organizationId changes nothing.
    let empty = "startDate=2030-01-01&endDate=2030-01-01&organizationId=another";
    assert_eq!(asked(&database, "revenue", empty).await, r#"{"totalRevenue":0.00,"currencyCode":"USD"}"#);
}

async fn trends(database: TestDatabase) {
    let quarter = "startDate=2023-12-31T00:00:00Z&endDate=2024-03-31T23:59:59Z";
    // December: o0. January has o4 too: 161.50 + 7. February is empty, and there.
    assert_eq!(
        asked(&database, "revenue/trend", quarter).await,
        r#"[{"date":"2023-12-01T00:00:00Z","revenue":40.00},{"date":"2024-01-01T00:00:00Z","revenue":168.50},{"date":"2024-02-01T00:00:00Z","revenue":0.00},{"date":"2024-03-01T00:00:00Z","revenue":12.00}]"#
    );
    assert_eq!(
        asked(&database, "orders/trend", quarter).await,
        r#"[{"date":"2023-12-01T00:00:00Z","orderCount":1},{"date":"2024-01-01T00:00:00Z","orderCount":4},{"date":"2024-02-01T00:00:00Z","orderCount":0},{"date":"2024-03-01T00:00:00Z","orderCount":1}]"#
    );
}

async fn month_to_date(database: TestDatabase) {
    // The same window of December ends at 23:59:59, before o0: nothing there, so 100 percent.
    assert_eq!(
        asked(&database, "orders/mtd", JANUARY).await,
        r#"{"count":3,"previousMonthCount":0,"percentChange":100.00}"#
    );
    // February has none; 29 February is a month's last day and stays one, so that all of January is beside it.
    let february = "startDate=2024-02-01T00:00:00Z&endDate=2024-02-29T23:59:59.999999Z";
    assert_eq!(
        asked(&database, "orders/mtd", february).await,
        r#"{"count":0,"previousMonthCount":4,"percentChange":-100.00}"#
    );
    let never = "startDate=2030-01-01&endDate=2030-01-02";
    assert_eq!(
        asked(&database, "orders/mtd", never).await,
        r#"{"count":0,"previousMonthCount":0,"percentChange":0.00}"#
    );
}

async fn average_order_value(database: TestDatabase) {
    // 161.50 ÷ 3 = 53.8333…
    let body = asked(&database, "aov", JANUARY).await;
    assert_eq!(body, r#"{"averageOrderValue":53.83,"currencyCode":"USD"}"#);
    let never = "startDate=2030-01-01&endDate=2030-01-02";
    assert_eq!(asked(&database, "aov", never).await, r#"{"averageOrderValue":0.00,"currencyCode":"USD"}"#);
}

async fn active_customers(database: TestDatabase) {
    // c1 and c2; the window of the same length before has c1 (o0).
    let body = asked(&database, "active-customers", JANUARY).await;
    assert_eq!(body, r#"{"activeCustomers":2,"percentChange":100.00}"#);
    // From the 2nd: c2 and c1 (o3); before it, 30 days less a microsecond reach back to 3 December: c1 (o0, o1).
    let later = "startDate=2024-01-02T00:00:00Z&endDate=2024-01-31T23:59:59.999999Z";
    let body = asked(&database, "active-customers", later).await;
    assert_eq!(body, r#"{"activeCustomers":2,"percentChange":100.00}"#);
}

async fn products(database: TestDatabase) {
    // p1: 60 + EUR 10 = 11; p2: 40 + 20; p3 and p4 tie, and the id decides. Cancelled lines do not count.
    assert_eq!(
        asked(&database, "products/top-by-revenue", JANUARY).await,
        r#"[{"productId":"p1","sku":"S-1","name":"Desk lamp","revenue":71.00,"unitsOrdered":3},{"productId":"p2","sku":"S-2","name":"Stool","revenue":60.00,"unitsOrdered":5},{"productId":"p3","sku":"S-3","name":"Poster","revenue":15.25,"unitsOrdered":1},{"productId":"p4","sku":"S-4","name":"Postcard","revenue":15.25,"unitsOrdered":1}]"#
    );
    assert_eq!(
        asked(&database, "products/top-by-revenue", &format!("{JANUARY}&limit=1")).await,
        r#"[{"productId":"p1","sku":"S-1","name":"Desk lamp","revenue":71.00,"unitsOrdered":3}]"#
    );
}

async fn customers(database: TestDatabase) {
    // c1: 100 + 11; c2 has neither number nor firm: its id and name stand in.
    assert_eq!(
        asked(&database, "customers/top-by-revenue", JANUARY).await,
        r#"[{"customerNumber":"CN-1","companyName":"Alpha Ltd","revenue":111.00,"orderCount":2},{"customerNumber":"c2","companyName":"Bea","revenue":50.50,"orderCount":1}]"#
    );
}

async fn categories(database: TestDatabase) {
    // p3 and p4 have no category.
    assert_eq!(
        asked(&database, "categories/top-by-revenue", JANUARY).await,
        r#"[{"categoryId":"k1","name":"Lamps","revenue":71.00},{"categoryId":"k2","name":"Chairs","revenue":60.00}]"#
    );
}

async fn sales_reps(database: TestDatabase) {
    assert_eq!(
        asked(&database, "sales-reps/top-by-revenue", JANUARY).await,
        r#"[{"salesRepNumber":"r1","name":"Jane Smith","revenue":111.00,"orderCount":2},{"salesRepNumber":"r2","name":"Bob Johnson","revenue":50.50,"orderCount":1}]"#
    );
}

both_databases!(
    revenue,
    trends,
    month_to_date,
    average_order_value,
    active_customers,
    products,
    customers,
    categories,
    sales_reps,
);
