//! Traces as a collector gets them: a request, the operation in it, its statements, in one trace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::json;
use tokio::net::TcpListener;

use super::{ORGANIZATION, YEAR, credential};
use crate::operations::process::Served;
use crate::support::{Engine, TestDatabase, both_databases, run};

/// What a collector was sent.
#[derive(Clone, Default)]
struct Sent(Arc<Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>>);

async fn take(State(sent): State<Sent>, headers: HeaderMap, body: Bytes) -> Bytes {
    let request = ExportTraceServiceRequest::decode(body).expect("it is what OTLP says");
    sent.0.lock().expect("a lock").push((headers, request));
    Bytes::new()
}

/// A collector below `/base`, and its address.
async fn collector() -> (Sent, String) {
    let sent = Sent::default();
    let app = Router::new().route("/base/v1/traces", post(take)).with_state(sent.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/base", listener.local_addr().expect("a port"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (sent, address)
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn attributes(pairs: &[KeyValue]) -> BTreeMap<&str, String> {
    pairs.iter().map(|pair| (pair.key.as_str(), text(pair.value.as_ref()))).collect()
}

impl Sent {
    fn spans(&self) -> Vec<Span> {
        let requests = self.0.lock().expect("a lock");
        let resources = requests.iter().flat_map(|(_, request)| &request.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }
}

/// The span of that name, which there must be one of.
fn span<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut found = spans.iter().filter(|span| span.name == name);
    let first = found.next().unwrap_or_else(|| panic!("no {name} in {spans:#?}"));
    assert!(found.next().is_none(), "{name} twice");
    first
}

async fn ask(server: &Served, key: &str, headers: &str, query: &str) -> String {
    let body = json!({ "query": query }).to_string();
    let length = body.len();
    let request = format!(
        "POST /graphql?secret=of-the-path HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nx-request-id: mine\r\n{headers}\
         content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    server.send(&request).await.body
}

async fn a_request_its_operation_and_its_statements_are_one_trace(database: TestDatabase) {
    let key = credential(&database, false).await;
    let (sent, endpoint) = collector().await;
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=books%20and%20more"),
        ("OTEL_SERVICE_NAME", "books"),
    ];
    // Whatever is logged, nothing but the program's own spans is sent.
    let level = "trace,sea_orm::database=trace,sea_orm::driver::sqlx_postgres=trace";
    let server = Served::with(&database.url, &variables, &["--log-level", level]).await;
    server.ready_within(200, 10).await;
    let parent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
    let query = format!("query Best {{ customers({YEAR}) {{ top {{ customer {{ name }} orders }} }} }}");
    let body = ask(&server, &key, parent, &query).await;
    assert!(body.contains("Ann"), "{body}");
    server.signal("TERM").await;
    let (code, _) = server.ended().await;
    assert_eq!(code, Some(0));

    // The key, the organization, the path, names of customers, bound instants, the database's address.
    let all = format!("{:?}", sent.0.lock().expect("a lock"));
    for hidden in [&key, ORGANIZATION, "of-the-path", "Ann", "1704067200", "postgres@", &database.url] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
    let spans = sent.spans();
    let names: BTreeSet<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    let ours = ["GET /health/ready", "POST /graphql", "SELECT facts", "SELECT names", "query Best"];
    assert_eq!(names, ours.into());
    let (root, operation) = (span(&spans, "POST /graphql"), span(&spans, "query Best"));
    let (facts, names) = (span(&spans, "SELECT facts"), span(&spans, "SELECT names"));
    let trace = hex::decode("0af7651916cd43dd8448eb211c80319c").expect("a trace");
    for span in [root, operation, facts, names] {
        assert_eq!(span.trace_id, trace, "{span:#?}");
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    }
    assert_eq!(hex::encode(&root.parent_span_id), "b7ad6b7169203331");
    assert_eq!(operation.parent_span_id, root.span_id);
    assert_eq!(facts.parent_span_id, operation.span_id);
    assert_eq!(names.parent_span_id, operation.span_id);
    let told = attributes(&root.attributes);
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/graphql"),
        ("http.response.status_code", "200"),
        ("request.id", "mine"),
    ] {
        assert_eq!(told.get(name).map(String::as_str), Some(value), "{told:?}");
    }
    let told = attributes(&operation.attributes);
    assert_eq!(
        (told["graphql.operation.type"].as_str(), told["graphql.operation.name"].as_str()),
        ("query", "Best")
    );
    let told = attributes(&facts.attributes);
    let system = if database.engine == Engine::Sqlite { "sqlite" } else { "postgresql" };
    assert_eq!((told["db.system.name"].as_str(), told["db.response.returned_rows"].as_str()), (system, "2"));
    assert!(told["db.query.text"].contains("orders"), "{told:?}");

    // Kinds: a server's, its own, a client's.
    assert_eq!([root.kind, operation.kind, facts.kind], [2, 1, 3]);
    let requests = sent.0.lock().expect("a lock");
    for (headers, request) in requests.iter() {
        assert_eq!(headers["x-team"], "books and more");
        assert_eq!(headers["content-type"], "application/x-protobuf");
        let resource = request.resource_spans[0].resource.as_ref().expect("a resource");
        let resource = attributes(&resource.attributes);
        assert_eq!(resource["service.name"], "books");
        assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    }
}

async fn what_nobody_samples_is_not_sent(database: TestDatabase) {
    let key = credential(&database, false).await;
    let (sent, endpoint) = collector().await;
    let variables =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("COUNTINGHOUSE_TELEMETRY_SAMPLE_RATIO", "0")];
    let server = Served::with(&database.url, &variables, &[]).await;
    server.ready_within(200, 10).await;
    let kept = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
    let dropped = "traceparent: 00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00\r\n";
    for (headers, name) in
        [("", "Fresh"), (kept, "Kept"), (dropped, "Dropped"), ("traceparent: no\r\n", "Broken")]
    {
        ask(&server, &key, headers, &format!("query {name} {{ metrics {{ name }} }}")).await;
    }
    server.signal("TERM").await;
    server.ended().await;
    let names: Vec<String> = sent.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(
        names.contains(&"query Kept".to_owned()) && names.contains(&"POST /graphql".to_owned()),
        "{names:?}"
    );
}

both_databases!(a_request_its_operation_and_its_statements_are_one_trace, what_nobody_samples_is_not_sent);

#[test]
fn a_collector_that_is_away_is_told_once_and_keeps_nothing_from_working() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let key = credential(&database, false).await;
        let away = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("a port");
        let endpoint = format!("http://{away}");
        let variables =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "100")];
        let server = Served::with(&database.url, &variables, &[]).await;
        server.ready_within(200, 10).await;
        for _ in 0..5 {
            assert!(ask(&server, &key, "", "{ metrics { name } }").await.contains("grossRevenue"));
            tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        }
        server.signal("TERM").await;
        let (code, log) = server.ended().await;
        assert_eq!(code, Some(0));
        assert_eq!(log.matches("traces cannot be sent").count(), 1, "{log}");
    });
}
