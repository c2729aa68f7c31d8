//! Midnight passes, and what was said of a day is said of it no more.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use countinghouse::clock::Clock;
use countinghouse::reports::Gateway;
use serde_json::json;

use super::{asked, by_get, get, orders, tag};
use crate::support::app::{App, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(presets_move_on_at_midnight_of_their_zone, buckets_move_on_with_their_grain);

fn seconds(instant: &str) -> i64 {
    instant.parse::<DateTime<Utc>>().expect("an instant").timestamp()
}

async fn open(database: &TestDatabase, at: &'static AtomicI64) -> App {
    let gateway = Gateway::new(database.connection.clone());
    App::over(Gateway { clock: Clock::Set(at), ..gateway })
}

async fn presets_move_on_at_midnight_of_their_zone(database: TestDatabase) {
    let at: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(0)));
    // All orders are of 10:00 UTC on 5 January: 11:00 in Berlin.
    let shop = organization(&database.connection, "shop", "USD", orders("o", 3).path()).await;
    let app = open(&database, at).await;
    let today = |zone: &str| {
        by_get(&format!(
            "{{ revenue(period: {{preset: TODAY}}, timeZone: \"{zone}\") {{ totals {{ orders }} }} }}"
        ))
    };
    let who = admin(&shop);
    let zones = ["UTC", "Europe/Berlin", "America/New_York"];
    let mut tags: [Option<String>; 3] = Default::default();
    let mut misses = 0;
    for (now, told, is_new) in [
        ("2024-01-05T12:00:00Z", [3, 3, 3], [true; 3]),
        ("2024-01-05T22:59:59Z", [3, 3, 3], [false; 3]),
        ("2024-01-05T23:00:00Z", [3, 0, 3], [false, true, false]),
        ("2024-01-05T23:59:59Z", [3, 0, 3], [false; 3]),
        ("2024-01-06T00:00:00Z", [0, 0, 3], [true, false, false]),
        ("2024-01-06T04:59:59Z", [0, 0, 3], [false; 3]),
        ("2024-01-06T05:00:00Z", [0, 0, 0], [false, false, true]),
    ] {
        at.store(seconds(now), Ordering::SeqCst);
        for place in 0..3 {
            misses += u64::from(is_new[place]);
            let path = today(zones[place]);
            let reply = get(&app, &who, &path, None).await;
            let count = reply.json()["data"]["revenue"]["totals"]["orders"].as_i64();
            assert_eq!((count, asked(&app).1), (Some(told[place]), misses), "{now} {}", zones[place]);
            if let Some(known) = &tags[place] {
                let status = if is_new[place] { 200 } else { 304 };
                let again = get(&app, &who, &path, Some(known)).await;
                assert_eq!(again.status.as_u16(), status, "{now} {}", zones[place]);
            }
            tags[place] = Some(tag(&reply));
        }
    }
    // The routes' days are UTC's; a range that is named does not move.
    let route = "/api/v1/reports/sales?preset=today";
    let range = "/api/v1/reports/sales?from=2024-01-05&to=2024-01-05";
    at.store(seconds("2024-01-05T23:59:59Z"), Ordering::SeqCst);
    let (before, fixed) = (get(&app, &who, route, None).await, get(&app, &who, range, None).await);
    at.store(seconds("2024-01-06T00:00:00Z"), Ordering::SeqCst);
    let after = get(&app, &who, route, Some(&tag(&before))).await;
    assert_eq!(after.status, 200);
    assert_ne!(after.body, before.body);
    assert_eq!(get(&app, &who, range, Some(&tag(&fixed))).await.status, 304);
}

async fn buckets_move_on_with_their_grain(database: TestDatabase) {
    let at: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(0)));
    let shop = organization(&database.connection, "shop", "USD", orders("o", 3).path()).await;
    let app = open(&database, at).await;
    let query = "{ revenue(period: {last: {count: 2, grain: HOUR}}) { totals { orders } } }";
    for (now, told, misses) in [
        ("2024-01-05T10:30:00Z", 3, 1),
        ("2024-01-05T10:59:59Z", 3, 1),
        ("2024-01-05T11:00:00Z", 3, 2),
        ("2024-01-05T12:00:00Z", 0, 3),
        ("2024-01-05T12:59:59Z", 0, 3),
    ] {
        at.store(seconds(now), Ordering::SeqCst);
        let reply = app.graphql(Ok(admin(&shop)), query, json!({})).await.json();
        let count = reply["data"]["revenue"]["totals"]["orders"].as_i64();
        assert_eq!((count, asked(&app).1), (Some(told), misses), "{now}");
    }
}
