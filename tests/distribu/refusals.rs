//! Who is refused, and what for: the same words on every route.

use axum::body::Body;
use axum::http::Request;
use countinghouse::principal::{Principal, Refusal, Role, Scope};

use super::ROUTES;
use crate::momentum::corner_shop::dataset;
use crate::support::app::{App, admin, key, organization};
use crate::support::refused::{self as support, NO_RATE, TOO_LATE, Told, told, too_slow, without_a_rate};
use crate::support::{TestDatabase, both_databases};

const JANUARY: &str = "from=2024-01-01&to=2024-01-31";

/// What it is to see of a refusal.
fn refused(status: u16, code: &str, message: &str) -> Told {
    support::refused(status, format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#))
}

/// Asks every route, which must all say this; `inventory` takes no time.
async fn all_say(
    app: &App,
    access: Result<Principal, Refusal>,
    query: &str,
    expected: &Told,
    routes: &[&str],
) {
    for route in routes {
        let reply = app.get(access.clone(), &format!("/api/v1/reports/{route}?{query}")).await;
        assert_eq!(told(&reply), *expected, "{route}?{query}");
    }
}

async fn everybody_who_may_not(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let all = async |access, query: &str, expected| all_say(&app, access, query, &expected, &ROUTES).await;
    let missing = "no credential was sent; send `Authorization: Bearer <token>`";
    all(Err(Refusal::Missing), JANUARY, refused(401, "UNAUTHORIZED", missing)).await;
    let invalid = Refusal::Invalid("the API key was revoked".to_owned());
    all(Err(invalid), JANUARY, refused(401, "UNAUTHORIZED", "the API key was revoked")).await;
    let nobodys = Refusal::Forbidden("the API key's organization is not known here".to_owned());
    let words = refused(403, "FORBIDDEN", "the API key's organization is not known here");
    all(Err(nobodys), JANUARY, words).await;
    let away = refused(503, "UNAVAILABLE", "credentials cannot be checked right now");
    all(Err(Refusal::Unavailable), JANUARY, away).await;
    // Who may not is told so before the question is looked at.
    let forbidden = refused(403, "FORBIDDEN", "this needs the role Admin or the scope reports:read");
    all(Ok(key(&shop, &[Scope::DataWrite])), "from=never", forbidden.clone()).await;
    let other = Principal { role: Role::Other, ..admin(&shop) };
    all(Ok(other.clone()), JANUARY, forbidden).await;
    // Any kind of credential will do that carries the permission.
    for may in [
        admin(&shop),
        key(&shop, &[Scope::ReportsRead]),
        Principal { scopes: [Scope::ReportsRead].into(), ..other },
    ] {
        for route in ROUTES {
            let reply = app.get(Ok(may.clone()), &format!("/api/v1/reports/{route}?{JANUARY}")).await;
            assert_eq!(reply.status, 200, "{route}: {}", reply.body);
        }
    }
}

async fn every_bad_question(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let timed: Vec<&str> = ROUTES.into_iter().filter(|route| *route != "inventory").collect();
    let date = "a date such as 2026-04-01, 2026-04-01T00:00:00Z or April 1, 2026";
    for (query, message) in [
        ("from=2024-02-30".to_owned(), format!("from must be {date}, not '2024-02-30'")),
        ("from=2024-01-01&to=soon".to_owned(), format!("to must be {date}, not 'soon'")),
        ("to=".to_owned(), format!("to must be {date}, not ''")),
        (
            format!("from={}", "9".repeat(100)),
            format!("from must be {date}, not '{}'", "9".repeat(40)),
        ),
        (
            "preset=Month".to_owned(),
            "preset must be one of today, week, month, quarter, year, all, not 'Month'".to_owned(),
        ),
        ("preset=week&preset=week".to_owned(), "preset was given more than once".to_owned()),
        (
            "from=2024-02-01&to=2024-01-31".to_owned(),
            "the range is empty: it would begin at 2024-02-01T00:00:00.000Z and end at 2024-02-01T00:00:00.000Z"
                .to_owned(),
        ),
        // Later than the preset's end, which is today's.
        (
            "from=2024-02-11".to_owned(),
            "the range is empty: it would begin at 2024-02-11T00:00:00.000Z and end at 2024-02-11T00:00:00.000Z"
                .to_owned(),
        ),
    ] {
        let reader = key(&shop, &[Scope::ReportsRead]);
        all_say(&app, Ok(reader), &query, &refused(400, "BAD_REQUEST", &message), &timed).await;
    }
    let words = "organizationId is not taken: the credential decides whose data is told";
    let foreign = refused(400, "BAD_REQUEST", words);
    all_say(&app, Ok(admin(&shop)), "organizationId=another", &foreign, &ROUTES).await;
    let ask = async |path: &str| told(&app.get(Ok(admin(&shop)), &format!("/api/v1/reports/{path}")).await);
    for (path, message) in [
        ("sales?fields=orders", "fields must be some of date, orderCount, revenue, not 'orders'"),
        (
            "customers?fields=revenue,,",
            "fields must be some of customerId, customerName, customerEmail, orderCount, revenue, lastOrderAt, not ''",
        ),
        (
            "inventory?fields=cost",
            "fields must be some of productId, name, sku, category, stock, unitPrice, value, isActive, not 'cost'",
        ),
        ("products?fields=name,name", "fields names name more than once"),
        ("products?limit=0", "limit must be a whole number from 1 to 1000, not '0'"),
        ("products?limit=1001", "limit must be a whole number from 1 to 1000, not '1001'"),
        ("orders?limit=ten", "limit must be a whole number from 1 to 1000, not 'ten'"),
        ("orders?format=xlsx", "format must be one of json, csv, not 'xlsx'"),
        (
            "orders?format=csv&limit=5",
            "format=csv gives all orders of the range: limit and cursor are for pages of JSON",
        ),
        ("orders?cursor=abc", "cursor is no cursor of this list: pass on what a page before it gave"),
        (
            "sales?from=2000-01-01&to=2024-01-01",
            "the range has more than 3660 days: set from and to closer together",
        ),
    ] {
        assert_eq!(ask(path).await, refused(400, "BAD_REQUEST", message), "{path}");
    }
    // Only a day a row is too many.
    for route in ["customers", "products", "orders"] {
        assert_eq!(ask(&format!("{route}?from=0001-01-01&to=9999-12-31")).await.0, 200, "{route}");
    }
    for route in ROUTES {
        let path = format!("/api/v1/reports/{route}?{JANUARY}");
        let post = Request::post(&path).body(Body::empty()).expect("a request");
        let reply = app.send(Ok(admin(&shop)), post).await;
        assert_eq!(told(&reply), refused(405, "METHOD_NOT_ALLOWED", "reports are read with GET"), "{route}");
        assert_eq!(reply.headers["allow"], "GET,HEAD", "{route}");
        let head = Request::head(&path).body(Body::empty()).expect("a request");
        let reply = app.send(Ok(admin(&shop)), head).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, ""), "{route}");
    }
}

