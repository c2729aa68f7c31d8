//! What nobody means well with: each is refused with words that say what would be right, and nothing breaks.

use serde_json::json;

use super::browser::{ADA, Browser, House, PASSWORD, PLAIN, hidden};
use crate::support::app::Reply;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    bodies_that_are_none_are_refused,
    forms_that_are_none_are_refused,
    values_that_nobody_has_are_refused
);

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

async fn post(browser: &mut Browser, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Reply {
    let headers = [("content-type", kind), ("origin", "http://localhost:8080")];
    browser.ask("POST", path, &headers, body.into()).await
}

fn detail(reply: &Reply) -> (u16, String) {
    assert_eq!(reply.headers["content-type"], "application/problem+json", "{}", reply.body);
    (reply.status.as_u16(), reply.json()["detail"].as_str().unwrap_or_default().to_owned())
}

async fn bodies_that_are_none_are_refused(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut browser = house.browser();
    let good = json!({ "email": ADA, "password": PASSWORD }).to_string();
    let expected = "expected a JSON object with `email` and `password`, no member twice".to_owned();
    let twice = format!(r#"{{"email":"{ADA}","email":"x@y.z","password":"{PASSWORD}"}}"#);
    let escaped_twice = format!(r#"{{"email":"{ADA}","password":"x","\u0070assword":"{PASSWORD}"}}"#);
    let bodies: [Vec<u8>; 11] = [
        b"".into(),
        b"null".into(),
        b"[]".into(),
        b"{".into(),
        b"\"x\"".into(),
        twice.into(),
        escaped_twice.into(),
        b"{\"email\":\"\xff\",\"password\":\"x\"}".into(),
        format!("{good} {good}").into(),
        format!("\u{feff}{good}").into(),
        b"{\"email\":\"\\ud800\",\"password\":\"x\"}".into(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(
            detail(&post(&mut browser, "/api/admin/session", JSON, body).await),
            (400, expected.clone()),
            "{shown}"
        );
    }
    let nested = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(post(&mut browser, "/api/admin/session", JSON, nested).await.status, 400);
    for kind in ["text/plain", FORM, "application/json; charset=utf-16", "application/jsonp", ""] {
        let (status, words) = detail(&post(&mut browser, "/api/admin/session", kind, good.clone()).await);
        assert_eq!((status, words.as_str()), (415, "the body must be application/json, in UTF-8"), "{kind}");
    }
    let large = json!({ "email": ADA, "password": "x".repeat(16 * 1024) }).to_string();
    let (status, words) = detail(&post(&mut browser, "/api/admin/session", JSON, large).await);
    assert_eq!((status, words.as_str()), (413, "a request to sign in may have 16384 bytes"));
    // Nothing of it was looked at, or counted as an attempt.
    assert_eq!(house.count("countinghouse_passwords_checked_total"), 0);
    assert_eq!(
        super::entering::raw(&house, "SELECT subject_hash FROM sign_in_attempts").await,
        Vec::<String>::new()
    );
    let reply = post(&mut browser, "/api/admin/session", "Application/JSON; Charset=\"UTF-8\"", good).await;
    assert_eq!(reply.status, 201);
}

async fn forms_that_are_none_are_refused(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut browser = house.browser();
    let token = hidden(&browser.get("/sign-in").await.body, "csrf_token");
    let email = "ada%40acme.example";
    let good = format!("csrf_token={token}&email={email}&password=correct+horse+battery+staple");
    let words = "the form's fields must be text in UTF-8, each of them once".to_owned();
    for body in [
        format!("{good}&email={email}"),
        format!("{good}&password=x"),
        format!("{good}&csrf_token={token}"),
        format!("{good}&next=/a&next=/b"),
        good.replace(email, "ada%ff@acme.example"),
        good.replace("staple", "stapl%c3"),
    ] {
        assert_eq!(
            detail(&post(&mut browser, "/sign-in", FORM, body.clone()).await),
            (400, words.clone()),
            "{body}"
        );
    }
    let raw = [good.as_bytes(), b"\xff"].concat();
    assert_eq!(detail(&post(&mut browser, "/sign-in", FORM, raw).await), (400, words));
    for kind in ["multipart/form-data; boundary=x", "text/plain", JSON] {
        assert_eq!(post(&mut browser, "/sign-in", kind, good.clone()).await.status, 415, "{kind}");
    }
    let large = format!("{good}&padding={}", "x".repeat(16 * 1024));
    assert_eq!(post(&mut browser, "/sign-in", FORM, large).await.status, 413);
    assert_eq!(house.count("countinghouse_passwords_checked_total"), 0);
    let reply = post(&mut browser, "/sign-in", FORM, good).await;
    assert_eq!((reply.status.as_u16(), browser.cookies.contains_key(PLAIN)), (303, true));
}

async fn values_that_nobody_has_are_refused(database: TestDatabase) {
    let house = House::open(&database.connection).await;
    let mut browser = house.browser();
    let email = "Expected an address such as ada@shop.example.";
    let password = "Expected a text of at most 1024 bytes.";
    let long = format!("{}@acme.example", "a".repeat(10_000));
    let longest = "x".repeat(1025);
    for (body, errors) in [
        (json!({}), json!({ "email": [email], "password": [password] })),
        (json!({ "email": null, "password": 7 }), json!({ "email": [email], "password": [password] })),
        (
            json!({ "email": [ADA], "password": { "$ne": "" } }),
            json!({ "email": [email], "password": [password] }),
        ),
        (json!({ "email": long, "password": PASSWORD }), json!({ "email": [email] })),
        (json!({ "email": "ada", "password": PASSWORD }), json!({ "email": [email] })),
        (json!({ "email": "@acme.example", "password": PASSWORD }), json!({ "email": [email] })),
        (json!({ "email": "ada@acme.example\u{0}", "password": PASSWORD }), json!({ "email": [email] })),
        (json!({ "email": "ada@acme.example\r\nx: y", "password": PASSWORD }), json!({ "email": [email] })),
        (json!({ "email": ADA, "password": longest }), json!({ "password": [password] })),
        (
            json!({ "email": ADA, "password": PASSWORD, "organizationId": "globex" }),
            json!({ "organizationId": ["There is no such member; there are email and password."] }),
        ),
    ] {
        let reply = browser.script("POST", "/api/admin/session", &body).await;
        assert_eq!((reply.status.as_u16(), reply.json()["errors"].clone()), (400, errors), "{body}");
    }
    assert_eq!(house.count("countinghouse_passwords_checked_total"), 0);
    // These could be somebody's: they are looked for, and not there.
    house.hands.forward(1);
    for (number, (email, password)) in [
        ("' OR 1=1 --@acme.example".replace(' ', "_"), PASSWORD.to_owned()),
        ("%@acme.example".to_owned(), PASSWORD.to_owned()),
        (ADA.to_owned(), "\u{0}".to_owned()),
        (ADA.to_owned(), "\u{fffd}\u{202e}🂡".to_owned()),
        (ADA.to_owned(), "x".repeat(1024)),
    ]
    .into_iter()
    .enumerate()
    {
        let reply = browser.sign_in(&email, &password).await;
        assert_eq!(reply.status, 401, "{email} {password}: {}", reply.body);
        assert_eq!(house.count("countinghouse_passwords_checked_total"), number as u64 + 1);
    }
    // By the form they are told on the page, and shown as text.
    let reply = browser.sign_in_by_form("\"><script>alert(1)</script>", "x", "/").await;
    assert_eq!(reply.status, 400);
    assert!(
        reply.body.contains("value=\"&quot;&gt;&lt;script&gt;") && !reply.body.contains("<script"),
        "{}",
        reply.body
    );
    assert_eq!(
        super::browser::alert(&reply.body),
        Some("Put in an e-mail address and the password that goes with it.")
    );
}
