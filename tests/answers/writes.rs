//! Whatever an answer rests on counts the version up when it is written: the next answer has it.

use countinghouse::organizations::{self, CommissionRule, OrganizationChange};
use countinghouse::principal::Organization;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};

use super::{asked, import};
use crate::support::app::{App, Dataset, admin, organization};
use crate::support::{TestDatabase, both_databases};
use crate::tracking::{Shop as Site, site};

both_databases!(each_write_is_in_the_next_answer, what_visitors_do_is_in_the_next_answer);

const NOW: &str = "2024-03-10T15:00:00Z";
/// Of all that is written below.
const QUERY: &str = r#"{
    revenue(period: {range: {from: "2024-01-01", to: "2024-02-29"}}, currency: "EUR") { totals { orders revenue { amount } } }
    customers(period: {range: {from: "2024-01-01", to: "2024-02-29"}}) { totals { churnedCustomers } top { customer { name } } }
    affiliates(period: {range: {from: "2024-01-01", to: "2024-02-29"}}) { totals { commission { amount } } }
}"#;

fn dataset(name: &str) -> Dataset {
    Dataset::new()
        .file("customers.csv", &format!("customer_id,name\nc1,{name}\n"))
        .file("orders.csv", "order_id,placed_at,status,total,customer_id\no1,2024-01-05T10:00:00Z,DELIVERED,10.00,c1\n")
        .file("exchange_rates.csv", "day,from,to,rate\n2024-01-01,USD,EUR,0.5\n")
        .file("affiliates.csv", "affiliate_id,name\na1,Jane\n")
        .file("tracking_codes.csv", "tracking_code,affiliate_id\nBLOG10,a1\n")
        .file("conversions.csv", "conversion_id,order_id,converted_at,order_total,tracking_code\nv1,o1,2024-01-05T10:00:00Z,10.00,BLOG10\n")
}

/// Orders, revenue, lost customers, the first one's name, and commission.
fn figures(answer: &Value) -> Value {
    assert!(answer["errors"].is_null(), "{answer}");
    let data = &answer["data"];
    json!([
        data["revenue"]["totals"]["orders"],
        data["revenue"]["totals"]["revenue"]["amount"],
        data["customers"]["totals"]["churnedCustomers"],
        data["customers"]["top"][0]["customer"]["name"],
        data["affiliates"]["totals"]["commission"]["amount"],
    ])
}

async fn change(db: &DatabaseConnection, change: OrganizationChange) {
    assert!(organizations::change(db, "shop", change).await.expect("the database answers"));
}

/// What is told, twice; the second time from what is kept.
async fn told(app: &App, shop: &Organization) -> Value {
    let who = admin(shop);
    let first = figures(&app.graphql(Ok(who.clone()), QUERY, json!({})).await.json());
    let hits = asked(app).0;
    assert_eq!(figures(&app.graphql(Ok(who), QUERY, json!({})).await.json()), first);
    assert_eq!(asked(app).0, hits + 1);
    first
}

async fn each_write_is_in_the_next_answer(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "shop", "USD", dataset("Ann").path()).await;
    let app = App::new(db, NOW);
    assert_eq!(told(&app, &shop).await, json!([1, "5.00", 0, "Ann", "0.00"]));
    // A name.
    import(db, &shop, &dataset("Anna")).await;
    assert_eq!(told(&app, &shop).await, json!([1, "5.00", 0, "Anna", "0.00"]));
    // A rate.
    import(
        db,
        &shop,
        &Dataset::new().file("exchange_rates.csv", "day,from,to,rate\n2024-01-01,USD,EUR,0.8\n"),
    )
    .await;
    assert_eq!(told(&app, &shop).await, json!([1, "8.00", 0, "Anna", "0.00"]));
    // The organization's own rules: lost after 30 days, which is 4 February; and a tenth of each conversion.
    change(db, OrganizationChange { churn_days: Some(30), ..OrganizationChange::default() }).await;
    assert_eq!(told(&app, &shop).await, json!([1, "8.00", 1, "Anna", "0.00"]));
    let rule = Some(CommissionRule::Share(100_000));
    change(db, OrganizationChange { commission: rule, ..OrganizationChange::default() }).await;
    assert_eq!(told(&app, &shop).await, json!([1, "8.00", 1, "Anna", "1.00"]));
    // A code's own.
    let codes = "tracking_code,affiliate_id,commission_fixed\nBLOG10,a1,3\n";
    import(db, &shop, &Dataset::new().file("tracking_codes.csv", codes)).await;
    assert_eq!(told(&app, &shop).await, json!([1, "8.00", 1, "Anna", "3.00"]));
    // A single record.
    let record = r#"mutation { recordOrder(input: { orderId: "o2", placedAt: "2024-01-06T09:30:00Z", status: DELIVERED, total: "20" }) { outcome } }"#;
    let stored = app.graphql(Ok(admin(&shop)), record, json!({})).await.json();
    assert_eq!(stored["data"]["recordOrder"]["outcome"], "INSERTED", "{stored}");
    assert_eq!(told(&app, &shop).await, json!([2, "24.00", 1, "Anna", "3.00"]));
}

async fn what_visitors_do_is_in_the_next_answer(database: TestDatabase) {
    let db = &database.connection;
    let shop = Site::open(db, site()).await;
    let app = App::new(db, "2026-04-25T12:00:00Z");
    let path = "/v1/affiliate/analytics?section=stats&from=2026-04-25&to=2026-04-25";
    let views = async || {
        let who = admin(&shop.organization);
        let first = app.get(Ok(who.clone()), path).await.json();
        assert_eq!(app.get(Ok(who), path).await.json(), first);
        first["data"]["stats"]["total_pageviews"].clone()
    };
    assert_eq!(views().await, json!(0));
    let sent = shop.tell(json!([{ "type": "PAGEVIEW", "page_url": "https://shop.example/a" }])).await;
    assert_eq!(sent.status, 202);
    shop.end().await;
    assert_eq!(views().await, json!(1));
    assert_eq!(asked(&app), (2, 2));
}
