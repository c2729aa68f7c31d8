//! The probes of graphql-cop, as its documentation describes them, on a server as it is in production: each is refused.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use countinghouse::graphql::{Limits, Options};
use serde_json::{Value, json};

use super::stall::Stall;
use crate::support::app::{App, Reply};
use crate::support::{TestDatabase, both_databases};

both_databases!(every_probe_is_refused);

/// What is sent, and what the answer must be: its status, and what an error says for programs.
struct Probe {
    name: &'static str,
    request: Request<Body>,
    status: u16,
    code: Option<&'static str>,
}

fn probe(name: &'static str, request: Request<Body>, status: u16, code: Option<&'static str>) -> Probe {
    Probe { name, request, status, code }
}

fn json_body(request: Builder, body: &Value) -> Request<Body> {
    let request = request.header("content-type", "application/json");
    request.body(Body::from(body.to_string())).expect("a request")
}

/// A query as the tool sends it: without asking for a media type.
fn query(text: &str) -> Request<Body> {
    json_body(Request::post("/graphql"), &json!({ "query": text, "operationName": "cop" }))
}

fn get(path: &str, accept: &str) -> Request<Body> {
    Request::get(path).header("accept", accept).body(Body::empty()).expect("a request")
}

fn probes() -> Vec<Probe> {
    let aliases = (0..101).fold(String::new(), |mut text, number| {
        let _ = write!(text, "alias{number}:__typename ");
        text
    });
    let batch = Value::from(vec![json!({ "query": "query cop { __typename }" }); 10]);
    let circular = "query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { \
                    name } } } } } } } } } } }";
    let form = Request::post("/graphql").header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(Body::from("query=query+cop+%7B__typename%7D")).expect("a request");
    vec![
        // Denial of service.
        probe(
            "alias overloading",
            query(&format!("query cop {{ {aliases} }}")),
            400,
            Some("TOO_MANY_ALIASES"),
        ),
        probe("array batching", json_body(Request::post("/graphql"), &batch), 400, Some("INVALID_REQUEST")),
        probe(
            "directive overloading",
            query(&format!("query cop {{ __typename {} }}", "@aa".repeat(10))),
            200,
            Some("INVALID_QUERY"),
        ),
        probe(
            "field duplication",
            query(&format!("query cop {{ {} }}", "__typename ".repeat(500))),
            400,
            Some("TOO_MANY_ROOT_FIELDS"),
        ),
        probe("circular introspection", query(circular), 400, Some("INTROSPECTION_TOO_DEEP")),
        // Requests from other sites.
        probe("queries by GET", get("/graphql?query=query%20cop%7B__typename%7D", "*/*"), 405, None),
        probe("mutations by GET", get("/graphql?query=mutation%20cop%7B__typename%7D", "*/*"), 405, None),
        probe("queries by form", form, 415, Some("UNSUPPORTED_MEDIA_TYPE")),
        // What is given away.
        probe(
            "introspection",
            query("query cop { __schema { types { name fields { name } } } }"),
            400,
            Some("INTROSPECTION_DISABLED"),
        ),
        probe(
            "field suggestions",
            query("query cop { revenu { totals { orders } } }"),
            200,
            Some("INVALID_QUERY"),
        ),
        probe("an editor", get("/graphql", "text/html"), 405, None),
        probe("unhandled errors", query("qwerty cop { abc }"), 200, Some("INVALID_QUERY")),
    ]
}

/// Whether an answer has anything that the tool would call a finding.
fn gives_away(reply: &Reply) -> bool {
    let words = reply.body.to_lowercase();
    let marks = [
        "did you mean",
        "exception",
        "stacktrace",
        "panicked",
        ".rs:",
        "graphiql",
        "playground",
        "tracing",
        "\"data\"",
    ];
    marks.iter().any(|mark| words.contains(mark))
}

async fn every_probe_is_refused(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let limits = Limits { introspects: false, ..Limits::default() };
    let app = App::with(stall.app.gateway.clone(), Options { limits, no_get: true, ..Options::default() });
    let mut refused = 0;
    for Probe { name, request, status, code } in probes() {
        let reply = app.send(Ok(stall.admin()), request).await;
        let told: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let errors = told["errors"].as_array().map_or(0, Vec::len);
        let found = (reply.status.as_u16(), told["errors"][0]["extensions"]["code"].as_str());
        assert_eq!(found, (status, code), "{name}: {}", reply.body);
        assert!(errors < 10 && !gives_away(&reply), "{name}: {}", reply.body);
        refused += 1;
    }
    assert_eq!(refused, 12);
    // The thirteenth is answered, and says nothing of how.
    let traced = query("query cop { __typename }");
    let reply = app.send(Ok(stall.admin()), traced).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, r#"{"data":{"__typename":"Query"}}"#));
}
