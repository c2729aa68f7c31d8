//! Every limit of a query at its boundary: what is just within is answered, and what is just above is refused by its
//! own code, whatever media type is asked for.

use std::fmt::Write;
use std::time::{Duration, Instant};

use axum::http::Request;
use countinghouse::graphql::{Limit, Limits, Options};
use serde_json::{Value, json};

use super::stall::{Stall, told};
use crate::support::app::App;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    what_stands_beside_the_query_is_limited_by_its_bytes,
    what_is_wrong_is_told_once_and_shortly,
    values_of_variables_are_limited_and_charged,
    every_limit_at_its_boundary,
    errors_are_told_up_to_a_number,
    bombs_are_refused_at_once
);

/// Limits that are reached one at a time.
const LIMITS: Limits = Limits {
    bytes: 6000,
    values: 4,
    tokens: 120,
    nesting: 12,
    selections: 20,
    depth: 5,
    aliases: 4,
    root_fields: 6,
    directives: 3,
    introspection: 2,
    cost: 2601,
    errors: 3,
    introspects: true,
};

const DAY: &str = r#"period: { range: { from: "2024-01-05", to: "2024-01-05" } }"#;

fn app(stall: &Stall) -> App {
    App::with(stall.app.gateway.clone(), Options { limits: LIMITS, ..Options::default() })
}

/// A query that reaches `count` of what is limited, and nothing else's limit.
fn reaching(limit: Limit, count: usize) -> String {
    let repeated = |text: &str, times: usize| text.repeat(times);
    match limit {
        Limit::Bytes => format!("{{ viewer {{ subject }} }} #{}", "x".repeat(count - 24)),
        // Not of the document: the variables' (see below).
        Limit::Values => "query A($w: [FilterInput!]! = []) { viewer { subject } revenue(period: { preset: TODAY }, where: $w) { period { start } } }".to_owned(),
        // 38 beside the values.
        Limit::Tokens => {
            let values = repeated("\"web\" ", count - 38);
            format!(
                "{{ orders({DAY}, where: [{{ dimension: CHANNEL, in: [{values}] }}]) {{ totals {{ orders }} }} }}"
            )
        }
        // The query's own braces hold the rest.
        Limit::Nesting => format!(
            "{{ {}viewer {{ subject }}{} }}",
            repeated("... { ", count - 2),
            repeated(" }", count - 2)
        ),
        Limit::Selections => format!("{{ viewer {{ {} }} }}", repeated("subject ", count - 1)),
        Limit::Depth => {
            let deepest = ["name", "name { deeper }"][count - 5];
            format!("{{ products({DAY}) {{ top {{ product {{ category {{ {deepest} }} }} }} }} }}")
        }
        Limit::Aliases => {
            let aliased = (0..count).fold(String::new(), |mut text, number| {
                let _ = write!(text, "a{number}: subject ");
                text
            });
            format!("{{ viewer {{ {aliased} }} }}")
        }
        Limit::RootFields => format!("{{ {} }}", repeated("__typename ", count)),
        Limit::Directives => format!("{{ viewer {{ {} }} }}", repeated("subject @include(if: true) ", count)),
        Limit::Introspection => [
            "{ __schema { types { name } } }",
            "{ __schema { types { fields { name } } } }",
            "{ __schema { types { fields { type { fields { name } } } } } }",
        ][count - 1]
            .to_owned(),
        // One for the field, a thousand for the reading, ten rows of 2 for each.
        Limit::Cost => {
            format!("{{ products({DAY}) {{ top(first: {}) {{ units orders }} }} }}", (count - 1001) / 2)
        }
    }
}

