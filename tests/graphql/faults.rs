//! What goes wrong below the query: each has its code, and nothing of the inside is in the words.

use std::time::Duration;

use countinghouse::reports::Gateway;
use sea_orm::ConnectionTrait;

use super::stall::{Stall, told};
use crate::support::app::{App, Dataset, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_sum_that_is_too_large,
    an_answer_that_takes_too_long,
    a_database_that_is_away,
    a_row_that_cannot_be_read,
);

const TOTALS: &str = r#"{ revenue(period: { range: { from: "2024-01-01", to: "2024-03-31" } }) { totals { revenue { amount } } } }"#;

async fn a_sum_that_is_too_large(database: TestDatabase) {
    // 1,100 orders of 90,000,000,000,000.00: more than 64 bits of cents.
    let orders =
        (0..1100).map(|order| format!("o{order},2024-01-15T12:00:00Z,DELIVERED,90000000000000.00\n"));
    let header = "order_id,placed_at,status,total\n".to_owned();
    let folder = Dataset::new().file("orders.csv", &orders.fold(header, |text, line| text + &line));
    let giant = organization(&database.connection, "giant", "EUR", folder.path()).await;
    let app = App::new(&database.connection, "2024-04-01T00:00:00Z");
    let reply = app.graphql(Ok(admin(&giant)), TOTALS, serde_json::json!({})).await;
    insta::assert_snapshot!("overflow", told(&reply));
    let few = TOTALS.replace("2024-01-01", "2024-01-16");
    assert!(app.graphql(Ok(admin(&giant)), &few, serde_json::json!({})).await.json().get("errors").is_none());
}

async fn an_answer_that_takes_too_long(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let mut gateway = Gateway::new(database.connection.clone());
    gateway.means.deadline = Duration::ZERO;
    let reply = App::over(gateway).graphql(Ok(stall.admin()), TOTALS, serde_json::json!({})).await;
    insta::assert_snapshot!("timeout", told(&reply));
}

async fn a_database_that_is_away(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    database.connection.close_by_ref().await.expect("closed");
    insta::assert_snapshot!("unavailable", told(&stall.ask(TOTALS).await));
    // What needs no database is answered all the same.
    assert_eq!(stall.data("{ viewer { subject } }").await["viewer"]["subject"], "test");
}

async fn a_row_that_cannot_be_read(database: TestDatabase) {
    let stall = Stall::open(&database, true).await;
    let spoil = "UPDATE exchange_rates SET rate = 'secret words'";
    database.connection.execute_unprepared(spoil).await.expect("spoilt");
    let reply = stall.ask(TOTALS).await;
    assert!(!reply.body.contains("secret"), "{}", reply.body);
    insta::assert_snapshot!("internal", told(&reply));
}
