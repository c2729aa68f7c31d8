//! What is stored of what pages tell.

use axum::http::Request;
use countinghouse::tracking::{Site, sites};
use serde_json::{Value, json};

use super::{FIREFOX, NOW, SHOP, Shop, site};
use crate::import::{ask, folder_of, import, other_organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    events_are_stored_with_what_is_known_of_their_visitors,
    what_is_told_twice_counts_once,
    bodies_come_as_browsers_send_them,
    conversions_are_believed_where_the_site_says_so,
    an_order_is_one_conversion_whatever_it_is_called,
    what_is_unusable_is_left_out_and_its_event_kept,
    good_events_are_taken_with_a_wrong_one_where_that_is_asked_for,
    events_are_their_sites_own,
    figures_follow,
);

/// Everything of an event but its session.
const EVENTS: &str = "SELECT event_key, event_id, occurred_at, type, tracking_code, page_url, referrer_url, product_id, \
    device, browser, os, e.country, traffic_source FROM events e \
    LEFT JOIN tracking_codes c ON c.organization_id = e.organization_id AND c.tracking_code_key = e.tracking_code_key \
    LEFT JOIN products p ON p.organization_id = e.organization_id AND p.product_key = e.product_key ORDER BY event_key";

async fn events_are_stored_with_what_is_known_of_their_visitors(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    let known = [
        ("products.csv", "product_id,sku,name\nlamp,s,Lamp\n7,t,Chair\n"),
        ("tracking_codes.csv", "tracking_code\nBLOG10\n"),
        ("events.csv", "event_id,occurred_at,type\nimported,2026-04-01,PAGEVIEW\n"),
    ];
    import(db, folder_of(&known).path()).await.expect("good rows");
    let told = json!([
        {
            "type": "CLICK", "event_id": "e-1", "tracking_code": "BLOG10",
            "page_url": "https://shop.example/lamps?tc=BLOG10&mail=ada@example.com#top",
            "referrer_url": "https://blog.example/best-lamps?x=1", "occurred_at": "2026-04-25T13:59:58.5+02:00",
        },
        { "type": "PRODUCT_VIEW", "event_id": "e-2", "product_id": 7, "page_url": "https://shop.example/lamps" },
        // What is not known is left out, and the event kept.
        { "type": "ADD_TO_CART", "event_id": "e-3", "product_id": "sofa", "tracking_code": "NOBODY", "traffic_source": "radio" },
        { "type": "PAGEVIEW", "event_id": "e-4", "referrer_url": "https://www.google.com/", "page_url": "https://shop.example/" },
    ]);
    let reply = shop.tell(told).await;
    let taken = reply.json();
    assert_eq!((reply.status.as_u16(), &taken["accepted"], &taken["left_out"]), (202, &json!(4), &json!(0)));
    shop.end().await;
    let at = |micros: i64| (1_777_118_400_000_000 + micros).to_string();
    let now = at(0);
    let visitor = "desktop|Firefox|Linux|";
    let wanted = [
        "1|imported|1775001600000000|2|||||||||".to_owned(),
        format!(
            "2|e-1|{}|1|BLOG10|https://shop.example/lamps|https://blog.example/best-lamps||{visitor}|affiliate",
            at(-1_500_000)
        ),
        format!("3|e-2|{now}|3||https://shop.example/lamps||7|{visitor}|direct"),
        format!("4|e-3|{now}|4|||||{visitor}|radio"),
        format!("5|e-4|{now}|2||https://shop.example/|https://www.google.com/||{visitor}|organic"),
    ];
    assert_eq!(ask(db, EVENTS).await, wanted);
    // All of one visit, and the answer says which.
    let sessions = ask(db, "SELECT DISTINCT session_id FROM events WHERE session_id IS NOT NULL").await;
    assert_eq!(sessions, [taken["session"].as_str().expect("a session")]);
    // An import goes on where tracking stopped, and the other way round.
    let more = [("events.csv", "event_id,occurred_at,type\nlater,2026-04-26,CLICK\ne-4,2026-04-25,CLICK\n")];
    import(db, folder_of(&more).path()).await.expect("good rows");
    assert_eq!(ask(db, "SELECT MAX(event_key), COUNT(*) FROM events").await, ["6|6"]);
}

