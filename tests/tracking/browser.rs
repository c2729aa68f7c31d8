//! A shop's pages in Chromium: `tests/node/tracking.mjs` has the steps.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use axum::response::Html;
use axum::routing::get;
use countinghouse::clock::Clock;
use countinghouse::principal::{Organization, Scope};
use countinghouse::reports::Gateway;
use countinghouse::tracking::{Site, sites};
use serde_json::json;
use tokio::net::TcpListener;

use super::{Shop, site};
use crate::import::{ask, folder_of, import, organization};
use crate::live::server::Listening;
use crate::support::app::{App, admin, key};
use crate::support::node::script;
use crate::support::{Engine, TestDatabase, run};

/// Pages of a shop at `shop` that embed the script of the server at `gateway`.
fn pages(gateway: SocketAddr, key: &str) -> Router {
    let page = move |body: &str, key: &str| {
        format!(
            "<!doctype html><link rel=icon href=data:,><title>Shop</title>\
             <script src=\"http://{gateway}/v1/track.js\" data-site=\"{key}\" defer></script>{body}"
        )
    };
    let home = page("<a href='/lamp?colour=red'>Lamps</a>", key);
    let lamp = page(
        "<h1 data-track=PRODUCT_VIEW data-product=lamp>Lamp</h1>\
         <button data-track=ADD_TO_CART data-product=lamp><b>Into the cart</b></button>\
         <button data-track=REMOVE_FROM_CART data-product=lamp>Out of the cart</button>\
         <button onclick=\"history.pushState({}, '', '/lamp/details')\">More</button>\
         <a href=/thanks>Order</a>",
        key,
    );
    let thanks = page("<p data-track=THANK_YOU_VIEW>Thank you</p>", key);
    let serve = |text: String| get(move || async move { Html(text) });
    Router::new().route("/", serve(home)).route("/lamp", serve(lamp)).route("/thanks", serve(thanks))
}

#[test]
fn the_script_sends_what_was_done_once_in_pieces_and_with_patience() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let shop = Shop::open(&database.connection, site()).await;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("track.js");
        std::fs::write(&path, shop.get("/v1/track.js").await.body).expect("written");
        let words =
            tokio::task::spawn_blocking(move || script("script.mjs", &[path.to_str().expect("a path")]));
        let words = words.await.expect("it ran");
        assert_eq!(words, "ok arrivals\nok pieces\nok patience\nok mistakes\nok ahead\n");
        shop.end().await;
    });
}

#[test]
fn what_visitors_do_in_a_shop_is_stored() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        let acme = organization(db, "EUR").await;
        let known = [
            ("products.csv", "product_id,sku,name\nlamp,s,Lamp\n"),
            ("affiliates.csv", "affiliate_id,name\na1,Blog\n"),
            ("tracking_codes.csv", "tracking_code,affiliate_id,commission_rate\nBLOG10,a1,0.1\n"),
        ];
        import(db, folder_of(&known).path()).await.expect("good rows");
        let gateway = Listening::start(db, &[], Clock::System).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let shop = format!("http://{}", listener.local_addr().expect("an address"));
        let site = Site { origins: vec![shop.clone()], targets: vec![shop.clone()], ..site() };
        sites::create(db, acme.id, &site).await.expect("made");
        let app = pages(gateway.address, &site.key);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let link = format!("http://{}/r/BLOG10?site={}", gateway.address, site.key);
        let words = tokio::task::spawn_blocking({
            let shop = shop.clone();
            move || script("tracking.mjs", &[&shop, &link])
        });
        let words = words.await.expect("it ran");
        assert_eq!(words.lines().filter(|line| line.starts_with("ok ")).count(), 3, "{words}");
        let session = words.lines().find_map(|line| line.strip_prefix("ok session ")).expect("a session");
        let count = "SELECT type, COUNT(*), COUNT(tracking_code_key), COUNT(product_key) FROM events GROUP BY type ORDER BY 1";
        // A click by the link, which carries its code; pages: home, lamp, its details, thanks, and home in haste. Thanks again as JSON.
        let wanted = ["1|1|1|0", "2|5|0|0", "3|2|0|2", "4|2|0|2", "5|1|0|1", "6|2|0|0"];
        let deadline = tokio::time::Instant::now() + Duration::from_secs(15);
        loop {
            let found = ask(db, count).await;
            if found == wanted {
                break;
            }
            assert!(tokio::time::Instant::now() < deadline, "{found:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // All of it one visit, the click by the link among it: that is what tells whose conversion it becomes.
        let visits = "SELECT DISTINCT session_id, device, browser, os FROM events";
        assert_eq!(ask(db, visits).await, [format!("{session}|desktop|Chrome|Linux")]);
        gateway.stop().await;
        figures_follow(&App::over(Gateway::new(db.clone())), &acme, session, &shop).await;
    });
}

