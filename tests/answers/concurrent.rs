//! Many read and many write, on two servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countinghouse::principal::Organization;
use futures::future::join_all;

use super::{asked, by_get, get, import, orders, tag};
use crate::metrics::kept::{NOW, QUERY, told};
use crate::support::app::{App, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    nothing_is_older_than_what_was_stored_before,
    many_at_the_same_time_are_answered_once,
    who_gives_up_takes_nobody_along,
    a_look_at_versions_is_shared,
);

const WRITES: u64 = 25;

/// How many orders a reader is told of that holds on to what it was told before, as its tag says that it may.
struct Holder {
    path: String,
    known: Option<(String, u64)>,
}

impl Holder {
    async fn told(&mut self, app: &App, shop: &Organization) -> u64 {
        let tag_known = self.known.as_ref().map(|(tag, _)| tag.as_str());
        let reply = get(app, &admin(shop), &self.path, tag_known).await;
        if reply.status == 304 {
            return self.known.as_ref().expect("a tag was sent").1;
        }
        let body = reply.json();
        let count = body["data"]["revenue"]["totals"]["orders"].as_u64();
        let count = count.or_else(|| body["totals"]["orders"].as_u64());
        let count = count.or_else(|| body["orders"].as_u64()).unwrap_or_else(|| panic!("{body}"));
        self.known = Some((tag(&reply), count));
        count
    }
}

/// Whoever asks after a write was stored is told of it, however many ask and write, and whatever they hold already.
async fn nothing_is_older_than_what_was_stored_before(database: TestDatabase) {
    let db = database.connection.clone();
    let shop = organization(&db, "shop", "USD", orders("o", 1).path()).await;
    let apps = [App::new(&db, NOW), App::new(&db, NOW)];
    let stored = Arc::new(AtomicU64::new(1));
    let writing = (0..2).map(|writer| {
        let (db, shop, stored) = (db.clone(), shop.clone(), Arc::clone(&stored));
        tokio::spawn(async move {
            for number in 0..WRITES {
                import(&db, &shop, &orders(&format!("w{writer}-{number}-"), 1)).await;
                stored.fetch_add(1, Ordering::SeqCst);
                // Time for readers to find the same answer twice.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    });
    let writing: Vec<_> = writing.collect();
    let all = 1 + 2 * WRITES;
    let reading = (0..8).map(|reader| {
        let (app, shop, stored) = (apps[reader % 2].clone(), shop.clone(), Arc::clone(&stored));
        tokio::spawn(async move {
            let mut holder = Holder { path: by_get(QUERY), known: None };
            let mut latest = 0;
            loop {
                let before = stored.load(Ordering::SeqCst);
                let answer =
                    if reader < 4 { told(&app, &shop).await } else { holder.told(&app, &shop).await };
                assert!((before..=all).contains(&answer), "{answer} after {before} were stored");
                assert!(answer >= latest, "{answer} after {latest} were told");
                latest = answer;
                if before == all {
                    return;
                }
                // As a connection does that waits for its next request.
                tokio::task::yield_now().await;
            }
        })
    });
    for reader in join_all(reading).await {
        reader.expect("told");
    }
    for writer in writing {
        writer.await.expect("written");
    }
    let (hits, misses) = apps.iter().map(asked).fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    assert!(hits > 10 && misses > 10, "{hits} {misses}");
}

async fn many_at_the_same_time_are_answered_once(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", orders("o", 7).path()).await;
    let app = App::new(&database.connection, NOW);
    let (answers, statements) = app.statements(join_all((0..40).map(|_| told(&app, &shop)))).await;
    assert_eq!((answers, statements), (vec![7; 40], 1));
    assert_eq!(asked(&app), (39, 1));
}

async fn who_gives_up_takes_nobody_along(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", orders("o", 7).path()).await;
    for round in 0..20 {
        let app = App::new(&database.connection, NOW);
        let ask = || {
            let (app, shop) = (app.clone(), shop.clone());
            tokio::spawn(async move { told(&app, &shop).await })
        };
        let first = ask();
        let others: Vec<_> = (0..5).map(|_| ask()).collect();
        tokio::time::sleep(Duration::from_micros(round * 200)).await;
        first.abort();
        for other in others {
            assert_eq!(other.await.expect("an answer"), 7);
        }
    }
}

/// Organizations are looked at together, and each is told of itself.
async fn a_look_at_versions_is_shared(database: TestDatabase) {
    let db = &database.connection;
    let mut shops = Vec::new();
    for number in 1..=5 {
        shops.push(organization(db, &format!("shop{number}"), "USD", orders("o", number).path()).await);
    }
    let app = App::new(db, NOW);
    for _ in 0..3 {
        let asking = (0..50).map(|number| {
            let (app, shop) = (&app, &shops[number % 5]);
            async move { (number % 5 + 1, told(app, shop).await) }
        });
        for (expected, answer) in join_all(asking).await {
            assert_eq!(answer, expected as u64);
        }
    }
    assert_eq!(asked(&app), (145, 5));
}
