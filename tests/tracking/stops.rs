//! What was acknowledged is stored: through the end of a server, and through what keeps it from writing.

use std::time::Duration;

use countinghouse::organizations::lock_of;
use countinghouse::telemetry::Instruments;
use countinghouse::tracking::{Options, Site, sites};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, TransactionTrait};
use serde_json::{Value, json};

use super::{FIREFOX, NOW, SHOP, Shop, site};
use crate::import::{ask, organization};
use crate::operations::process::Served;
use crate::support::{Engine, TestDatabase, both_databases, run};

both_databases!(
    a_server_that_is_told_to_end_stores_what_it_took,
    what_can_never_be_written_keeps_nothing_else_from_it,
    what_cannot_be_written_now_waits,
    sites_are_known_on_while_nobody_can_look,
);

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

/// Has the database refuse rows of a table whose id has `poison` in it, for what they are.
async fn refuse_poison(db: &DatabaseConnection, table: &str, id: &str) {
    let refuse = if db.get_database_backend() == DbBackend::Postgres {
        format!("ALTER TABLE {table} ADD CONSTRAINT poison_{table} CHECK ({id} NOT LIKE '%poison%')")
    } else {
        format!(
            "CREATE TRIGGER poison_{table} BEFORE INSERT ON {table} WHEN NEW.{id} LIKE '%poison%' \
             BEGIN SELECT RAISE(ABORT, 'poison'); END"
        )
    };
    db.execute_unprepared(&refuse).await.expect("it takes no poison");
}

async fn what_can_never_be_written_keeps_nothing_else_from_it(database: TestDatabase) {
    let db = &database.connection;
    let first = Shop::open(db, Site { takes_conversions: true, ..site() }).await;
    refuse_poison(db, "events", "event_id").await;
    refuse_poison(db, "conversions", "conversion_id").await;
    let instruments = Instruments::default();
    let options = Options { room: 1000, instruments: instruments.clone(), ..Options::default() };
    let shop = Shop::of(db, first.organization.clone(), first.site.clone(), NOW, options);
    let version = async || ask(db, "SELECT version FROM organizations").await.concat();
    let before: i64 = version().await.parse().expect("a number");
    let named = |name: String| json!({ "type": "PAGEVIEW", "event_id": name });
    let conversion = |name: &str| json!({ "type": "CONVERSION", "event_id": name, "order_total": 5 });
    let mut events: Vec<Value> = (0..60).map(|number| named(format!("e-{number:02}"))).collect();
    events[17] = named("poison-1".to_owned());
    events[18] = named("poison-2".to_owned());
    events[40] = conversion("poison-3");
    events.extend([json!({ "type": "CLICK" }), conversion("c-1"), named("e-00".to_owned())]);
    assert_eq!(shop.tell(json!(events)).await.status, 202);
    assert_eq!(shop.tell(json!([named("poison-4".to_owned())])).await.status, 202);
    assert_eq!(shop.tell(json!([named("e-60".to_owned()), { "type": "CLICK" }])).await.status, 202);
    shop.end().await;
    let kept =
        (0..=60).filter(|number| ![17, 18, 40].contains(number)).map(|number| format!("e-{number:02}"));
    let stored = "SELECT event_id FROM events WHERE event_id LIKE 'e-%' ORDER BY 1";
    assert_eq!(ask(db, stored).await, kept.collect::<Vec<_>>());
    // With two that nobody named, and keys without a gap.
    assert_eq!(ask(db, "SELECT COUNT(*), MIN(event_key), MAX(event_key) FROM events").await, ["60|1|60"]);
    assert_eq!(ask(db, "SELECT conversion_id FROM conversions").await, ["event:c-1"]);
    let text = instruments.text().expect("a text");
    assert!(text.contains("\ncountinghouse_events_dropped_total 4\n"), "{text}");
    assert!(version().await.parse::<i64>().expect("a number") > before);
}

/// What is wrong with the database and not with what it is to store passes, however long it takes.
async fn what_cannot_be_written_now_waits(database: TestDatabase) {
    let db = &database.connection;
    let first = Shop::open(db, site()).await;
    db.execute_unprepared("ALTER TABLE events RENAME TO away").await.expect("it is away");
    let instruments = Instruments::default();
    let options = Options { room: 1000, instruments: instruments.clone(), ..Options::default() };
    let shop = Shop::of(db, first.organization.clone(), first.site.clone(), NOW, options);
    for number in 0..5 {
        let event = json!({ "type": "PAGEVIEW", "event_id": format!("e-{number}") });
        assert_eq!(shop.tell(json!([event, { "type": "CLICK" }])).await.status, 202);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    db.execute_unprepared("ALTER TABLE away RENAME TO events").await.expect("it is there again");
    shop.end().await;
    let counts = "SELECT COUNT(*), COUNT(DISTINCT event_id), MAX(event_key) FROM events";
    assert_eq!(ask(db, counts).await, ["10|10|10"]);
    let text = instruments.text().expect("a text");
    assert!(text.contains("\ncountinghouse_events_dropped_total 0\n"), "{text}");
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

/// Longer than a site is remembered without a look.
const LONG: Duration = Duration::from_millis(5500);

async fn sites_are_known_on_while_nobody_can_look(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    let event = || json!([{ "type": "PAGEVIEW" }]);
    assert_eq!(shop.tell(event()).await.status, 202);
    db.execute_unprepared("ALTER TABLE tracking_sites RENAME TO away").await.expect("it is away");
    tokio::time::sleep(LONG).await;
    assert_eq!(shop.tell(event()).await.status, 202);
    db.execute_unprepared("ALTER TABLE away RENAME TO tracking_sites").await.expect("it is there again");
    // What is known once more is what is there now.
    sites::revoke(db, shop.organization.id, &shop.site.key, shop.now()).await.expect("revoked");
    tokio::time::sleep(LONG).await;
    assert_eq!(shop.tell(event()).await.status, 404);
    shop.end().await;
    assert_eq!(ask(db, "SELECT COUNT(*) FROM events").await, ["2"]);
}
