//! The edges between modules, as ARCHITECTURE.md draws them, and the size of files.

mod edges;
mod source;

use std::fmt::Write as _;

use source::{SourceFile, read_sources};

/// Longest file that still reads as one thing.
const MOST_LINES: usize = 400;

#[test]
fn modules_import_only_what_stands_below_them() {
    refuse(read_sources().iter().flat_map(edges::broken_by_modules));
}

#[test]
fn crates_of_the_edges_stay_at_the_edges() {
    refuse(read_sources().iter().flat_map(edges::broken_by_crates));
}

#[test]
fn one_documented_api_knows_nothing_of_another() {
    refuse(read_sources().iter().flat_map(edges::broken_between_apis));
}

#[test]
fn files_fit_a_few_screens() {
    refuse(read_sources().iter().filter_map(|file| {
        let lines = file.text.lines().count();
        (lines > MOST_LINES).then(|| format!("{}: {lines} lines, at most {MOST_LINES}", file.path))
    }));
}

/// Fails with every line that breaks a rule.
fn refuse(broken: impl Iterator<Item = String>) {
    let list = broken.fold(String::new(), |mut list, line| {
        let _ = writeln!(list, "  {line}");
        list
    });
    assert!(list.is_empty(), "\n{list}");
}

#[test]
fn a_line_that_crosses_an_edge_is_found() {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let upward = file(
        "src/metrics/plan.rs",
        "//! crate::http in a comment is none\nuse crate::{money, reports::Desk};",
    );
    assert_eq!(
        edges::broken_by_modules(&upward),
        ["src/metrics/plan.rs:2: `metrics` may not import `reports`"],
    );
    let unknown = file("src/utils.rs", "fn nothing() {}");
    assert_eq!(edges::broken_by_modules(&unknown), ["src/utils.rs: `utils` has no place among the layers"]);
    let crates = file("src/reports/revenue.rs", "use axum::Json;\nlet x = sea_orm::Value::Int(None);");
    let holders = edges::HOLDS_THE_DATABASE.join(", ");
    assert_eq!(
        edges::broken_by_crates(&crates),
        [
            "src/reports/revenue.rs:1: `axum` belongs to http, rest, graphql, discord/endpoint".to_owned(),
            format!("src/reports/revenue.rs:2: `sea_orm` belongs to {holders}"),
        ],
    );
    let siblings =
        file("src/rest/momentum/routes.rs", "use crate::rest::ecosire::shape;\nuse super::super::distribu;");
    assert_eq!(
        edges::broken_between_apis(&siblings),
        [
            "src/rest/momentum/routes.rs:1: `momentum` may not import `ecosire`",
            "src/rest/momentum/routes.rs:2: `momentum` may not import `distribu`",
        ],
    );
}
