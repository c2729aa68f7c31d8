//! README.md: the example of an own folder gives the answer that stands there.

use serde_json::Value;

use crate::support::app::{App, Dataset, admin, organization};
use crate::support::{TestDatabase, both_databases};

const README: &str = include_str!("../../README.md");

/// The text of the first fenced block of that language behind `from`.
fn block<'a>(from: &'a str, language: &str) -> &'a str {
    let start = format!("```{language}\n");
    let after = from.split_once(&start).unwrap_or_else(|| panic!("there is a block of {language}")).1;
    after.split_once("\n```").expect("the block ends").0
}

/// The files that `cat > shop/NAME <<'END'` writes.
fn files(shell: &str) -> Dataset {
    let written = shell.split("cat > shop/").skip(1).map(|rest| {
        let (name, content) = rest.split_once(" <<'END'\n").expect("a file");
        (name, content.split_once("END\n").expect("the file ends").0)
    });
    written.fold(Dataset::new(), |dataset, (name, content)| dataset.file(name, content))
}

async fn an_own_folder_is_answered_as_shown(database: TestDatabase) {
    let section = README.split_once("## Your own numbers").expect("the section").1;
    let dataset = files(block(section, "sh"));
    let acme = organization(&database.connection, "acme", "GBP", dataset.path()).await;
    let app = App::new(&database.connection, "2026-03-01T00:00:00Z");
    let reply = app.graphql(Ok(admin(&acme)), block(section, "graphql"), Value::Null).await;
    let shown: Value = serde_json::from_str(block(section, "json")).expect("the answer shown is JSON");
    assert_eq!(reply.json(), shown);
}

both_databases!(an_own_folder_is_answered_as_shown, the_first_question_is_one);

/// The query that the first lines to paste send, and its answer: both are there, and it is one that the schema takes.
async fn the_first_question_is_one(database: TestDatabase) {
    let after = README.split_once("cat > question.graphql <<'END'\n").expect("the question").1;
    let (question, after) = after.split_once("END\n").expect("its end");
    assert!(after.starts_with("curl -s --get http://127.0.0.1:8080/graphql"), "{after}");
    let shop = organization(&database.connection, "shop", "EUR", files(README).path()).await;
    let app = App::new(&database.connection, "2026-11-01T00:00:00Z");
    let told = app.graphql(Ok(admin(&shop)), question, serde_json::json!({})).await.json();
    assert_eq!(told.get("errors"), None);
    // The answer that stands below has the same form.
    let shown: Value = serde_json::from_str(block(after, "json")).expect("JSON");
    let keys =
        |value: &Value| -> Vec<String> { value["data"].as_object().expect("data").keys().cloned().collect() };
    assert_eq!(keys(&shown), keys(&told));
}