async fn every_limit_at_its_boundary(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let app = app(&stall);
    for limit in [
        Limit::Bytes,
        Limit::Tokens,
        Limit::Nesting,
        Limit::Selections,
        Limit::Depth,
        Limit::Aliases,
        Limit::RootFields,
        Limit::Directives,
        Limit::Introspection,
        Limit::Cost,
    ] {
        let most = usize::try_from(LIMITS.most(limit)).expect("a small number");
        // Costs come in twos.
        let above = if limit == Limit::Cost { most + 2 } else { most + 1 };
        let within = app.graphql(Ok(stall.admin()), &reaching(limit, most), json!({})).await;
        assert_eq!(
            (within.status.as_u16(), within.json().get("errors")),
            (200, None),
            "{limit:?}: {}",
            within.body
        );
        let beyond = app.graphql(Ok(stall.admin()), &reaching(limit, above), json!({})).await;
        let code = beyond.json()["errors"][0]["extensions"]["code"].clone();
        assert_eq!(
            (beyond.status.as_u16(), code),
            (400, Value::from(limit.code())),
            "{limit:?}: {}",
            beyond.body
        );
        assert!(beyond.json().get("data").is_none(), "{}", beyond.body);
    }
}

/// Values of variables, and what their lists cost by being used.
async fn values_of_variables_are_limited_and_charged(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let app = app(&stall);
    let query = reaching(Limit::Values, 0);
    let code = async |variables: Value| {
        let reply = app.graphql(Ok(stall.admin()), &query, variables).await;
        reply.json()["errors"][0]["extensions"]["code"].clone()
    };
    // The list, its condition, two members, the list of one of them, and its value: five.
    let condition = json!({ "w": [{ "dimension": "CHANNEL", "in": ["web"] }] });
    assert_eq!(code(condition).await, Value::from("TOO_MANY_VALUES"));
    assert_eq!(code(json!({ "w": [] })).await, Value::Null);
    // What is never used counts as well: it is read all the same.
    assert_eq!(code(json!({ "w": [], "unused": [1, 2, 3] })).await, Value::from("TOO_MANY_VALUES"));
    assert_eq!(code(json!({ "w": [], "unused": [1, 2] })).await, Value::Null);
    // Twenty fields that are given the same long list.
    let fields: String = (0..20)
        .map(|n| format!("a{n}: revenue(period: {{ preset: TODAY }}, where: $w) {{ period {{ start }} }} "))
        .collect();
    let query = format!("query A($w: [FilterInput!]!) {{ {fields} }}");
    let values: Vec<String> = (0..900).map(|n| n.to_string()).collect();
    let variables = json!({ "w": [{ "dimension": "CHANNEL", "in": values }] });
    let reply = stall.app.graphql(Ok(stall.admin()), &query, variables).await;
    assert_eq!(reply.json()["errors"][0]["extensions"]["code"], "TOO_COSTLY", "{}", reply.body);
}