async fn what_is_told_twice_counts_once(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    let event = |id: &str| json!({ "type": "PAGEVIEW", "event_id": id });
    let nameless = json!({ "type": "PAGEVIEW" });
    shop.tell(json!([event("a"), event("b"), event("a"), nameless, nameless])).await;
    shop.tell(json!([event("b"), event("c")])).await;
    shop.end().await;
    let again = shop.beside(NOW);
    again.tell(json!([event("c"), event("d"), event("a")])).await;
    again.end().await;
    let named =
        "SELECT event_id, COUNT(*) FROM events WHERE LENGTH(event_id) = 1 GROUP BY event_id ORDER BY 1";
    assert_eq!(ask(db, named).await, ["a|1", "b|1", "c|1", "d|1"]);
    let all = "SELECT COUNT(*), MAX(event_key), COUNT(DISTINCT event_id) FROM events";
    assert_eq!(ask(db, all).await, ["6|6|6"]);
}

async fn bodies_come_as_browsers_send_them(database: TestDatabase) {
    let shop = Shop::open(&database.connection, site()).await;
    let body = json!({ "type": "PAGEVIEW" }).to_string();
    for kind in
        ["", "application/json", "text/plain", "text/plain;charset=UTF-8", "Application/JSON; charset=utf-8"]
    {
        let request = Request::post(shop.path()).header("user-agent", FIREFOX).header("origin", SHOP);
        let request = if kind.is_empty() { request } else { request.header("content-type", kind) };
        let reply = shop.send(request.body(body.clone().into()).expect("a request"), "203.0.113.9").await;
        assert_eq!((reply.status.as_u16(), &reply.json()["accepted"]), (202, &json!(1)), "{kind:?}");
        assert_eq!(reply.headers["access-control-allow-origin"], SHOP);
        assert_eq!(reply.headers["access-control-allow-credentials"], "true");
        assert_eq!(reply.headers["vary"], "origin");
        assert_eq!(reply.headers["cross-origin-resource-policy"], "cross-origin");
        assert_eq!(reply.headers.get("set-cookie"), None);
    }
    // A page's browser asks before it sends JSON.
    let request =
        Request::options(shop.path()).header("origin", SHOP).header("access-control-request-method", "POST");
    let reply = shop.send(request.body("".into()).expect("a request"), "203.0.113.9").await;
    let header = |name: &str| reply.headers[name].to_str().expect("text").to_owned();
    assert_eq!(reply.status, 204);
    assert_eq!(header("access-control-allow-origin"), SHOP);
    // `navigator.sendBeacon` sends JSON with the cookies of the server's own, if there are any, and asks whether it may.
    assert_eq!(header("access-control-allow-credentials"), "true");
    assert_eq!(header("access-control-allow-methods"), "POST");
    assert_eq!(header("access-control-allow-headers"), "content-type");
    // Whoever says nothing of a page may be a visitor's mail.
    let request =
        Request::post(shop.path()).header("user-agent", FIREFOX).body(body.into()).expect("a request");
    let reply = shop.send(request, "203.0.113.9").await;
    assert_eq!((reply.status.as_u16(), reply.headers.get("access-control-allow-origin")), (202, None));
    shop.end().await;
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM events").await, ["6"]);
}

