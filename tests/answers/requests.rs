//! Requests that are sent again: what was read of the same bytes is remembered, and counts as it did.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::orders;
use crate::metrics::kept::{NOW, QUERY};
use crate::support::app::{App, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    each_of_the_same_requests_is_answered_alike,
    requests_that_differ_in_anything_are_others,
    what_is_refused_is_refused_again,
);

async fn post(app: &App, shop: &countinghouse::principal::Organization, body: &str) -> (u16, Value) {
    let request = Request::post("/graphql").header("content-type", "application/json");
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let reply = app.send(Ok(admin(shop)), request).await;
    (reply.status.as_u16(), reply.json())
}

/// How often documents were known, and how often they were not.
fn documents(app: &App) -> (u64, u64) {
    let text = app.gateway.means.instruments.text().expect("metrics");
    let count = |outcome: &str| {
        let series =
            format!("countinghouse_cache_requests_total{{cache=\"documents\",outcome=\"{outcome}\"}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&series)).expect("a series");
        line.parse().expect("a number")
    };
    (count("hit"), count("miss"))
}

async fn each_of_the_same_requests_is_answered_alike(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", orders("o", 7).path()).await;
    let app = App::new(&database.connection, NOW);
    let body = json!({ "query": QUERY }).to_string();
    let first = post(&app, &shop, &body).await;
    assert_eq!(first.1["data"]["revenue"]["totals"]["orders"], json!(7), "{first:?}");
    for _ in 0..3 {
        assert_eq!(post(&app, &shop, &body).await, first);
    }
    assert_eq!(documents(&app), (3, 1));
    // The same by GET is another request, of the same document.
    assert_eq!(app.get(Ok(admin(&shop)), &super::by_get(QUERY)).await.json(), first.1);
    assert_eq!(documents(&app), (4, 1));
}

/// Of one document, what differs otherwise.
async fn requests_that_differ_in_anything_are_others(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", orders("o", 7).path()).await;
    let app = App::new(&database.connection, NOW);
    let query = r#"
        query One($day: Date!) { revenue(period: {range: {from: $day, to: $day}}) { totals { orders } } }
        query Two { __typename }"#;
    let asked = |name: &str, day: &str| {
        json!({ "query": query, "operationName": name, "variables": { "day": day } }).to_string()
    };
    for _ in 0..2 {
        for (name, day, expected) in [
            ("One", "2024-01-05", json!({ "revenue": { "totals": { "orders": 7 } } })),
            ("One", "2024-01-06", json!({ "revenue": { "totals": { "orders": 0 } } })),
            ("Two", "2024-01-05", json!({ "__typename": "Query" })),
        ] {
            let (status, answer) = post(&app, &shop, &asked(name, day)).await;
            assert_eq!((status, &answer["data"]), (200, &expected), "{answer}");
        }
    }
    assert_eq!(documents(&app), (5, 1));
}

async fn what_is_refused_is_refused_again(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", orders("o", 1).path()).await;
    let app = App::new(&database.connection, NOW);
    for body in [
        "{",
        "[]",
        r#"{"query": 1}"#,
        r#"{"query": "{ nothing }"}"#,
        r#"{"query": "{ revenue"}"#,
        r#"{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00"}}}"#,
    ] {
        let first = post(&app, &shop, body).await;
        assert!(first.1["errors"].is_array(), "{first:?}");
        assert_eq!(post(&app, &shop, body).await, first);
    }
}
