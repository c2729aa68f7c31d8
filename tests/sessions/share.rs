//! Links to shared reports as an administrator's browser makes them, and where they lead.

use serde_json::{Value, json};

use super::browser::{ADA, Browser, CARL, House, RITA};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    an_administrators_page_shares_a_report,
    nobody_else_does,
    links_lead_to_where_they_were_asked_for,
);

const SECRET: (&str, &str) =
    ("ANALYTICS_SHARE_SIGNING_SECRET", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
const PATH: &str = "/api/admin/analytics/revenue-overview/share";

/// What the API refuses everybody with.
fn refused(words: &str) -> (u16, Value) {
    (403, json!({ "type": "about:blank", "title": "Forbidden", "status": 403, "detail": words }))
}

async fn shared(browser: &mut Browser) -> (u16, Value) {
    let reply = browser.script("POST", PATH, &json!({ "period": "7d" })).await;
    (reply.status.as_u16(), reply.json())
}

async fn an_administrators_page_shares_a_report(database: TestDatabase) {
    let house = House::with(&database.connection, &[SECRET]).await;
    let mut ada = house.signed_in(ADA).await;
    let (status, link) = shared(&mut ada).await;
    assert_eq!((status, &link["reportType"]), (201, &json!("revenue-overview")), "{link}");
    let url = link["url"].as_str().expect("an address");
    let path = url.strip_prefix("http://localhost:8080").expect("the server that was asked");
    // Anybody's browser opens it, without a cookie, and is given none.
    let mut anybody = house.browser();
    let page = anybody.get(path).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<h1>Revenue overview</h1>"), "{}", page.body);
    assert!(anybody.cookies.is_empty());
    let listed = ada.get("/graphql?query=%7BshareLinks%7BcreatedBy%20report%7D%7D").await.json();
    let link = json!({ "createdBy": "user:1", "report": "REVENUE_OVERVIEW" });
    assert_eq!(listed, json!({ "data": { "shareLinks": [link] } }));
}

async fn nobody_else_does(database: TestDatabase) {
    let house = House::with(&database.connection, &[SECRET]).await;
    let nobody = refused("nobody is signed in, and no other credential was sent");
    assert_eq!(shared(&mut house.browser()).await, nobody);
    for email in [RITA, CARL] {
        let mut clerk = house.signed_in(email).await;
        let words = "this needs the role Admin or the scope shares:write";
        let read = "this needs the role Admin or the scope reports:read";
        let answer = shared(&mut clerk).await;
        assert!(answer == refused(words) || answer == refused(read), "{email}: {answer:?}");
    }
    let mut ada = house.signed_in(ADA).await;
    let elsewhere = Browser { origin: Some("https://evil.example".to_owned()), ..ada.clone() };
    let without = Browser { token: None, ..ada.clone() };
    for mut browser in [elsewhere, without] {
        let (status, problem) = shared(&mut browser).await;
        assert_eq!((status, &problem["status"]), (403, &json!(403)), "{problem}");
    }
    // Nor does who was signed in.
    let token = ada.token.clone().expect("a token");
    ada.submit("/sign-out", &[("csrf_token", &token)]).await;
    assert_eq!(shared(&mut ada).await, nobody);
    let links = house.signed_in(ADA).await.get("/graphql?query=%7BshareLinks%7Bid%7D%7D").await.json();
    assert_eq!(links, json!({ "data": { "shareLinks": [] } }));
}

async fn links_lead_to_where_they_were_asked_for(database: TestDatabase) {
    let first = House::with(&database.connection, &[]).await;
    let begins = async |variables: &[(&str, &str)], peer: &str| {
        let variables = [&[SECRET], variables].concat();
        let house = House::another(&database.connection, &variables, first.hands);
        let mut ada = house.signed_in(ADA).await;
        ada.address = peer.parse().expect("an address");
        let token = ada.token.clone().expect("a token");
        let headers = [
            ("content-type", "application/json"),
            ("origin", "http://localhost:8080"),
            ("x-csrf-token", &token),
            ("x-forwarded-host", "shop.example"),
            ("x-forwarded-proto", "https"),
        ];
        let link = ada.ask("POST", PATH, &headers, "{}").await.json();
        let url = link["url"].as_str().unwrap_or_else(|| panic!("{link}")).to_owned();
        url.split_once("/api/reports/").expect("a page").0.to_owned()
    };
    let proxy = ("COUNTINGHOUSE_TRUSTED_PROXIES", "10.0.0.0/8");
    assert_eq!(begins(&[], "10.0.0.1").await, "http://localhost:8080");
    assert_eq!(begins(&[proxy], "203.0.113.9").await, "http://localhost:8080");
    assert_eq!(begins(&[proxy], "10.0.0.1").await, "https://shop.example");
    let public = ("COUNTINGHOUSE_PUBLIC_URL", "http://localhost:8080");
    assert_eq!(begins(&[proxy, public], "10.0.0.1").await, "http://localhost:8080");
}
