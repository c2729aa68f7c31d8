//! Links with tracking codes, pixels, and the script.

use axum::http::Request;
use countinghouse::tracking::Site;
use serde_json::json;

use super::{FIREFOX, Shop, site};
use crate::import::{ask, folder_of, import};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_link_records_a_click_and_leads_to_the_shop,
    a_link_leads_nowhere_else,
    a_pixel_tells_one_event,
    the_script_is_served_to_be_kept,
);

async fn a_link_records_a_click_and_leads_to_the_shop(database: TestDatabase) {
    let db = &database.connection;
    let shop = Shop::open(db, site()).await;
    import(db, folder_of(&[("tracking_codes.csv", "tracking_code\nBLOG 10%\n")]).path())
        .await
        .expect("good rows");
    let link = format!("/r/BLOG%2010%25?site={}", shop.site.key);
    let request =
        Request::get(&link).header("user-agent", FIREFOX).header("referer", "https://blog.example/lamps?x=1");
    let reply = shop.send(request.body("".into()).expect("a request"), "203.0.113.9").await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (302, "https://shop.example/"));
    // Nothing that would hide the blog from the shop.
    assert_eq!(reply.header("referrer-policy"), "strict-origin-when-cross-origin");
    let reply = shop.get(&format!("{link}&to=https%3A%2F%2Fwww.shop.example%2Flamps%3Fcolour%3Dred")).await;
    assert_eq!(reply.headers["location"], "https://www.shop.example/lamps?colour=red");
    // A code that nobody knows leads there all the same.
    let reply = shop.get(&format!("/r/NOBODY?site={}", shop.site.key)).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (302, "https://shop.example/"));
    // What is fetched ahead, or only looked up, is no click.
    for (method, header) in [("GET", "sec-purpose"), ("GET", "purpose"), ("HEAD", "accept")] {
        let request = Request::builder().method(method).uri(&link).header("user-agent", FIREFOX);
        let request = request.header(header, "prefetch").body("".into()).expect("a request");
        assert_eq!(shop.send(request, "203.0.113.9").await.status, 302, "{method} {header}");
    }
    shop.end().await;
    let clicks = "SELECT type, tracking_code_key, page_url, referrer_url, traffic_source FROM events ORDER BY event_key";
    let wanted = [
        "1|1|https://shop.example/|https://blog.example/lamps|affiliate",
        "1|1|https://www.shop.example/lamps||affiliate",
        "1||https://shop.example/||affiliate",
    ];
    assert_eq!(ask(db, clicks).await, wanted);
}

async fn a_link_leads_nowhere_else(database: TestDatabase) {
    let shop = Shop::open(&database.connection, site()).await;
    for to in [
        "https%3A%2F%2Fevil.example%2F",
        "%2F%2Fevil.example",
        "%2Fcart",
        "https%3A%2F%2Fshop.example%40evil.example%2F",
        "https%3A%2F%2Fshop.example.evil.example%2F",
        "javascript%3Aalert(1)",
        "http%3A%2F%2Fshop.example%2F",
        "https%3A%2F%2Fshop.example%3A8443%2F",
        "",
    ] {
        let reply = shop.get(&format!("/r/BLOG10?site={}&to={to}", shop.site.key)).await;
        assert_eq!(reply.status, 400, "{to}");
        assert_eq!(reply.headers.get("location"), None);
        let words = "links of this site lead to https://shop.example, https://www.shop.example alone";
        assert_eq!(reply.json()["errors"], json!({ "to": [words] }));
    }
    let twice = shop
        .get(&format!("/r/BLOG10?site={}&to=https://shop.example&to=https://evil.example", shop.site.key))
        .await;
    assert_eq!(twice.status, 400);
    assert_eq!(shop.get("/r/BLOG10").await.status, 404);
    shop.end().await;
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM events").await, ["0"]);
}

async fn a_pixel_tells_one_event(database: TestDatabase) {
    let shop = Shop::open(&database.connection, Site { takes_conversions: true, ..site() }).await;
    let pixel = format!("/v1/track.gif?site={}", shop.site.key);
    let reply = shop
        .get(&format!("{pixel}&type=PAGEVIEW&event_id=mail-1&page_url=https%3A%2F%2Fshop.example%2Fnews&_=1"))
        .await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "image/gif"));
    assert_eq!(reply.headers["cross-origin-resource-policy"], "cross-origin");
    // One by one pixel, as its header says.
    assert_eq!((&reply.body[..6], &reply.body[6..10]), (b"GIF89a".as_slice(), [1, 0, 1, 0].as_slice()));
    assert_eq!(reply.body.last(), Some(&b';'));
    for (query, status) in
        [("", 422), ("&type=LOOK", 422), ("&type=CLICK&type=CLICK", 422), ("&type=CLICK&x=1", 422)]
    {
        assert_eq!(shop.get(&format!("{pixel}{query}")).await.status, status, "{query}");
    }
    // A mail is read on somebody else's page, which may say so; but none tells of money.
    let foreign = async |query: &str, header: &str| {
        let request = Request::get(format!("{pixel}{query}")).header("user-agent", FIREFOX);
        let request = request.header(header, "https://mail.google.com/").body("".into()).expect("a request");
        shop.send(request, "203.0.113.9").await.status.as_u16()
    };
    let order = "&type=CONVERSION&order_id=o-1&order_total=5";
    assert_eq!(foreign("&type=PAGEVIEW&event_id=mail-2", "referer").await, 200);
    assert_eq!(foreign("&type=PAGEVIEW&event_id=mail-3", "origin").await, 200);
    assert_eq!((foreign(order, "referer").await, foreign(order, "origin").await), (403, 403));
    assert_eq!(shop.get(&format!("{pixel}{order}")).await.status, 200);
    shop.end().await;
    let events = "SELECT event_id, type, page_url FROM events ORDER BY event_key";
    let wanted = ["mail-1|2|https://shop.example/news", "mail-2|2|", "mail-3|2|"];
    assert_eq!(ask(&database.connection, events).await, wanted);
    assert_eq!(ask(&database.connection, "SELECT order_id FROM conversions").await, ["o-1"]);
}

async fn the_script_is_served_to_be_kept(database: TestDatabase) {
    let shop = Shop::open(&database.connection, site()).await;
    let reply = shop.get("/v1/track.js").await;
    assert!(reply.status == 200 && reply.body.len() <= 2048, "{} bytes", reply.body.len());
    assert_eq!(reply.headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(reply.headers["cache-control"], "public, max-age=3600, stale-while-revalidate=86400");
    assert_eq!(reply.headers["cross-origin-resource-policy"], "cross-origin");
    let tag = reply.headers["etag"].to_str().expect("text").to_owned();
    for (known, status) in [
        (tag.clone(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"x\", {tag}"), 304),
        ("\"x\"".to_owned(), 200),
    ] {
        let request =
            Request::get("/v1/track.js").header("if-none-match", &known).body("".into()).expect("a request");
        let reply = shop.send(request, "203.0.113.9").await;
        assert_eq!((reply.status.as_u16(), reply.body.is_empty()), (status, status == 304), "{known}");
        assert_eq!(reply.headers["etag"], tag.as_str());
    }
    shop.end().await;
}
