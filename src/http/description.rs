//! `/openapi.json`: what every route takes and answers, put together from what each edge says of its own, with what the
//! server around them may answer at any route.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::compressed::compressed;
use crate::discord;
use crate::graphql;
use crate::problem::Problem;
use crate::rest::described::problem;
use crate::rest::{analytics, distribu, share_links};

/// What there is beside the APIs, and what they are called together.
const SERVER: &str = include_str!("openapi.json");

/// Serves the description, without GET at `/graphql` where the server takes none.
pub fn route(graphql_takes_get: bool) -> Router {
    let text = whole(graphql_takes_get).to_string();
    let kind = [(header::CONTENT_TYPE, "application/json")];
    compressed(Router::new().route("/openapi.json", get(move || async move { (kind, text) })))
}

/// The description as JSON.
fn whole(graphql_takes_get: bool) -> Value {
    // Both texts are part of the binary, and a test reads the whole.
    let mut whole: Value = serde_json::from_str(SERVER).unwrap_or_default();
    merge(&mut whole, analytics::description());
    merge(&mut whole, serde_json::to_value(distribu::description()).unwrap_or_default());
    merge(&mut whole, serde_json::to_value(share_links::description()).unwrap_or_default());
    merge(&mut whole, graphql::description(graphql_takes_get));
    merge(&mut whole, discord::description());
    whole["info"]["version"] = env!("CARGO_PKG_VERSION").into();
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
    fn every_part_of_the_description_is_in_it() {
        for (takes_get, count) in [(true, 40), (false, 39)] {
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
            assert_eq!(whole["tags"].as_array().map(Vec::len), Some(8));
        }
    }
}
