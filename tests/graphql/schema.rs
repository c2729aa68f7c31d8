//! The schema: what is committed is what is served, and every part of it says what it is.

use serde_json::{Value, json};

use countinghouse::principal::Refusal;

use super::stall::Stall;
use crate::support::{TestDatabase, both_databases};

both_databases!(everything_is_described, what_can_be_null_says_when_and_scalars_say_what_they_are);

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

const NULLABLE: &str = "{ __schema { types { kind name specifiedByURL \
    fields(includeDeprecated: true) { name description isDeprecated deprecationReason type { kind } } \
    enumValues(includeDeprecated: true) { name isDeprecated deprecationReason } } } }";

async fn what_can_be_null_says_when_and_scalars_say_what_they_are(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let reply = stall.app.graphql(Err(Refusal::Missing), NULLABLE, json!({})).await.json();
    let (mut nullable, mut scalars) = (0, 0);
    let mut found = Vec::new();
    for part in list(&reply["data"]["__schema"], "types") {
        let name = part["name"].as_str().expect("a name");
        if name.starts_with("__") {
            continue;
        }
        if part["kind"] == "SCALAR" && !["Boolean", "Int", "Float", "String", "ID"].contains(&name) {
            scalars += 1;
            let address = part["specifiedByURL"].as_str().unwrap_or_default();
            if !address.starts_with("https://") {
                found.push(format!("{name} does not say what specifies it"));
            }
        }
        for field in list(part, "fields").iter().filter(|field| field["type"]["kind"] != "NON_NULL") {
            nullable += 1;
            let description = field["description"].as_str().unwrap_or_default().to_lowercase();
            if !description.split(|letter: char| !letter.is_alphabetic()).any(|word| word == "null") {
                found.push(format!("{name}.{} does not say when it is null", field["name"]));
            }
        }
        for inner in list(part, "fields").iter().chain(list(part, "enumValues")) {
            let reason = inner["deprecationReason"].as_str().unwrap_or_default();
            if inner["isDeprecated"] == true && (reason.is_empty() || reason == "No longer supported") {
                found.push(format!("{name}.{} does not say what is to be used instead", inner["name"]));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
    assert!(nullable > 100 && scalars >= 8, "{nullable} {scalars}");
}
