//! What is refused, and how: every code, its status, headers and words.

use axum::body::Body;
use axum::http::Request;
use countinghouse::principal::{Refusal, Scope};
use serde_json::json;

use super::stall::{Stall, told};
use crate::support::app::key;
use crate::support::{TestDatabase, both_databases};

both_databases!(arguments, callers, transport);

const PERIOD: &str = r#"period: { range: { from: "2024-01-01", to: "2024-03-31" } }"#;

async fn arguments(database: TestDatabase) {
    let stall = Stall::open(&database, true).await;
    let mut text = String::new();
    for query in [
        // A period that is none.
        r#"{ revenue(period: { range: { from: "2024-02-01", to: "2024-01-01" } }) { totals { orders } } }"#.to_owned(),
        r#"{ revenue(period: { range: { from: "01/02/2024", to: "2024-01-01" } }) { totals { orders } } }"#.to_owned(),
        r#"{ revenue(period: { preset: TODAY, last: { count: 1, grain: DAY } }) { totals { orders } } }"#.to_owned(),
        r#"{ revenue(period: { last: { count: 0, grain: DAY } }) { totals { orders } } }"#.to_owned(),
        r#"{ revenue(period: { last: { count: 4000000000, grain: YEAR } }) { totals { orders } } }"#.to_owned(),
        r#"{ revenue(period: { range: { from: "0001-01-01", to: "9999-12-31" } }) { series(grain: HOUR) { orders } } }"#.to_owned(),
        // Scalars.
        format!(r#"{{ revenue({PERIOD}, currency: "pounds") {{ totals {{ orders }} }} }}"#),
        format!(r#"{{ revenue({PERIOD}, timeZone: "Mars/Olympus") {{ totals {{ orders }} }} }}"#),
        // Figures that do not fit a dimension.
        format!("{{ revenue({PERIOD}) {{ breakdown(by: PRODUCT) {{ orders }} }} }}"),
        format!(r#"{{ orders({PERIOD}, where: [{{ dimension: CATEGORY, in: ["k1"] }}]) {{ totals {{ orders }} }} }}"#),
        // Conditions.
        format!("{{ orders({PERIOD}, where: [{{ dimension: CHANNEL }}]) {{ totals {{ orders }} }} }}"),
        format!(r#"{{ orders({PERIOD}, where: [{{ dimension: STATUS, in: ["PAID"] }}]) {{ totals {{ orders }} }} }}"#),
        format!(r#"{{ orders({PERIOD}, where: [{{ dimension: HOUR_OF_DAY, in: ["24"] }}]) {{ totals {{ orders }} }} }}"#),
        // How many.
        format!("{{ products({PERIOD}) {{ top(first: 0) {{ units }} }} }}"),
        format!("{{ customers({PERIOD}) {{ breakdown(by: COUNTRY, first: 1001) {{ orders }} }} }}"),
        format!("{{ explore({PERIOD}, metrics: [ORDERS], limit: 0) {{ rows {{ values }} }} }}"),
        // Free questions.
        format!("{{ explore({PERIOD}, metrics: []) {{ rows {{ values }} }} }}"),
        format!("{{ explore({PERIOD}, metrics: [ORDERS], dimensions: [CHANNEL, CHANNEL]) {{ rows {{ values }} }} }}"),
        format!("{{ explore({PERIOD}, metrics: [ORDERS], orderBy: {{ metric: UNITS }}) {{ rows {{ values }} }} }}"),
        format!("{{ explore({PERIOD}, metrics: [ORDERS], orderBy: {{ dimension: CITY }}) {{ rows {{ values }} }} }}"),
        format!("{{ explore({PERIOD}, metrics: [ORDERS], dimensions: [CITY], orderBy: {{ metric: ORDERS, dimension: CITY }}) {{ rows {{ values }} }} }}"),
        // Nothing to compare with.
        r#"{ revenue(period: { range: { from: "0001-01-01", to: "0001-12-31" } }) { change(against: { previous: YEAR }) { current { orders } } } }"#.to_owned(),
        r#"{ revenue(period: { range: { from: "2030-01-01", to: "2030-12-31" } }) { change(against: { toDate: YEAR }) { current { orders } } } }"#.to_owned(),
        // No rate.
        format!(r#"{{ revenue({PERIOD}, currency: "JPY") {{ totals {{ orders revenue {{ amount }} }} }} orders({PERIOD}) {{ totals {{ orders }} }} }}"#),
        // Queries that are none.
        "{ revenue {".to_owned(),
        "{ nothing }".to_owned(),
        format!("{{ revenue({PERIOD}) {{ totals {{ nothing }} }} }}"),
        "{ revenue { totals { orders } } }".to_owned(),
        "mutation { nothing }".to_owned(),
    ] {
        text += &format!("### {query}\n{}\n\n", told(&stall.ask(&query).await));
    }
    insta::assert_snapshot!("arguments", text);
}

async fn callers(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let query = format!("{{ viewer {{ subject }} revenue({PERIOD}) {{ totals {{ orders }} }} }}");
    let mut text = String::new();
    for (name, access) in [
        ("none", Err(Refusal::Missing)),
        ("bad", Err(Refusal::Invalid("the token has expired".to_owned()))),
        ("strange", Err(Refusal::Forbidden("the token names no organization".to_owned()))),
        ("untold", Err(Refusal::Unavailable)),
        ("without the scope", Ok(key(&stall.organization, &[Scope::DataWrite]))),
        ("with the scope", Ok(key(&stall.organization, &[Scope::ReportsRead]))),
    ] {
        text += &format!("### {name}\n{}\n\n", told(&stall.app.graphql(access, &query, json!({})).await));
    }
    // The catalogue is for everybody.
    let reply = stall.app.graphql(Err(Refusal::Missing), "{ metrics { name } }", json!({})).await;
    assert_eq!((reply.status.as_u16(), reply.json().get("errors")), (200, None));
    insta::assert_snapshot!("callers", text);
}

async fn transport(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let mut text = String::new();
    for (name, content_type, body) in [
        ("a form", Some("application/x-www-form-urlencoded"), "query=%7Bmetrics%7Bname%7D%7D"),
        ("plain text", Some("text/plain"), r#"{"query":"{ __typename }"}"#),
        ("no content type", None, r#"{"query":"{ __typename }"}"#),
        ("JSON that ends too early", Some("application/json"), r#"{"query":"#),
        ("a batch", Some("application/json"), r#"[{"query":"{ __typename }"}]"#),
        ("no query", Some("application/json"), "{}"),
        ("a query that is no text", Some("application/json"), r#"{"query":7}"#),
        (
            "variables that are no object",
            Some("application/json"),
            r#"{"query":"{ __typename }","variables":[]}"#,
        ),
        (
            "an operation that is not there",
            Some("application/json"),
            r#"{"query":"query A { __typename }","operationName":"B"}"#,
        ),
        ("with a charset", Some("application/json; charset=utf-8"), r#"{"query":"{ __typename }"}"#),
    ] {
        let mut request = Request::post("/graphql");
        if let Some(value) = content_type {
            request = request.header("content-type", value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        text += &format!("### {name}\n{}\n\n", told(&stall.app.send(Ok(stall.admin()), request).await));
    }
    insta::assert_snapshot!("transport", text);
}
