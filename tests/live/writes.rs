//! What is written is told: soon, once, only where it makes a difference, and whoever took it.

use std::time::{Duration, Instant};

use countinghouse::clock::Clock;
use countinghouse::organizations;

use super::server::{LIVE, Listening, Socket, key, shop, told, write};
use crate::support::{TestDatabase, both_databases, open};

both_databases!(
    a_write_is_told_and_what_changes_nothing_is_not,
    a_write_that_another_server_took_is_told,
    many_writes_are_told_at_most_once_a_second_and_the_last_is_not_lost,
    only_imports_that_change_something_count,
    what_is_not_wanted_any_more_is_not_told,
);

/// Longer than a write takes to be noticed.
const QUIET: Duration = Duration::from_millis(2500);

async fn a_write_is_told_and_what_changes_nothing_is_not(database: TestDatabase) {
    let db = &database.connection;
    let (acme, globex) = (shop(db, "acme").await, shop(db, "globex").await);
    let server = Listening::start(db, &[], Clock::System).await;
    let mut socket = server.socket(key(db, &acme).await.reveal()).await;
    socket.subscribe("1", LIVE).await;
    assert_eq!(socket.answer("1").await, told(1, "100.00"), "at once");
    write(db, &acme, &[("second", "20.50")]).await;
    let written = Instant::now();
    assert_eq!(socket.answer("1").await, told(2, "120.50"));
    assert!(written.elapsed() < Duration::from_secs(3), "{:?}", written.elapsed());
    // The same again; another organization; a refund of another day's order is no part of these figures.
    write(db, &acme, &[("second", "20.50")]).await;
    write(db, &globex, &[("second", "77.00")]).await;
    socket.is_silent_for(QUIET).await;
    server.stop().await;
}

async fn a_write_that_another_server_took_is_told(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let key = key(db, &acme).await;
    let elsewhere = open(&database.url).await;
    let (one, other) = (
        Listening::start(db, &[], Clock::System).await,
        Listening::start(&elsewhere, &[], Clock::System).await,
    );
    let (mut here, mut there) = (one.socket(key.reveal()).await, other.socket(key.reveal()).await);
    for socket in [&mut here, &mut there] {
        socket.subscribe("x", LIVE).await;
        assert_eq!(socket.answer("x").await, told(1, "100.00"));
    }
    for (through, id, amount) in [(db, "second", "101.00"), (&elsewhere, "third", "102.00")] {
        write(through, &acme, &[(id, "1.00")]).await;
        let orders = if id == "second" { 2 } else { 3 };
        for socket in [&mut here, &mut there] {
            assert_eq!(socket.answer("x").await, told(orders, amount), "{id}");
        }
    }
    one.stop().await;
    other.stop().await;
    elsewhere.close().await.expect("it closes");
}

async fn many_writes_are_told_at_most_once_a_second_and_the_last_is_not_lost(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let server = Listening::start(db, &[], Clock::System).await;
    let mut socket = server.socket(key(db, &acme).await.reveal()).await;
    socket.subscribe("1", LIVE).await;
    assert_eq!(socket.answer("1").await, told(1, "100.00"));
    let writes = async {
        for number in 0..30 {
            write(db, &acme, &[(&format!("more {number}"), "1.00")]).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let (answers, ()) = tokio::join!(answers_until(&mut socket, told(31, "130.00")), writes);
    assert!(answers.len() >= 2, "it is told on the way: {answers:?}");
    let gaps: Vec<_> = answers.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // They are sent a second apart; what they take to arrive may differ by a little.
    assert!(gaps.iter().all(|gap| *gap > Duration::from_millis(950)), "{gaps:?}");
    socket.is_silent_for(QUIET).await;
    server.stop().await;
}

async fn answers_until(socket: &mut Socket, last: serde_json::Value) -> Vec<Instant> {
    let mut at = Vec::new();
    loop {
        let answer = socket.answer("1").await;
        at.push(Instant::now());
        if answer == last {
            return at;
        }
    }
}

async fn only_imports_that_change_something_count(database: TestDatabase) {
    let db = &database.connection;
    let (acme, globex) = (shop(db, "acme").await, shop(db, "globex").await);
    let versions = async || {
        let mut found = organizations::versions(db, &[acme.id, globex.id]).await.expect("asked");
        found.sort_unstable();
        found.iter().map(|(_, version)| *version).collect::<Vec<_>>()
    };
    assert_eq!(versions().await, [1, 1], "each was loaded once");
    write(db, &acme, &[("first", "100.00")]).await;
    assert_eq!(versions().await, [1, 1], "unchanged");
    write(db, &acme, &[("first", "100.01")]).await;
    write(db, &acme, &[("second", "1.00")]).await;
    assert_eq!(versions().await, [3, 1]);
}

async fn what_is_not_wanted_any_more_is_not_told(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let server = Listening::start(db, &[], Clock::System).await;
    let mut socket = server.socket(key(db, &acme).await.reveal()).await;
    let orders = "{ viewer { organization { id } } }";
    for id in ["1", "2"] {
        // A query is answered as well, and is over.
        socket.subscribe(id, orders).await;
        assert_eq!(
            socket.answer(id).await,
            serde_json::json!({ "data": { "viewer": { "organization": { "id": "acme" } } } })
        );
        let complete = serde_json::json!({ "id": id, "type": "complete" });
        assert_eq!(socket.next().await, super::server::Heard::Said(complete));
    }
    // A subscription that is not wanted any more is not told of what changes after.
    socket.subscribe("3", LIVE).await;
    assert_eq!(socket.answer("3").await, told(1, "100.00"));
    socket.say(serde_json::json!({ "id": "3", "type": "complete" })).await;
    write(db, &acme, &[("second", "1.00")]).await;
    socket.is_silent_for(QUIET).await;
    // One that comes later begins with what is there by then, and its id is free.
    socket.subscribe("3", LIVE).await;
    assert_eq!(socket.answer("3").await, told(2, "101.00"));
    server.stop().await;
}