/// Before a value of it is read.
async fn what_stands_beside_the_query_is_limited_by_its_bytes(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let app = app(&stall);
    let outcome = async |body: String| {
        let request = Request::post("/graphql").header("content-type", "application/json");
        let reply = app.send(Ok(stall.admin()), request.body(body.into()).expect("a request")).await;
        let error = reply.json()["errors"][0].clone();
        (reply.status.as_u16(), error["extensions"]["code"].clone(), error["message"].clone())
    };
    let beside = |name: &str, value: String| {
        format!(r#"{{ "query": "query A {{ viewer {{ subject }} }}", "{name}": {value} }}"#)
    };
    // A text within braces, with a name.
    let object = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
    for name in ["variables", "extensions"] {
        assert_eq!(outcome(beside(name, object(6000))).await, (200, Value::Null, Value::Null), "{name}");
        let message = format!("`{name}` has 6001 bytes of JSON; at most 6000 are read");
        assert_eq!(outcome(beside(name, object(6001))).await, (400, "TOO_LONG".into(), message.into()));
    }
    let name = |bytes: usize| beside("operationName", format!(r#""{}""#, "x".repeat(bytes - 2)));
    assert_eq!(outcome(name(6000)).await.1, "INVALID_QUERY");
    assert_eq!(outcome(name(6001)).await.1, "TOO_LONG");
    // What is not asked for is not read at all, however large it is; and nothing is given twice.
    let other = beside("other", format!("[{}1]", "1,".repeat(20_000)));
    assert_eq!(outcome(other).await, (200, Value::Null, Value::Null));
    let (status, code, message) = outcome(r#"{ "query": "{ a }", "query": "{ b }" }"#.to_owned()).await;
    assert_eq!((status, code), (400, "INVALID_REQUEST".into()));
    assert_eq!(message, "the body is not JSON: duplicate field `query` at line 1 column 27");
    let deep = beside("variables", format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200)));
    let (status, code, _) = outcome(deep).await;
    assert_eq!((status, code), (400, "INVALID_REQUEST".into()));
}

async fn what_is_wrong_is_told_once_and_shortly(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let messages = async |query: &str, variables: Value| {
        let reply = stall.app.graphql(Ok(stall.admin()), query, variables).await.json();
        let errors = reply["errors"].as_array().expect("errors").clone();
        errors.iter().map(|error| error["message"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let unknown = messages("query ($x: Nix) { viewer { subject } }", json!({})).await;
    assert_eq!(unknown, ["Unknown type \"Nix\"", "Variable \"$x\" is not used"]);
    let below_zero =
        messages(&format!("{{ products({DAY}) {{ top(first: -5) {{ rank }} }} }}"), json!({})).await;
    assert_eq!(below_zero, ["a whole number from 0 on is needed here"]);
    let no_condition = messages("{ __typename @skip(if: \"text\") }", json!({})).await;
    assert_eq!(no_condition, ["The condition of \"@skip\" must be a Boolean"]);
    // A date of 40,000 letters is quoted by its beginning.
    let query =
        "query A($d: Moment!) { revenue(period: { range: { from: $d, to: $d } }) { period { start } } }";
    let quoted = messages(query, json!({ "d": "x".repeat(40_000) })).await;
    let told: Vec<usize> = quoted.iter().map(String::len).collect();
    assert!(told.len() == 1 && (1000..1600).contains(&told[0]), "{quoted:?}");
}

async fn errors_are_told_up_to_a_number(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    let app = app(&stall);
    // Five unknown fields, of long names.
    let query =
        format!("{{ {} }}", (0..5).map(|number| format!("{}{number} ", "x".repeat(400))).collect::<String>());
    let reply = app.graphql(Ok(stall.admin()), &query, json!({})).await;
    let errors = reply.json()["errors"].clone();
    assert_eq!(errors.as_array().map(Vec::len), Some(3), "{errors}");
    assert!(reply.body.len() < query.len(), "{} for {}", reply.body.len(), query.len());
    // And a text that is no query is quoted no further than a line.
    let reply = app.graphql(Ok(stall.admin()), &format!("{{ a {} ", "€".repeat(1500)), json!({})).await;
    assert!(reply.body.len() < 1500, "{}", reply.body);
}

fn bomb(stages: usize, width: usize) -> String {
    let stage =
        |n: usize| format!("fragment F{n} on Query {{ {} }} ", format!("...F{} ", n + 1).repeat(width));
    let fragments: String = (0..stages).map(stage).collect();
    format!("{{ ...F0 }} {fragments} fragment F{stages} on Query {{ __typename }}")
}

async fn bombs_are_refused_at_once(database: TestDatabase) {
    let stall = Stall::open(&database, false).await;
    for (stages, width) in [(10, 2), (21, 2), (24, 2), (30, 2), (40, 2), (20, 8), (30, 8)] {
        let query = bomb(stages, width);
        let mut fastest = Duration::MAX;
        let mut body = Value::Null;
        for _ in 0..5 {
            // The fastest tells what it costs on a busy machine.
            let started = Instant::now();
            let reply = stall.app.graphql(Ok(stall.admin()), &query, json!({})).await;
            fastest = fastest.min(started.elapsed());
            body = reply.json();
        }
        let code = body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
        assert!(["TOO_MANY_SELECTIONS", "TOO_DEEP"].contains(&code.as_str()), "{body}");
        // Parsing is ten times as slow without optimization.
        let most = Duration::from_millis(if cfg!(debug_assertions) { 200 } else { 20 });
        assert!(fastest < most, "{stages} × {width}: {fastest:?}");
    }
    let circle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A __typename }";
    insta::assert_snapshot!("circle", told(&stall.ask(circle).await));
}
