//! `/openapi.json`: what every route takes and answers, put together from what each edge says of its own, with what the
//! server around them may answer at any route.

use axum::Router;
use axum::extract::Request;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::compressed::compressed;
use crate::discord;
use crate::graphql;
use crate::problem::Problem;
use crate::rest::described::problem;
use crate::rest::{analytics, distribu, heldsway, ingest, share_links, tracking};

/// What there is beside the APIs, and what they are called together.
const SERVER: &str = include_str!("openapi.json");

/// Serves the description, without GET at `/graphql` where the server takes none.
pub fn route(graphql_takes_get: bool) -> Router {
    let text = text(graphql_takes_get);
    let kind = [(header::CONTENT_TYPE, "application/json")];
    let answer =
        async move |request: Request| compressed(request, async |_| (kind, text).into_response()).await;
    Router::new().route("/openapi.json", get(answer))
}

/// The description as it is served.
pub fn text(graphql_takes_get: bool) -> String {
    whole(graphql_takes_get).to_string()
}

/// The description as JSON.
fn whole(graphql_takes_get: bool) -> Value {
    // Both texts are part of the binary, and a test reads the whole.
    let mut whole: Value = serde_json::from_str(SERVER).unwrap_or_default();
    merge(&mut whole, analytics::description());
    merge(&mut whole, serde_json::to_value(distribu::description()).unwrap_or_default());
    merge(&mut whole, serde_json::to_value(heldsway::description()).unwrap_or_default());
    merge(&mut whole, serde_json::to_value(ingest::description()).unwrap_or_default());
    merge(&mut whole, serde_json::to_value(tracking::description()).unwrap_or_default());
    merge(&mut whole, serde_json::to_value(share_links::description()).unwrap_or_default());
    merge(&mut whole, graphql::description(graphql_takes_get));
    merge(&mut whole, discord::description());
    whole["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    tell_tags(&mut whole);
    tell_budgets(&mut whole);
    let refusals = refusals();
    for operation in operations(&mut whole) {
        let responses = operation.entry("responses").or_insert_with(|| Map::new().into());
        if let Value::Object(responses) = responses {
            for (status, refusal) in &refusals {
                responses.entry(status.clone()).or_insert_with(|| refusal.clone());
            }
        }
    }
    whole
}

/// What tells reports of the documented APIs by their tags.
const TAGGED: [&str; 4] = ["momentum", "ecosire", "distribu", "heldsway"];

/// Says of every report that is read with GET, as JSON, that its tag may be sent back.
fn tell_tags(whole: &mut Value) {
    let tag = json!({ "ETag": { "description": "Which answer it is.", "schema": { "type": "string" } } });
    let known = json!({ "description": "`If-None-Match` names the answer.", "headers": tag });
    let items = whole["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in items.filter_map(|item| item.get_mut("get")) {
        let is_of_report = TAGGED.iter().any(|api| operation["tags"][0] == *api);
        if !is_of_report || operation.pointer("/responses/200/content/application~1json").is_none() {
            continue;
        }
        operation["responses"]["200"]["headers"]["ETag"] = tag["ETag"].clone();
        operation["responses"]["304"] = known.clone();
    }
}

/// Says of every operation that may be refused for asking too often which headers tell of the budget.
fn tell_budgets(whole: &mut Value) {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    let told = [
        ("RateLimit-Policy", text("How much (`q`) in how many seconds (`w`), where who asks has a budget.")),
        ("RateLimit", text("What is left (`r`), and in how many seconds all of it is there again (`t`).")),
        ("RateLimit-Limit", text("How much there is a minute.")),
        ("RateLimit-Remaining", text("What is left.")),
        ("RateLimit-Reset", text("In how many seconds all of it is there again, if nothing more is asked.")),
    ];
    let again = [("Retry-After", text("In how many seconds to try again."))];
    if let Some(shared) = whole.pointer_mut("/components/responses").and_then(Value::as_object_mut) {
        for name in ["graphql.Answered", "graphql.TooMany"] {
            let more: &[_] = if name == "graphql.TooMany" { &again } else { &[] };
            if let Some(response) = shared.get_mut(name) {
                add_headers(response, told.iter().chain(more));
            }
        }
    }
    for operation in operations(whole) {
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { continue };
        if !responses.contains_key("429") {
            continue;
        }
        for (status, response) in responses.iter_mut().filter(|(_, response)| response.get("$ref").is_none())
        {
            let more: &[_] = if status == "429" { &again } else { &[] };
            if status == "429" || status.starts_with('2') {
                add_headers(response, told.iter().chain(more));
            }
        }
    }
}

fn add_headers<'a>(response: &mut Value, headers: impl Iterator<Item = &'a (&'static str, Value)>) {
    for (name, header) in headers {
        response["headers"][name] = header.clone();
    }
}

/// What the server itself may answer, whatever is asked.
fn refusals() -> Vec<(String, Value)> {
    let refusals = [
        (Problem::new(408), "The request's body stalled."),
        (
            Problem::new(413).with_detail("a request body may have 2000000 bytes"),
            "The request's body is larger than this server takes.",
        ),
        (Problem::new(500), "Something broke; the server's log says what."),
        (
            Problem::new(504).with_detail("the answer took too long"),
            "The answer took longer than a request may.",
        ),
    ];
    let described = |(such_as, words): (Problem, &str)| {
        (such_as.status.to_string(), serde_json::to_value(problem(&such_as, words)).unwrap_or_default())
    };
    // What cannot be read as a request has no problem document.
    let head = (
        "431".to_owned(),
        json!({ "description": "The request's head, its address among it, is too large." }),
    );
    refusals.map(described).into_iter().chain([head]).collect()
}

/// Every operation of every path.
fn operations(whole: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = whole["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let methods = paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    methods.filter_map(Value::as_object_mut)
}

/// Puts what `other` says beside what `into` says, member by member.
fn merge(into: &mut Value, other: Value) {
    match (into, other) {
        (Value::Object(into), Value::Object(other)) => {
            for (name, value) in other {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, other) => *into = other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_that_are_read_have_tags_and_nothing_else_has() {
        let whole = whole(true);
        let mut told = Vec::new();
        for (path, item) in whole["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("methods") {
                if operation["responses"]["304"].is_object() {
                    told.push(format!("{method} {path}"));
                }
            }
        }
        let is_report = |operation: &String| {
            ["get /api/analytics/", "get /api/v1/reports/", "get /v1/affiliate/"]
                .iter()
                .any(|of| operation.starts_with(of))
        };
        let (reports, others): (Vec<_>, Vec<_>) = told.into_iter().partition(is_report);
        // Ten of `momentum`, of which one is `ecosire`'s too, and eleven more of that; five of `distribu`, one of `heldsway`.
        assert_eq!(reports.len(), 27, "{reports:?}");
        assert!(!reports.iter().any(|path| path.contains("download")), "{reports:?}");
        // GraphQL's, and the script of shops' pages.
        assert_eq!(others.len(), 2, "{others:?}");
    }

    #[test]
    fn every_part_of_the_description_is_in_it() {
        for (takes_get, count) in [(true, 47), (false, 46)] {
            let mut whole = whole(takes_get);
            assert_eq!(operations(&mut whole).count(), count);
            assert!(operations(&mut whole).all(|operation| operation["responses"]["504"].is_object()));
            assert!(operations(&mut whole).all(|operation| operation["responses"]["431"].is_object()));
            let schemas = whole["components"]["schemas"].as_object().expect("schemas");
            for name in
                ["Problem", "Number", "Health", "graphql.Request", "momentum.Revenue", "ecosire.Revenue"]
            {
                assert!(schemas.contains_key(name), "{name}: {:?}", schemas.keys());
            }
            assert_eq!(whole["tags"].as_array().map(Vec::len), Some(11));
        }
    }
}
