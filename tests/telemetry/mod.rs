//! What the server tells of itself: metrics, traces, slow statements, and where a request's time went.

mod counts;
mod exposition;
mod readers;
mod server_timing;
mod slow_statements;
mod traces;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use countinghouse::api_keys::{self, ApiKey, NewApiKey};
use countinghouse::clock::Clock;
use countinghouse::config::{Settings, Sources};
use countinghouse::http::{Ending, Readiness, application};
use countinghouse::principal::Scope;
use countinghouse::quota::Quotas;
use countinghouse::telemetry::Instruments;
use http_body_util::BodyExt;
use playground::Playground;
use serde_json::{Value, json};
use tower::ServiceExt;

use self::exposition::Exposition;
use crate::support::TestDatabase;
use crate::support::app::{Dataset, organization};

/// An organization's name that must not be told.
const ORGANIZATION: &str = "unspeakable-ltd";

/// | order | placed | customer | total |
/// | --- | --- | --- | --- |
/// | o1 | 5 January 2024 | c1 | 100.00 GBP |
/// | o2 | 20 January 2024 | c2 | 40.00 GBP |
/// | o3 | 10 February 2024 | c1 | 60.00 GBP |
///
/// and, `in_euros`, one of c2 on 15 March, 50.00 EUR.
fn dataset(in_euros: bool) -> Dataset {
    let foreign = if in_euros { "o4,c2,2024-03-15T12:00:00Z,DELIVERED,EUR,50.00\n" } else { "" };
    Dataset::new()
        .file("customers.csv", "customer_id,name\nc1,Ann\nc2,Bea\n")
        .file(
            "orders.csv",
            &format!(
                "order_id,customer_id,placed_at,status,currency,total\n\
                 o1,c1,2024-01-05T10:00:00Z,DELIVERED,GBP,100.00\n\
                 o2,c2,2024-01-20T18:30:00Z,SHIPPED,GBP,40.00\n\
                 o3,c1,2024-02-10T09:15:00Z,CONFIRMED,GBP,60.00\n{foreign}"
            ),
        )
        .file("exchange_rates.csv", "day,from,to,rate\n2024-03-01,EUR,GBP,0.8\n")
}

const YEAR: &str = r#"period: {range: {from: "2024-01-01", to: "2024-12-31"}}"#;

/// Makes the organization, and a key of it.
async fn credential(database: &TestDatabase, in_euros: bool) -> String {
    let db = &database.connection;
    let made = organization(db, ORGANIZATION, "GBP", dataset(in_euros).path()).await;
    let key = ApiKey::generate("test").expect("a key");
    let new = NewApiKey {
        organization: made.id,
        name: "test".to_owned(),
        scopes: [Scope::ReportsRead].into(),
        expires_at: None,
        quotas: Quotas::default(),
    };
    api_keys::store(db, &key, &new, Clock::System.now()).await.expect("it is stored");
    key.reveal().to_owned()
}

/// The whole application, its instruments, and a key that opens it.
struct Stand {
    app: Router,
    instruments: Instruments,
    key: String,
}

/// What came back.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Stand {
    async fn open(database: &TestDatabase, in_euros: bool, variables: &[(&str, &str)]) -> Self {
        let key = credential(database, in_euros).await;
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let sources = Sources { variables: variables.iter().map(owned).collect(), ..Sources::default() };
        let settings = Settings::load(&sources).expect("the settings hold");
        let db = database.connection.clone();
        let (readiness, instruments) = (Readiness::current(db.clone()), Instruments::default());
        let playground = Playground::default();
        let ending = Ending::default();
        let app = application(&settings, db, Clock::System, readiness, playground, ending, &instruments);
        Self { app: app.expect("an application"), instruments, key }
    }

    /// Any request, with the key.
    async fn send(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().insert("x-api-key", self.key.parse().expect("a header"));
        self.send_bare(request).await
    }

    /// Any request as it is.
    async fn send_bare(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8(body.to_vec()).expect("text");
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// A GraphQL request, with the key.
    async fn graphql(&self, query: &str) -> Answer {
        self.send(graphql(&json!({ "query": query }))).await
    }

    /// What is counted so far.
    fn counted(&self) -> Exposition {
        Exposition::parse(&self.instruments.text().expect("a text"))
    }

    /// Whatever `work` makes counters count: gauges and times are left out.
    async fn counts(&self, work: impl Future<Output = ()>) -> BTreeMap<String, u64> {
        let before = self.counted();
        work.await;
        self.counted().counts_since(&before)
    }
}

/// `POST /graphql`
fn graphql(body: &Value) -> Request<Body> {
    let request = Request::post("/graphql").header("content-type", "application/json");
    request.body(body.to_string().into()).expect("a request")
}
