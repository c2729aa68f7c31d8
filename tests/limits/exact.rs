//! The documented budget, to the request: of a thousand at once as many pass as it has, and they are told what is left.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{INVENTORY, Stand, header, key, shop, statuses};
use crate::support::{Engine, TestDatabase, both_databases, run};

both_databases!(sixty_of_a_thousand_at_once_pass);

async fn sixty_of_a_thousand_at_once_pass(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let (one, other) = (key(db, &acme, "").await, key(db, &acme, "").await);
    let stand = Stand::open(db, &[]);
    let replies = stand.at_once(1000, &one, INVENTORY).await;
    assert_eq!(statuses(&replies), [(200, 60), (429, 940)].into());
    let (passed, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    // Each that passed was told another number of requests that are left.
    let left: BTreeSet<u64> = passed
        .iter()
        .map(|reply| header(reply, "ratelimit-remaining").expect("told").parse().expect("a number"))
        .collect();
    assert_eq!(left, (0..60).collect());
    for reply in passed {
        assert_eq!(header(reply, "ratelimit-limit"), Some("60"));
        assert_eq!(header(reply, "ratelimit-policy"), Some("\"distribu\";q=60;w=60"));
        assert_eq!(header(reply, "retry-after"), None);
    }
    for reply in refused {
        let after = header(reply, "retry-after").expect("told");
        let seconds: u64 = after.parse().expect("seconds");
        assert!((1..=60).contains(&seconds), "{after}");
        let told = [("ratelimit-limit", "60"), ("ratelimit-remaining", "0")];
        for (name, value) in told {
            assert_eq!(header(reply, name), Some(value), "{name}");
        }
        assert_eq!(header(reply, "content-type"), Some("application/json; charset=utf-8"));
        let words =
            format!("60 requests a minute are answered, and they are used up; try again in {after} s");
        assert_eq!(reply.body, format!(r#"{{"error":{{"code":"RATE_LIMITED","message":"{words}"}}}}"#));
    }
    assert_eq!(stand.counted("countinghouse_over_budget_total{api=\"distribu\"}"), 940);
    // Whatever one key used up, another of the same organization has all of its own.
    let replies = stand.at_once(100, &other, INVENTORY).await;
    assert_eq!(statuses(&replies), [(200, 60), (429, 40)].into());
    // APIs that document no limit have none, and say nothing of one.
    let momentum = "/api/analytics/revenue?startDate=2024-01-01&endDate=2024-01-31";
    let ecosire = "/api/analytics/sales?from=2024-01-01&to=2024-01-31";
    for path in [momentum, ecosire] {
        let replies = stand.at_once(150, &one, path).await;
        assert!(replies.iter().all(|reply| reply.status != 429), "{path}: {:?}", statuses(&replies));
        assert!(replies.iter().all(|reply| header(reply, "ratelimit-limit").is_none()), "{path}");
    }
}

#[test]
fn a_budget_is_there_again_when_that_was_said() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        let key = key(db, &shop(db, "acme").await, "").await;
        let stand = Stand::open(db, &[("COUNTINGHOUSE_RATE_LIMITS_DISTRIBU", "2")]);
        assert_eq!(stand.get(&key, INVENTORY).await.status, 200);
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(stand.get(&key, INVENTORY).await.status, 200);
        let refused = stand.get(&key, INVENTORY).await;
        assert_eq!(refused.status, 429);
        // The first comes back first; the whole is there when the second is.
        let after: u64 = header(&refused, "retry-after").expect("told").parse().expect("seconds");
        let whole: u64 = header(&refused, "ratelimit-reset").expect("told").parse().expect("seconds");
        assert!((54..=55).contains(&after) && (59..=60).contains(&whole), "{after} {whole}");
        tokio::time::sleep(Duration::from_secs(after)).await;
        assert_eq!(stand.get(&key, INVENTORY).await.status, 200);
        assert_eq!(stand.get(&key, INVENTORY).await.status, 429);
    });
}
