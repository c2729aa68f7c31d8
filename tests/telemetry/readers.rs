//! Who may read the metrics, and where.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::exposition::Exposition;
use crate::demo::command::Serving;
use crate::operations::process::{Answer, Served, answer};
use crate::support::{Engine, TestDatabase, run};

const LISTEN: &str = "COUNTINGHOUSE_METRICS_LISTEN";
const TOKEN: &str = "a-token-of-its-own-0123456789";

async fn get(address: &str, path: &str, headers: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    answer(&mut stream).await
}

/// Whether it is the metrics, as they should be.
fn is_told(answer: &Answer) -> bool {
    if answer.status != 200 {
        return false;
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(kind));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    Exposition::parse(&answer.body).count("countinghouse_http_connections") > 0
}

#[test]
fn nobody_reads_what_nobody_asked_for() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let server = Served::start(&database.url, &[]).await;
        assert_eq!(server.get("/metrics").await.status, 404);
    });
}

#[test]
fn beside_the_apis_they_are_for_this_machine_or_for_who_shows_the_token() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let open = Served::with(&database.url, &[(LISTEN, "same")], &[]).await;
        assert!(is_told(&open.get("/metrics").await));
        let variables = [(LISTEN, "same"), ("COUNTINGHOUSE_METRICS_TOKEN", TOKEN)];
        let guarded = Served::with(&database.url, &variables, &[]).await;
        let address = guarded.address.to_string();
        for wrong in ["", "a-token", "a-token-of-its-own-012345678", "a-token-of-its-own-01234567890"] {
            let refused = get(&address, "/metrics", &format!("authorization: Bearer {wrong}\r\n")).await;
            assert_eq!(
                (refused.status, refused.header("www-authenticate")),
                (401, Some("Bearer")),
                "{wrong}"
            );
            assert!(!refused.body.contains("countinghouse_") && !refused.body.contains(TOKEN));
        }
        let basic = format!("authorization: Basic {TOKEN}\r\n");
        assert_eq!(get(&address, "/metrics", &basic).await.status, 401);
        assert_eq!(get(&address, "/metrics", "").await.status, 401);
        assert!(is_told(&get(&address, "/metrics", &format!("authorization: Bearer {TOKEN}\r\n")).await));
    });
}

#[tokio::test]
async fn the_demo_tells_them_while_it_is_on_this_machine_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Serving::start(folder.path(), &["--orders", "50"]);
    assert!(is_told(&get(&demo.address, "/metrics", "").await));
    let page = get(&demo.address, "/health/live", "").await;
    assert!(page.header("server-timing").is_some_and(|parts| parts.starts_with("total;dur=")));
    drop(demo);
    let reached = Serving::start(folder.path(), &["--listen", "0.0.0.0:0"]);
    let port = reached.address.rsplit_once(':').expect("a port").1;
    assert_eq!(get(&format!("127.0.0.1:{port}"), "/metrics", "").await.status, 404);
}

#[test]
fn a_listener_of_their_own_serves_nothing_else_and_the_apis_lack_them() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let free = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("a port");
        let own = free.to_string();
        let server = Served::with(&database.url, &[(LISTEN, own.as_str())], &[]).await;
        server.ready_within(200, 10).await;
        assert_eq!(server.get("/metrics").await.status, 404);
        // Held, so that there is one to tell.
        let _held = server.connect().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(is_told(&get(&own, "/metrics", "").await));
        for path in ["/", "/graphql", "/health/live", "/api/analytics/revenue"] {
            assert_eq!(get(&own, path, "").await.status, 404, "{path}");
        }
        server.signal("TERM").await;
        assert_eq!(server.ended().await.0, Some(0));
    });
}

#[test]
fn a_head_that_is_too_large_is_counted() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let server = Served::with(&database.url, &[(LISTEN, "same")], &[]).await;
        let large = format!("x: {}\r\n", "y".repeat(200_000));
        assert_eq!(get(&server.address.to_string(), "/", &large).await.status, 431);
        // The answer is there before its connection has ended.
        let mut told = Exposition::parse(&server.get("/metrics").await.body);
        for _ in 0..50 {
            // This one's own, and no other.
            if told.count("countinghouse_http_connections") == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            told = Exposition::parse(&server.get("/metrics").await.body);
        }
        assert_eq!(told.count("countinghouse_http_connections"), 1);
        assert_eq!(told.count("countinghouse_refused_total{code=\"431\"}"), 1);
    });
}
