//! Health, and what surrounds every answer.

use serde_json::{Value, json};

use super::process::{Answer, Served};
use crate::support::{TestDatabase, both_databases};

fn problem(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
    serde_json::from_str(&answer.body).expect("JSON")
}

async fn health_is_told_to_anyone(database: TestDatabase) {
    let server = Served::start(&database.url, &[]).await;
    let live = server.get("/health/live").await;
    assert_eq!((live.status, live.body.as_str()), (200, r#"{"status":"live"}"#));
    let ready = server.ready_within(200, 10).await;
    assert_eq!(
        (ready.header("content-type"), ready.body.as_str()),
        (Some("application/json"), r#"{"status":"ready"}"#)
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(ready.header(name), Some(value));
    }
    assert_eq!(ready.header("server"), None);
}

async fn what_there_is_not_is_a_problem(database: TestDatabase) {
    let server = Served::start(&database.url, &[]).await;
    let nowhere = server.get("/nowhere?token=secret").await;
    assert_eq!(
        problem(&nowhere),
        json!({ "type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is nothing at this path" })
    );
    let posted = server
        .send("POST /health/live HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET,HEAD")));
    assert_eq!(problem(&posted)["title"], "Method Not Allowed");
}

async fn a_request_has_a_name(database: TestDatabase) {
    let server = Served::start(&database.url, &[]).await;
    let name = async |given: &str| {
        let request = format!("GET /nowhere HTTP/1.1\r\nhost: x\r\n{given}connection: close\r\n\r\n");
        server.send(&request).await.header("x-request-id").map(str::to_owned)
    };
    assert_eq!(name("X-Request-Id: abc-1.2_3\r\n").await.as_deref(), Some("abc-1.2_3"));
    let (first, second) = (name("").await.expect("a name"), name("").await.expect("a name"));
    assert!(first.len() == 32 && first != second, "{first} {second}");
    for unsafe_name in ["a b", "a;b", "\"", "é", "", &"a".repeat(129)] {
        let made = name(&format!("X-Request-Id: {unsafe_name}\r\n")).await.expect("a name");
        assert!(made.len() == 32 && made != unsafe_name, "{unsafe_name}: {made}");
    }
}

async fn too_much_is_refused_before_it_is_read(database: TestDatabase) {
    let server = Served::start(&database.url, &[]).await;
    let post = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let large = server.send(&format!("{post}content-length: 2000001\r\n\r\n")).await;
    assert_eq!(large.status, 413);
    assert_eq!(problem(&large)["detail"], "a request body may have 2000000 bytes");
    let huge = server.send(&format!("{post}content-length: 18446744073709551615\r\n\r\n")).await;
    assert!([400, 413, 431].contains(&huge.status), "{huge:?}");
    let fields = "x: y\r\n".repeat(101);
    assert_eq!(server.send(&format!("GET / HTTP/1.1\r\nhost: x\r\n{fields}\r\n")).await.status, 431);
    let head = "y".repeat(80_000);
    assert_eq!(server.send(&format!("GET / HTTP/1.1\r\nhost: x\r\nx: {head}\r\n\r\n")).await.status, 431);
}

both_databases!(
    health_is_told_to_anyone,
    what_there_is_not_is_a_problem,
    a_request_has_a_name,
    too_much_is_refused_before_it_is_read,
);
