//! Tracking: what pages of shops send, what is kept of it, and what is not.

mod agents;
mod browser;
mod commands;
mod countries;
mod events;
mod links;
mod lookups;
mod privacy;
mod refusals;
mod stops;

use std::net::IpAddr;
use std::path::Path;

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::{Extension, Router};
use chrono::{DateTime, Utc};
use countinghouse::clock::Clock;
use countinghouse::principal::Organization;
use countinghouse::rest::tracking::{Tracking, router};
use countinghouse::tracking::{Address, Options, Site, Tracker, sites};
use http_body_util::BodyExt;
use sea_orm::DatabaseConnection;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::import::organization;

/// The instant at which everything happens.
pub const NOW: &str = "2026-04-25T12:00:00Z";
/// Where the shop is.
pub const SHOP: &str = "https://shop.example";
/// What a visitor browses with.
pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";

/// A site of an organization in euros.
pub fn site() -> Site {
    Site {
        key: Site::new_key(),
        name: "Shop".to_owned(),
        origins: vec![SHOP.to_owned()],
        targets: vec![SHOP.to_owned(), "https://www.shop.example".to_owned()],
        takes_sessions: false,
        takes_conversions: false,
        created_at: DateTime::UNIX_EPOCH,
        revoked_at: None,
    }
}

/// A server's part that takes events.
pub struct Shop {
    pub organization: Organization,
    pub site: Site,
    db: DatabaseConnection,
    now: DateTime<Utc>,
    routes: Router,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("text")
    }

    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

impl Shop {
    /// With this site, at [`NOW`].
    pub async fn open(db: &DatabaseConnection, site: Site) -> Self {
        let organization = organization(db, "EUR").await;
        sites::create(db, organization.id, &site).await.expect("made");
        Self::of(db, organization, site, NOW, Options { room: 50_000, ..Options::default() })
    }

    /// Of what there is already.
    pub fn of(
        db: &DatabaseConnection,
        organization: Organization,
        site: Site,
        now: &str,
        options: Options<'_>,
    ) -> Self {
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let tracker = Tracker::start(db, options, stopping.clone(), &tasks).expect("files that read");
        let now: DateTime<Utc> = now.parse().expect("an instant");
        let routes = router(Tracking { tracker, clock: Clock::Fixed(now) });
        Self { organization, site, db: db.clone(), now, routes, stopping, tasks }
    }

    /// Another server of the same database, at another time.
    pub fn beside(&self, now: &str) -> Self {
        let options = Options { room: 50_000, ..Options::default() };
        Self::of(&self.db, self.organization.clone(), self.site.clone(), now, options)
    }

    /// The path of its events.
    pub fn path(&self) -> String {
        format!("/v1/track?site={}", self.site.key)
    }

    /// A request as Firefox sends it from the shop's page.
    pub fn posted(&self) -> Builder {
        Request::post(self.path())
            .header("user-agent", FIREFOX)
            .header("origin", SHOP)
            .header("content-type", "text/plain;charset=UTF-8")
    }

    /// Sends what a page tells.
    pub async fn tell(&self, body: Value) -> Reply {
        let request = self.posted().body(body.to_string().into()).expect("a request");
        self.send(request, "203.0.113.9").await
    }

    /// A page or a link that is looked at.
    pub async fn get(&self, path: &str) -> Reply {
        let request =
            Request::get(path).header("user-agent", FIREFOX).body(Body::empty()).expect("a request");
        self.send(request, "203.0.113.9").await
    }

    /// Any request from that address.
    pub async fn send(&self, request: Request<Body>, address: &str) -> Reply {
        let address: IpAddr = address.parse().expect("an address");
        let routes = self.routes.clone().layer(Extension(Address(address)));
        let response = routes.oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Ends the server as a signal does: what it took is written then.
    pub async fn end(&self) {
        self.stopping.cancel();
        self.tasks.close();
        tokio::time::timeout(std::time::Duration::from_secs(20), self.tasks.wait()).await.expect("it ends");
    }

    /// The instant of its clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

/// Options with a file that tells countries.
pub fn with_countries(path: &Path) -> Options<'_> {
    Options { room: 1000, countries: Some(path), ..Options::default() }
}
