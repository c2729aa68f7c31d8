//! Who is refused, and what for: the same words on every route.

use axum::body::Body;
use axum::http::Request;
use countinghouse::principal::{Principal, Refusal, Role, Scope};
use countinghouse::reports::Gateway;

use super::ROUTES;
use crate::momentum::corner_shop::dataset;
use crate::support::app::{App, Dataset, Reply, admin, key, organization};
use crate::support::{TestDatabase, both_databases};

const JANUARY: &str = "from=2024-01-01&to=2024-01-31";

/// What a client sees of a refusal: status, headers that matter, body.
fn told(reply: &Reply) -> (u16, [String; 3], String) {
    let header =
        |name: &str| reply.headers.get(name).map_or("-", |value| value.to_str().expect("text")).to_owned();
    let headers = ["content-type", "www-authenticate", "retry-after"].map(header);
    (reply.status.as_u16(), headers, reply.body.clone())
}

/// What it is to see.
fn refused(status: u16, error: &str, message: &str) -> (u16, [String; 3], String) {
    let credential = if status == 401 { "Bearer" } else { "-" };
    let later = if status == 503 { "2" } else { "-" };
    let body = format!(r#"{{"statusCode":{status},"error":"{error}","message":"{message}"}}"#);
    (status, ["application/json; charset=utf-8", credential, later].map(str::to_owned), body)
}

/// Asks every route, which must all say this.
async fn all_say(
    app: &App,
    access: Result<Principal, Refusal>,
    query: &str,
    expected: &(u16, [String; 3], String),
) {
    for route in ROUTES {
        let reply = app.get(access.clone(), &format!("/api/analytics/{route}?{query}")).await;
        assert_eq!(told(&reply), *expected, "{route}?{query}");
    }
}

async fn everybody_who_may_not(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let missing = "no credential was sent; send `Authorization: Bearer <token>`";
    all_say(&app, Err(Refusal::Missing), JANUARY, &refused(401, "Unauthorized", missing)).await;
    let invalid = Refusal::Invalid("the API key was revoked".to_owned());
    all_say(&app, Err(invalid), JANUARY, &refused(401, "Unauthorized", "the API key was revoked")).await;
    let nobodys = Refusal::Forbidden("the API key's organization is not known here".to_owned());
    let words = refused(403, "Forbidden", "the API key's organization is not known here");
    all_say(&app, Err(nobodys), JANUARY, &words).await;
    let away = refused(503, "Service Unavailable", "credentials cannot be checked right now");
    all_say(&app, Err(Refusal::Unavailable), JANUARY, &away).await;
    // Who may not is told so before the question is looked at.
    let forbidden = refused(403, "Forbidden", "this needs the role Admin or the scope reports:read");
    all_say(&app, Ok(key(&shop, &[Scope::DataWrite])), "from=never", &forbidden).await;
    let other = Principal { role: Role::Other, ..admin(&shop) };
    all_say(&app, Ok(other.clone()), JANUARY, &forbidden).await;
    // Any kind of credential will do that carries the permission.
    for may in [
        admin(&shop),
        key(&shop, &[Scope::ReportsRead]),
        Principal { scopes: [Scope::ReportsRead].into(), ..other },
    ] {
        for route in ROUTES {
            let reply = app.get(Ok(may.clone()), &format!("/api/analytics/{route}?{JANUARY}")).await;
            assert_eq!(reply.status, 200, "{route}: {}", reply.body);
        }
    }
}

async fn every_bad_question(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    for (query, message) in [
        (
            "from=2024-02-30",
            "from must be an ISO 8601 date such as 2026-01-31 or 2026-01-31T12:00:00Z, not '2024-02-30'",
        ),
        (
            "from=2024-01-01&to=soon",
            "to must be an ISO 8601 date such as 2026-01-31 or 2026-01-31T12:00:00Z, not 'soon'",
        ),
        ("groupBy=hour", "groupBy must be one of day, week, month, quarter, not 'hour'"),
        ("currency=xyz", "currency must be an ISO 4217 code such as usd, not 'xyz'"),
        ("from=2024-01-01&limit=0", "limit must be a whole number from 1 to 100, not '0'"),
        ("from=2024-01-01&from=2024-01-02", "from was given more than once"),
        (
            "organizationId=another&from=2024-01-01",
            "organizationId is not taken: the credential decides whose data is told",
        ),
        (
            "to=9999-12-31&from=0001-01-01&groupBy=bad",
            "groupBy must be one of day, week, month, quarter, not 'bad'",
        ),
    ] {
        let reader = key(&shop, &[Scope::ReportsRead]);
        all_say(&app, Ok(reader), query, &refused(400, "Bad Request", message)).await;
    }
    let late = refused(422, "Unprocessable Entity", "from must not lie after to");
    all_say(&app, Ok(admin(&shop)), "from=2024-02-01&to=2024-01-31", &late).await;
    // Too many rows for a time series.
    let long = "groupBy: the period has more than 3660 buckets of that grain; choose a coarser grain or a shorter period";
    for route in ["revenue", "products"] {
        let path = format!("/api/analytics/{route}?from=1700-01-01&to=2024-01-01");
        let reply = app.get(Ok(admin(&shop)), &path).await;
        assert_eq!(told(&reply), refused(400, "Bad Request", long), "{route}");
    }
    for route in ROUTES {
        let post = Request::post(format!("/api/analytics/{route}?{JANUARY}")).body(Body::empty());
        let reply = app.send(Ok(admin(&shop)), post.expect("a request")).await;
        assert_eq!(told(&reply), refused(405, "Method Not Allowed", "reports are read with GET"), "{route}");
        assert_eq!(reply.headers["allow"], "GET,HEAD", "{route}");
        let head = Request::head(format!("/api/analytics/{route}?{JANUARY}")).body(Body::empty());
        let reply = app.send(Ok(admin(&shop)), head.expect("a request")).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, ""), "{route}");
    }
}

