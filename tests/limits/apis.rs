//! Each API refuses in its own words, and every one of them can be given a limit.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::{INVENTORY, Stand, header, key, shop};
use crate::import::ask;
use crate::support::{TestDatabase, both_databases};

both_databases!(each_api_refuses_in_its_own_words, requests_that_bring_rows_have_a_budget_of_their_own);

async fn each_api_refuses_in_its_own_words(database: TestDatabase) {
    let db = &database.connection;
    let key = key(db, &shop(db, "acme").await, "1").await;
    let stand = Stand::open(db, &[]);
    let words = |after: &str| {
        format!("1 requests a minute are answered, and they are used up; try again in {after} s")
    };
    let problem = |after: &str| json!({ "type": "about:blank", "title": "Too Many Requests", "status": 429, "detail": words(after) });
    let window = "startDate=2024-01-01&endDate=2024-01-31";
    for (api, path) in [
        ("momentum", format!("/api/analytics/aov?{window}")),
        ("ecosire", "/api/analytics/hr".to_owned()),
        ("share_links", "/api/admin/analytics/revenue-overview/share".to_owned()),
        ("distribu", INVENTORY.to_owned()),
    ] {
        let first = stand.get(&key, &path).await;
        assert_ne!(first.status, 429, "{api}");
        assert_eq!(header(&first, "ratelimit"), Some(format!("\"{api}\";r=0;t=60").as_str()), "{api}");
        let refused = stand.get(&key, &path).await;
        let after = header(&refused, "retry-after").unwrap_or_else(|| panic!("{api}: {}", refused.body));
        let body = match api {
            "distribu" => json!({ "error": { "code": "RATE_LIMITED", "message": words(after) } }),
            "ecosire" => {
                json!({ "statusCode": 429, "error": "Too Many Requests", "message": words(after) })
            }
            _ => problem(after),
        };
        assert_eq!((refused.status.as_u16(), refused.json()), (429, body), "{api}");
    }
    // The route that two APIs share belongs to whom the parameters say, and uses up that one's budget.
    for (path, api) in [
        (format!("/api/analytics/revenue?{window}"), "momentum"),
        ("/api/analytics/revenue?from=2024-01-01".to_owned(), "ecosire"),
    ] {
        let refused = stand.get(&key, &path).await;
        assert_eq!(refused.status, 429, "{api}");
        assert_eq!(header(&refused, "ratelimit-policy"), Some(format!("\"{api}\";q=1;w=60").as_str()));
    }
}

async fn requests_that_bring_rows_have_a_budget_of_their_own(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let (one, other) = (key(db, &acme, "").await, key(db, &acme, "ingest=none").await);
    let stand = Stand::open(db, &[("COUNTINGHOUSE_RATE_LIMITS_INGEST", "3")]);
    let bring = async |key: &str, name: &str, rows: String| {
        let request = Request::post("/ingest/v1/products").header("x-api-key", key);
        let request = request.header("content-type", "application/x-ndjson").header("idempotency-key", name);
        stand.send(request.body(Body::from(rows)).expect("a request")).await
    };
    let row = |id: &str| json!({ "product_id": id, "sku": id, "name": id }).to_string();
    let both = bring(&one, "first", row("p2") + "\n" + &row("p3")).await;
    // Two rows are one request.
    assert_eq!((both.status.as_u16(), header(&both, "ratelimit")), (200, Some("\"ingest\";r=2;t=60")));
    // What was asked counts, also where the first answer is told again, or the rows are bad.
    let again = bring(&one, "first", row("p2") + "\n" + &row("p3")).await;
    assert_eq!((again.status.as_u16(), header(&again, "idempotency-replayed")), (200, Some("true")));
    let bad = bring(&one, "bad", "{}".to_owned()).await;
    assert_eq!((bad.status.as_u16(), header(&bad, "ratelimit-remaining")), (422, Some("0")));
    let refused = bring(&one, "late", row("p4")).await;
    let after = header(&refused, "retry-after").expect("told");
    assert!((1..=60).contains(&after.parse::<u64>().expect("seconds")), "{after}");
    let words = format!("3 requests a minute are answered, and they are used up; try again in {after} s");
    let body = json!({ "type": "about:blank", "title": "Too Many Requests", "status": 429, "detail": words });
    assert_eq!((refused.status.as_u16(), refused.json()), (429, body));
    assert_eq!(header(&refused, "content-type"), Some("application/problem+json"));
    assert_eq!(header(&refused, "ratelimit-policy"), Some("\"ingest\";q=3;w=60"));
    assert_eq!(stand.counted("countinghouse_over_budget_total{api=\"ingest\"}"), 1);
    // Nothing of it is stored, nor is its key remembered; another key, and what is read, have budgets of their own.
    let products = "SELECT product_id FROM products ORDER BY product_id";
    assert_eq!(ask(db, products).await, ["p1", "p2", "p3"]);
    assert_eq!(bring(&other, "late", row("p4")).await.status, 200);
    assert_eq!(ask(db, products).await, ["p1", "p2", "p3", "p4"]);
    assert_eq!(stand.get(&one, INVENTORY).await.status, 200);
}
