//! Signing in and out, both ways.

use countinghouse::sessions;
use serde_json::{Value, json};

use super::browser::{ADA, CARL, House, PASSWORD, PLAIN, RITA, Reply, cookies_without_values, hidden};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    json_opens_what_the_user_may_see,
    a_form_does_the_same_without_scripts,
    nobody_is_signed_in_until_they_are,
    signing_out_ends_it,
    a_header_counts_before_a_cookie,
);

const SESSION: &str = "countinghouse_session=…; Path=/; HttpOnly; SameSite=Lax";

async fn json_opens_what_the_user_may_see(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut browser = house.browser();
    // An address is one in whichever case, and with the blanks of who copied it.
    let reply = browser.sign_in(" Ada@ACME.example ", PASSWORD).await;
    assert_eq!((reply.status.as_u16(), cookies_without_values(&reply)), (201, vec![SESSION.to_owned()]));
    assert_eq!(reply.headers["cache-control"], "no-store");
    let mut told = reply.json();
    let token = told["csrfToken"].take();
    assert!(token.as_str().is_some_and(|token| token.len() == 64), "{token}");
    // 2026-03-01T12:00:00Z, and twelve hours.
    let expected = json!({
        "expiresAt": "2026-03-02T00:00:00.000Z",
        "idleSeconds": 1800,
        "csrfToken": null,
        "user": { "id": "user:1", "email": ADA, "name": "ada", "role": "Admin", "scopes": [] },
        "organization": { "id": "acme", "name": "acme" },
    });
    assert_eq!(told, expected);
    let again = browser.get("/api/admin/session").await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json(), {
        let mut expected = expected;
        expected["csrfToken"] = token;
        expected
    });
    let query = "{ viewer { subject credential isAdmin scopes organization { id } } }";
    let viewer = browser.script("POST", "/graphql", &json!({ "query": query })).await;
    assert_eq!(
        viewer.json(),
        json!({ "data": { "viewer": {
            "subject": "user:1", "credential": "SESSION", "isAdmin": true, "scopes": [],
            "organization": { "id": "acme" },
        } } })
    );
    // The database knows the session by a hash, and its user when they came.
    let ada = house.user(ADA).await;
    assert_eq!(ada.signed_in_at, Some(house.now()));
    let sessions = sessions::list(&house.db, ada.organization, ada.id).await.expect("asked");
    assert_eq!(sessions.len(), 1);
    let rows = raw(&house, "SELECT secret_hash FROM sessions").await;
    let secret = browser.cookies[PLAIN].split_once('-').expect("a secret").1;
    assert!(rows.len() == 1 && rows[0].len() == 64 && !rows[0].contains(secret), "{rows:?}");
}

async fn a_form_does_the_same_without_scripts(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut browser = house.browser();
    let form = browser.get("/sign-in").await;
    assert_eq!(form.status, 200);
    assert_eq!(cookies_without_values(&form), ["countinghouse_form=…; Path=/; HttpOnly; SameSite=Strict"]);
    let reply = browser.sign_in_by_form(RITA, PASSWORD, "/playground?a=b&c=d").await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (303, ""));
    assert_eq!(reply.headers["location"], "/playground?a=b&c=d");
    assert_eq!(
        cookies_without_values(&reply),
        [SESSION, "countinghouse_form=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"]
    );
    assert_eq!(browser.who().await, "user:2");
    // Whoever is signed in is sent on.
    let on = browser.get("/sign-in?next=/docs").await;
    assert_eq!((on.status.as_u16(), &on.headers["location"]), (303, &"/docs".parse().expect("a header")));
    // Without a place to go to there is a page that says who it is, and lets them out.
    let page = browser.get("/admin").await;
    assert_eq!(page.status, 200);
    for told in ["<h1>acme</h1>", "<dd>rita</dd>", RITA, "<dd>reports:read</dd>", "1 March 2026, 12:00 UTC"] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let out = browser.submit("/sign-out", &[("csrf_token", &hidden(&page.body, "csrf_token"))]).await;
    assert_eq!(
        (out.status.as_u16(), &out.headers["location"]),
        (303, &"/sign-in".parse().expect("a header"))
    );
    assert_eq!(browser.cookies.get(PLAIN), None);
    assert_eq!(browser.who().await, "401");
}

