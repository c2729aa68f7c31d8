//! The `import` command as a process: its output, its exit codes, and being killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use chrono::NaiveDate;
use countinghouse::demo::{self, Shop};
use serde_json::Value;

use super::{dump, folder::SHOP, folder_of, organization};
use crate::support::{TestDatabase, both_databases};

fn import(url: &str, flags: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countinghouse"));
    command.args(["import", "--database-url", url]).args(flags).arg(folder);
    // Settings of whoever runs the tests are not the test's.
    command.env_clear().current_dir(folder);
    command
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

async fn the_summary_is_one_line_of_json(database: TestDatabase) {
    let folder = folder_of(&SHOP);
    let create =
        ["--org", "acme", "--create-org", "--currency", "GBP", "--time-zone", "Europe/London", "--json"];
    let output = import(&database.url, &create, folder.path()).output().expect("it runs");
    let (code, out, err) = told(&output);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out.lines().count(), 1);
    let summary: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(summary["organization"], "acme");
    assert_eq!(summary["rows"], 18);
    assert_eq!(summary["rounded_lines"], 2);
    assert_eq!(
        summary["entities"][4],
        serde_json::json!({"entity": "orders", "rows": 3, "inserted": 3, "updated": 0, "unchanged": 0, "replaced": 0})
    );
    // The organization is there now, with what was asked for; asking for something else is refused.
    let again = import(&database.url, &create, folder.path()).output().expect("it runs");
    assert_eq!(told(&again).0, Some(0));
    let other = ["--org", "acme", "--create-org", "--currency", "EUR"];
    let (code, out, err) = told(&import(&database.url, &other, folder.path()).output().expect("it runs"));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("organization `acme` is there already, with GBP and Europe/London"), "{err}");
}

async fn of_two_that_make_an_organization_the_bad_one_takes_nothing_from_the_good(database: TestDatabase) {
    let (good, bad) = (folder_of(&SHOP), folder_of(&[("customers.csv", "customer_id,name\nc1,\n")]));
    for name in ["one", "two", "three"] {
        let create = ["--org", name, "--create-org", "--currency", "GBP"];
        let pipe = |mut command: Command| {
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
        };
        let bad = pipe(import(&database.url, &create, bad.path()));
        let good = pipe(import(&database.url, &create, good.path()));
        let (code, _, err) = told(&good.wait_with_output().expect("it ends"));
        assert_eq!(code, Some(0), "{err}");
        let (code, _, err) = told(&bad.wait_with_output().expect("it ends"));
        assert_eq!(code, Some(1), "{err}");
        let orders = format!(
            "SELECT COUNT(*) FROM orders o JOIN organizations g ON g.id = o.organization_id WHERE g.external_id = '{name}'"
        );
        assert_eq!(super::ask(&database.connection, &orders).await, ["3"]);
    }
}

async fn refused_input_ends_with_1_and_leaves_nothing(database: TestDatabase) {
    let before = dump(&database.connection).await;
    let folder = folder_of(&[("customers.csv", "customer_id,name\nc1,\n")]);
    let create = ["--org", "acme", "--create-org", "--currency", "GBP"];
    let (code, out, err) = told(&import(&database.url, &create, folder.path()).output().expect("it runs"));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("customers.csv line 2, column name: is empty, and must not be\n"), "{err}");
    assert!(err.ends_with("error: 1 problem; nothing was imported\n"), "{err}");
    assert_eq!(dump(&database.connection).await, before, "not even the organization");
    let (code, _, err) =
        told(&import(&database.url, &["--org", "acme"], folder.path()).output().expect("it runs"));
    assert_eq!(code, Some(1));
    assert!(err.contains("there is no organization `acme`"), "{err}");
}

async fn bad_rows_can_be_left_out(database: TestDatabase) {
    let folder = folder_of(&[("customers.csv", "customer_id,name\nc1,\nc2,Ben\n")]);
    let kept = tempfile::tempdir().expect("a folder is made");
    let rejected = kept.path().join("bad.csv");
    let rejected = rejected.to_str().expect("a path");
    let flags =
        ["--org", "acme", "--create-org", "--currency", "GBP", "--skip-bad-rows", "--rejected", rejected];
    let (code, _, err) = told(&import(&database.url, &flags, folder.path()).output().expect("it runs"));
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(
        std::fs::read_to_string(rejected).expect("it is there"),
        "file,line,column,value,reason,row\n\
         customers.csv,2,name,,\"is empty, and must not be\",\"{\"\"customer_id\"\":\"\"c1\"\"}\"\n"
    );
}

async fn wrong_use_ends_with_2_and_no_database_with_3(database: TestDatabase) {
    let folder = folder_of(&SHOP);
    let code =
        |url: &str, flags: &[&str]| told(&import(url, flags, folder.path()).output().expect("it runs")).0;
    assert_eq!(code(&database.url, &[]), Some(2));
    assert_eq!(code(&database.url, &["--org", "acme", "--currency", "GBP"]), Some(2));
    assert_eq!(code("postgres://nobody@127.0.0.1:1/none", &["--org", "acme"]), Some(3));
}

/// Killed while it stores, an import leaves the database as it was; the next one does all of it.
async fn killed_on_the_way_nothing_is_imported(database: TestDatabase) {
    let db = &database.connection;
    organization(db, "EUR").await;
    let before = dump(db).await;
    let folder = tempfile::tempdir().expect("a folder is made");
    let end = NaiveDate::from_ymd_opt(2026, 6, 30).expect("a day");
    demo::write(&Shop { orders: 4000, seed: 1, end }, folder.path()).expect("a shop is made");
    let mut command = import(&database.url, &["--org", "acme"], folder.path());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
    let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let storing = lines.map_while(Result::ok).find(|line| line.starts_with("storing"));
    assert!(storing.is_some(), "it ended before it stored anything");
    child.kill().expect("it is killed");
    assert!(!child.wait().expect("it ended").success());
    assert_eq!(dump(db).await, before);
    let output = import(&database.url, &["--org", "acme"], folder.path()).output().expect("it runs");
    assert_eq!(told(&output).0, Some(0), "{}", told(&output).2);
    let orders = super::ask(db, "SELECT COUNT(*) FROM orders").await;
    assert_eq!(orders, ["4000"]);
}

both_databases!(
    the_summary_is_one_line_of_json,
    of_two_that_make_an_organization_the_bad_one_takes_nothing_from_the_good,
    refused_input_ends_with_1_and_leaves_nothing,
    bad_rows_can_be_left_out,
    wrong_use_ends_with_2_and_no_database_with_3,
    killed_on_the_way_nothing_is_imported,
);
