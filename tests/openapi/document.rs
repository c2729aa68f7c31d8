//! The document itself: OpenAPI 3.1 as its own schema has it, and nothing in it undescribed.

use serde_json::Value;

use crate::operations::process::Served;
use crate::support::python::program;

#[tokio::test]
async fn it_is_open_api_3_1() {
    let served = Served::start("sqlite://shop.db", &[]).await;
    let answer = served.get("/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &answer.body).expect("it is written");
    let path = file.path().to_str().expect("text");
    let words = program("openapi-spec-validator", &["--schema", "3.1", path], &[]);
    assert_eq!(words, format!("{path}: OK\n"));
}

/// Whether all parameters, properties and answers below say what they are.
fn undescribed(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let holds_described = ["/responses", "/headers"].iter().any(|end| place.ends_with(end));
            for (name, value) in fields {
                let is_told = value.get("description").is_some() || value.get("$ref").is_some();
                if holds_described && !is_told {
                    found.push(format!("{place}/{name}"));
                }
                if name != "example" {
                    undescribed(value, &format!("{place}/{name}"), found);
                }
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                if place.ends_with("/parameters") && item.get("description").is_none() {
                    found.push(format!("{place}/{number}"));
                }
                undescribed(item, &format!("{place}/{number}"), found);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn every_operation_parameter_and_answer_is_described() {
    let served = Served::start("sqlite://shop.db", &[]).await;
    let whole: Value = serde_json::from_str(&served.get("/openapi.json").await.body).expect("JSON");
    let mut found = Vec::new();
    undescribed(&whole, "", &mut found);
    assert_eq!(found, Vec::<String>::new());
    let mut names = std::collections::BTreeSet::new();
    for operation in whole["paths"].as_object().expect("paths").values().filter_map(Value::as_object) {
        for operation in operation.values() {
            assert!(operation["summary"].as_str().is_some_and(|words| words.ends_with('.')), "{operation}");
            let name = operation["operationId"].as_str().expect("a name").to_owned();
            assert!(names.insert(name.clone()), "{operation}");
            // One route belongs to two APIs.
            let owners = if name == "revenue" { 2 } else { 1 };
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(owners), "{operation}");
        }
    }
    assert_eq!(names.len(), 47);
}
