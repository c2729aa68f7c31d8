//! What known requests count, series by series.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::{ORGANIZATION, Stand, YEAR, graphql};
use crate::support::{Engine, TestDatabase, both_databases};

/// Series and what they went up by.
fn expected(lines: &[(&str, u64)]) -> BTreeMap<String, u64> {
    let series = |(name, count): &(&str, u64)| (format!("countinghouse_{name}"), *count);
    lines.iter().map(series).collect()
}

/// What every request counts by its route, method and class.
fn request(route: &str, method: &str, status: &str, count: u64) -> [(String, u64); 2] {
    let name = "countinghouse_http_request";
    [
        (format!("{name}s_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}}"), count),
        (format!("{name}_duration_seconds_count{{route=\"{route}\",method=\"{method}\"}}"), count),
    ]
}

/// What an operation that was executed counts.
fn operation(name: &str, outcome: &str, count: u64) -> [(String, u64); 2] {
    let labels = format!("operation=\"{name}\",kind=\"query\"");
    let family = "countinghouse_graphql_operation";
    [
        (format!("{family}s_total{{{labels},outcome=\"{outcome}\"}}"), count),
        (format!("{family}_duration_seconds_count{{{labels}}}"), count),
    ]
}

async fn each_request_is_counted_where_it_belongs(database: TestDatabase) {
    let stand = Stand::open(&database, false, &[]).await;
    let totals = format!("query Sales {{ revenue({YEAR}) {{ totals {{ orders }} }} }}");
    let top = format!("{{ customers({YEAR}) {{ top {{ customer {{ name }} orders }} }} }}");
    let counts = stand.counts(async {
        for _ in 0..2 {
            assert_eq!(stand.graphql(&totals).await.body, r#"{"data":{"revenue":{"totals":{"orders":3}}}}"#);
        }
        assert_eq!(stand.graphql(&top).await.status, 200);
        let route = "/api/analytics/revenue?startDate=2024-01-01T00:00:00Z&endDate=2024-12-31T00:00:00Z";
        assert_eq!(stand.get(route).await.status, 200);
    });
    let mut counts = counts.await;
    // Whether a second passed between two requests decides which of the two it is.
    let asked = ["hit", "miss"].map(|outcome| {
        let series =
            format!("countinghouse_cache_requests_total{{cache=\"credentials\",outcome=\"{outcome}\"}}");
        counts.remove(&series).unwrap_or_default()
    });
    assert!(asked[1] >= 1 && asked[0] + asked[1] == 4, "{asked:?}");
    let mut all = expected(&[
        ("statements_total{reads=\"facts\"}", 3),
        ("statement_duration_seconds_count{reads=\"facts\"}", 3),
        // One row of totals, a row for each of two customers, one row of revenue; the second time nothing was read.
        ("statement_rows_total{reads=\"facts\"}", 4),
        ("statements_total{reads=\"names\"}", 1),
        ("statement_duration_seconds_count{reads=\"names\"}", 1),
        ("statement_rows_total{reads=\"names\"}", 2),
        // The second time the whole answer was there.
        ("cache_requests_total{cache=\"answers\",outcome=\"hit\"}", 1),
        ("cache_requests_total{cache=\"answers\",outcome=\"miss\"}", 3),
        ("cache_requests_total{cache=\"readings\",outcome=\"miss\"}", 3),
        ("cache_requests_total{cache=\"documents\",outcome=\"hit\"}", 1),
        ("cache_requests_total{cache=\"documents\",outcome=\"miss\"}", 2),
    ]);
    all.extend(request("/graphql", "POST", "2xx", 3));
    all.extend(request("/api/analytics/revenue", "GET", "2xx", 1));
    all.extend(operation("Sales", "ok", 2));
    all.extend(operation("anonymous", "ok", 1));
    assert_eq!(counts, all);
    let now = stand.counted();
    assert_eq!(now.count("countinghouse_documents_remembered"), 2);
    assert_eq!(now.count("countinghouse_http_requests_in_flight"), 0);
    // Eight connections are the default, of which two are left to credentials and names. SQLite reads for one more than there are
    // cores.
    let cores = std::thread::available_parallelism().expect("cores").get();
    let turns = if database.engine == Engine::Sqlite { 6.min(cores + 1) } else { 6 };
    assert_eq!(now.count("countinghouse_statement_turns_available"), turns as u64);
    let open = now.count("countinghouse_database_connections");
    let idle = now.count("countinghouse_database_connections_idle");
    assert!((1..=4).contains(&open) && idle <= open, "{idle} of {open}");
    assert_eq!(
        now.count(&format!("countinghouse_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))),
        1
    );
    let age = chrono::Utc::now().timestamp().unsigned_abs() - now.count("process_start_time_seconds");
    assert!(age < 300, "{age}");
}

async fn rates_are_statements_of_their_own(database: TestDatabase) {
    let stand = Stand::open(&database, true, &[]).await;
    let query = format!("query InPounds {{ revenue({YEAR}) {{ totals {{ revenue {{ amount }} }} }} }}");
    let counts = stand.counts(async {
        // 200.00 GBP, and 50.00 EUR at 0.8.
        let told = r#"{"data":{"revenue":{"totals":{"revenue":{"amount":"240.00"}}}}}"#;
        assert_eq!(stand.graphql(&query).await.body, told);
    });
    let counts = counts.await;
    let of = |name: &str| counts.get(&format!("countinghouse_{name}")).copied();
    assert_eq!(of("statements_total{reads=\"rates\"}"), Some(1), "{counts:#?}");
    assert_eq!(of("statement_rows_total{reads=\"rates\"}"), Some(1));
    assert_eq!(of("statements_total{reads=\"facts\"}"), Some(1));
    assert_eq!(stand.instruments.statements(), 2);
}

async fn what_is_refused_is_counted_by_its_code(database: TestDatabase) {
    let limit = [("COUNTINGHOUSE_GRAPHQL_MAX_DEPTH", "3"), ("COUNTINGHOUSE_BODY_LIMIT", "1000")];
    let stand = Stand::open(&database, false, &limit).await;
    let deep = format!("query Deep {{ revenue({YEAR}) {{ totals {{ revenue {{ amount }} }} }} }}");
    let costly = "query Known { metrics { name } }";
    let counts = stand.counts(async {
        assert!(stand.graphql(&deep).await.body.contains("TOO_DEEP"));
        assert!(
            stand.graphql("{ __schema { types { name } } }").await.body.contains("INTROSPECTION_DISABLED")
        );
        assert!(stand.graphql("{").await.body.contains("INVALID_QUERY"));
        let batch = stand.send(graphql(&json!([{ "query": "{ metrics { name } }" }]))).await;
        assert!(batch.status == 400 && batch.body.contains("batches are not taken"), "{}", batch.body);
        let form = Request::post("/graphql").header("content-type", "text/plain").body(Body::empty());
        assert_eq!(stand.send(form.expect("a request")).await.status, 415);
        let html = Request::post("/graphql").header("accept", "text/html").body(Body::empty());
        assert_eq!(stand.send(html.expect("a request")).await.status, 406);
        assert_eq!(stand.graphql(&format!("#{}", "x".repeat(1000))).await.status, 413);
        assert_eq!(stand.get("/nowhere/at/all").await.status, 404);
        let brew = Request::builder().method("BREW").uri("/graphql").body(Body::empty()).expect("a request");
        assert_eq!(stand.send(brew).await.status, 405);
        // A name that is known is told of refusals too; one that is not is not.
        assert_eq!(stand.graphql(costly).await.status, 200);
        let refused = json!({ "query": "{", "operationName": "Known" });
        assert_eq!(stand.send(graphql(&refused)).await.status, 200);
        let wrong = stand.graphql("query Wrong { metrics { nothing } }").await;
        assert!(wrong.body.contains("INVALID_QUERY"), "{}", wrong.body);
    });
    let mut counts = counts.await;
    counts.retain(|series, _| !series.contains("cache_requests"));
    let mut all = expected(&[
        ("refused_total{code=\"TOO_DEEP\"}", 1),
        ("refused_total{code=\"INTROSPECTION_DISABLED\"}", 1),
        ("refused_total{code=\"INVALID_QUERY\"}", 2),
        ("refused_total{code=\"INVALID_REQUEST\"}", 1),
        ("refused_total{code=\"405\"}", 1),
        ("refused_total{code=\"406\"}", 1),
        ("refused_total{code=\"413\"}", 1),
        ("refused_total{code=\"415\"}", 1),
        ("graphql_operations_total{operation=\"anonymous\",kind=\"unread\",outcome=\"refused\"}", 4),
        ("graphql_operations_total{operation=\"Known\",kind=\"unread\",outcome=\"refused\"}", 1),
        ("http_requests_total{route=\"/graphql\",method=\"POST\",status=\"2xx\"}", 4),
        ("http_requests_total{route=\"/graphql\",method=\"POST\",status=\"4xx\"}", 6),
        ("http_request_duration_seconds_count{route=\"/graphql\",method=\"POST\"}", 10),
    ]);
    all.extend(request("unmatched", "GET", "4xx", 1));
    all.extend(request("/graphql", "other", "4xx", 1));
    all.extend(operation("Known", "ok", 1));
    all.extend(operation("Wrong", "error", 1));
    assert_eq!(counts, all);
}

async fn labels_are_few_and_tell_nothing_of_who_asked_what(database: TestDatabase) {
    let stand = Stand::open(&database, false, &[]).await;
    // Strangers first: they cannot use the names up.
    for number in 0..300 {
        let request =
            graphql(&json!({ "query": format!("query Stranger{number} {{ metrics {{ name }} }}") }));
        assert_eq!(stand.send_bare(request).await.status, 200);
    }
    assert_eq!(stand.counted().values_of("operation"), ["other".to_owned()].into());
    for number in 0..1000 {
        let query = format!("query Mine{number} {{ customer(id: \"secret-{number}\") {{ name }} }}");
        stand.graphql(&query).await;
        stand.get(&format!("/secret/path/{number}?token=secret")).await;
    }
    let now = stand.counted();
    let mut names: std::collections::BTreeSet<String> =
        (0..200).map(|number| format!("Mine{number}")).collect();
    names.insert("other".to_owned());
    assert_eq!(now.values_of("operation"), names);
    let routes = ["/graphql", "unmatched"].map(str::to_owned);
    assert_eq!(now.values_of("route"), routes.into());
    let text = stand.instruments.text().expect("a text");
    let prefix = &stand.key[..12];
    for hidden in [ORGANIZATION, prefix, "secret", "token", "Stranger", "Ann", "customer("] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}

async fn events_are_operations_too(database: TestDatabase) {
    let stand = Stand::open(&database, false, &[]).await;
    let counts = stand.counts(async {
        for (query, beginning) in [
            ("query Streamed { metrics { name } }", "event: next\n"),
            // What is no query is refused as such.
            ("query Failing { customer(id: \"no\") { nothing } }", "{\"errors\":["),
        ] {
            let mut request = graphql(&json!({ "query": query }));
            request.headers_mut().insert("accept", "text/event-stream".parse().expect("a header"));
            let answer = stand.send(request).await;
            assert!(answer.body.starts_with(beginning), "{}", answer.body);
        }
    });
    let mut counts = counts.await;
    counts.retain(|series, _| series.contains("graphql_operation"));
    let all = [operation("Streamed", "ok", 1), operation("Failing", "error", 1)];
    assert_eq!(counts, all.concat().into_iter().collect());
}

async fn a_client_that_leaves_is_counted(database: TestDatabase) {
    let stand = Stand::open(&database, false, &[]).await;
    let counts = stand.counts(async {
        // A body that never comes.
        let body = Body::from_stream(futures::stream::pending::<Result<String, std::io::Error>>());
        let request = Request::post("/graphql").header("content-type", "application/json").body(body);
        let mut answer = Box::pin(stand.send(request.expect("a request")));
        assert!(futures::poll!(&mut answer).is_pending());
        assert_eq!(stand.counted().count("countinghouse_http_requests_in_flight"), 1);
        drop(answer);
    });
    let mut counts = counts.await;
    counts.retain(|series, _| !series.contains("cache_requests"));
    assert_eq!(counts, request("/graphql", "POST", "cancelled", 1).into());
    assert_eq!(stand.counted().count("countinghouse_http_requests_in_flight"), 0);
}

async fn every_metric_and_label_is_documented(database: TestDatabase) {
    let page = include_str!("../../docs/observability.md");
    // A budget that is used up, and one that would be shared if its Redis were there.
    let variables = [("COUNTINGHOUSE_RATE_LIMITS_DISTRIBU", "1"), ("REDIS_URL", "redis://127.0.0.1:1/0")];
    let stand = Stand::open(&database, true, &variables).await;
    stand.graphql(&format!("{{ revenue({YEAR}) {{ totals {{ revenue {{ amount }} }} }} }}")).await;
    stand.graphql("{").await;
    for status in [200, 429] {
        assert_eq!(stand.get("/api/v1/reports/inventory").await.status, status);
    }
    let nobody = json!({ "email": "nobody@shop.example", "password": "no password" }).to_string();
    let attempt = Request::post("/api/admin/session").header("content-type", "application/json");
    stand.send_bare(attempt.body(nobody.into()).expect("a request")).await;
    let now = stand.counted();
    for series in now.samples.keys() {
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let name =
            ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/observability.md lacks a row for `{name}`"));
        let told = row.split(" | ").nth(2).expect("labels");
        for label in labels.split("\",").filter_map(|pair| pair.split_once('=')).map(|(label, _)| label) {
            assert!(
                label == "le" || told.contains(&format!("`{label}`")),
                "the row of `{name}` lacks `{label}`"
            );
        }
    }
    let rows =
        page.lines().filter(|line| line.starts_with("| `countinghouse_") || line.starts_with("| `process_"));
    assert_eq!(rows.count(), now.families.len(), "a row for each, and no other");
}

both_databases!(
    events_are_operations_too,
    a_client_that_leaves_is_counted,
    every_metric_and_label_is_documented,
    each_request_is_counted_where_it_belongs,
    rates_are_statements_of_their_own,
    what_is_refused_is_counted_by_its_code,
    labels_are_few_and_tell_nothing_of_who_asked_what,
);
