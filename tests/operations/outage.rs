//! A database that is away: at the start, later, and in the worst way, silently.

use std::time::{Duration, Instant};

use super::gate::Gate;
use super::process::{Answer, Served, command};
use super::schema::empty;
use crate::support::{Engine, TestDatabase, run};

fn assert_away(answer: &Answer) {
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")), "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(
        answer.body,
        r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"the database cannot be reached"}"#
    );
}

/// A key of a new organization.
async fn key(url: &str) -> String {
    assert_eq!(command(url, &[], &["organization", "create", "--org", "acme"]).await.code, 0);
    let create = ["key", "create", "--org", "acme", "--scope", "reports:read"];
    command(url, &[], &create).await.stdout.trim().to_owned()
}

/// What a route of each API answers to the bearer of that key.
async fn asked(server: &Served, key: &str) -> [Answer; 2] {
    let rest =
        "GET /api/analytics/revenue?startDate=2026-01-01T00:00:00Z&endDate=2026-02-01T00:00:00Z HTTP/1.1";
    let query = r#"{"query":"{ viewer { organization { id } } }"}"#;
    let headers = format!("host: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n");
    let post = format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{query}", query.len());
    [
        server.send(&format!("{rest}\r\n{headers}\r\n")).await,
        server.send(&format!("POST /graphql HTTP/1.1\r\n{headers}{post}")).await,
    ]
}

#[test]
fn every_api_says_when_to_ask_again_and_then_answers() {
    run(Engine::Postgres, async |database: TestDatabase| {
        let key = key(&database.url).await;
        let mut gate = Gate::to(&database.url).await;
        gate.open().await;
        let server = Served::start(&gate.url(), &[]).await;
        server.ready_within(200, 5).await;
        let [rest, graphql] = asked(&server, &key).await;
        assert_eq!((rest.status, rest.body.as_str()), (200, r#"{"totalRevenue":0.00,"currencyCode":"USD"}"#));
        assert_eq!(graphql.status, 200, "{graphql:?}");
        assert!(graphql.body.contains("acme"), "{graphql:?}");
        for silently in [false, true] {
            if silently {
                gate.swallow().await;
            } else {
                gate.shut().await;
            }
            // Whom a key belongs to is remembered for a second.
            tokio::time::sleep(Duration::from_secs(1)).await;
            for answer in asked(&server, &key).await {
                assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")), "{answer:?}");
            }
            gate.shut().await;
            gate.open().await;
            // Connections that broke less than 100 ms ago may still fail a request each.
            tokio::time::sleep(Duration::from_millis(200)).await;
            server.ready_within(200, 5).await;
            for answer in asked(&server, &key).await {
                assert_eq!(answer.status, 200, "{answer:?}");
            }
        }
    });
}

#[test]
fn a_server_outlives_its_database_and_goes_on_by_itself() {
    run(Engine::Postgres, async |database: TestDatabase| {
        let url = empty(&database).await;
        let mut gate = Gate::to(&url).await;
        let mut server = Served::start(&gate.url(), &[]).await;
        assert_eq!(server.get("/health/live").await.status, 200);
        assert_away(&server.get("/health/ready").await);
        for answer in asked(&server, "").await {
            assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")), "{answer:?}");
        }

        gate.open().await;
        server.ready_within(200, 5).await;
        assert_eq!(migration::pending(&database.connection).await, Ok(vec![]), "it migrated when it could");

        for _ in 0..3 {
            gate.shut().await;
            assert_away(&server.ready_within(503, 5).await);
            assert_eq!(server.get("/health/live").await.status, 200);
            gate.open().await;
            server.ready_within(200, 5).await;
        }
        gate.shut().await;
        assert!(server.lives());
        server.signal("TERM").await;
        assert_eq!(server.ended().await.0, Some(0), "also without a database");
    });
}

#[test]
fn a_database_that_says_nothing_is_away() {
    run(Engine::Postgres, async |database: TestDatabase| {
        let mut gate = Gate::to(&database.url).await;
        gate.open().await;
        let server = Served::start(&gate.url(), &[]).await;
        server.ready_within(200, 5).await;
        gate.swallow().await;
        let started = Instant::now();
        assert_away(&server.ready_within(503, 5).await);
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
        gate.shut().await;
        gate.open().await;
        server.ready_within(200, 5).await;
    });
}
