//! What is read of an organization's row for each request: all of it, as it is after the request arrived.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use countinghouse::fault::Fault;
use countinghouse::metrics::Versions;
use countinghouse::organizations;
use countinghouse::principal::OrganizationId;
use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::orders;
use crate::support::app::organization;
use crate::support::{TestDatabase, both_databases, open};

both_databases!(
    no_look_that_began_before_is_taken_for_a_later_one,
    whatever_changes_of_an_organization_is_seen,
    an_organization_that_cannot_be_read_is_its_own_matter,
);

const WRITES: i64 = 200;

async fn version(versions: &Versions, id: OrganizationId) -> i64 {
    versions.now(id).await.expect("an organization").version
}

async fn written(db: &DatabaseConnection, words: &str) {
    db.execute_unprepared(words).await.expect("it is written");
}

/// There is always a look under way, and each that begins after a write was stored tells of it. Another pool writes, as another
/// server would.
async fn no_look_that_began_before_is_taken_for_a_later_one(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "shop", "USD", orders("o", 1).path()).await.id;
    let other = organization(db, "other", "USD", orders("o", 1).path()).await.id;
    let versions = Versions::new(db.clone());
    let stored = Arc::new(AtomicI64::new(version(&versions, shop).await));
    let is_done = Arc::new(AtomicBool::new(false));
    let looking = (0..8).map(|looker| {
        let (versions, stored, is_done) = (versions.clone(), Arc::clone(&stored), Arc::clone(&is_done));
        tokio::spawn(async move {
            let mut looks = 0_u64;
            while !is_done.load(Ordering::SeqCst) {
                let before = stored.load(Ordering::SeqCst);
                if looker % 2 == 0 {
                    let seen = version(&versions, shop).await;
                    assert!(seen >= before, "{seen} after {before} was stored");
                } else {
                    version(&versions, other).await;
                }
                looks += 1;
                tokio::task::yield_now().await;
            }
            looks
        })
    });
    let looking: Vec<_> = looking.collect();
    let writer = open(&database.url).await;
    for _ in 0..WRITES {
        organizations::count_write(&writer, shop).await.expect("it is written");
        let now = stored.fetch_add(1, Ordering::SeqCst) + 1;
        assert_eq!(version(&versions, shop).await, now);
    }
    is_done.store(true, Ordering::SeqCst);
    for looker in looking {
        assert!(looker.await.expect("it looked") > 0);
    }
    writer.close().await.expect("it closes");
}

/// Also what no version counts.
async fn whatever_changes_of_an_organization_is_seen(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "shop", "USD", orders("o", 1).path()).await;
    let versions = Versions::new(db.clone());
    let told = async || {
        let at = versions.now(shop.id).await.expect("an organization");
        let of = &at.organization;
        let currencies: Vec<&str> = of.fact_currencies.iter().map(|currency| currency.code()).collect();
        format!(
            "{} {} {} {} {} {} {} {} {} {}",
            of.name,
            of.currency.code(),
            of.time_zone.name(),
            currencies.join("+"),
            of.churn_window.num_days(),
            at.made_at,
            at.has_rollups,
            at.rollup_steps,
            at.rolled_orders,
            at.settled_version
        )
    };
    assert_eq!(told().await, "shop USD UTC USD 90 0 false 0 9223372036854775807 1");
    for (change, expected) in [
        ("name = 'Shop & Sons'", "Shop & Sons USD UTC USD 90 0 false 0 9223372036854775807 1"),
        ("currency = 'EUR'", "Shop & Sons EUR UTC USD 90 0 false 0 9223372036854775807 1"),
        ("time_zone = 'Asia/Tokyo'", "Shop & Sons EUR Asia/Tokyo USD 90 0 false 0 9223372036854775807 1"),
        (
            "fact_currencies = 'EUR,USD'",
            "Shop & Sons EUR Asia/Tokyo EUR+USD 90 0 false 0 9223372036854775807 1",
        ),
        ("churn_days = 30", "Shop & Sons EUR Asia/Tokyo EUR+USD 30 0 false 0 9223372036854775807 1"),
        ("created_at = 7", "Shop & Sons EUR Asia/Tokyo EUR+USD 30 7 false 0 9223372036854775807 1"),
        ("has_rollups = TRUE", "Shop & Sons EUR Asia/Tokyo EUR+USD 30 7 true 0 9223372036854775807 1"),
        ("rollup_steps = 3", "Shop & Sons EUR Asia/Tokyo EUR+USD 30 7 true 3 9223372036854775807 1"),
        ("rolled_orders = 5", "Shop & Sons EUR Asia/Tokyo EUR+USD 30 7 true 3 5 1"),
        ("settled_version = 2", "Shop & Sons EUR Asia/Tokyo EUR+USD 30 7 true 3 5 2"),
    ] {
        written(db, &format!("UPDATE organizations SET {change}")).await;
        assert_eq!(told().await, expected, "{change}");
        assert_eq!(told().await, expected, "{change}, looked at once more");
    }
}

async fn an_organization_that_cannot_be_read_is_its_own_matter(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "shop", "USD", orders("o", 1).path()).await.id;
    let broken = organization(db, "broken", "USD", orders("o", 1).path()).await.id;
    let versions = Versions::new(db.clone());
    assert!(versions.now(broken).await.is_ok());
    written(db, "UPDATE organizations SET time_zone = 'Nowhere' WHERE external_id = 'broken'").await;
    let refused = |found: Result<_, Fault>| match found {
        Err(Fault::Internal(words)) => words,
        found => panic!("{found:?}"),
    };
    assert!(refused(versions.now(broken).await).contains("a time zone that is not known: Nowhere"));
    assert!(versions.now(shop).await.is_ok());
    assert_eq!(refused(versions.now(OrganizationId(99)).await), "the organization is gone");
    written(db, "UPDATE organizations SET time_zone = 'UTC' WHERE external_id = 'broken'").await;
    assert!(versions.now(broken).await.is_ok());
}
