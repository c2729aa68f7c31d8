//! What other pages can have a browser do with somebody's session: nothing.

use serde_json::{Value, json};

use super::browser::{ADA, Browser, House, RITA, hidden};
use crate::support::app::Reply;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_mutation_needs_the_page_and_the_token,
    queries_that_are_posted_need_them_too,
    nothing_is_changed_by_reading,
    signing_out_needs_them_too,
    every_api_refuses_in_its_own_words,
);

const OWN: (&str, &str) = ("origin", "http://localhost:8080");
const JSON: (&str, &str) = ("content-type", "application/json");
const STRANGER: &str = "a page of another origin asks; if the page is this server's own, set `public_url` to where browsers \
                        reach it by https";
const NO_TOKEN: &str = "what is not only read with a session needs its token, as the header `X-CSRF-Token` or a form's field \
                        `csrf_token`; GET /api/admin/session tells it";
const WRONG_TOKEN: &str = "the CSRF token is not this session's; GET /api/admin/session tells it";

fn mutation() -> String {
    let tile = json!({
        "title": "Orders", "chart": "NUMBER", "layout": { "x": 0, "y": 0, "width": 4, "height": 2 },
        "query": "query($period: PeriodInput!) { orders(period: $period) { totals { orders } } }",
    });
    let query = "mutation($dashboard: DashboardInput!) { createDashboard(dashboard: $dashboard) { name } }";
    json!({ "query": query, "variables": { "dashboard": { "name": "Mine", "tiles": [tile] } } }).to_string()
}

async fn dashboards(browser: &mut Browser) -> usize {
    let reply = browser.get("/graphql?query=%7Bdashboards%7Bid%7D%7D").await;
    reply.json()["data"]["dashboards"].as_array().unwrap_or_else(|| panic!("{}", reply.body)).len()
}

fn refused(reply: &Reply, words: &str) {
    let errors = json!([{ "message": words, "extensions": { "code": "FORBIDDEN" } }]);
    assert_eq!((reply.status.as_u16(), &reply.json()["errors"]), (403, &errors), "{}", reply.body);
}

async fn a_mutation_needs_the_page_and_the_token(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut ada = house.signed_in(ADA).await;
    let token = ada.token.clone().expect("a token");
    let others = house.signed_in(ADA).await.token.expect("a token");
    let good = ("x-csrf-token", token.as_str());
    let upper = token.to_uppercase();
    let (short, long) = (&token[..62], format!("{token}00"));
    let flipped =
        if token.starts_with('0') { token.replacen('0', "1", 1) } else { format!("0{}", &token[1..]) };
    let cases: Vec<(Vec<(&str, &str)>, &str)> = vec![
        // Another page, whatever it brings.
        (vec![("origin", "https://evil.example")], STRANGER),
        (vec![("origin", "https://evil.example"), good], STRANGER),
        (vec![("origin", "null"), good], STRANGER),
        (vec![("origin", "http://localhost:3000"), good], STRANGER),
        (vec![("origin", "http://localhost"), good], STRANGER),
        (vec![("origin", "https://localhost:8080.evil.example"), good], STRANGER),
        (vec![("sec-fetch-site", "cross-site"), good], STRANGER),
        (vec![("sec-fetch-site", "same-site"), OWN, good], STRANGER),
        (vec![OWN, ("origin", "https://evil.example"), good], STRANGER),
        // The own page, or a browser that does not say which, without the session's token.
        (vec![OWN], NO_TOKEN),
        (vec![("sec-fetch-site", "same-origin"), OWN], NO_TOKEN),
        (vec![], NO_TOKEN),
        (vec![OWN, ("x-csrf-token", "")], WRONG_TOKEN),
        (vec![OWN, ("x-csrf-token", "x")], WRONG_TOKEN),
        (vec![OWN, ("x-csrf-token", short)], WRONG_TOKEN),
        (vec![OWN, ("x-csrf-token", &long)], WRONG_TOKEN),
        (vec![OWN, ("x-csrf-token", &flipped)], WRONG_TOKEN),
        (vec![OWN, ("x-csrf-token", &others)], WRONG_TOKEN),
        (vec![("x-csrf-token", &others)], WRONG_TOKEN),
        (vec![OWN, good, good], WRONG_TOKEN),
    ];
    for (headers, words) in cases {
        let headers = [&headers[..], &[JSON]].concat();
        let reply = ada.ask("POST", "/graphql", &headers, mutation()).await;
        refused(&reply, words);
        assert_eq!(dashboards(&mut ada).await, 0, "{headers:?}");
    }
    for (count, headers) in [
        (1, vec![OWN, good]),
        (2, vec![("sec-fetch-site", "same-origin"), good]),
        // An old browser that says nothing is let in by the token, which other pages do not know.
        (3, vec![good]),
        (4, vec![OWN, ("x-csrf-token", &upper)]),
    ] {
        let headers = [&headers[..], &[JSON]].concat();
        let reply = ada.ask("POST", "/graphql", &headers, mutation()).await;
        assert_eq!(reply.json(), json!({ "data": { "createDashboard": { "name": "Mine" } } }), "{headers:?}");
        assert_eq!(dashboards(&mut ada).await, count);
    }
}

