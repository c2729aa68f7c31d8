//! The worst that a client may send: to each limit what passes it by all that the others leave, and what is refused only
//! after it was read. The limits are the defaults.

use serde_json::json;

/// The last day of the shop that is asked, and the year before it.
pub const END: (i32, u32, u32) = (2026, 10, 31);
const YEAR: &str = r#"period: { range: { from: "2025-11-01", to: "2026-10-31" } }"#;

/// The largest queries that pass, by the limit that each reaches.
pub fn passing() -> Vec<(&'static str, String)> {
    // A condition has at most a thousand values.
    let condition = |values: usize| format!("{{ dimension: CHANNEL, in: [{}] }} ", "\"web\" ".repeat(values));
    let conditions = format!("{}{}", condition(990).repeat(4), condition(940));
    let domain = |body: &str| format!("{{ revenue({YEAR}) {{ {body} }} }}");
    let tiles = list(
        &format!("a#: products({YEAR}) {{ top(first: 100) {{ rank units product {{ id name sku }} }} }} "),
        14,
    );
    vec![
        ("tokens", format!("{{ orders({YEAR}, where: [{conditions}]) {{ totals {{ orders }} }} }}")),
        ("bytes", format!("{{ viewer {{ subject }} }} #{}", "x".repeat(49_970))),
        ("bytes, short lines", format!("{{ viewer {{ subject }} }} {}", "#\n".repeat(24_980))),
        ("nesting", format!("{{ {}viewer {{ subject }}{} }}", "... { ".repeat(29), " }".repeat(29))),
        ("selections", format!("{{ viewer {{ {} }} }}", "subject ".repeat(998))),
        ("selections, by fragments", {
            let fragments = list("fragment F# on Viewer { ...G ...G ...G ...G } ", 1);
            let inner = format!("fragment G on Viewer {{ {} }}", "subject ".repeat(15));
            format!("{{ {} }} {fragments} {inner}", "viewer { ...F0 ...F0 ...F0 } ".repeat(5))
        }),
        ("aliases", format!("{{ viewer {{ {} }} }}", list("a#: subject ", 30))),
        ("fields at the top", format!("{{ {} }}", "metrics { name description dimensions } ".repeat(20))),
        ("directives", domain(&"totals { orders @include(if: true) } ".repeat(25))),
        ("introspection", "{ __schema { types { name description fields { name description args { name description defaultValue } } } } }".to_owned()),
        ("cost, many readings", format!("{{ {tiles} }}")),
        ("cost, one wide table", format!("{{ explore(metrics: [ORDERS, REVENUE], dimensions: [CUSTOMER, CHANNEL], {YEAR}, limit: 5500) {{ rows {{ keys {{ id }} values }} }} }}")),
        ("cost, searches", format!("{{ {} }}", list(&format!("a#: anomalies({YEAR}) {{ metric day description }} "), 4))),
        ("cost, explanations", format!("{{ anomalies({YEAR}) {{ metric contributions(by: CUSTOMER, first: 100) {{ id gap }} }} }}")),
        ("cost, series by the day", domain(&list("a#: series(grain: DAY) { date orders revenue { amount } activeCustomers } ", 20))),
    ]
}

/// `text` so many times, each with its number for `#`.
fn list(text: &str, count: usize) -> String {
    (0..count).map(|number| text.replace('#', &number.to_string())).collect()
}

/// What is refused, as bodies of requests.
pub fn refused() -> Vec<(&'static str, String)> {
    let query = |query: String| json!({ "query": query }).to_string();
    let beside = |member: &str| format!(r#"{{"query":"{{ viewer {{ subject }} }}",{member}}}"#);
    let many = |item: &str, bytes: usize| item.repeat(bytes / item.len());
    let conditions = json!([{ "dimension": "CHANNEL", "in": vec!["web"; 999] }]);
    let dates = json!({
        "query": format!("query A($d: Date!) {{ {} }}", "revenue(period: { range: { from: $d, to: $d } }) { period { start } } ".repeat(20)),
        "variables": { "d": "x".repeat(49_000) },
    });
    let operations = format!(
        "{} fragment F on Query {{ viewer {{ {} }} }}",
        list("query Q# { ...F } ", 200),
        "subject(x: $v) ".repeat(190)
    );
    vec![
        ("a fragment bomb", query(bomb())),
        ("a name of 49,000 letters", query(format!("{{ revenue({YEAR}) {{ totals {{ {} }} }} }}", "x".repeat(49_000)))),
        (
            "700 arguments beside 900 fields of the name",
            query(format!("{{ viewer {{ subject({}) {} }} }}", list("a#: 1 ", 700), "subject ".repeat(900))),
        ),
        ("a thousand aliases", query(format!("{{ viewer {{ {} }} }}", list("a#: subject ", 990)))),
        ("a thousand directives", query(format!("{{ viewer {{ subject {} }} }}", "@include(if: true) ".repeat(700)))),
        ("lists within lists", query(format!("{{ a(b: {}) }}", "[".repeat(24_000)))),
        ("200 operations, one fragment", json!({ "query": operations, "operationName": "Q0" }).to_string()),
        ("twenty dates of 49,000 letters", dates.to_string()),
        (
            "5,000 values for twenty fields",
            json!({
                "query": format!("query A($w: [FilterInput!]!) {{ {} }}", format!("revenue({YEAR}, where: $w) {{ period {{ start }} }} ").repeat(20)),
                "variables": { "w": conditions },
            })
            .to_string(),
        ),
        ("2 MB of tokens", query(format!("{{ {} }}", many("a ", 1_980_000)))),
        ("2 MB of comment", query(format!("{{ viewer {{ subject }} }} #{}", many("x", 1_900_000)))),
        ("2 MB of escapes", format!(r#"{{"query":"{}"}}"#, many("\\u0061", 1_980_000))),
        ("2 MB of numbers in variables", beside(&format!(r#""variables":{{"a":[{}1]}}"#, many("1,", 1_980_000)))),
        ("2 MB of lists in variables", beside(&format!(r#""variables":{{"a":[{}1]}}"#, many("[],", 1_980_000)))),
        ("2 MB of objects in extensions", beside(&format!(r#""extensions":{{"a":[{}1]}}"#, many(r#"{"a":1},"#, 1_980_000)))),
        ("2 MB of brackets", beside(&format!(r#""variables":{{"a":{}"#, many("[", 1_980_000)))),
        ("2 MB of one text", beside(&format!(r#""variables":{{"a":"{}"}}"#, many("x", 1_980_000)))),
        ("2 MB of a batch", format!("[{}1]", many("{},", 1_980_000))),
    ]
}

/// 24 fragments, each of which spreads the next one twice.
fn bomb() -> String {
    let stage = |n: usize| format!("fragment F{n} on Query {{ {} }} ", format!("...F{} ", n + 1).repeat(2));
    let fragments: String = (0..24).map(stage).collect();
    format!("{{ ...F0 }} {fragments} fragment F24 on Query {{ __typename }}")
}
