//! The routes as a whole server has them: a real key, and what the server itself refuses, in this API's words.

use crate::operations::process::{Served, command};
use crate::support::broken::{asked, broken};
use crate::support::{Engine, TestDatabase, both_databases, mistyped, run};

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
    assert_eq!(
        ask("GET /api/analytics/products", &mistyped(&key)).await,
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

#[test]
fn what_the_server_refuses_is_told_in_the_words_of_the_api() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let app = broken(&database, "/api/analytics/products", "/api/analytics/revenue");
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
