//! Clients that are slow, on purpose or not: they are let go, and nobody else notices.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use countinghouse::clock::Clock;
use countinghouse::http::{Credentials, Limits, Observed, Readiness, Server, router};
use countinghouse::intake::IntakeBounds;
use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::process::{Served, answer};
use crate::support::{Engine, TestDatabase, run};

/// How long the server keeps the connection of a client that sends `start` and then `drip` twice a second.
async fn kept(server: &Served, start: &[u8], drip: &'static [u8]) -> Duration {
    let started = Instant::now();
    let (mut from, mut to) = server.connect().await.into_split();
    to.write_all(start).await.expect("sent");
    let dripping = tokio::spawn(async move {
        while !drip.is_empty() && to.write_all(drip).await.is_ok() {
            sleep(Duration::from_millis(500)).await;
        }
        // Held open: the server is to end this, not the client.
        sleep(Duration::from_mins(1)).await;
        drop(to);
    });
    let mut rest = Vec::new();
    let _ = timeout(Duration::from_secs(30), from.read_to_end(&mut rest)).await.expect("the server lets go");
    dripping.abort();
    started.elapsed()
}

#[test]
fn a_client_that_does_not_finish_its_head_is_let_go() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let server = Served::start(&database.url, &[]).await;
        let slow = join_all([
            kept(&server, b"", b""),
            kept(&server, b"P", b""),
            kept(&server, b"PRI * HTTP/2.0\r\n", b""),
            kept(&server, b"GET / HTTP/1.1\r\nhost: x\r\n", b""),
            kept(&server, b"GET / HTTP/1.1\r\nhost: x\r\n", b"x: y\r\n"),
            kept(&server, b"GET / HTTP/1.1\r\nhost: x\r\nx: ", b"y"),
            kept(&server, b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n", b""),
        ]);
        let others = async {
            sleep(Duration::from_secs(2)).await;
            let started = Instant::now();
            assert_eq!(server.get("/health/live").await.status, 200);
            assert!(started.elapsed() < Duration::from_secs(1), "others wait");
        };
        let (slow, ()) = futures::join!(slow, others);
        for (which, kept) in slow.into_iter().enumerate() {
            assert!((9..=12).contains(&kept.as_secs()), "{which} was kept for {kept:?}");
        }
    });
}

#[test]
fn connections_beyond_the_limit_wait_for_their_turn() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let server = Served::start(&database.url, &["--connection-limit", "2"]).await;
        let (first, second) = (server.connect().await, server.connect().await);
        let mut third = server.connect().await;
        let request = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        third.write_all(request).await.expect("sent");
        assert!(timeout(Duration::from_secs(1), third.readable()).await.is_err(), "it is not its turn");
        drop(first);
        assert_eq!(answer(&mut third).await.status, 200);
        drop(second);
    });
}

/// What is answered where a route reads `sent` as its body; the limit is 1000 bytes.
async fn posted(database: &TestDatabase, sent: &[u8]) -> u16 {
    async fn length(body: Bytes) -> String {
        body.len().to_string()
    }
    let db = database.connection.clone();
    let readiness = Readiness::current(db.clone());
    let credentials = Credentials::new(db, Clock::System, None, readiness.clone());
    let limits = Limits { body: 1000, deadline: Duration::from_secs(5), intake: IntakeBounds::default() };
    let api = Router::new().route("/", post(length));
    let app = router(api, Router::new(), credentials, readiness, limits, Observed::default());
    let server = Server::bind("127.0.0.1:0").await.expect("a port");
    let address = server.address();
    let serving = tokio::spawn(server.run(app, 10, Duration::ZERO, std::future::pending()));
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n").await.expect("sent");
    stream.write_all(sent).await.expect("sent");
    let status = answer(&mut stream).await.status;
    serving.abort();
    status
}

#[test]
fn a_body_is_cut_off_where_it_passes_the_limit_or_the_deadline() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let chunked = |length: usize| {
            format!("transfer-encoding: chunked\r\n\r\n{length:x}\r\n{}\r\n0\r\n\r\n", "a".repeat(length))
        };
        assert_eq!(posted(&database, chunked(1000).as_bytes()).await, 200);
        assert_eq!(posted(&database, chunked(1001).as_bytes()).await, 413);
        assert_eq!(posted(&database, b"content-length: 5\r\n\r\nabcde").await, 200);
        // Deadline 5 s, and 2 s more for a handler that has one of its own.
        let started = Instant::now();
        assert_eq!(posted(&database, b"content-length: 5\r\n\r\nabc").await, 504);
        assert_eq!(started.elapsed().as_secs(), 7);
    });
}