async fn conversions_are_believed_where_the_site_says_so(database: TestDatabase) {
    let db = &database.connection;
    let known = [("tracking_codes.csv", "tracking_code\nBLOG10\n")];
    let shop = Shop::open(db, Site { takes_conversions: true, takes_sessions: true, ..site() }).await;
    import(db, folder_of(&known).path()).await.expect("good rows");
    let order = |total: Value| json!({ "type": "CONVERSION", "order_id": "o-1", "order_total": total, "session_id": "s1" });
    assert_eq!(shop.tell(order(json!("149.99"))).await.status, 202);
    // The page that thanks is looked at again: an order is one conversion.
    assert_eq!(shop.tell(order(json!(149.99))).await.status, 202);
    let named =
        json!({ "type": "CONVERSION", "event_id": "c-2", "order_total": 5, "tracking_code": "BLOG10" });
    assert_eq!(shop.tell(named).await.status, 202);
    for (wrong, member) in [
        (json!({ "type": "CONVERSION", "order_id": "o-2" }), "order_total"),
        (order(json!("1.005")), "order_total"),
        (order(json!(-1)), "order_total"),
        (order(json!("99999999999999")), "order_total"),
        // A currency without rates would leave reports without an answer.
        (json!({ "type": "CONVERSION", "order_total": 1, "currency": "USD" }), "currency"),
        (json!({ "type": "PAGEVIEW", "order_total": 1 }), "order_total"),
    ] {
        let reply = shop.tell(wrong.clone()).await;
        let errors = reply.json()["errors"].clone();
        assert_eq!(reply.status, 422, "{wrong}");
        assert!(errors[format!("events[1].{member}")].is_array(), "{wrong}: {errors}");
    }
    shop.end().await;
    let conversions = "SELECT conversion_key, conversion_id, order_id, tracking_code, order_total, v.currency FROM conversions v \
        LEFT JOIN tracking_codes c ON c.organization_id = v.organization_id AND c.tracking_code_key = v.tracking_code_key \
        ORDER BY conversion_key";
    assert_eq!(ask(db, conversions).await, ["1|order:o-1|o-1||14999|EUR", "2|event:c-2||BLOG10|500|EUR"]);
    assert_eq!(ask(db, "SELECT session_id FROM conversions WHERE conversion_key = 1").await, ["s1"]);
}

/// Three imports that a page's orders meet: of another order with the id, of another with what a page's would be called, and of
/// the order itself.
async fn an_order_is_one_conversion_whatever_it_is_called(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, Site { takes_conversions: true, ..site() }).await;
    let known = "conversion_id,order_id,converted_at,order_total\nv5,x-1,2026-04-01,1\norder:v6,x-2,2026-04-01,2\nc9,v9,2026-04-01,3\n";
    import(db, folder_of(&[("conversions.csv", known)]).path()).await.expect("good rows");
    let look = |order: &str, event: Value| json!({ "type": "CONVERSION", "order_id": order, "order_total": 7, "event_id": event });
    // As a page sends it that is looked at three times, then with others in one request, then by another server.
    for event in ["a", "b", "c"] {
        let reply = shop.tell(look("v5", json!(event))).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["accepted"]), (202, &json!(1)));
    }
    shop.tell(json!([
        look("v5", json!("d")),
        look("v6", json!("a")),
        look("v6", json!(null)),
        look("v9", json!("e"))
    ]))
    .await;
    shop.end().await;
    let again = shop.beside(NOW);
    let long = "ü".repeat(256);
    again
        .tell(json!([
            look("v6", json!("f")),
            look("v5", json!(null)),
            look(&long, json!("g")),
            look(&long, json!("h"))
        ]))
        .await;
    again.end().await;
    let orders = "SELECT order_id, COUNT(*), MAX(order_total) FROM conversions GROUP BY order_id ORDER BY 1";
    let wanted = ["v5|1|700", "v6|1|700", "v9|1|300", "x-1|1|100", "x-2|1|200", &format!("{long}|1|700")]
        .map(str::to_owned);
    assert_eq!(ask(db, orders).await, wanted);
    let ids = "SELECT conversion_id FROM conversions WHERE order_id IN ('v5', 'v9') ORDER BY 1";
    assert_eq!(ask(db, ids).await, ["c9", "order:v5"]);
    // Whatever it is called, an import can name it.
    let named = "SELECT CAST(MAX(LENGTH(conversion_id)) AS BIGINT) FROM conversions";
    let longest: usize = ask(db, named).await[0].parse().expect("a number");
    assert!(longest <= 512, "{longest}");
}

async fn what_is_unusable_is_left_out_and_its_event_kept(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    // As long as an import takes them.
    let (id, code) = ("p".repeat(512), "t".repeat(512));
    let known = [
        ("products.csv", format!("product_id,sku,name\n{id},s,Lamp\n")),
        ("tracking_codes.csv", format!("tracking_code\n{code}\n")),
    ];
    let known = known.each_ref().map(|(name, text)| (*name, text.as_str()));
    import(db, folder_of(&known).path()).await.expect("good rows");
    let reply = shop
        .tell(json!([
            { "type": "PAGEVIEW", "event_id": "e".repeat(512), "product_id": id, "tracking_code": code },
            { "type": "PAGEVIEW", "product_id": format!("{id}p"), "tracking_code": format!("{code}t") },
            { "type": "PAGEVIEW", "referrer_url": "android-app://com.google.android.googlequicksearchbox/" },
            { "type": "PAGEVIEW", "referrer_url": "ios-app://1234/https/blog.example", "product_id": "a\u{0}b" },
            { "type": "PAGEVIEW", "referrer_url": "about:blank", "tracking_code": "a\u{0}b" },
            { "type": "PAGEVIEW", "referrer_url": "https://" },
        ]))
        .await;
    assert_eq!((reply.status.as_u16(), &reply.json()["accepted"]), (202, &json!(6)), "{}", reply.json());
    shop.end().await;
    let events = "SELECT event_key, tracking_code_key, product_key, referrer_url FROM events ORDER BY 1";
    assert_eq!(ask(db, events).await, ["1|1|1|", "2|||", "3|||", "4|||", "5|||", "6|||"]);
}

