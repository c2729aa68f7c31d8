//! What shops' pages may tell within a minute: each visitor, and a site's pages together.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request};
use countinghouse::http::Peer;
use countinghouse::principal::Organization;
use countinghouse::quota::{Api, Quota, Quotas};
use countinghouse::telemetry::Instruments;
use countinghouse::throttle::Throttle;
use countinghouse::tracking::{Site, sites};
use http_body_util::BodyExt;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::redis::Redis;
use super::{Stand, shop};
use crate::import::ask;
use crate::support::{Engine, TestDatabase, both_databases, run};
use crate::tracking::{FIREFOX, SHOP, site};

both_databases!(
    a_visitor_may_tell_so_much,
    a_visitor_beyond_the_budget_still_comes_to_the_shop,
    nothing_that_a_client_writes_makes_a_visitor_another,
    a_sites_pages_may_tell_so_much_together,
);

const VISITOR: &str = "COUNTINGHOUSE_RATE_LIMITS_TRACKING_VISITOR";
const SITE: &str = "COUNTINGHOUSE_RATE_LIMITS_TRACKING_SITE";

/// A server that takes events of a site.
struct Pages<'a> {
    db: &'a DatabaseConnection,
    stand: Stand,
    site: Site,
}

/// What came back.
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    /// Status, and what is left of the budget that is told.
    fn left(&self) -> (u16, Option<&str>) {
        (self.status, self.header("ratelimit-remaining"))
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

impl<'a> Pages<'a> {
    async fn open(db: &'a DatabaseConnection, acme: &Organization, variables: &[(&str, &str)]) -> Self {
        let site = site();
        sites::create(db, acme.id, &site).await.expect("made");
        Self { db, stand: Stand::open(db, variables), site }
    }

    async fn send(&self, request: Builder, body: impl Into<Body>, address: &str) -> Reply {
        let request = request.header("user-agent", FIREFOX).header("origin", SHOP);
        let mut request = request.body(body.into()).expect("a request");
        let address: IpAddr = address.parse().expect("an address");
        request.extensions_mut().insert(Peer(address));
        let response = self.stand.routes.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    fn post(&self) -> Builder {
        Request::post(format!("/v1/track?site={}", self.site.key))
    }

    /// So many events at once, from an address.
    async fn tell(&self, events: usize, address: &str) -> Reply {
        let events = json!(vec![json!({ "type": "PAGEVIEW" }); events]).to_string();
        self.send(self.post(), events, address).await
    }

    async fn get(&self, path: &str, address: &str) -> Reply {
        self.send(Request::get(path), "", address).await
    }

    /// Waits until so many events are stored, and a little longer: no more of them come.
    async fn stored(&self, events: usize) {
        let count = async || ask(self.db, "SELECT COUNT(*) FROM events").await.concat();
        for _ in 0..200 {
            if count().await == events.to_string() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(count().await, events.to_string());
    }
}

async fn a_visitor_may_tell_so_much(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let pages = Pages::open(db, &acme, &[(VISITOR, "10")]).await;
    let (one, other) = ("203.0.113.9", "203.0.113.10");
    let first = pages.tell(6, one).await;
    assert_eq!(first.left(), (202, Some("4")));
    assert_eq!(first.header("ratelimit-policy"), Some("\"tracking_visitor\";q=10;w=60;qu=\"events\""));
    // Events are what counts, not requests; a request is taken whole or not at all.
    let refused = pages.tell(5, one).await;
    let after = refused.header("retry-after").expect("told").to_owned();
    assert!((1..=60).contains(&after.parse::<u64>().expect("seconds")), "{after}");
    let words = format!("10 events a minute are taken, and they are used up; try again in {after} s");
    let problem =
        json!({ "type": "about:blank", "title": "Too Many Requests", "status": 429, "detail": words });
    assert_eq!((refused.status, refused.json()), (429, problem));
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    // The shop's page may read it.
    assert_eq!(refused.header("access-control-allow-origin"), Some(SHOP));
    assert_eq!(pages.tell(1, one).await.left(), (202, Some("3")));
    // A body that is none, and one without an event, were asked as well.
    let broken = pages.send(pages.post(), "{", one).await;
    assert_eq!((broken.left(), pages.tell(0, one).await.left()), ((422, Some("2")), (202, Some("1"))));
    let pixel = format!("/v1/track.gif?site={}&type=PAGEVIEW", pages.site.key);
    assert_eq!(pages.get(&pixel, one).await.left(), (200, Some("0")));
    let no_pixel = pages.get(&pixel, one).await;
    assert_eq!(
        (no_pixel.left(), no_pixel.header("content-type")),
        ((429, Some("0")), Some("application/problem+json"))
    );
    assert_eq!(pages.stand.counted("countinghouse_over_budget_total{api=\"tracking_visitor\"}"), 2);
    // Another visitor, and the same one at another shop, have budgets of their own.
    assert_eq!(pages.tell(10, other).await.left(), (202, Some("0")));
    // What no budget ever holds is not told to come back.
    let never = pages.tell(11, "203.0.113.11").await;
    let words = "10 events a minute are taken: a request with more never is";
    let problem =
        json!({ "type": "about:blank", "title": "Unprocessable Content", "status": 422, "detail": words });
    assert_eq!((never.status, never.json(), never.header("retry-after")), (422, problem, None));
    assert_eq!(pages.tell(10, "203.0.113.11").await.left(), (202, Some("0")));
    let second = Site { key: Site::new_key(), ..pages.site.clone() };
    sites::create(db, acme.id, &second).await.expect("made");
    let there = Request::post(format!("/v1/track?site={}", second.key));
    assert_eq!(pages.send(there, r#"{"type":"CLICK"}"#, one).await.left(), (202, Some("9")));
    // Whether a page may send is asked and told without a limit.
    let preflight = pages.send(Request::options(format!("/v1/track?site={}", pages.site.key)), "", one).await;
    assert_eq!(preflight.left(), (204, None));
    pages.stored(6 + 1 + 1 + 10 + 10 + 1).await;
}

async fn a_visitor_beyond_the_budget_still_comes_to_the_shop(database: TestDatabase) {
    let db = &database.connection;
    let pages = Pages::open(db, &shop(db, "acme").await, &[(VISITOR, "2")]).await;
    let link = format!("/r/BLOG10?site={}", pages.site.key);
    for number in 0..6 {
        let reply = pages.get(&link, "203.0.113.9").await;
        assert_eq!(
            (reply.status, reply.header("location")),
            (302, Some("https://shop.example/")),
            "{number}"
        );
    }
    // Where no click was to be counted, none is: what is fetched ahead, or only looked up, uses nothing up.
    for _ in 0..3 {
        let ahead = Request::get(&link).header("sec-purpose", "prefetch");
        assert_eq!(pages.send(ahead, "", "203.0.113.10").await.status, 302);
        let head = Request::builder().method(Method::HEAD).uri(&link);
        assert_eq!(pages.send(head, "", "203.0.113.10").await.status, 302);
    }
    assert_eq!(pages.tell(2, "203.0.113.10").await.left(), (202, Some("0")));
    // A link that leads elsewhere is refused whatever is left.
    assert_eq!(pages.get(&format!("{link}&to=https://evil.example/"), "203.0.113.9").await.status, 400);
    pages.stored(2 + 2).await;
    assert_eq!(ask(db, "SELECT COUNT(*) FROM events WHERE type = 1").await, ["2"]);
    assert_eq!(pages.stand.counted("countinghouse_over_budget_total{api=\"tracking_visitor\"}"), 4);
}

async fn nothing_that_a_client_writes_makes_a_visitor_another(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let spoofed = |pages: &Pages<'_>, number: u8| {
        let address = format!("198.51.100.{number}");
        pages
            .post()
            .header("x-forwarded-for", &address)
            .header("forwarded", format!("for={address}"))
            .header("x-real-ip", &address)
            .header("cf-connecting-ip", &address)
            .header("cookie", format!("visitor={number}"))
            .header("accept-language", format!("x-{number}"))
    };
    // Nobody is trusted: the connection's other end is who asks. Of IPv6 that is a network.
    for peers in [["203.0.113.9"; 4], ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:f::", "2001:db8::ffff"]] {
        let pages = Pages::open(db, &acme, &[(VISITOR, "2")]).await;
        let mut statuses = Vec::new();
        for (number, peer) in (0..).zip(peers) {
            let request = spoofed(&pages, number);
            statuses.push(pages.send(request, r#"{"type":"PAGEVIEW"}"#, peer).await.status);
        }
        assert_eq!(statuses, [202, 202, 429, 429], "{peers:?}");
    }
    // Through a trusted proxy, each that it names is one, whatever stands before that.
    let pages =
        Pages::open(db, &acme, &[(VISITOR, "2"), ("COUNTINGHOUSE_TRUSTED_PROXIES", "10.0.0.0/8")]).await;
    let through = async |way: &str| {
        let request = pages.post().header("x-forwarded-for", way);
        pages.send(request, r#"{"type":"PAGEVIEW"}"#, "10.0.0.1").await.status
    };
    let ways = ["198.51.100.1", "192.0.2.1, 198.51.100.1", "192.0.2.2, 198.51.100.1", "198.51.100.2"];
    let mut statuses = Vec::new();
    for way in ways {
        statuses.push(through(way).await);
    }
    assert_eq!(statuses, [202, 202, 429, 202]);
}

async fn a_sites_pages_may_tell_so_much_together(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let pages = Pages::open(db, &acme, &[(SITE, "7"), (VISITOR, "4")]).await;
    assert_eq!(pages.tell(4, "203.0.113.1").await.left(), (202, Some("0")));
    // What a visitor is refused for is not the site's to pay.
    assert_eq!(pages.tell(4, "203.0.113.1").await.status, 429);
    assert_eq!(pages.tell(3, "203.0.113.2").await.left(), (202, Some("1")));
    let refused = pages.tell(1, "203.0.113.3").await;
    assert_eq!(refused.left(), (429, Some("0")));
    assert_eq!(refused.header("ratelimit-policy"), Some("\"tracking_site\";q=7;w=60;qu=\"events\""));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(pages.get(&format!("/r/X?site={}", pages.site.key), "203.0.113.4").await.status, 302);
    // Another site of the same shop has its own.
    let other = Pages { site: site(), stand: pages.stand.clone(), db };
    sites::create(db, acme.id, &other.site).await.expect("made");
    assert_eq!(other.tell(4, "203.0.113.3").await.left(), (202, Some("0")));
    assert_eq!(pages.stand.counted("countinghouse_over_budget_total{api=\"tracking_site\"}"), 2);
    pages.stored(4 + 3 + 4).await;
    // How much of a site's budget is left is told to nobody who is not refused: it says how busy the shop is.
    let alone = Pages::open(db, &acme, &[(SITE, "7"), (VISITOR, "none")]).await;
    assert_eq!(alone.tell(3, "203.0.113.3").await.left(), (202, None));
}

#[test]
fn servers_share_a_sites_budget_and_keep_visitors_to_themselves() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let acme = shop(&database.connection, "acme").await;
        let redis = Redis::start().await;
        let quotas = Quotas::default()
            .with(Api::TrackingSite, Quota::PerMinute(10))
            .with(Api::TrackingVisitor, Quota::PerMinute(4));
        let server = || {
            let throttle = Throttle::new(quotas.clone(), &Instruments::default());
            throttle.shared_through(&redis.url()).expect("an address")
        };
        let (first, second) = (server(), server());
        let visit = async |server: &Throttle, visitor: &str, cost: u64| {
            let verdict = server.visit(acme.id, "ts_1", Some(visitor), cost).await.expect("there is a limit");
            (verdict.api, verdict.is_granted())
        };
        assert_eq!(visit(&first, "ada", 4).await, (Api::TrackingVisitor, true));
        assert_eq!(visit(&first, "ada", 1).await, (Api::TrackingVisitor, false));
        assert_eq!(visit(&second, "ada", 4).await, (Api::TrackingVisitor, true));
        assert_eq!(visit(&second, "bob", 3).await, (Api::TrackingSite, false));
        assert_eq!(visit(&first, "eve", 2).await, (Api::TrackingVisitor, true));
        assert_eq!(visit(&first, "eve", 1).await, (Api::TrackingSite, false));
        // Of visitors nothing is told to anybody.
        let names = redis.names().await;
        assert!(names.iter().any(|name| name.ends_with(":ts_1")), "{names:?}");
        for visitor in ["ada", "bob", "eve", "visitor"] {
            assert!(names.iter().all(|name| !name.contains(visitor)), "{names:?}");
        }
    });
}
