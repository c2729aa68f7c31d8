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
    let create = ["key", "create", "--org", "acme", "--prefix", "dk", "--scope", "reports:read"];
    let key = command(url, &[], &create).await.stdout.trim().to_owned();
    assert!(key.starts_with("dk_"), "{key}");
    let served = Served::start(url, &[]).await;
    let ask = async |line: &str, key: &str| {
        let request =
            format!("{line} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n");
        let answer = served.send(&request).await;
        let kind = answer.header("content-type").map(str::to_owned);
        (answer.status, kind.unwrap_or_default(), answer.body)
    };
    let json = "application/json; charset=utf-8".to_owned();
    // As the document writes them, literally.
    for path in ["sales?preset=month", "customers?preset=quarter", "inventory"] {
        let (status, kind, body) = ask(&format!("GET /api/v1/reports/{path}"), &key).await;
        assert_eq!((status, kind), (200, json.clone()), "{body}");
        assert!(body.starts_with(r#"{"data":{"#), "{body}");
    }
    let refused = |status: u16, code: &str, message: &str| {
        (status, json.clone(), format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#))
    };
    let mistyped = format!("{}0", &key[..key.len() - 1]);
    let mistyped = if mistyped == key { format!("{}1", &key[..key.len() - 1]) } else { mistyped };
    assert_eq!(
        ask("GET /api/v1/reports/sales", &mistyped).await,
        refused(401, "UNAUTHORIZED", "the API key is malformed or mistyped: its checksum is wrong")
    );
    assert_eq!(
        ask("DELETE /api/v1/reports/sales", &key).await,
        refused(405, "METHOD_NOT_ALLOWED", "reports are read with GET")
    );
    for path in ["/api/v1/reports/profit", "/api/v1/reports"] {
        let nothing = refused(404, "NOT_FOUND", "there is nothing at this path");
        assert_eq!(ask(&format!("GET {path}"), &key).await, nothing);
    }
    // Elsewhere the server speaks for itself.
    assert_eq!(ask("GET /api/v1/reportsx", &key).await.1, "application/problem+json");
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
    let apis =
        Router::new().route("/api/v1/reports/sales", get(panics)).route("/api/v1/reports/orders", get(hangs));
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
        let refused = |status: u16, code: &str, message: &str| {
            (status, format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#))
        };
        let broke = refused(500, "INTERNAL_ERROR", "Internal Server Error");
        assert_eq!(asked(&app, "/api/v1/reports/sales", "").await, broke);
        let late = refused(504, "TIMEOUT", "the answer took too long");
        assert_eq!(asked(&app, "/api/v1/reports/orders", "").await, late);
        let large = refused(413, "PAYLOAD_TOO_LARGE", "a request body may have 10 bytes");
        assert_eq!(asked(&app, "/api/v1/reports/sales", "more than ten bytes").await, large);
    });
}