async fn good_events_are_taken_with_a_wrong_one_where_that_is_asked_for(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    let tell = async |each: &str, body: Value| {
        let request = Request::post(format!("{}&each={each}", shop.path())).header("user-agent", FIREFOX);
        shop.send(request.body(body.to_string().into()).expect("a request"), "203.0.113.9").await
    };
    let mixed = json!([{ "type": "PAGEVIEW", "event_id": "a" }, { "type": "LOOK" }, 5, { "type": "CLICK", "event_id": "b" }]);
    assert_eq!(tell("false", mixed.clone()).await.status, 422);
    let reply = tell("true", mixed).await;
    let mut taken = reply.json();
    assert!(taken["session"].take().is_string());
    let types = "must be one of CLICK, PAGEVIEW, PRODUCT_VIEW, ADD_TO_CART, REMOVE_FROM_CART, THANK_YOU_VIEW, CONVERSION";
    let wanted = json!({
        "accepted": 2, "left_out": 0, "session": null,
        "errors": { "events[2].type": [types], "events[3]": ["must be an event, which is a JSON object"] },
    });
    assert_eq!((reply.status.as_u16(), taken), (202, wanted));
    // Where none is good there is nothing to take.
    assert_eq!(tell("true", json!([{ "type": "LOOK" }])).await.status, 422);
    let reply = tell("maybe", json!({ "type": "CLICK" })).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["errors"]),
        (422, &json!({ "each": ["must be true or false"] }))
    );
    shop.end().await;
    assert_eq!(ask(db, "SELECT event_id FROM events ORDER BY event_key").await, ["a", "b"]);
}

async fn events_are_their_sites_own(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    let other = other_organization(db, "USD").await;
    let theirs = site();
    sites::create(db, other.id, &theirs).await.expect("made");
    let known = [
        ("products.csv", "product_id,sku,name\nlamp,s,Lamp\n"),
        ("tracking_codes.csv", "tracking_code\nBLOG10\n"),
    ];
    import(db, folder_of(&known).path()).await.expect("good rows");
    let event =
        json!({ "type": "CLICK", "event_id": "e-1", "product_id": "lamp", "tracking_code": "BLOG10" });
    shop.tell(event.clone()).await;
    let request = Request::post(format!("/v1/track?site={}", theirs.key)).header("user-agent", FIREFOX);
    shop.send(request.body(event.to_string().into()).expect("a request"), "203.0.113.9").await;
    shop.end().await;
    // The same id is another event; codes and products of another are not known.
    let found = "SELECT external_id, event_id, tracking_code_key, product_key FROM events e \
                 JOIN organizations g ON g.id = e.organization_id ORDER BY g.id";
    assert_eq!(ask(db, found).await, ["acme|e-1|1|1", "other|e-1||"]);
    // Nor are the two visits of one visitor known to be one person's.
    assert_eq!(ask(db, "SELECT COUNT(DISTINCT session_id) FROM events").await, ["2"]);
}

async fn figures_follow(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    let version = async || ask(db, "SELECT version FROM organizations").await.concat();
    let before: i64 = version().await.parse().expect("a number");
    shop.tell(json!([{ "type": "CLICK" }, { "type": "PAGEVIEW" }, { "type": "PAGEVIEW" }])).await;
    shop.end().await;
    // Whoever watches is told, once a batch.
    assert_eq!(version().await, (before + 1).to_string());
    let again = shop.beside(NOW);
    again.tell(json!([])).await;
    again.end().await;
    assert_eq!(version().await, (before + 1).to_string());
}
