//! What PostgreSQL goes through to write a batch, where its planner knows nothing of the shop whose events they are.

use std::time::Duration;

use countinghouse::tracking::Options;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};

use super::{NOW, Shop, site};
use crate::import::{ask, other_organization};
use crate::support::{Engine, TestDatabase, open, run};

/// Events that an organization has already.
const KNOWN: i64 = 20_000;
const BATCHES: i64 = 12;

async fn fill(db: &DatabaseConnection, organization: i64) {
    let statement = format!(
        "INSERT INTO events (organization_id, event_key, event_id, occurred_at, type, session_id) \
         SELECT {organization}, n, 'old-' || n, n, 2, 's' || n FROM generate_series(1, {KNOWN}) AS n"
    );
    db.execute_unprepared(&statement).await.expect("stored");
}

/// Rows of events and entries of their indexes: how many were read, and how many rows were written.
async fn counted(db: &DatabaseConnection) -> (i64, i64) {
    let question = "SELECT n_tup_ins, CAST(seq_tup_read + \
        (SELECT SUM(idx_tup_read) FROM pg_stat_user_indexes i WHERE i.relid = t.relid) AS BIGINT) \
        FROM pg_stat_user_tables t WHERE relname = 'events'";
    let found = ask(db, question).await.concat();
    let (written, read) = found.split_once('|').expect("two");
    (read.parse().expect("a number"), written.parse().expect("a number"))
}

/// Where all events that it knew were of others, the planner expects a row or two of a new shop, by whichever index: so what
/// was read is asked, and not what was planned.
#[test]
fn a_batch_is_written_without_going_through_the_shops_events() {
    run(Engine::Postgres, async |database: TestDatabase| {
        let db = &database.connection;
        let first = Shop::open(db, site()).await;
        first.end().await;
        let acme = first.organization.clone();
        fill(db, other_organization(db, "EUR").await.id.0).await;
        for statement in ["ALTER TABLE events SET (autovacuum_enabled = off)", "VACUUM ANALYZE events"] {
            db.execute_unprepared(statement).await.expect("done");
        }
        fill(db, acme.id.0).await;
        // What its connections read is told when they end, at the latest.
        let tracked = open(&database.url).await;
        let options = Options { room: 50_000, ..Options::default() };
        let shop = Shop::of(&tracked, acme.clone(), first.site.clone(), NOW, options);
        let (read_before, written_before) = counted(db).await;
        for batch in 0..BATCHES {
            let event = |number: usize| {
                // Some were told before.
                let id = if number.is_multiple_of(100) {
                    format!("old-{}", number + 1)
                } else {
                    format!("{batch}-{number}")
                };
                json!({ "type": "PAGEVIEW", "event_id": id })
            };
            let events: Vec<Value> = (0..400).map(event).collect();
            assert_eq!(shop.tell(json!(events)).await.status, 202);
            // Longer than it gathers: each is a batch, about.
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        shop.end().await;
        tracked.close().await.expect("closed");
        let fresh = BATCHES * 396;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let read = loop {
            let (read, written) = counted(db).await;
            if written - written_before >= fresh {
                break read - read_before;
            }
            assert!(tokio::time::Instant::now() < deadline, "{written} rows were written");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        // Nothing of it grows with the shop: the last key, those that were told before, and, where a batch is written once more
        // without them, what the first try left in the index of ids.
        let told = BATCHES * 400;
        assert!(read <= told, "{read} rows were read for {told} events; there were {KNOWN}");
        let stored = "SELECT COUNT(*), MIN(event_key), MAX(event_key) FROM events WHERE organization_id =";
        let count = KNOWN + fresh;
        assert_eq!(ask(db, &format!("{stored} {}", acme.id.0)).await, [format!("{count}|1|{count}")]);
    });
}
