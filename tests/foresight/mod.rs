//! Forecasts and anomalies, through GraphQL and over the routes, on shops whose days are made by rules.

mod anomalies;
mod demo;
mod forecast;
mod running;
mod young;

pub use anomalies::DOCUMENTED_ANOMALY;

use std::fmt::Write as _;

use chrono::{Days, NaiveDate};
use countinghouse::principal::Organization;
use serde_json::{Value, json};

use crate::support::TestDatabase;
use crate::support::app::{App, Dataset, Reply, admin, organization};

/// A day.
fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// An order a day from `first` to `last`, on a channel, over as many minor units as `minor` says; none for none.
fn orders(file: &mut String, channel: &str, first: &str, last: &str, minor: impl Fn(NaiveDate) -> i64) {
    let last = day(last);
    for day in day(first).iter_days().take_while(|day| *day <= last) {
        let minor = minor(day);
        if minor != 0 {
            writeln!(
                file,
                "{channel}-{day},{day}T10:00:00Z,CONFIRMED,{}.{:02},USD,{channel}",
                minor / 100,
                minor % 100
            )
            .expect("text");
        }
    }
}

/// A shop in dollars with these orders.
struct Shop {
    app: App,
    organization: Organization,
}

impl Shop {
    async fn open(database: &TestDatabase, name: &str, orders: &str, now: &str) -> Self {
        let file = format!("order_id,placed_at,status,total,currency,channel\n{orders}");
        Self::of(database, name, Dataset::new().file("orders.csv", &file), now).await
    }

    async fn of(database: &TestDatabase, name: &str, dataset: Dataset, now: &str) -> Self {
        let organization = organization(&database.connection, name, "USD", dataset.path()).await;
        Self { app: App::new(&database.connection, now), organization }
    }

    /// The answer to a query.
    async fn ask(&self, query: &str) -> Value {
        self.app.graphql(Ok(admin(&self.organization)), query, json!({})).await.json()
    }

    /// The data of an answer without errors.
    async fn told(&self, query: &str) -> Value {
        let mut body = self.ask(query).await;
        assert_eq!(body.get("errors"), None, "{query}");
        body["data"].take()
    }

    /// What a route answers.
    async fn get(&self, path: &str) -> Reply {
        self.app.get(Ok(admin(&self.organization)), &format!("/api/analytics{path}")).await
    }
}

/// The day so many days after `first`.
fn after(first: &str, days: u64) -> NaiveDate {
    day(first).checked_add_days(Days::new(days)).expect("a day")
}