async fn a_missing_rate_names_the_pair_and_the_day(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let path = "/api/analytics/revenue?from=2024-01-31T00:00:00Z&to=2024-01-31T23:59:59Z&currency=jpy";
    let reply = app.get(Ok(admin(&shop)), path).await;
    let words = "no exchange rate from EUR to JPY on or before 2024-01-31";
    assert_eq!(told(&reply), refused(422, "Unprocessable Entity", words));
}

async fn a_sum_that_is_too_large(database: TestDatabase) {
    // 1,100 orders of 90,000,000,000,000.00: more than 64 bits of cents.
    let orders =
        (0..1100).map(|order| format!("o{order},2024-01-15T12:00:00Z,DELIVERED,90000000000000.00\n"));
    let header = "order_id,placed_at,status,total\n".to_owned();
    let folder = Dataset::new().file("orders.csv", &orders.fold(header, |text, line| text + &line));
    let giant = organization(&database.connection, "giant", "USD", folder.path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let reply = app.get(Ok(admin(&giant)), &format!("/api/analytics/revenue?{JANUARY}")).await;
    let words = "a sum in this answer is too large to be told exactly; ask for a shorter period";
    assert_eq!(told(&reply), refused(422, "Unprocessable Entity", words));
}

async fn an_answer_that_takes_too_long(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let mut gateway = Gateway::new(database.connection.clone());
    gateway.means.deadline = std::time::Duration::ZERO;
    let app = App::over(gateway);
    let words = "the answer took too long; ask for a shorter period or fewer figures";
    let late = refused(504, "Gateway Timeout", words);
    // The list of dashboards reads no facts.
    for route in ROUTES.into_iter().filter(|route| *route != "dashboards") {
        let reply = app.get(Ok(admin(&shop)), &format!("/api/analytics/{route}?{JANUARY}")).await;
        assert_eq!(told(&reply), late, "{route}");
    }
}

async fn a_database_that_is_away(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    database.connection.close_by_ref().await.expect("closed");
    let words = "the database is not available right now; try again shortly";
    all_say(&app, Ok(admin(&shop)), JANUARY, &refused(503, "Service Unavailable", words)).await;
}

/// Where others keep all turns that there are, nobody waits for ever, and nobody is told that the database is away.
async fn a_server_that_is_busy(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let busy =
        refused(503, "Service Unavailable", "this server is busy right now; try again in a few seconds");
    let search = app.gateway.searches.clone().acquire_owned().await.expect("a turn");
    let anomalies = || app.get(Ok(admin(&shop)), "/api/analytics/anomalies?from=2024-01-01&to=2024-01-31");
    let reply = anomalies().await;
    assert_eq!((told(&reply), reply.headers["retry-after"].as_bytes()), (busy.clone(), "2".as_bytes()));
    drop(search);
    assert_eq!(anomalies().await.status, 200);
    let turns = &app.gateway.means.turns;
    let all = u32::try_from(turns.available_permits()).expect("few");
    let _all = turns.clone().acquire_many_owned(all).await.expect("turns");
    assert_eq!(told(&app.get(Ok(admin(&shop)), &format!("/api/analytics/revenue?{JANUARY}")).await), busy);
}

both_databases!(
    everybody_who_may_not,
    every_bad_question,
    a_missing_rate_names_the_pair_and_the_day,
    a_sum_that_is_too_large,
    an_answer_that_takes_too_long,
    a_database_that_is_away,
    a_server_that_is_busy,
);
