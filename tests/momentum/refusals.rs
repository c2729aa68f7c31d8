//! Who is refused, and what for: the same words on every route.

use axum::body::Body;
use axum::http::Request;
use countinghouse::principal::{Principal, Refusal, Role, Scope};

use super::ROUTES;
use super::corner_shop::dataset;
use crate::support::app::{App, Dataset, Reply, admin, key, organization};
use crate::support::{TestDatabase, both_databases};

const JANUARY: &str = "startDate=2024-01-01T00:00:00Z&endDate=2024-01-31T23:59:59Z";

/// What a client sees of a refusal.
fn told(reply: &Reply) -> serde_json::Value {
    let header = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok());
    serde_json::json!({
        "status": reply.status.as_u16(),
        "content-type": header("content-type"),
        "www-authenticate": header("www-authenticate"),
        "retry-after": header("retry-after"),
        "body": reply.json(),
    })
}

/// Asks every route, which must all say the same; returns what they say.
async fn all_say(app: &App, access: &Result<Principal, Refusal>, query: &str) -> serde_json::Value {
    let mut said: Option<serde_json::Value> = None;
    for route in ROUTES {
        let reply = app.get(access.clone(), &format!("/api/analytics/{route}?{query}")).await;
        let now = told(&reply);
        assert_eq!(*said.get_or_insert_with(|| now.clone()), now, "{route}");
    }
    said.expect("there are routes")
}

/// insta's own JSON snapshots cannot tell numbers of any precision.
macro_rules! assert_told {
    ($name:expr, $told:expr) => {
        insta::assert_snapshot!($name, serde_json::to_string_pretty(&$told).expect("json"))
    };
}

async fn everybody_who_may_not(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-04-01T00:00:00Z");
    assert_told!("no credential", all_say(&app, &Err(Refusal::Missing), JANUARY).await);
    let invalid = Refusal::Invalid("the token has expired".to_owned());
    assert_told!("bad credential", all_say(&app, &Err(invalid), JANUARY).await);
    assert_told!("credentials not checkable", all_say(&app, &Err(Refusal::Unavailable), JANUARY).await);
    // A token is held to the Admin role, whatever its scopes; a key to its scope.
    let manager = Principal { role: Role::Other, scopes: [Scope::ReportsRead].into(), ..admin(&shop) };
    assert_told!("another role", all_say(&app, &Ok(manager), JANUARY).await);
    let writer = key(&shop, &[Scope::DataWrite]);
    assert_eq!(all_say(&app, &Ok(writer), JANUARY).await["status"], 403);
    let nobody = Principal { role: Role::Unnamed, scopes: [Scope::ReportsRead].into(), ..admin(&shop) };
    assert_eq!(app.get(Ok(nobody), &format!("/api/analytics/aov?{JANUARY}")).await.status, 200);
    let reader = key(&shop, &[Scope::ReportsRead]);
    assert_eq!(app.get(Ok(reader), &format!("/api/analytics/revenue?{JANUARY}")).await.status, 200);
}

async fn every_bad_question(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-04-01T00:00:00Z");
    let admin = Ok(admin(&shop));
    for (name, query) in [
        ("dates missing", ""),
        ("dates unreadable", "startDate=2024-02-30&endDate=soon"),
        ("start after end", "startDate=2024-02-01T00:00:00Z&endDate=2024-01-01T00:00:00Z"),
        ("year out of range", "startDate=0000-01-01&endDate=2024-02-01"),
    ] {
        assert_told!(name, all_say(&app, &admin, query).await);
    }
    // What only some routes take.
    let told_by = async |route: &str, query: &str| {
        told(
            &app.get(
                admin.clone(),
                &format!("/api/analytics/{route}?startDate=2024-01-01&endDate=2024-02-01&{query}"),
            )
            .await,
        )
    };
    assert_told!("limit out of range", told_by("products/top-by-revenue", "limit=0").await);
    assert_told!("both APIs at once", told_by("revenue", "groupBy=day").await);
    assert_eq!(told_by("aov", "limit=0&groupBy=day").await["status"], 200);
    let long =
        app.get(admin.clone(), "/api/analytics/revenue/trend?startDate=1700-01-01&endDate=2024-02-01").await;
    assert_told!("too many months", told(&long));
    for route in ROUTES.iter().filter(|route| !route.ends_with("trend")) {
        let ever =
            format!("/api/analytics/{route}?startDate=0001-01-01T00:00:00Z&endDate=9999-12-31T23:59:59Z");
        assert_eq!(app.get(admin.clone(), &ever).await.status, 200, "{route}");
    }
    let post =
        Request::post(format!("/api/analytics/revenue?{JANUARY}")).body(Body::empty()).expect("a request");
    let reply = app.send(admin, post).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["allow"]),
        (405, &"GET,HEAD".parse().expect("a value"))
    );
}

async fn a_missing_rate_names_the_pair_and_the_day(database: TestDatabase) {
    let data = Dataset::new()
        .file(
            "orders.csv",
            "order_id,placed_at,status,currency,total\n\
             o1,2024-01-15T12:00:00Z,DELIVERED,USD,1.00\n\
             o2,2024-01-16T12:00:00Z,DELIVERED,EUR,1.00\n",
        )
        .file("exchange_rates.csv", "day,from,to,rate\n2024-01-17,EUR,USD,1.1\n");
    let shop = organization(&database.connection, "shop", "USD", data.path()).await;
    let app = App::new(&database.connection, "2024-04-01T00:00:00Z");
    let reply = app.get(Ok(admin(&shop)), &format!("/api/analytics/revenue?{JANUARY}")).await;
    assert_told!("missing rate", told(&reply));
    // Orders are counted all the same: nothing of them is converted.
    let reply = app.get(Ok(admin(&shop)), &format!("/api/analytics/orders/mtd?{JANUARY}")).await;
    assert_eq!(reply.body, r#"{"count":2,"previousMonthCount":0,"percentChange":100.00}"#);
}

both_databases!(everybody_who_may_not, every_bad_question, a_missing_rate_names_the_pair_and_the_day);