async fn queries_that_are_posted_need_them_too(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut ada = house.signed_in(ADA).await;
    let token = ada.token.clone().expect("a token");
    let query = json!({ "query": "{ viewer { subject } }" }).to_string();
    refused(&ada.ask("POST", "/graphql", &[JSON, OWN], query.clone()).await, NO_TOKEN);
    // Forms of other pages can be of three kinds, and send JSON as one of them: no kind but JSON is taken, token or not.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let reply = ada.ask("POST", "/graphql", &[("content-type", kind)], query.clone()).await;
        assert_eq!(reply.status, 415, "{kind}: {}", reply.body);
        let with_token = [("content-type", kind), OWN, ("x-csrf-token", token.as_str())];
        assert_eq!(ada.ask("POST", "/graphql", &with_token, query.clone()).await.status, 415, "{kind}");
    }
    // A form's field is as good as the header where forms are taken, which here they are not.
    let field = format!("csrf_token={token}&query=%7Bviewer%7Bsubject%7D%7D");
    let form = [("content-type", "application/x-www-form-urlencoded"), OWN];
    assert_eq!(ada.ask("POST", "/graphql", &form, field).await.status, 415);
}

async fn nothing_is_changed_by_reading(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut ada = house.signed_in(ADA).await;
    // A link on another page opens what it leads to, and no page but ours sees it.
    let reply = ada
        .ask("GET", "/graphql?query=%7Bviewer%7Bsubject%7D%7D", &[("sec-fetch-site", "cross-site")], "")
        .await;
    assert_eq!(reply.json()["data"]["viewer"]["subject"], "user:1");
    assert_eq!(reply.headers.get("access-control-allow-origin"), None);
    assert_eq!(reply.headers["cross-origin-resource-policy"], "same-origin");
    let body: Value = serde_json::from_str(&mutation()).expect("JSON");
    let (query, variables) = (body["query"].as_str().expect("text"), body["variables"].to_string());
    let address = form_urlencoded::Serializer::new(String::new())
        .append_pair("query", query)
        .append_pair("variables", &variables)
        .finish();
    let reply = ada.get(&format!("/graphql?{address}")).await;
    assert_eq!((reply.status.as_u16(), reply.headers["allow"].as_bytes()), (405, &b"POST"[..]));
    assert_eq!(dashboards(&mut ada).await, 0);
    for path in ["/sign-out", "/sign-in", "/admin", "/api/admin/session"] {
        ada.get(path).await;
    }
    assert_eq!(ada.who().await, "user:1");
    // Asking beforehand is answered as on every route, with no leave for anybody.
    let leave = ada.ask("OPTIONS", "/api/admin/session", &[("origin", "https://evil.example")], "").await;
    assert_eq!((leave.status.as_u16(), leave.headers.get("access-control-allow-origin")), (405, None));
}

async fn signing_out_needs_them_too(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut ada = house.signed_in(ADA).await;
    let rita = house.signed_in(RITA).await.token.expect("a token");
    let page = ada.get("/admin").await;
    let token = hidden(&page.body, "csrf_token");
    assert_eq!(Some(&token), ada.token.as_ref());
    for (origin, field, words) in [
        (Some("https://evil.example"), Some(token.as_str()), STRANGER),
        (Some("http://localhost:8080"), None, NO_TOKEN),
        (None, None, NO_TOKEN),
        (Some("http://localhost:8080"), Some(rita.as_str()), WRONG_TOKEN),
        (None, Some("0"), WRONG_TOKEN),
    ] {
        let mut browser = ada.clone();
        browser.origin = origin.map(str::to_owned);
        let fields: Vec<(&str, &str)> = field.iter().map(|token| ("csrf_token", *token)).collect();
        let reply = browser.submit("/sign-out", &fields).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["detail"]),
            (403, &json!(words)),
            "{origin:?} {field:?}"
        );
        browser.token = field.map(str::to_owned);
        let reply = browser.script("DELETE", "/api/admin/session", &Value::Null).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["detail"]),
            (403, &json!(words)),
            "{origin:?} {field:?}"
        );
        assert_eq!(ada.who().await, "user:1");
    }
    // A field that comes twice is none, and one that comes late in a large form is not looked for.
    let twice = [("csrf_token", token.as_str()), ("csrf_token", &token)];
    assert_eq!(ada.submit("/sign-out", &twice).await.status, 403);
    let padding = "x".repeat(64 * 1024);
    let late = [("padding", padding.as_str()), ("csrf_token", &token)];
    assert_eq!(ada.submit("/sign-out", &late).await.status, 403);
    assert_eq!(ada.who().await, "user:1");
    ada.origin = None;
    assert_eq!(ada.submit("/sign-out", &[("csrf_token", &token)]).await.status, 303);
    assert_eq!(ada.who().await, "401");
}

async fn every_api_refuses_in_its_own_words(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut ada = house.signed_in(ADA).await;
    let export =
        ada.ask("POST", "/api/analytics/reports/export", &[JSON, OWN], r#"{"reportType":"revenue"}"#).await;
    assert_eq!(
        (export.status.as_u16(), export.json()),
        (403, json!({ "statusCode": 403, "error": "Forbidden", "message": NO_TOKEN }))
    );
    let reply = ada.ask("DELETE", "/api/admin/session", &[OWN], "").await;
    assert_eq!(
        (reply.status.as_u16(), reply.json()),
        (403, json!({ "type": "about:blank", "title": "Forbidden", "status": 403, "detail": NO_TOKEN }))
    );
    // With it the same route answers.
    let token = ada.token.clone().expect("a token");
    let headers = [JSON, OWN, ("x-csrf-token", token.as_str())];
    let body = r#"{"reportType":"revenue","format":"csv","from":"2026-01-01","to":"2026-01-31"}"#;
    let export = ada.ask("POST", "/api/analytics/reports/export", &headers, body).await;
    assert_eq!(export.status, 200, "{}", export.body);
}
