//! Two servers, one budget: through a real Redis, which counts as one server alone does in its memory.

use std::collections::BTreeSet;
use std::time::Duration;

use countinghouse::quota::{Allowance, Api, Quotas};
use countinghouse::telemetry::Instruments;
use countinghouse::throttle::Throttle;

use super::redis::Redis;
use super::{INVENTORY, Stand, header, key, shop, statuses};
use crate::support::app::{Reply, admin};
use crate::support::{Engine, TestDatabase, both_databases, run};

both_databases!(two_servers_have_one_budget);

/// Waits until a server shares its budgets.
pub async fn sharing(stand: &Stand) {
    for _ in 0..200 {
        if stand.counted("countinghouse_budgets_shared") == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it does not share its budgets");
}

async fn two_servers_have_one_budget(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let (one, other) = (key(db, &acme, "").await, key(db, &acme, "").await);
    let redis = Redis::start().await;
    let url = redis.url();
    let variables = [("REDIS_URL", url.as_str())];
    // From the first request on: who comes while the connection is made waits for it.
    let servers = [Stand::open(db, &variables), Stand::open(db, &variables)];
    let [first, second] = &servers;
    let (from_first, from_second) =
        tokio::join!(first.at_once(500, &one, INVENTORY), second.at_once(500, &one, INVENTORY));
    let replies: Vec<Reply> = from_first.into_iter().chain(from_second).collect();
    assert_eq!(statuses(&replies), [(200, 60), (429, 940)].into());
    let left: BTreeSet<u64> = replies
        .iter()
        .filter(|reply| reply.status == 200)
        .map(|reply| header(reply, "ratelimit-remaining").expect("told").parse().expect("a number"))
        .collect();
    assert_eq!(left, (0..60).collect(), "each is told another number, whichever server it asked");
    for stand in &servers {
        sharing(stand).await;
        assert_eq!(stand.get(&one, INVENTORY).await.status, 429);
    }
    assert_eq!(statuses(&first.at_once(30, &other, INVENTORY).await), [(200, 30)].into());
    assert_eq!(statuses(&second.at_once(40, &other, INVENTORY).await), [(200, 30), (429, 10)].into());
}

/// One after another, whatever they cost: the script says of each what the memory says of it.
#[test]
fn redis_counts_as_the_memory_does() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let organization = shop(&database.connection, "acme").await;
        let redis = Redis::start().await;
        for (number, quota) in [1, 7, 60, 240, 241, 100_000, 999_999_999_999_999].into_iter().enumerate() {
            let quotas = Quotas::parse(&format!("graphql={quota}")).expect("a quota");
            let alone = Throttle::new(quotas.clone(), &Instruments::default());
            let shared = Throttle::new(quotas, &Instruments::default());
            let shared = shared.shared_through(&redis.url()).expect("an address");
            let mut caller = admin(&organization);
            caller.allowance = Allowance::of(&format!("holder {number}"));
            for cost in [0, 1, quota / 3, quota / 2, 1, quota / 5, quota, 1, quota + 1, 2, 1] {
                let by_memory = alone.turn(Api::Graphql, &caller, cost).await.expect("there is a limit");
                let by_redis = shared.turn(Api::Graphql, &caller, cost).await.expect("there is a limit");
                let told = |verdict: &countinghouse::throttle::Verdict| {
                    let left = verdict.headers().remove("ratelimit-remaining");
                    (verdict.is_granted(), left)
                };
                assert_eq!(told(&by_redis), told(&by_memory), "{quota}: {cost}");
                // Both began within the same second or the next.
                assert!(by_redis.retry_after().abs_diff(by_memory.retry_after()) <= 1, "{quota}: {cost}");
            }
            for throttle in [&alone, &shared] {
                throttle.note(Api::Graphql, &caller, quota).await;
                let after = throttle.turn(Api::Graphql, &caller, 1).await.expect("there is a limit");
                assert!(!after.is_granted(), "{quota}");
            }
        }
    });
}
