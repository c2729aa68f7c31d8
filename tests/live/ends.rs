//! When answers end: with the credential, with the server, with the client.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::Utc;
use countinghouse::api_keys;
use countinghouse::clock::Clock;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::server::{Heard, LIVE, Listening, SECRET, key, shop, told, write};
use crate::support::{Engine, TestDatabase, both_databases, run};

both_databases!(a_revoked_key_ends_its_sockets_and_streams);

async fn a_revoked_key_ends_its_sockets_and_streams(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let (revoked, kept) = (key(db, &acme).await, key(db, &acme).await);
    let server = Listening::start(db, &[], Clock::System).await;
    let mut ended = server.socket(revoked.reveal()).await;
    let mut idle = server.socket(revoked.reveal()).await;
    let mut lasting = server.socket(kept.reveal()).await;
    let mut events = stream(&server, revoked.reveal()).await;
    for socket in [&mut ended, &mut lasting] {
        socket.subscribe("1", LIVE).await;
        assert_eq!(socket.answer("1").await, told(1, "100.00"));
    }
    assert!(read_until(&mut events, "\n\n").await.contains("event: next"));
    let stored = api_keys::find(db, &revoked).await.expect("asked").expect("found");
    api_keys::revoke(db, &stored, Utc::now()).await.expect("revoked");
    let since = Instant::now();
    let words = "Forbidden: the API key was revoked".to_owned();
    assert_eq!(ended.next().await, Heard::Closed(4403, words.clone()));
    assert_eq!(idle.next().await, Heard::Closed(4403, words), "also one that asks nothing");
    let rest = read_until(&mut events, "event: complete").await;
    assert!(rest.contains(r#""message":"the API key was revoked""#), "{rest}");
    assert!(rest.contains(r#""code":"UNAUTHENTICATED""#) && !rest.contains("100.00"), "{rest}");
    // A second that the key may be remembered, and one until it is looked at again.
    assert!(since.elapsed() < Duration::from_millis(2500), "{:?}", since.elapsed());
    write(db, &acme, &[("second", "1.00")]).await;
    assert_eq!(lasting.answer("1").await, told(2, "101.00"), "others go on");
    server.stop().await;
}

/// A connection on which [`LIVE`] is asked for as events.
async fn stream(server: &Listening, key: &str) -> TcpStream {
    let mut stream = server.events(key).await;
    let head = read_until(&mut stream, "\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK") && head.contains("text/event-stream"), "{head}");
    stream
}

/// Reads until that has come, or the end.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let read = async {
        let mut bytes = [0; 1];
        while !text.ends_with(end) && stream.read_exact(&mut bytes).await.is_ok() {
            text.push(char::from(bytes[0]));
        }
    };
    timeout(Duration::from_secs(10), read).await.expect("it comes");
    text
}

#[test]
fn an_expired_token_ends_its_socket() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        shop(db, "acme").await;
        let now: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(Utc::now().timestamp())));
        let server = Listening::start(db, &[("JWT_LEEWAY", "0s")], Clock::Set(now)).await;
        let claims = json!({
            "iss": "countinghouse", "aud": "countinghouse", "sub": "someone", "OrganizationId": "acme",
            "role": "Admin", "exp": now.load(Ordering::SeqCst) + 60,
        });
        let secret = EncodingKey::from_secret(SECRET.as_bytes());
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &secret).expect("signed");
        let mut socket = server.socket(&token).await;
        socket.subscribe("1", LIVE).await;
        assert_eq!(socket.answer("1").await, told(1, "100.00"));
        now.fetch_add(59, Ordering::SeqCst);
        socket.is_silent_for(Duration::from_millis(1500)).await;
        now.fetch_add(2, Ordering::SeqCst);
        assert_eq!(socket.next().await, Heard::Closed(4403, "Forbidden: the token has expired".to_owned()));
        server.stop().await;
    });
}

#[test]
fn a_server_that_ends_says_goodbye_and_does_not_wait() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        let acme = shop(db, "acme").await;
        let key = key(db, &acme).await;
        let server = Listening::start(db, &[], Clock::System).await;
        let mut socket = server.socket(key.reveal()).await;
        socket.subscribe("1", LIVE).await;
        assert_eq!(socket.answer("1").await, told(1, "100.00"));
        let mut events = stream(&server, key.reveal()).await;
        assert!(read_until(&mut events, "\n\n").await.contains("event: next"));
        let since = Instant::now();
        server.begin_to_stop();
        assert_eq!(socket.next().await, Heard::Closed(1001, "the server ends".to_owned()));
        // No `complete`: a client that is told so would not come back.
        let rest = read_until(&mut events, "the end").await;
        assert!(!rest.contains("complete"), "{rest}");
        assert_eq!(server.stop().await, 0, "nothing had to be cut");
        assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
    });
}
