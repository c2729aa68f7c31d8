//! What was read of facts is kept until the next write: read once, and never told when it no longer holds.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use countinghouse::ingest::{self, ImportOptions, Silent};
use countinghouse::organizations::{self, OrganizationChange};
use countinghouse::principal::Organization;
use futures::future::join_all;
use sea_orm::DatabaseConnection;
use serde_json::json;

use crate::support::app::{App, Dataset, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    what_was_asked_is_read_once,
    a_write_is_seen_at_once,
    many_at_the_same_time_read_once,
    who_gives_up_takes_nobody_along,
    nothing_is_older_than_what_was_stored_before,
    where_nothing_is_kept_everything_is_read,
);

pub const NOW: &str = "2024-02-10T15:00:00Z";
pub const QUERY: &str =
    r#"{ revenue(period: {range: {from: "2024-01-01", to: "2024-12-31"}}) { totals { orders } } }"#;

/// So many orders, with ids that begin so.
fn orders(prefix: &str, count: usize) -> Dataset {
    let mut file = "order_id,placed_at,status,total\n".to_owned();
    for number in 0..count {
        writeln!(file, "{prefix}{number},2024-01-05T10:00:00Z,DELIVERED,10.00").expect("text");
    }
    Dataset::new().file("orders.csv", &file)
}

async fn shop(db: &DatabaseConnection, name: &str, count: usize) -> Organization {
    organization(db, name, "USD", orders("o", count).path()).await
}

/// How many orders there are, as the API says.
pub async fn told(app: &App, shop: &Organization) -> u64 {
    let reply = app.graphql(Ok(admin(shop)), QUERY, json!({})).await.json();
    reply["data"]["revenue"]["totals"]["orders"].as_u64().unwrap_or_else(|| panic!("{reply}"))
}

/// The same, and how many statements that took.
async fn counted(app: &App, shop: &Organization) -> (u64, u64) {
    let statements = || app.gateway.means.instruments.statements();
    let before = statements();
    (told(app, shop).await, statements() - before)
}

async fn what_was_asked_is_read_once(database: TestDatabase) {
    let (one, other) =
        (shop(&database.connection, "one", 3).await, shop(&database.connection, "other", 5).await);
    let app = App::new(&database.connection, NOW);
    assert_eq!(counted(&app, &one).await, (3, 1));
    assert_eq!(counted(&app, &one).await, (3, 0));
    // Another's the same question is another question.
    assert_eq!(counted(&app, &other).await, (5, 1));
    assert_eq!((counted(&app, &one).await, counted(&app, &other).await), ((3, 0), (5, 0)));
    // The route reads what the field has read.
    let statements = app.gateway.means.instruments.statements();
    let path = "/api/v1/reports/sales?from=2024-01-01&to=2024-12-31";
    assert_eq!(app.get(Ok(admin(&one)), path).await.status, 200);
    let read = app.gateway.means.instruments.statements() - statements;
    assert_eq!(app.get(Ok(admin(&one)), path).await.status, 200);
    assert!(read > 0 && app.gateway.means.instruments.statements() == statements + read);
}

async fn a_write_is_seen_at_once(database: TestDatabase) {
    let db = &database.connection;
    let shop = shop(db, "shop", 3).await;
    let app = App::new(db, NOW);
    assert_eq!(counted(&app, &shop).await, (3, 1));
    import(db, &shop, &orders("p", 2)).await;
    assert_eq!(counted(&app, &shop).await, (5, 1));
    // Nothing new is no write.
    import(db, &shop, &orders("p", 2)).await;
    assert_eq!(counted(&app, &shop).await, (5, 0));
    let change = OrganizationChange { churn_days: Some(30), ..OrganizationChange::default() };
    assert!(organizations::change(db, "shop", change).await.expect("the database answers"));
    assert_eq!(counted(&app, &shop).await, (5, 1));
}

async fn import(db: &DatabaseConnection, shop: &Organization, dataset: &Dataset) {
    let done = ingest::import_folder(db, shop, dataset.path(), &ImportOptions::default(), &Silent).await;
    done.expect("the data is good");
}

async fn many_at_the_same_time_read_once(database: TestDatabase) {
    let shop = shop(&database.connection, "shop", 7).await;
    let app = App::new(&database.connection, NOW);
    let before = app.gateway.means.instruments.statements();
    let answers = join_all((0..40).map(|_| told(&app, &shop))).await;
    assert_eq!(answers, [7; 40]);
    assert_eq!(app.gateway.means.instruments.statements() - before, 1);
}

async fn who_gives_up_takes_nobody_along(database: TestDatabase) {
    let shop = shop(&database.connection, "shop", 7).await;
    for round in 0..20 {
        let app = App::new(&database.connection, NOW);
        let ask = || {
            let (app, shop) = (app.clone(), shop.clone());
            tokio::spawn(async move { told(&app, &shop).await })
        };
        let first = ask();
        let others: Vec<_> = (0..5).map(|_| ask()).collect();
        tokio::time::sleep(std::time::Duration::from_micros(round * 200)).await;
        first.abort();
        for other in others {
            assert_eq!(other.await.expect("an answer"), 7);
        }
    }
}

/// Whoever asks after a write was stored is told of it, however many ask and write.
async fn nothing_is_older_than_what_was_stored_before(database: TestDatabase) {
    let db = database.connection.clone();
    let shop = shop(&db, "shop", 1).await;
    // Two servers.
    let apps = [App::new(&db, NOW), App::new(&db, NOW)];
    let stored = Arc::new(AtomicU64::new(1));
    let writing = {
        let (db, shop, stored) = (db.clone(), shop.clone(), Arc::clone(&stored));
        tokio::spawn(async move {
            for number in 0..25 {
                import(&db, &shop, &orders(&format!("w{number}-"), 1)).await;
                stored.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let reading = (0..6).map(|reader| {
        let (app, shop, stored) = (apps[reader % 2].clone(), shop.clone(), Arc::clone(&stored));
        tokio::spawn(async move {
            let mut asked = 0;
            loop {
                let before = stored.load(Ordering::SeqCst);
                let answer = told(&app, &shop).await;
                assert!((before..=26).contains(&answer), "{answer} after {before} were stored");
                asked += 1;
                if before == 26 {
                    return asked;
                }
                // As a connection does that waits for its next request.
                tokio::task::yield_now().await;
            }
        })
    });
    let asked: Vec<u32> = join_all(reading).await.into_iter().map(|asked| asked.expect("told")).collect();
    writing.await.expect("written");
    assert!(asked.iter().sum::<u32>() > 25, "{asked:?}");
}

async fn where_nothing_is_kept_everything_is_read(database: TestDatabase) {
    let shop = shop(&database.connection, "shop", 7).await;
    let app = App::new(&database.connection, NOW).keeping_nothing();
    assert_eq!((counted(&app, &shop).await, counted(&app, &shop).await), ((7, 1), (7, 1)));
}