/// Whatever is done to a cursor, it is refused: it says where a page ended, and nothing else.
async fn cursors_that_are_none_of_this_list(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let other = organization(&database.connection, "other", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let first = app.get(Ok(admin(&other)), "/api/v1/reports/orders?preset=all&limit=1").await.json();
    let theirs = first["data"]["nextCursor"].as_str().expect("a cursor").to_owned();
    let first = app.get(Ok(admin(&shop)), "/api/v1/reports/orders?preset=all&limit=1").await.json();
    let ours = first["data"]["nextCursor"].as_str().expect("a cursor").to_owned();
    let ask = async |cursor: &str| {
        app.get(Ok(admin(&shop)), &format!("/api/v1/reports/orders?preset=all&cursor={cursor}")).await
    };
    assert_eq!(ask(&ours).await.status, 200);
    let words = "cursor is no cursor of this list: pass on what a page before it gave";
    let mut altered: Vec<String> = (0..ours.len())
        .map(|place| {
            let other = if &ours[place..=place] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &ours[..place], &ours[place + 1..])
        })
        .collect();
    altered.extend([theirs, String::new(), format!("{ours}A"), ours[1..].to_owned(), "A".repeat(32)]);
    for cursor in altered {
        assert_eq!(told(&ask(&cursor).await), refused(400, "BAD_REQUEST", words), "{cursor}");
    }
}

async fn a_missing_rate_names_the_pair_and_the_day(database: TestDatabase) {
    let shop = without_a_rate(&database.connection).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let unknown = refused(422, "UNPROCESSABLE", NO_RATE);
    all_say(&app, Ok(admin(&shop)), JANUARY, &unknown, &["sales"]).await;
    // An order is told as it is.
    let path = format!("/api/v1/reports/orders?{JANUARY}&fields=currency,total");
    let orders = app.get(Ok(admin(&shop)), &path).await;
    assert!(orders.body.contains(r#""rows":[{"currency":"EUR","total":1.00}]"#), "{}", orders.body);
}

async fn an_answer_that_takes_too_long(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let late = refused(504, "TIMEOUT", TOO_LATE);
    all_say(&too_slow(&database.connection).await, Ok(admin(&shop)), JANUARY, &late, &ROUTES).await;
}

async fn a_database_that_is_away(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    database.connection.close_by_ref().await.expect("closed");
    let words = "the database is not available right now; try again shortly";
    let away = refused(503, "UNAVAILABLE", words);
    all_say(&app, Ok(admin(&shop)), JANUARY, &away, &ROUTES).await;
    all_say(&app, Ok(admin(&shop)), "format=csv", &away, &["orders"]).await;
}

both_databases!(
    everybody_who_may_not,
    every_bad_question,
    cursors_that_are_none_of_this_list,
    a_missing_rate_names_the_pair_and_the_day,
    an_answer_that_takes_too_long,
    a_database_that_is_away,
);
