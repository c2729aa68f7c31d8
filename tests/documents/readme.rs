//! README.md: the example of an own folder gives the answer that stands there.

use chrono::NaiveDate;
use countinghouse::demo::{self, Shop};
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

both_databases!(an_own_folder_is_answered_as_shown, the_demos_answers_are_those_shown);

/// The lines to paste, over the shop that `demo --end 2026-10-31` makes: what stands below them is what comes.
async fn the_demos_answers_are_those_shown(database: TestDatabase) {
    let after = README.split_once("cat > question.graphql <<'END'\n").expect("the question").1;
    let (question, after) = after.split_once("END\n").expect("its end");
    assert!(after.starts_with("curl -s --get http://127.0.0.1:8080/graphql"), "{after}");
    assert!(README.contains("Numbers here are those of `demo --end 2026-10-31`"));
    let folder = tempfile::tempdir().expect("a folder");
    let end = NaiveDate::from_ymd_opt(2026, 10, 31).expect("a day");
    demo::write(&Shop { orders: Shop::ORDERS, seed: Shop::SEED, end }, folder.path()).expect("it writes");
    let mut shop = organization(&database.connection, "demo", demo::CURRENCY, folder.path()).await;
    shop.time_zone = demo::TIME_ZONE.parse().expect("a time zone");
    let app = App::new(&database.connection, "2026-11-01T12:00:00Z");
    let told = app.graphql(Ok(admin(&shop)), question, Value::Null).await;
    assert_eq!(told.body, block(after, "json"));
    // The same shop by a route.
    let (_, after) = after.split_once("curl -s \"http://127.0.0.1:8080").expect("a line");
    let (path, after) = after.split_once('"').expect("its end");
    let told = app.get(Ok(admin(&shop)), path).await;
    assert_eq!(told.body, block(after, "json"));
}
