//! The example tabs of the playground, each as it is, over a generated shop.

use std::path::Path;

use chrono::NaiveDate;
use countinghouse::demo::{self, Shop};
use countinghouse::principal::Scope;
use serde_json::Value;

use crate::support::app::{App, key, organization};
use crate::support::{TestDatabase, both_databases};

/// Name and text of every example file.
fn examples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("playground/web/examples");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the folder reads")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("the file reads"))
        })
        .collect();
    files.sort();
    files
}

fn is_subscription(example: &str) -> bool {
    example.lines().any(|line| line.starts_with("subscription "))
}

/// Whether anything is told: a list with nothing in it is no answer to show.
fn tells(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => items.iter().any(tells),
        Value::Object(fields) => fields.values().any(tells),
        _ => true,
    }
}

async fn every_example_answers_over_the_demo(database: TestDatabase) {
    let folder = tempfile::tempdir().expect("a folder");
    let end = NaiveDate::from_ymd_opt(2026, 2, 28).expect("a day");
    demo::write(&Shop { orders: 600, seed: 1, end }, folder.path()).expect("it writes");
    let shop = organization(&database.connection, "demo", demo::CURRENCY, folder.path()).await;
    let app = App::new(&database.connection, "2026-03-01T12:00:00Z");
    for (name, example) in examples().iter().filter(|(_, example)| !is_subscription(example)) {
        let reply = app
            .graphql(Ok(key(&shop, &[Scope::ReportsRead, Scope::SharesWrite])), example, Value::Null)
            .await;
        let answer = reply.json();
        assert_eq!(answer.get("errors"), None, "{name}: {answer}");
        let fields = answer["data"].as_object().expect("data");
        for (field, value) in fields.values().filter_map(Value::as_object).flatten() {
            assert!(tells(value), "{name}: `{field}` tells nothing");
        }
    }
}

both_databases!(every_example_answers_over_the_demo);

#[test]
fn every_field_of_the_schemas_root_has_an_example() {
    let root = countinghouse::graphql::sdl();
    let (_, root) = root.split_once("type Query {").expect("a root");
    let (root, _) = root.split_once("\n}").expect("its end");
    // A field stands one tab in, in a line of letters up to its arguments or its type.
    let fields = root.lines().filter_map(|line| {
        let line = line.strip_prefix('\t')?;
        let name = line.split(['(', ':']).next()?;
        (name.len() < line.len() && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()))
            .then_some(name)
    });
    let examples = examples();
    let mut found = 0;
    for field in fields {
        let asks = |line: &str| {
            line.strip_prefix("  ")
                .and_then(|line| line.strip_prefix(field))
                .is_some_and(|rest| rest.starts_with(['(', ' ', '{']))
        };
        assert!(examples.iter().any(|(_, text)| text.lines().any(asks)), "no example asks `{field}`");
        found += 1;
    }
    assert!(found >= 9, "{found} fields");
}

#[test]
fn every_example_says_what_it_shows_has_a_name_and_fits_its_editor() {
    for (name, example) in examples() {
        let longest = example.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(50), "{name}: {longest:?} characters in a line");
        assert!(example.starts_with("# "), "{name} starts with a comment");
        let operations =
            example.lines().filter(|line| line.starts_with("query ") || line.starts_with("subscription "));
        assert_eq!(operations.count(), 1, "{name} has one named operation");
    }
}
