//! A Redis that goes away, hangs or comes later: requests are answered all the while, each server counts for itself, the
//! log says so once, and budgets are shared again by themselves.

use std::time::{Duration, Instant};

use super::redis::Redis;
use super::shared::sharing;
use super::{INVENTORY, Stand, key, shop, statuses};
use crate::operations::process::{Answer, Served};
use crate::support::{Engine, TestDatabase, run};

/// How long a request may take that finds Redis away or hanging.
const PATIENCE: Duration = Duration::from_secs(2);

#[test]
fn a_redis_that_goes_and_comes_stops_nothing() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        let acme = shop(db, "acme").await;
        let (one, other, third) =
            (key(db, &acme, "").await, key(db, &acme, "").await, key(db, &acme, "").await);
        let mut redis = Redis::start().await;
        let url = redis.url();
        let variables = [("REDIS_URL", url.as_str())];
        let (first, second) = (Stand::open(db, &variables), Stand::open(db, &variables));
        sharing(&first).await;
        sharing(&second).await;
        assert_eq!(statuses(&first.at_once(25, &one, INVENTORY).await), [(200, 25)].into());
        redis.kill().await;
        // This server knows what went through it, and gives out no more than was left; the other counts for itself.
        let replies = first.at_once(100, &one, INVENTORY).await;
        assert_eq!(statuses(&replies), [(200, 35), (429, 65)].into());
        let replies = second.at_once(100, &one, INVENTORY).await;
        assert_eq!(statuses(&replies), [(200, 60), (429, 40)].into());
        assert_eq!(first.counted("countinghouse_budgets_shared"), 0);
        redis.run(&[]).await;
        sharing(&first).await;
        sharing(&second).await;
        let (from_first, from_second) =
            tokio::join!(first.at_once(50, &other, INVENTORY), second.at_once(50, &other, INVENTORY));
        let passed = from_first.iter().chain(&from_second).filter(|reply| reply.status == 200).count();
        assert_eq!(passed, 60);
        // One that takes requests and never answers.
        redis.signal("STOP").await;
        let began = Instant::now();
        let replies = first.at_once(100, &third, INVENTORY).await;
        assert_eq!(statuses(&replies), [(200, 60), (429, 40)].into());
        assert!(began.elapsed() < 2 * PATIENCE, "{:?}", began.elapsed());
        redis.signal("CONT").await;
        sharing(&first).await;
    });
}

/// The program itself, with a Redis that is not there at its start.
#[test]
fn an_outage_is_told_once_and_its_end_too() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let key = key(&database.connection, &shop(&database.connection, "acme").await, "").await;
        let mut redis = Redis::place();
        let url = redis.url();
        let server = Served::with(&database.url, &[("REDIS_URL", &url)], &[]).await;
        server.ready_within(200, 20).await;
        let ask = async || -> Answer {
            server
                .send(&format!(
                    "GET {INVENTORY} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n"
                ))
                .await
        };
        let began = Instant::now();
        for left in [59, 58, 57] {
            let answer = ask().await;
            assert_eq!(
                (answer.status, answer.header("ratelimit-remaining")),
                (200, Some(&*left.to_string()))
            );
        }
        assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(2500)).await;
        redis.run(&[]).await;
        // What was counted here alone is not known there: the budget is whole when it is shared.
        let mut left = String::new();
        for _ in 0..40 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            left = ask().await.header("ratelimit-remaining").expect("told").to_owned();
            if left == "59" {
                break;
            }
        }
        assert_eq!(left, "59");
        redis.kill().await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(ask().await.status, 200);
        tokio::time::sleep(Duration::from_millis(2500)).await;
        server.signal("TERM").await;
        let (code, log) = server.ended().await;
        assert_eq!(code, Some(0), "{log}");
        let out = "Redis is out of reach: budgets are counted by each server for itself";
        assert_eq!(log.matches(out).count(), 2, "one for each outage: {log}");
        assert_eq!(log.matches("Redis answers again: budgets are shared").count(), 1, "{log}");
        assert!(!log.contains(&key), "{log}");
    });
}

/// An answer that fails to come, and a Redis that is back before anybody connects anew: for that while each server counted for itself.
#[test]
fn an_outage_of_a_moment_is_told_too() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let key = key(&database.connection, &shop(&database.connection, "acme").await, "").await;
        let redis = Redis::start().await;
        let url = redis.url();
        let server = Served::with(&database.url, &[("REDIS_URL", &url)], &[]).await;
        server.ready_within(200, 20).await;
        let request =
            format!("GET {INVENTORY} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n");
        assert_eq!(server.send(&request).await.status, 200);
        redis.signal("STOP").await;
        let (answer, ()) = tokio::join!(server.send(&request), async {
            tokio::time::sleep(Duration::from_millis(1200)).await;
            redis.signal("CONT").await;
        });
        assert_eq!(answer.status, 200);
        tokio::time::sleep(Duration::from_millis(2500)).await;
        server.signal("TERM").await;
        let (code, log) = server.ended().await;
        assert_eq!(code, Some(0), "{log}");
        let out = "Redis is out of reach: budgets are counted by each server for itself";
        let back = "Redis answers again: budgets are shared";
        assert_eq!((log.matches(out).count(), log.matches(back).count()), (1, 1), "{log}");
    });
}

/// A replica takes connections and reads; what it may not do is found out before anybody is counted there.
#[test]
fn one_that_may_not_be_written_to_counts_as_away() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        let key = key(db, &shop(db, "acme").await, "").await;
        let mut replica = Redis::place();
        replica.run(&["--replicaof", "127.0.0.1", "1"]).await;
        let url = replica.url();
        let stand = Stand::open(db, &[("REDIS_URL", &url)]);
        let replies = stand.at_once(100, &key, INVENTORY).await;
        assert_eq!(statuses(&replies), [(200, 60), (429, 40)].into());
        assert_eq!(stand.counted("countinghouse_budgets_shared"), 0);
    });
}
