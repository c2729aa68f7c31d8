//! The routes as a whole server has them: a real key, and what the server itself refuses, in this API's words.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use countinghouse::clock::Clock;
use countinghouse::http::{Credentials, Limits, Observed, Readiness, router};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::operations::process::{Served, command};
use crate::support::{Engine, TestDatabase, both_databases, run};

async fn a_key_of_its_own_form_opens_it(database: TestDatabase) {
    let url = &database.url;
    assert_eq!(command(url, &[], &["organization", "create", "--org", "acme"]).await.code, 0);
    let create = ["key", "create", "--org", "acme", "--prefix", "eco_live", "--scope", "reports:read"];
    let key = command(url, &[], &create).await.stdout.trim().to_owned();
    assert!(key.starts_with("eco_live_"), "{key}");
    let served = Served::start(url, &[]).await;
    let ask = async |line: &str, key: &str| {
        let request =
            format!("{line} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n");
        let answer = served.send(&request).await;
        let kind = answer.header("content-type").map(str::to_owned);
        (answer.status, kind.unwrap_or_default(), answer.body)
    };
    let json = "application/json; charset=utf-8".to_owned();
    // As the document writes it, literally.
    let path = "/api/analytics/revenue?from=2026-01-01&to=2026-03-31&groupBy=month";
    let (status, kind, body) = ask(&format!("GET {path}"), &key).await;
    assert_eq!((status, kind), (200, json.clone()), "{body}");
    assert!(body.starts_with(r#"{"summary":{"totalRevenue":0,"#), "{body}");
    // Neither API's parameters: a key asks this API.
    assert_eq!(ask("GET /api/analytics/revenue", &key).await.0, 200);
    let refused = |status: u16, error: &str, message: &str| {
        let body = format!(r#"{{"statusCode":{status},"error":"{error}","message":"{message}"}}"#);
        (status, json.clone(), body)
    };
    let mistyped = format!("{}0", &key[..key.len() - 1]);
    let mistyped = if mistyped == key { format!("{}1", &key[..key.len() - 1]) } else { mistyped };
    assert_eq!(
        ask("GET /api/analytics/products", &mistyped).await,
        refused(401, "Unauthorized", "the API key is malformed or mistyped: its checksum is wrong")
    );
    assert_eq!(
        ask("DELETE /api/analytics/products", &key).await,
        refused(405, "Method Not Allowed", "reports are read with GET")
    );
    assert_eq!(
        ask("PUT /api/analytics/revenue?from=2026-01-01", &key).await,
        refused(405, "Method Not Allowed", "reports are read with GET")
    );
    assert_eq!(
        ask("GET /api/analytics/reports/profit", &key).await,
        refused(404, "Not Found", "there is nothing at this path")
    );
    // Elsewhere the server speaks for itself.
    assert_eq!(ask("GET /api/nothing", &key).await.1, "application/problem+json");
}

both_databases!(a_key_of_its_own_form_opens_it);

async fn panics() -> &'static str {
    panic!("a secret of the inside")
}

async fn hangs() -> &'static str {
    std::future::pending().await
}

/// Handlers that go wrong, where this API has its own.
fn broken(database: &TestDatabase) -> Router {
    let db = database.connection.clone();
    let readiness = Readiness::current(db.clone());
    let credentials = Credentials::new(db, Clock::System, None, readiness.clone());
    let limits = Limits { body: 10, deadline: Duration::from_millis(100) };
    let apis = Router::new()
        .route("/api/analytics/products", get(panics))
        .route("/api/analytics/revenue", get(hangs));
    router(apis, Router::new(), credentials, readiness, limits, Observed::default())
}

async fn asked(app: &Router, path: &str, body: &'static str) -> (u16, String) {
    let request = Request::get(path).header("content-length", body.len()).body(Body::from(body));
    let response = app.clone().oneshot(request.expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

#[test]
fn what_the_server_refuses_is_told_in_the_words_of_the_api() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let app = broken(&database);
        let refused = |status: u16, error: &str, message: &str| {
            (status, format!(r#"{{"statusCode":{status},"error":"{error}","message":"{message}"}}"#))
        };
        let broke = refused(500, "Internal Server Error", "Internal Server Error");
        assert_eq!(asked(&app, "/api/analytics/products", "").await, broke);
        let late = refused(504, "Gateway Timeout", "the answer took too long");
        assert_eq!(asked(&app, "/api/analytics/revenue?from=2026-01-01", "").await, late);
        let large = refused(413, "Payload Too Large", "a request body may have 10 bytes");
        assert_eq!(asked(&app, "/api/analytics/products", "more than ten bytes").await, large);
        // The other API's parameters: its own form.
        let (status, body) = asked(&app, "/api/analytics/revenue?startDate=2026-01-01", "").await;
        assert_eq!((status, body.starts_with(r#"{"type":"about:blank""#)), (504, true), "{body}");
    });
}
