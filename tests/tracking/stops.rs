//! What was acknowledged is stored: through the end of a server, and through what keeps it from writing.

use std::time::Duration;

use countinghouse::organizations::lock_of;
use countinghouse::tracking::sites;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use super::{FIREFOX, SHOP, Shop, site};
use crate::import::{ask, organization};
use crate::operations::process::Served;
use crate::support::{Engine, TestDatabase, both_databases, run};

both_databases!(a_server_that_is_told_to_end_stores_what_it_took);

/// Visitors come through a proxy, and the log says as much as it can.
async fn a_server_that_is_told_to_end_stores_what_it_took(database: TestDatabase) {
    let db = &database.connection;
    let acme = organization(db, "EUR").await;
    let site = site();
    sites::create(db, acme.id, &site).await.expect("made");
    let variables = [("COUNTINGHOUSE_TRUSTED_PROXIES", "127.0.0.1"), ("COUNTINGHOUSE_LOG_LEVEL", "debug")];
    let server = Served::with(&database.url, &variables, &[]).await;
    server.ready_within(200, 20).await;
    let mut accepted = 0;
    let mut sent = 0;
    for batch in 0..40 {
        let events: Vec<Value> = (0..50)
            .map(|event| json!({ "type": "PAGEVIEW", "event_id": format!("{batch}-{event}") }))
            .collect();
        let body = json!(events).to_string();
        let request = format!(
            "POST /v1/track?site={} HTTP/1.1\r\nhost: x\r\nuser-agent: {FIREFOX}\r\norigin: {SHOP}\r\n\
             x-forwarded-for: 203.0.113.{batch}\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            site.key,
            body.len()
        );
        let answer = server.send(&request).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        let told: Value = serde_json::from_str(&answer.body).expect("JSON");
        accepted += told["accepted"].as_u64().expect("a number");
        sent += 50;
    }
    server.signal("TERM").await;
    let (code, log) = server.ended().await;
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(accepted, sent);
    let stored =
        "SELECT COUNT(*), COUNT(DISTINCT event_id), MAX(event_key), COUNT(DISTINCT session_id) FROM events";
    assert_eq!(ask(db, stored).await, [format!("{accepted}|{accepted}|{accepted}|40")]);
    // Nothing that tells of a visitor stands in the log.
    for secret in [site.key.as_str(), FIREFOX, "203.0.113."] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[test]
fn events_wait_for_an_import_and_others_do_not() {
    run(Engine::Postgres, async |database: TestDatabase| {
        let db = &database.connection;
        let shop = Shop::open(db, site()).await;
        let other = crate::import::other_organization(db, "EUR").await;
        let theirs = site();
        sites::create(db, other.id, &theirs).await.expect("made");
        // As an import does.
        let import = db.begin().await.expect("a transaction");
        let lock = format!("SELECT pg_advisory_xact_lock({})", lock_of(shop.organization.id.0));
        import.execute_unprepared(&lock).await.expect("the lock");
        assert_eq!(shop.tell(json!({ "type": "PAGEVIEW" })).await.status, 202);
        let request =
            axum::http::Request::post(format!("/v1/track?site={}", theirs.key)).header("user-agent", FIREFOX);
        let request = request.body(r#"{"type":"PAGEVIEW"}"#.into()).expect("a request");
        assert_eq!(shop.send(request, "203.0.113.9").await.status, 202);
        let count = async |id: i64| {
            ask(db, &format!("SELECT COUNT(*) FROM events WHERE organization_id = {id}")).await
        };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(15);
        while count(other.id.0).await != ["1"] {
            assert!(tokio::time::Instant::now() < deadline, "others wait");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(count(shop.organization.id.0).await, ["0"]);
        import.rollback().await.expect("it ends");
        shop.end().await;
        assert_eq!(count(shop.organization.id.0).await, ["1"]);
    });
}
