//! What is traced: a request, the GraphQL operation in it, the statements of that. Where no traces are exported, these
//! spans are never made.
//!
//! They have a target of their own, so that nothing else is ever exported: the database's own spans hold its password.

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// What the spans of this file are told by.
pub const TARGET: &str = "countinghouse::trace";

/// A request's own headers, by name.
struct Headers<'a> {
    parent: Option<&'a str>,
    state: Option<&'a str>,
}

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.parent,
            "tracestate" => self.state,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// An HTTP request, as part of the trace that its `traceparent` names, if it has one (W3C Trace Context).
pub fn request<'a>(method: &str, route: &str, id: &str, header: impl Fn(&str) -> Option<&'a str>) -> Span {
    let span = info_span!(
        target: TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = id,
    );
    if !span.is_disabled() {
        // A header that is none begins a new trace.
        let headers = Headers { parent: header("traceparent"), state: header("tracestate") };
        let _ = span.set_parent(TraceContextPropagator::new().extract(&headers));
    }
    span
}

/// A request was answered so.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// A GraphQL operation.
pub fn operation(kind: &str, name: Option<&str>) -> Span {
    info_span!(
        target: TARGET,
        "operation",
        otel.name = name.map_or_else(|| kind.to_owned(), |name| format!("{kind} {name}")),
        otel.kind = "internal",
        graphql.operation.type = kind,
        graphql.operation.name = name,
    )
}

/// A statement.
pub fn statement(system: &'static str, reads: &'static str) -> Span {
    info_span!(
        target: TARGET,
        "statement",
        otel.name = format!("SELECT {reads}"),
        otel.kind = "client",
        db.system.name = system,
        db.operation.name = "SELECT",
        db.query.text = Empty,
        db.response.returned_rows = Empty,
    )
}

/// What a statement says, without the values that are bound to it.
pub fn text(span: &Span, sql: &str) {
    span.record("db.query.text", sql);
}

/// How many rows a statement read.
pub fn rows(span: &Span, rows: u64) {
    span.record("db.response.returned_rows", i64::try_from(rows).unwrap_or(i64::MAX));
}
