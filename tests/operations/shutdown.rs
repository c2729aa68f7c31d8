//! An orderly end.

use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use countinghouse::http::Server;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::process::{Served, answer};
use crate::support::{Engine, TestDatabase, run};

const REQUEST: &[u8] = b"GET /health/ready HTTP/1.1\r\nhost: x\r\n\r\n";

#[test]
fn a_request_in_flight_is_answered_and_then_the_process_ends_with_zero() {
    run(Engine::Sqlite, async |_: TestDatabase| {
        for signal in ["TERM", "INT"] {
            // A database that takes connections and never speaks keeps the question of readiness open for 2 s.
            let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let url = format!("postgres://x@{}/x", silent.local_addr().expect("a port"));
            let server = Served::start(&url, &[]).await;
            let address = server.address;
            let mut asking = server.connect().await;
            asking.write_all(REQUEST).await.expect("sent");
            let mut idle = server.connect().await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            server.signal(signal).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert!(TcpStream::connect(address).await.is_err(), "nothing new is taken");
            let answered = answer(&mut asking).await;
            assert_eq!((answered.status, answered.header("connection")), (503, Some("close")));
            let _ = idle.shutdown().await;
            let (code, log) = server.ended().await;
            assert_eq!(code, Some(0), "{log}");
            assert!(log.contains("stopping") && log.contains("stopped"), "{log}");
        }
    });
}

#[test]
fn an_idle_server_ends_at_once() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let server = Served::start(&database.url, &[]).await;
        server.ready_within(200, 10).await;
        // Kept open, as a browser or a proxy does.
        let _kept = server.connect().await;
        let started = Instant::now();
        server.signal("TERM").await;
        assert_eq!(server.ended().await.0, Some(0));
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    });
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(600)).await;
    "done"
}

/// Asks a server of one slow route `count` times at once, stops it, and counts what was answered.
async fn stop_with_in_flight(count: usize, grace: Duration) -> (usize, usize) {
    let server = Server::bind("127.0.0.1:0").await.expect("a port");
    let address = server.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let app = Router::new().route("/", get(slow));
    let serving = tokio::spawn(server.run(app, 10_000, grace, async {
        let _ = stopped.await;
    }));
    let mut streams = Vec::new();
    for _ in 0..count {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        streams.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send(()).expect("it listens");
    let cut = serving.await.expect("it ends");
    let mut answered = 0;
    for mut stream in streams {
        // What was answered is read after the end: the answers were written before it.
        if cut == 0 && answer(&mut stream).await.body == "done" {
            answered += 1;
        }
    }
    (answered, cut)
}

#[test]
fn of_many_in_flight_none_is_lost_and_none_outlives_the_grace() {
    run(Engine::Sqlite, async |_: TestDatabase| {
        assert_eq!(stop_with_in_flight(400, Duration::from_secs(30)).await, (400, 0));
        assert_eq!(stop_with_in_flight(5, Duration::from_millis(50)).await, (0, 5));
    });
}
