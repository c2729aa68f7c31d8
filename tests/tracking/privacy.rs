//! What is kept of visitors, and what never is.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::http::Request;
use countinghouse::clock::Clock;
use countinghouse::tracking::{Options, Tracker};
use sea_orm::DbBackend;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{FIREFOX, SHOP, Shop, site};
use crate::import::ask;
use crate::support::{Engine, TestDatabase, both_databases};

both_databases!(
    who_asks_not_to_be_followed_is_not,
    programs_are_no_visitors,
    sessions_are_told_apart_for_a_day_and_no_longer,
    a_day_that_is_over_is_forgotten_without_visitors,
    no_address_is_kept,
);

const EVENT: &str = r#"{"type":"PAGEVIEW"}"#;

async fn told(shop: &Shop, address: &str, agent: &str, headers: &[(&str, &str)]) -> Value {
    let mut request = Request::post(shop.path()).header("origin", SHOP);
    if !agent.is_empty() {
        request = request.header("user-agent", agent);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let reply = shop.send(request.body(EVENT.into()).expect("a request"), address).await;
    assert_eq!(reply.status, 202);
    reply.json()
}

async fn who_asks_not_to_be_followed_is_not(database: TestDatabase) {
    let shop = Shop::open(&database.connection, site()).await;
    let nothing = json!({ "accepted": 0, "left_out": 1, "session": null });
    for asks in [("dnt", "1"), ("sec-gpc", "1")] {
        assert_eq!(told(&shop, "203.0.113.9", FIREFOX, &[asks]).await, nothing, "{asks:?}");
        let path = format!("/v1/track.gif?site={}&type=PAGEVIEW", shop.site.key);
        for path in [path, format!("/r/BLOG10?site={}", shop.site.key)] {
            let request = Request::get(path).header("user-agent", FIREFOX).header(asks.0, asks.1);
            let reply = shop.send(request.body("".into()).expect("a request"), "203.0.113.9").await;
            assert!([200, 302].contains(&reply.status.as_u16()));
        }
    }
    // Who may be followed says so with a 0, or says nothing.
    assert_eq!(told(&shop, "203.0.113.9", FIREFOX, &[("dnt", "0")]).await["accepted"], 1);
    shop.end().await;
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM events").await, ["1"]);
}

async fn programs_are_no_visitors(database: TestDatabase) {
    let shop = Shop::open(&database.connection, site()).await;
    for agent in
        ["", "curl/8.5.0", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"]
    {
        assert_eq!(told(&shop, "203.0.113.9", agent, &[]).await["left_out"], 1, "{agent}");
    }
    shop.end().await;
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM events").await, ["0"]);
    // No salt was needed.
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM tracking_salts").await, ["0"]);
}

async fn sessions_are_told_apart_for_a_day_and_no_longer(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    let session = async |shop: &Shop, address: &str, agent: &str| {
        told(shop, address, agent, &[]).await["session"].clone()
    };
    let first = session(&shop, "203.0.113.9", FIREFOX).await;
    assert!(first.as_str().is_some_and(|text| text.len() == 16), "{first}");
    // The same visitor, on whichever server.
    let other = shop.beside("2026-04-25T23:59:59Z");
    assert_eq!(session(&other, "203.0.113.9", FIREFOX).await, first);
    // Another browser, another address.
    let edge = format!("{FIREFOX} Edg/126.0");
    assert_ne!(session(&shop, "203.0.113.9", &edge).await, first);
    assert_ne!(session(&shop, "203.0.113.10", FIREFOX).await, first);
    assert_ne!(session(&shop, "2001:db8::7", FIREFOX).await, first);
    let salt = ask(db, "SELECT salt FROM tracking_salts").await;
    assert!(salt.len() == 1 && salt[0].len() == 64);
    // The next day nobody is known again, and nobody can find out who it was.
    let next = shop.beside("2026-04-26T00:00:00Z");
    assert_ne!(session(&next, "203.0.113.9", FIREFOX).await, first);
    let left = ask(db, "SELECT day, salt FROM tracking_salts").await;
    assert!(left.len() == 1 && left[0].starts_with("20569|") && !left[0].contains(&salt[0]), "{left:?}");
    for server in [shop, other, next] {
        server.end().await;
    }
    assert_eq!(ask(db, "SELECT COUNT(*), COUNT(DISTINCT session_id) FROM events").await, ["6|5"]);
}

/// Where the database keeps salts, and whether that text stands there. SQLite: the file and its log. PostgreSQL: the table's file, which
/// is the only one, since nothing of it is logged; it is written there whenever the server likes, so the rows are looked at.
async fn kept(database: &TestDatabase, text: &str) -> (String, bool) {
    let db = &database.connection;
    if db.get_database_backend() == DbBackend::Postgres {
        let about = "SELECT pg_relation_filenode('tracking_salts')::text, relpersistence::text FROM pg_class WHERE relname = 'tracking_salts'";
        let about = ask(db, about).await.concat();
        assert!(about.ends_with("|u"), "it is logged: {about}");
        let rows = ask(db, "SELECT salt FROM tracking_salts").await;
        return (about, rows.iter().any(|salt| salt == text));
    }
    let file = ask(db, "SELECT file FROM pragma_database_list WHERE name = 'main'").await.concat();
    let holds = |end: &str| {
        let bytes = std::fs::read(format!("{file}{end}")).expect("it reads");
        memchr::memmem::find(&bytes, text.as_bytes()).is_some()
    };
    (String::new(), holds("") || holds("-wal"))
}

async fn a_day_that_is_over_is_forgotten_without_visitors(database: TestDatabase) {
    static SECONDS: AtomicI64 = AtomicI64::new(0);
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    told(&shop, "203.0.113.9", FIREFOX, &[]).await;
    shop.end().await;
    let salt = ask(db, "SELECT salt FROM tracking_salts").await.concat();
    let (place, is_kept) = kept(&database, &salt).await;
    assert!(salt.len() == 64 && is_kept);
    // A server that starts the next day, and whom nobody visits.
    SECONDS.store(shop.now().timestamp() + 86_400, Ordering::SeqCst);
    let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
    let tracker = Tracker::start(db, Options::default(), stopping.clone(), &tasks).expect("it starts");
    tasks.spawn(tracker.forget_days(Clock::Set(&SECONDS), stopping.clone()));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(15);
    while kept(&database, &salt).await.1 {
        assert!(tokio::time::Instant::now() < deadline, "the salt is there still");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The table has another file: a row that is deleted stays in its own.
    let (now_at, _) = kept(&database, &salt).await;
    assert!(database.engine == Engine::Sqlite || now_at != place, "{place}");
    assert_eq!(ask(db, "SELECT COUNT(*) FROM tracking_salts").await, ["0"]);
    stopping.cancel();
    tasks.close();
    tasks.wait().await;
}

async fn no_address_is_kept(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    told(&shop, "203.0.113.9", FIREFOX, &[]).await;
    told(&shop, "2001:db8:dead:beef::7", FIREFOX, &[("x-forwarded-for", "198.51.100.77")]).await;
    shop.end().await;
    let mut all = String::new();
    for table in ["events", "conversions", "tracking_sites", "tracking_salts", "organizations"] {
        all += &ask(db, &format!("SELECT * FROM {table}")).await.join("\n");
    }
    assert!(all.contains("PAGEVIEW") || all.contains("Firefox"), "{all}");
    for address in ["203.0.113", "2001:db8", "dead:beef", "198.51.100"] {
        assert!(!all.contains(address), "{address}: {all}");
    }
    // Nor what would tell a browser from another of its kind.
    assert!(!all.contains("rv:127.0"), "{all}");
}
