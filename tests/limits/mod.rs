//! How much a credential may ask for within a minute: exactly, each for itself, also when many ask at once, on two servers
//! that share a Redis, and while that is away.

mod apis;
mod exact;
mod graphql;
mod keys;
mod outage;
mod pages;
mod redis;
mod shared;
mod who;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chrono::DateTime;
use countinghouse::api_keys::{self, ApiKey, NewApiKey};
use countinghouse::clock::Clock;
use countinghouse::config::{Settings, Sources};
use countinghouse::http::{Ending, Readiness, application};
use countinghouse::principal::{Organization, Scope};
use countinghouse::quota::Quotas;
use countinghouse::telemetry::Instruments;
use futures::future::join_all;
use http_body_util::BodyExt;
use playground::Playground;
use sea_orm::DatabaseConnection;
use tower::ServiceExt;

use crate::support::app::{Dataset, Reply, organization};

/// What signs the tokens of these tests.
pub const SECRET: &str = "correct horse battery staple, and then some";
/// A route of the API that is limited by its document.
pub const INVENTORY: &str = "/api/v1/reports/inventory";

/// A whole server without its listener.
#[derive(Clone)]
pub struct Stand {
    routes: Router,
    pub instruments: Instruments,
}

impl Stand {
    /// Over `db`, with the settings that these variables make.
    pub fn open(db: &DatabaseConnection, variables: &[(&str, &str)]) -> Self {
        let mut all = BTreeMap::from([("JWT_SECRET".to_owned(), SECRET.to_owned())]);
        all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let settings = Settings::load(&Sources { variables: all, ..Sources::default() }).expect("settings");
        let (readiness, instruments) = (Readiness::current(db.clone()), Instruments::default());
        let (page, ending) = (Playground::default(), Ending::default());
        let routes = application(&settings, db.clone(), Clock::System, readiness, page, ending, &instruments);
        Self { routes: routes.expect("settings that fit"), instruments }
    }

    /// Any request, answered in text.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.routes.clone().oneshot(request).await.expect("it answers");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8(body.to_vec()).expect("UTF-8");
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// `GET path` with a credential.
    pub async fn get(&self, credential: &str, path: &str) -> Reply {
        self.send(get(credential, path).body(Body::empty()).expect("a request")).await
    }

    /// So many of them at once, each in a task of its own.
    pub async fn at_once(&self, count: usize, credential: &str, path: &str) -> Vec<Reply> {
        let asked = (0..count).map(|_| {
            let (stand, credential, path) = (self.clone(), credential.to_owned(), path.to_owned());
            tokio::spawn(async move { stand.get(&credential, &path).await })
        });
        join_all(asked).await.into_iter().map(|reply| reply.expect("it does not panic")).collect()
    }

    /// A counter's value, by its series as it is written.
    pub fn counted(&self, series: &str) -> u64 {
        let text = self.instruments.text().expect("a text");
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0, |count| count.parse().expect("a number"))
    }
}

/// A request with a credential.
pub fn get(credential: &str, path: &str) -> axum::http::request::Builder {
    Request::get(path).header("authorization", format!("Bearer {credential}"))
}

/// An organization with one product.
pub async fn shop(db: &DatabaseConnection, name: &str) -> Organization {
    let products =
        "product_id,sku,name,unit_price,currency,stock,is_active\np1,S1,Green tea,0.50,USD,7,true\n";
    organization(db, name, "USD", Dataset::new().file("products.csv", products).path()).await
}

/// A key that may read reports, with rate limits of its own as `key create` takes them.
pub async fn key(db: &DatabaseConnection, organization: &Organization, limits: &str) -> String {
    let key = ApiKey::generate("dk").expect("a prefix");
    let new = NewApiKey {
        organization: organization.id,
        name: "test".to_owned(),
        scopes: [Scope::ReportsRead, Scope::DashboardsWrite, Scope::DataWrite].into(),
        expires_at: None,
        quotas: Quotas::parse(limits).expect("limits"),
    };
    api_keys::store(db, &key, &new, DateTime::UNIX_EPOCH).await.expect("stored");
    key.reveal().to_owned()
}

/// The value of a header, if it is there.
pub fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.get(name).map(|value| value.to_str().expect("text"))
}

/// How many were answered with each status.
pub fn statuses(replies: &[Reply]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for reply in replies {
        *counts.entry(reply.status.as_u16()).or_default() += 1;
    }
    counts
}
