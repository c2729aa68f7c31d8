//! Whole answers that are kept: never another's, never older than what was stored before they were asked for.

mod clock;
mod concurrent;
mod hits;
mod looks;
mod requests;
mod writes;

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Request;
use countinghouse::ingest::{self, ImportOptions, Silent};
use countinghouse::principal::{Organization, Principal};
use sea_orm::DatabaseConnection;

use crate::support::app::{App, Dataset, Reply};

/// So many orders of 5 January 2024, with ids that begin so.
fn orders(prefix: &str, count: usize) -> Dataset {
    let mut file = "order_id,placed_at,status,total\n".to_owned();
    for number in 0..count {
        writeln!(file, "{prefix}{number},2024-01-05T10:00:00Z,DELIVERED,10.00").expect("text");
    }
    Dataset::new().file("orders.csv", &file)
}

async fn import(db: &DatabaseConnection, shop: &Organization, dataset: &Dataset) {
    let done = ingest::import_folder(db, shop, dataset.path(), &ImportOptions::default(), &Silent).await;
    done.expect("the data is good");
}

/// How often the cache of answers knew, and how often it did not.
fn asked(app: &App) -> (u64, u64) {
    let text = app.gateway.means.instruments.text().expect("metrics");
    let count = |outcome: &str| {
        let series =
            format!("countinghouse_cache_requests_total{{cache=\"answers\",outcome=\"{outcome}\"}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&series)).expect("a series");
        line.parse().expect("a number")
    };
    (count("hit"), count("miss"))
}

/// `GET path` by who may know an answer already.
async fn get(app: &App, who: &Principal, path: &str, known: Option<&str>) -> Reply {
    let request = known.iter().fold(Request::get(path), |request, tag| request.header("if-none-match", *tag));
    app.send(Ok(who.clone()), request.body(Body::empty()).expect("a request")).await
}

fn tag(reply: &Reply) -> String {
    reply.headers["etag"].to_str().expect("text").to_owned()
}

/// A query as a path.
fn by_get(query: &str) -> String {
    let text: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    format!("/graphql?query={text}")
}
