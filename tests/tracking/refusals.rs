//! What is refused, and how.

use std::time::Duration;

use axum::http::Request;
use countinghouse::tracking::{Options, sites};
use serde_json::{Value, json};

use super::{FIREFOX, NOW, SHOP, Shop, site};
use crate::import::ask;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    sites_that_are_none_take_nothing,
    pages_of_others_are_refused,
    wrong_events_are_listed_and_none_is_taken,
    there_is_room_for_so_many,
);

async fn sites_that_are_none_take_nothing(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    let unknown = site();
    let mut paths =
        vec!["/v1/track".to_owned(), "/v1/track?site=".to_owned(), "/v1/track?site=acme".to_owned()];
    paths.push(format!("/v1/track?site={}", unknown.key));
    paths.push(format!("/v1/track?site={0}&site={0}", shop.site.key));
    let post = async |path: &str| {
        let request = Request::post(path).header("user-agent", FIREFOX);
        let request = request.body(r#"{"type":"PAGEVIEW"}"#.into()).expect("a request");
        shop.send(request, "203.0.113.9").await
    };
    for path in paths {
        let reply = post(&path).await;
        let words = "the parameter `site` must be the key of a site, as `countinghouse site create` tells it";
        assert_eq!((reply.status.as_u16(), &reply.json()["detail"]), (404, &json!(words)), "{path}");
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
    // One that was revoked is forgotten within five seconds.
    assert!(sites::revoke(db, shop.organization.id, &shop.site.key, shop.now()).await.expect("asked"));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(15);
    while post(&shop.path()).await.status != 404 {
        assert!(tokio::time::Instant::now() < deadline, "it is still taken");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    shop.end().await;
}

async fn pages_of_others_are_refused(database: TestDatabase) {
    let shop = Shop::open(&database.connection, site()).await;
    let send = async |name: &str, value: &str| {
        let request = Request::post(shop.path()).header("user-agent", FIREFOX).header(name, value);
        shop.send(request.body(r#"{"type":"PAGEVIEW"}"#.into()).expect("a request"), "203.0.113.9").await
    };
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "http://shop.example"),
        ("origin", "https://shop.example.evil.example"),
        ("origin", "null"),
        ("referer", "https://evil.example/https://shop.example/"),
    ] {
        let reply = send(name, value).await;
        assert_eq!(reply.status, 403, "{value}");
        assert_eq!(
            reply.json()["detail"],
            "pages of https://shop.example send this site's events, and no others"
        );
        assert_eq!(reply.headers.get("access-control-allow-origin"), None);
    }
    assert_eq!(send("referer", "https://shop.example/lamps?x").await.status, 202);
    let asks = Request::options(shop.path()).header("origin", "https://evil.example");
    let reply = shop.send(asks.body("".into()).expect("a request"), "203.0.113.9").await;
    assert_eq!((reply.status.as_u16(), reply.headers.get("access-control-allow-origin")), (403, None));
    shop.end().await;
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM events").await, ["1"]);
}

async fn wrong_events_are_listed_and_none_is_taken(database: TestDatabase) {
    let shop = Shop::open(&database.connection, site()).await;
    let long = "x".repeat(513);
    let told = shop
        .tell(json!([
            { "type": "PAGEVIEW" },
            { "type": "LOOK" },
            { "type": "CLICK", "occurred_at": "2026-04-24T11:59:59Z" },
            { "type": "CLICK", "occurred_at": "2026-04-25T12:05:01Z" },
            { "type": "CLICK", "page_url": "/cart" },
            { "type": "CLICK", "session_id": "mine" },
            { "type": "CLICK", "event_id": long },
            { "type": "CONVERSION", "order_total": 1 },
        ]))
        .await;
    let wanted = json!({
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "7 of the events are wrong; none was taken",
        "errors": {
            "events[2].type": [
                "must be one of CLICK, PAGEVIEW, PRODUCT_VIEW, ADD_TO_CART, REMOVE_FROM_CART, THANK_YOU_VIEW, CONVERSION",
            ],
            "events[3].occurred_at": ["must lie within the last 24 hours"],
            "events[4].occurred_at": ["must lie within the last 24 hours"],
            "events[5].page_url": ["is not an address such as https://shop.example/lamps"],
            "events[6].session_id": ["this site's pages may not name sessions; they may where it is made with --client-sessions"],
            "events[7].event_id": ["must have at most 512 bytes, and no control characters"],
            "events[8].type": [
                "this site's pages may not tell of conversions: its server tells the ingest API, or the site is made with \
                 --public-conversions",
            ],
        },
    });
    assert_eq!((told.status.as_u16(), told.json()), (422, wanted));
    // The page itself may read what was wrong.
    assert_eq!(told.headers["access-control-allow-origin"], SHOP);
    let many: Vec<Value> = (0..501).map(|_| json!({ "type": "CLICK" })).collect();
    for body in [
        String::new(),
        "type=CLICK".to_owned(),
        "null".to_owned(),
        "[1]".to_owned(),
        r#"{"type":"CLICK","colour":"red"}"#.to_owned(),
        r#"{"type":"CLICK","type":"CLICK"}"#.to_owned(),
        r#"{"type":7}"#.to_owned(),
        r#"[{"type":"CLICK"}"#.to_owned(),
        json!(many).to_string(),
    ] {
        let shown: String = body.chars().take(60).collect();
        let request = shop.posted().body(body.into()).expect("a request");
        assert_eq!(shop.send(request, "203.0.113.9").await.status, 422, "{shown}");
    }
    // Each is named, whether it cannot be read or is wrong.
    let several = r#"[{"type":"PAGEVIEW"},{"type":"X"},{"type":"CLICK","foo":1},5]"#;
    let request = shop.posted().body(several.into()).expect("a request");
    let errors = shop.send(request, "203.0.113.9").await.json()["errors"].clone();
    let named: Vec<&String> = errors.as_object().expect("errors").keys().collect();
    assert_eq!(named, ["events[2].type", "events[3]", "events[4]"], "{errors}");
    let request = shop.posted().body("null".into()).expect("a request");
    let errors = shop.send(request, "203.0.113.9").await.json()["errors"].clone();
    assert_eq!(errors, json!({ "events[1]": ["must be an event, which is a JSON object"] }));
    let packed = shop.posted().header("content-encoding", "gzip").body("\u{1f}".into()).expect("a request");
    let reply = shop.send(packed, "203.0.113.9").await;
    let words = "events come as they are, without a Content-Encoding";
    assert_eq!((reply.status.as_u16(), &reply.json()["detail"]), (415, &json!(words)));
    let form = Request::post(shop.path()).header("content-type", "application/x-www-form-urlencoded");
    let form = form.header("user-agent", FIREFOX).body("type=CLICK".into()).expect("a request");
    assert_eq!(shop.send(form, "203.0.113.9").await.status, 415);
    shop.end().await;
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM events").await, ["0"]);
}

async fn there_is_room_for_so_many(database: TestDatabase) {
    let first = Shop::open(&database.connection, site()).await;
    let options = Options { room: 10, ..Options::default() };
    let shop = Shop::of(&database.connection, first.organization.clone(), first.site.clone(), NOW, options);
    let events = |count: usize| json!(vec![json!({ "type": "PAGEVIEW" }); count]);
    let reply = shop.tell(events(11)).await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (503, "2"));
    assert_eq!(reply.json()["detail"], "too many events wait to be written; try again shortly");
    assert_eq!(reply.headers["access-control-allow-origin"], SHOP);
    // Who comes to the shop by a link comes there, whatever becomes of the click.
    assert_eq!(shop.tell(events(10)).await.status, 202);
    assert_eq!(shop.get(&format!("/r/X?site={}", shop.site.key)).await.status, 302);
    // What was written makes room.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(15);
    while shop.tell(events(10)).await.status != 202 {
        assert!(tokio::time::Instant::now() < deadline, "there is no room again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    shop.end().await;
    // After its end it takes nothing any more.
    assert_eq!(shop.tell(events(1)).await.status, 503);
    let count: u64 =
        ask(&database.connection, "SELECT COUNT(*) FROM events").await[0].parse().expect("a number");
    assert!((20..=21).contains(&count), "{count}");
}
