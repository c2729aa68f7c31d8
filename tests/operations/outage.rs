//! A database that is away: at the start, later, and in the worst way, silently.

use std::time::Instant;

use super::gate::Gate;
use super::process::{Answer, Served};
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

#[test]
fn a_server_outlives_its_database_and_goes_on_by_itself() {
    run(Engine::Postgres, async |database: TestDatabase| {
        let url = empty(&database).await;
        let mut gate = Gate::to(&url).await;
        let mut server = Served::start(&gate.url(), &[]).await;
        assert_eq!(server.get("/health/live").await.status, 200);
        assert_away(&server.get("/health/ready").await);

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
