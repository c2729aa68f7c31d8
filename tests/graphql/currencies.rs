//! An organization whose facts begin to carry another currency, seen through a credential that was verified before.

use countinghouse::ingest::{self, ImportOptions, Silent};
use serde_json::json;

use super::stall::told;
use crate::support::app::{App, Dataset, admin, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(an_imports_first_foreign_amounts_are_converted_at_once);

const QUERY: &str = r#"{ revenue(period: { range: { from: "2024-01-01", to: "2024-03-31" } }) { totals { revenue { amount } } } }"#;

async fn an_imports_first_foreign_amounts_are_converted_at_once(database: TestDatabase) {
    let db = &database.connection;
    let orders = "order_id,placed_at,status,currency,total\na,2024-01-15T12:00:00Z,DELIVERED,EUR,100.00\n";
    let before = organization(db, "shop", "EUR", Dataset::new().file("orders.csv", orders).path()).await;
    let app = App::new(db, "2024-04-01T00:00:00Z");
    let ask = async || app.graphql(Ok(admin(&before)), QUERY, json!({})).await;
    let amount = |text: &str| json!({ "revenue": { "totals": { "revenue": { "amount": text } } } });
    let reply = ask().await;
    assert_eq!(reply.json()["data"], amount("100.00"), "{}", told(&reply));
    let orders = "order_id,placed_at,status,currency,total\nb,2024-02-15T12:00:00Z,DELIVERED,USD,80.00\n";
    let rates = "day,from,to,rate\n2024-01-01,USD,EUR,0.5\n";
    let more = Dataset::new().file("orders.csv", orders).file("exchange_rates.csv", rates);
    ingest::import_folder(db, &before, more.path(), &ImportOptions::default(), &Silent)
        .await
        .expect("good data");
    // `before` knows of euros alone.
    let reply = ask().await;
    assert_eq!(reply.json()["data"], amount("140.00"), "{}", told(&reply));
}
