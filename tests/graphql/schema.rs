//! The schema: what is committed is what is served, and every part of it says what it is.

use serde_json::{Value, json};

use countinghouse::principal::Refusal;

use super::stall::Stall;
use crate::support::{TestDatabase, both_databases};

both_databases!(everything_is_described);

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql"));
    let is_same = committed.is_ok_and(|text| text == countinghouse::graphql::sdl());
    assert!(
        is_same,
        "schema.graphql is not the schema; this writes it: cargo run -- schema > schema.graphql"
    );
}

const INTROSPECTION: &str = "{ __schema { description types { kind name description \
    fields(includeDeprecated: true) { name description args { name description } } \
    inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";

fn list<'a>(value: &'a Value, part: &str) -> &'a [Value] {
    value[part].as_array().map_or(&[], Vec::as_slice)
}

/// Names of what has no description, with `path` before them.
fn silent(value: &Value, path: &str, found: &mut Vec<String>) {
    let name = format!("{path}{}", value["name"].as_str().expect("a name"));
    if value["description"].as_str().is_none_or(|text| text.trim().is_empty()) {
        found.push(name.clone());
    }
    for part in ["fields", "args", "inputFields", "enumValues"] {
        for inner in list(value, part) {
            silent(inner, &format!("{name}."), found);
        }
    }
}

async fn everything_is_described(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    // Also for those who show no credential.
    let reply = stall.app.graphql(Err(Refusal::Missing), INTROSPECTION, json!({})).await.json();
    let types = list(&reply["data"]["__schema"], "types");
    assert!(types.len() > 40, "{reply}");
    let built_in =
        |name: &str| name.starts_with("__") || ["Boolean", "Int", "Float", "String", "ID"].contains(&name);
    let mut found = Vec::new();
    for part in types.iter().filter(|part| !built_in(part["name"].as_str().expect("a name"))) {
        silent(part, "", &mut found);
    }
    assert!(found.is_empty(), "these have no description: {found:#?}");
}
