//! Where browsers reach the server: what cookies are called and carry there, and whose pages are its own.

use serde_json::json;

use super::browser::{ADA, House, PASSWORD, PLAIN, Reply, SECURE, cookies_without_values};
use crate::support::{Engine, TestDatabase, run};

const LOCAL: &str = "countinghouse_session=…; Path=/; HttpOnly; SameSite=Lax";
const BY_TLS: &str = "__Host-countinghouse_session=…; Path=/; HttpOnly; SameSite=Lax; Secure";

fn on_sqlite(test: impl AsyncFnOnce(House)) {
    run(Engine::Sqlite, async |database: TestDatabase| test(House::open(&database.connection).await).await);
}

/// What signing in comes to at that host, from a page of that origin.
async fn sign_in(house: &House, variables: &[(&str, &str)], host: &str, origin: Option<&str>) -> Reply {
    let mut browser = House::another(&house.db, variables, house.hands).browser();
    browser.host = host.to_owned();
    browser.origin = origin.map(str::to_owned);
    browser.sign_in(ADA, PASSWORD).await
}

#[test]
fn cookies_are_for_tls_alone_but_on_this_machine() {
    on_sqlite(async |house| {
        let public = [("COUNTINGHOUSE_PUBLIC_URL", "https://books.example")];
        let local = [("COUNTINGHOUSE_PUBLIC_URL", "http://localhost:8080")];
        let open = [("COUNTINGHOUSE_LISTEN", "0.0.0.0:8080")];
        let open_local = [open[0], local[0]];
        for (variables, host, origin, cookie) in [
            (&[][..], "localhost:8080", "http://localhost:8080", LOCAL),
            (&[], "127.0.0.1:8080", "http://127.0.0.1:8080", LOCAL),
            // Behind a proxy that speaks TLS for it, whichever host that asks for.
            (&public, "books.example", "https://books.example", BY_TLS),
            (&public, "127.0.0.1:8080", "https://books.example", BY_TLS),
            (&open, "books.example", "https://books.example", BY_TLS),
            // Browsers take these cookies from this machine without TLS.
            (&open, "localhost:8080", "http://localhost:8080", BY_TLS),
            (&open_local, "localhost:8080", "http://localhost:8080", LOCAL),
        ] {
            let reply = sign_in(&house, variables, host, Some(origin)).await;
            assert_eq!(reply.status, 201, "{variables:?} {origin}: {}", reply.body);
            assert_eq!(cookies_without_values(&reply), [cookie], "{variables:?} {origin}");
        }
        // A program says nothing of pages, and is asked for nothing.
        assert_eq!(sign_in(&house, &public, "127.0.0.1:8080", None).await.status, 201);
    });
}

#[test]
fn who_could_not_stay_signed_in_is_told_instead() {
    on_sqlite(async |house| {
        let public = [("COUNTINGHOUSE_PUBLIC_URL", "https://books.example")];
        let plain = [("COUNTINGHOUSE_PUBLIC_URL", "http://books.intern")];
        let open = [("COUNTINGHOUSE_LISTEN", "0.0.0.0:8080")];
        for (variables, host, origin) in [
            // A network without TLS, where browsers would drop the cookie.
            (&open[..], "books.intern:8080", "http://books.intern:8080"),
            // A proxy that the server was not told of.
            (&[], "books.example", "https://books.example"),
            (&[], "127.0.0.1:8080", "https://books.example"),
            // A name that somebody lets resolve to this machine.
            (&[], "evil.example:8080", "http://evil.example:8080"),
            // By another way than the one that the server was told.
            (&public, "localhost:8080", "http://localhost:8080"),
            (&public, "books.example", "http://books.example"),
            (&plain, "books.intern", "http://books.intern"),
        ] {
            let reply = sign_in(&house, variables, host, Some(origin)).await;
            let words = "a page of another origin asks; if the page is this server's own, set `public_url` to where browsers \
                         reach it by https";
            assert_eq!(
                (reply.status.as_u16(), &reply.json()["detail"]),
                (403, &json!(words)),
                "{variables:?} {origin}"
            );
        }
    });
}

#[test]
fn a_cookie_of_the_other_name_opens_nothing() {
    on_sqlite(async |house| {
        let public = [("COUNTINGHOUSE_PUBLIC_URL", "https://books.example")];
        let by_tls = House::another(&house.db, &public, house.hands);
        let value = house.signed_in(ADA).await.cookies[PLAIN].clone();
        // A neighbour's host, or whoever sits between, can plant a cookie, but none of the name with the prefix.
        for (house, name, who) in [
            (&house, PLAIN, "user:1"),
            (&house, SECURE, "401"),
            (&by_tls, SECURE, "user:1"),
            (&by_tls, PLAIN, "401"),
        ] {
            let mut browser = house.browser();
            browser.cookies.insert(name.to_owned(), value.clone());
            assert_eq!(browser.who().await, who, "{name}");
        }
    });
}

#[test]
fn a_session_by_tls_is_proven_by_its_own_origin() {
    on_sqlite(async |house| {
        let variables =
            [("COUNTINGHOUSE_PUBLIC_URL", "https://books.example"), ("COUNTINGHOUSE_LISTEN", "10.0.0.5:80")];
        let house = House::another(&house.db, &variables, house.hands);
        let mut browser = house.browser();
        browser.host = "10.0.0.5".to_owned();
        browser.origin = Some("https://books.example".to_owned());
        assert_eq!(browser.sign_in(ADA, PASSWORD).await.status, 201);
        let body = json!({ "query": "{ viewer { subject } }" });
        for (origin, status) in [
            ("https://books.example", 200),
            ("http://books.example", 403),
            ("http://10.0.0.5", 403),
            ("https://shop.books.example", 403),
        ] {
            browser.origin = Some(origin.to_owned());
            assert_eq!(browser.script("POST", "/graphql", &body).await.status, status, "{origin}");
        }
        // What a client writes of the way that it came by changes nothing.
        let forwarded = [
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "proto=http;host=evil.example"),
        ];
        let form = browser.ask("GET", "/sign-in", &forwarded, "").await;
        assert_eq!(form.status, 303, "still signed in");
    });
}
