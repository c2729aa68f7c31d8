//! Who is refused, and what for, in the API's own envelope. Every mistake with a parameter is in
//! `src/rest/heldsway/parameters.rs`.

use axum::body::Body;
use axum::http::Request;
use countinghouse::principal::{Principal, Refusal, Role, Scope};

use super::{PATHS, SECTIONS};
use crate::affiliates::dataset;
use crate::support::app::{App, admin, key, organization};
use crate::support::refused::{self as support, NO_RATE, TOO_LATE, Told, told, too_slow, without_a_rate};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    everybody_who_may_not,
    every_bad_question,
    a_missing_rate_names_the_pair_and_the_day,
    an_answer_that_takes_too_long,
    a_database_that_is_away,
);

/// What it is to see of a refusal.
fn refused(status: u16, error: &str) -> Told {
    support::refused(status, format!(r#"{{"success":false,"error":{{{error}}}}}"#))
}

async fn everybody_who_may_not(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let all = async |access: Result<Principal, Refusal>, query: &str, expected| {
        for path in PATHS {
            assert_eq!(told(&app.get(access.clone(), &format!("{path}?{query}")).await), expected, "{query}");
        }
    };
    let unauthorized = refused(401, r#""code":"UNAUTHORIZED","message":"Unauthorized""#);
    all(Err(Refusal::Missing), "section=stats", unauthorized.clone()).await;
    all(Err(Refusal::Invalid("the API key was revoked".to_owned())), "section=stats", unauthorized).await;
    let forbidden = refused(403, r#""code":"FORBIDDEN","message":"Forbidden""#);
    let nobodys = Refusal::Forbidden("the API key's organization is not known here".to_owned());
    all(Err(nobodys), "section=stats", forbidden.clone()).await;
    // Who may not is told so before the question is looked at.
    all(Ok(key(&shop, &[Scope::DataWrite])), "section=never", forbidden.clone()).await;
    let other = Principal { role: Role::Other, ..admin(&shop) };
    all(Ok(other.clone()), "section=stats", forbidden).await;
    let away = r#""code":"SERVICE_UNAVAILABLE","message":"credentials cannot be checked right now""#;
    all(Err(Refusal::Unavailable), "section=stats", refused(503, away)).await;
    // Any kind of credential will do that carries the permission.
    for may in [
        admin(&shop),
        key(&shop, &[Scope::ReportsRead]),
        Principal { scopes: [Scope::ReportsRead].into(), ..other },
    ] {
        for section in SECTIONS {
            let reply = app.get(Ok(may.clone()), &format!("{}?section={section}", PATHS[0])).await;
            assert_eq!(reply.status, 200, "{section}: {}", reply.body);
        }
    }
}

async fn every_bad_question(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let ask = async |query: &str| told(&app.get(Ok(admin(&shop)), &format!("{}?{query}", PATHS[0])).await);
    let invalid = |details: &str| {
        refused(
            422,
            &format!(r#""code":"VALIDATION_ERROR","message":"Validation failed","details":{{{details}}}"#),
        )
    };
    for (query, details) in [
        ("", r#""section":["The section field is required."]"#),
        (
            "section=all",
            r#""section":["Invalid section: all. Allowed: stats, trends, charts, tables, recent_clicks, recent_conversions, recent_events"]"#,
        ),
        (
            "section=tables&metrics=top_pages,top_dogs",
            r#""metrics":["Invalid metric(s) for tables: top_dogs. Allowed: top_pages, top_tracking_codes, top_affiliates, top_products"]"#,
        ),
        (
            "section=stats&from=2024-02-09&to=2024-02-08",
            r#""from":["The from field must be a date before or equal to to."]"#,
        ),
        ("section=stats&to=2024-02-11", r#""to":["The to field must be a date before or equal to today."]"#),
        (
            "section=recent_clicks&page=0&per_page=500",
            r#""page":["The page field must be at least 1."],"per_page":["The per page field must be between 1 and 100."]"#,
        ),
        (
            "section=stats&organizationId=another",
            r#""organizationId":["organizationId is not taken: the credential decides whose data is told"]"#,
        ),
        // A day a row is too many.
        (
            "section=charts&from=2000-01-01&to=2024-01-01",
            r#""from":["The range must not have more than 3660 days."]"#,
        ),
    ] {
        assert_eq!(ask(query).await, invalid(details), "{query}");
    }
    // All other sections tell of as much time as there is.
    for section in SECTIONS.into_iter().filter(|section| *section != "charts") {
        let (status, _, body) = ask(&format!("section={section}&from=0001-01-01&to=2024-02-10")).await;
        assert!(status == 200 || section == "trends", "{section}: {body}");
        assert_ne!(status, 500, "{section}: {body}");
    }
    for path in PATHS {
        let post = Request::post(path).body(Body::empty()).expect("a request");
        let reply = app.send(Ok(admin(&shop)), post).await;
        let words = r#""code":"METHOD_NOT_ALLOWED","message":"Method Not Allowed""#;
        assert_eq!(told(&reply), refused(405, words), "{path}");
        assert_eq!(reply.headers["allow"], "GET,HEAD", "{path}");
        let head = Request::head(format!("{path}?section=stats")).body(Body::empty()).expect("a request");
        let reply = app.send(Ok(admin(&shop)), head).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, ""), "{path}");
    }
}

async fn a_missing_rate_names_the_pair_and_the_day(database: TestDatabase) {
    let shop = without_a_rate(&database.connection).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let ask = async |query: &str| told(&app.get(Ok(admin(&shop)), &format!("{}?{query}", PATHS[0])).await);
    let words = format!(r#""code":"UNPROCESSABLE_CONTENT","message":"{NO_RATE}""#);
    let month = "from=2024-01-12&to=2024-02-10";
    assert_eq!(ask(&format!("section=stats&{month}")).await, refused(422, &words));
    // What needs no rate is told.
    let (status, _, body) = ask(&format!("section=stats&{month}&metrics=total_conversions")).await;
    assert_eq!(status, 200, "{body}");
    let (_, _, body) = ask(&format!("section=recent_conversions&{month}")).await;
    assert!(body.contains(r#""order_total":"1.00""#), "{body}");
}

async fn an_answer_that_takes_too_long(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = too_slow(&database.connection).await;
    let late = refused(504, &format!(r#""code":"GATEWAY_TIMEOUT","message":"{TOO_LATE}""#));
    for section in SECTIONS {
        let reply = app.get(Ok(admin(&shop)), &format!("{}?section={section}", PATHS[0])).await;
        assert_eq!(told(&reply), late, "{section}");
    }
}

async fn a_database_that_is_away(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    database.connection.close_by_ref().await.expect("closed");
    let words = "the database is not available right now; try again shortly";
    let away = refused(503, &format!(r#""code":"SERVICE_UNAVAILABLE","message":"{words}""#));
    for section in SECTIONS {
        let reply = app.get(Ok(admin(&shop)), &format!("{}?section={section}", PATHS[0])).await;
        assert_eq!(told(&reply), away, "{section}");
    }
}