/// The shop's server tells of the order, with the session that the page knew; every section has what the visitor did.
async fn figures_follow(app: &App, acme: &Organization, session: &str, shop: &str) {
    let now = chrono::Utc::now();
    let order = json!([{
        "conversion_id": "c1", "order_id": "o1", "converted_at": now.to_rfc3339(), "session_id": session, "order_total": 149.99,
    }]);
    let request = Request::post("/ingest/v1/conversions").header("content-type", "application/json");
    let request = request.body(order.to_string().into()).expect("a request");
    assert_eq!(app.send(Ok(key(acme, &[Scope::DataWrite])), request).await.status, 200);
    let query = "{ affiliates(period: { last: { count: 2, grain: DAY } }) { totals { affiliateClicks pageviews visitors \
        productViews addToCarts removeFromCarts thankYouViews affiliateConversions affiliateRevenue { amount } commission { amount } } } }";
    let told = app.graphql(Ok(admin(acme)), query, json!({})).await.json();
    let totals = json!({
        "affiliateClicks": 1, "pageviews": 5, "visitors": 1, "productViews": 2, "addToCarts": 2, "removeFromCarts": 1,
        "thankYouViews": 2, "affiliateConversions": 1, "affiliateRevenue": { "amount": "149.99" },
        "commission": { "amount": "15.00" },
    });
    assert_eq!(told, json!({ "data": { "affiliates": { "totals": totals } } }));
    let section = async |name: &str| {
        let path = format!("/v1/affiliate/analytics?section={name}");
        let reply = app.get(Ok(key(acme, &[Scope::ReportsRead])), &path).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["data"][name].clone()
    };
    let stats = section("stats").await;
    let counts =
        ["total_clicks", "total_pageviews", "unique_visitors", "total_conversions", "total_product_views"];
    assert_eq!(counts.map(|name| stats[name].as_i64()), [1, 5, 1, 1, 2].map(Some), "{stats}");
    assert_eq!(
        (stats["total_revenue"].to_string(), stats["total_commission"].to_string()),
        ("149.99".to_owned(), "15.00".to_owned())
    );
    assert_eq!(section("trends").await["clicks"].to_string(), "100.0");
    let charts = section("charts").await;
    for (name, label) in
        [("device_breakdown", "desktop"), ("browser_breakdown", "Chrome"), ("os_breakdown", "Linux")]
    {
        assert_eq!(charts[name], json!({ "labels": [label], "data": [1] }));
    }
    assert_eq!(charts["traffic_source_breakdown"]["labels"], json!(["affiliate"]));
    let tables = section("tables").await;
    assert_eq!(
        tables["top_pages"][0],
        json!({ "page_url": format!("{shop}/"), "pageviews": 2, "visitors": 1 })
    );
    let first = |table: &str, name: &str| tables[table][0][name].clone();
    assert_eq!(first("top_tracking_codes", "tracking_code"), "BLOG10");
    assert_eq!(
        (first("top_affiliates", "name"), first("top_affiliates", "conversions")),
        (json!("Blog"), json!(1))
    );
    assert_eq!(
        (first("top_products", "product_id"), first("top_products", "views")),
        (json!("lamp"), json!(2))
    );
    let clicks = section("recent_clicks").await;
    assert_eq!(
        (&clicks["pagination"]["total"], &clicks["data"][0]["tracking_code"]),
        (&json!(1), &json!("BLOG10"))
    );
    // Credited by the last click of its session: the conversion itself names no code.
    let conversions = section("recent_conversions").await;
    assert_eq!(
        (&conversions["data"][0]["order_id"], &conversions["data"][0]["tracking_code"]),
        (&json!("o1"), &json!("BLOG10"))
    );
    assert_eq!(section("recent_events").await["pagination"]["total"], 13);
}
