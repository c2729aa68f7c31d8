//! What a server remembers of a key, and for how long.

use std::time::{Duration, Instant};

use countinghouse::api_keys;
use countinghouse::principal::Scope;
use sea_orm::ConnectionTrait;

use super::bench::{Bench, Hands, Outcome, at, claims, settings, sign};
use super::keys::key;
use crate::support::{TestDatabase, both_databases, open};

fn revoked() -> Outcome {
    Outcome::Refused("Invalid", "the API key was revoked".to_owned())
}

/// Shows the key every few milliseconds until it is refused; when the last request began that was not, after `since`.
async fn opened_until(bench: Bench, key: String, since: Instant) -> Duration {
    let mut last = Duration::ZERO;
    loop {
        let began = since.elapsed();
        match bench.bearer(&key).await {
            Outcome::Principal(_) => last = began,
            refused @ Outcome::Refused(..) => {
                assert_eq!(refused, revoked());
                return last;
            }
        }
        assert!(began < Duration::from_secs(5), "it is never refused");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

async fn a_revoked_key_opens_nothing_on_any_server_after_a_second(database: TestDatabase) {
    let one = Bench::new(database.connection.clone()).await;
    let other = Bench::new(open(&database.url).await).await;
    let (_, key) = key(&one.db, "acme", &[Scope::ReportsRead], None).await;
    let stored = api_keys::find(&one.db, &key).await.expect("asked").expect("found");
    // Both have just asked: what they know is as young as it can be.
    for bench in [&one, &other] {
        assert_eq!(bench.bearer(key.reveal()).await.kind(), "Principal");
    }
    api_keys::revoke(&one.db, &stored, at(0)).await.expect("revoked");
    let revoked_at = Instant::now();
    let lasts = futures::future::join_all(
        [one.clone(), other.clone()].map(|bench| opened_until(bench, key.reveal().to_owned(), revoked_at)),
    )
    .await;
    for last in &lasts {
        assert!(*last <= Duration::from_secs(1), "{lasts:?}");
    }
    for bench in [&one, &other] {
        assert_eq!(bench.bearer(key.reveal()).await, revoked(), "and it stays so");
    }
    other.db.close().await.expect("closed");
}

/// Within its second a key costs the database nothing; then it is asked again.
async fn a_key_is_looked_up_once_a_second(database: TestDatabase) {
    let bench = Bench::new(database.connection.clone()).await;
    let (_, reader) = key(&bench.db, "acme", &[Scope::ReportsRead], None).await;
    let token = sign(&claims());
    let shown_at = Instant::now();
    for credential in [reader.reveal(), &token] {
        assert_eq!(bench.bearer(credential).await.kind(), "Principal");
    }
    database.connection.clone().close().await.expect("closed");
    let again = futures::future::join_all((0..20).map(|_| bench.bearer(reader.reveal()))).await;
    assert!(shown_at.elapsed() < Duration::from_secs(1), "the machine is too slow for this test");
    assert!(again.iter().all(|outcome| outcome.kind() == "Principal"), "{again:?}");
    assert_eq!(bench.bearer(&token).await.kind(), "Principal");
    tokio::time::sleep(Duration::from_secs(1)).await;
    for credential in [reader.reveal(), &token] {
        assert_eq!(bench.bearer(credential).await.kind(), "Unavailable", "and that is not remembered");
    }
}

/// That a key is not there is remembered too, for as long and no longer.
async fn a_key_that_is_made_is_known_after_a_second(database: TestDatabase) {
    let bench = Bench::new(database.connection).await;
    let (_, key) = key(&bench.db, "acme", &[Scope::ReportsRead], None).await;
    let (hash, other) = (key.hash(), "0".repeat(64));
    let rename = async |from: &str, to: &str| {
        let statement = format!("UPDATE api_keys SET secret_hash = '{to}' WHERE secret_hash = '{from}'");
        bench.db.execute_unprepared(&statement).await.expect("renamed");
    };
    rename(&hash, &other).await;
    let unknown = Outcome::Refused("Invalid", "the API key is not known".to_owned());
    assert_eq!(bench.bearer(key.reveal()).await, unknown);
    rename(&other, &hash).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.bearer(key.reveal()).await.kind(), "Principal");
}

/// A key that is remembered ends with its expiry all the same.
async fn expiry_waits_for_nobody(database: TestDatabase) {
    let hands = Hands::new();
    let bench = Bench::of(database.connection, &settings(&[]), hands.clock()).await;
    let (_, key) = key(&bench.db, "acme", &[Scope::ReportsRead], Some(at(10))).await;
    hands.forward(9);
    assert_eq!(bench.bearer(key.reveal()).await.kind(), "Principal");
    hands.forward(1);
    let expired = Outcome::Refused("Invalid", "the API key has expired".to_owned());
    assert_eq!(bench.bearer(key.reveal()).await, expired);
}

both_databases!(
    a_revoked_key_opens_nothing_on_any_server_after_a_second,
    a_key_is_looked_up_once_a_second,
    a_key_that_is_made_is_known_after_a_second,
    expiry_waits_for_nobody,
);