async fn nobody_is_signed_in_until_they_are(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut browser = house.browser();
    let refused = |reply: &Reply, words: &str| {
        let expected = json!({ "type": "about:blank", "title": "Forbidden", "status": 403, "detail": words });
        assert_eq!((reply.status.as_u16(), reply.json()), (403, expected));
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    };
    let nobody = "nobody is signed in here; POST /api/admin/session signs in";
    for method in ["GET", "DELETE"] {
        refused(&browser.ask(method, "/api/admin/session", &[], "").await, nobody);
    }
    let page = browser.get("/admin").await;
    assert_eq!(
        (page.status.as_u16(), &page.headers["location"]),
        (303, &"/sign-in?next=/admin".parse().expect("a header"))
    );
    for rubbish in ["x", "", "1-", "1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        browser.cookies.insert(PLAIN.to_owned(), rubbish.to_owned());
        refused(&browser.get("/api/admin/session").await, "the session is over; sign in again");
        assert_eq!(browser.who().await, "401", "{rubbish}");
        assert_eq!(browser.get("/admin").await.status, 303);
    }
    // Another kind of credential signs nobody in, whatever it opens.
    let token = crate::credentials::bench::sign(&crate::credentials::bench::claims());
    let house = House::another(
        &database.connection,
        &[("JWT_SECRET", crate::credentials::bench::SECRET)],
        house.hands,
    );
    let bearer = format!("Bearer {token}");
    let mut program = house.browser();
    assert_eq!(program.who_with(&[("authorization", &bearer)]).await, "someone");
    refused(&program.ask("GET", "/api/admin/session", &[("authorization", &bearer)], "").await, nobody);
}

async fn signing_out_ends_it(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut browser = house.signed_in(ADA).await;
    let mut elsewhere = house.signed_in(ADA).await;
    let mut copy = browser.clone();
    let out = browser.script("DELETE", "/api/admin/session", &Value::Null).await;
    assert_eq!((out.status.as_u16(), out.body.as_str()), (204, ""));
    assert_eq!(
        cookies_without_values(&out),
        ["countinghouse_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"]
    );
    // At once on this server, also for who kept the cookie; and nobody else's.
    assert_eq!(copy.who().await, "401");
    assert_eq!(elsewhere.who().await, "user:1");
    assert_eq!(copy.script("DELETE", "/api/admin/session", &Value::Null).await.status, 403);
    let ada = house.user(ADA).await;
    assert_eq!(sessions::list(&house.db, ada.organization, ada.id).await.expect("asked").len(), 1);
    // Who is out already is let go.
    let mut carl = house.signed_in(CARL).await;
    let token = carl.token.clone().expect("a token");
    carl.script("DELETE", "/api/admin/session", &Value::Null).await;
    let again = carl.submit("/sign-out", &[("csrf_token", &token)]).await;
    assert_eq!(again.status, 303);
}

async fn a_header_counts_before_a_cookie(database: TestDatabase) {
    use crate::credentials::bench::{SECRET, claims, sign};
    let first = House::open(&database.connection).await;
    let house = House::another(&database.connection, &[("JWT_SECRET", SECRET)], first.hands);
    let mut browser = house.signed_in(ADA).await;
    let good = format!("Bearer {}", sign(&claims()));
    assert_eq!(browser.who().await, "user:1");
    assert_eq!(browser.who_with(&[("authorization", &good)]).await, "someone");
    for (name, bad) in [("authorization", "Bearer dk_x"), ("authorization", ""), ("x-api-key", "dk_x")] {
        assert_eq!(browser.who_with(&[(name, bad)]).await, "401", "a bad one is not made good by a cookie");
    }
    // With a header that opens it, a request needs no proof of the page: no other page can send it.
    let mut bearer = browser.clone();
    let body = json!({ "query": "{ viewer { subject } }" }).to_string();
    let headers = [
        ("authorization", good.as_str()),
        ("content-type", "application/json"),
        ("origin", "https://evil.example"),
    ];
    let reply = bearer.ask("POST", "/graphql", &headers, body).await;
    assert_eq!(reply.json()["data"]["viewer"]["subject"], "someone");
    // Two cookies of the name, one of them perhaps planted, are none.
    let value = browser.cookies[PLAIN].clone();
    let twice = format!("{PLAIN}={value}; {PLAIN}={value}");
    browser.cookies.clear();
    assert_eq!(browser.who_with(&[("cookie", &twice)]).await, "401");
    let apart = [("cookie", format!("a=b; {PLAIN}={value}")), ("cookie", "c=d".to_owned())];
    let apart: Vec<(&str, &str)> = apart.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.who_with(&apart).await, "user:1", "as HTTP/2 sends them");
}

/// The one text column of a statement's rows.
pub async fn raw(house: &House, statement: &str) -> Vec<String> {
    use sea_orm::{ConnectionTrait, Statement};
    let statement = Statement::from_string(house.db.get_database_backend(), statement);
    let rows = house.db.query_all_raw(statement).await.expect("asked");
    rows.iter().map(|row| row.try_get_by_index(0).expect("text")).collect()
}
