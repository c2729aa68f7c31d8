//! The routes as a whole server has them: a real key, and what the server itself refuses, in this API's words.

use crate::operations::process::{Served, command};
use crate::support::broken::{asked, broken};
use crate::support::{Engine, TestDatabase, both_databases, mistyped, run};

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
    assert_eq!(
        ask("GET /api/v1/reports/sales", &mistyped(&key)).await,
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

#[test]
fn what_the_server_refuses_is_told_in_the_words_of_the_api() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let app = broken(&database, "/api/v1/reports/sales", "/api/v1/reports/orders");
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
