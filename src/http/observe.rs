//! A name for every request, in every line that is logged while it is served, and one line when it is done.
//!
//! Routes are logged as they are declared; paths, query strings and headers are not, since they may hold secrets.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use tracing::field::Empty;

/// The header that carries the name, both ways.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longest name that is taken over from a client or a proxy.
const LONGEST: usize = 128;

/// A request's name, among its extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Middleware: takes over or makes the request's name, logs within it, and returns it.
pub async fn observe(mut request: Request, next: Next) -> Response {
    let id = taken_over(request.headers()).unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()));
    let route = request.extensions().get::<MatchedPath>().map_or("-", |path| path.as_str()).to_owned();
    let method = request.method().clone();
    request.extensions_mut().insert(RequestId(id.clone()));
    // Of the error level, so that no filter takes the name off a line.
    let span = tracing::error_span!("request", request_id = %id, organization = Empty);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        if route.starts_with("/health/") {
            tracing::debug!(%method, route, status, ms, "answered");
        } else {
            tracing::info!(%method, route, status, ms, "answered");
        }
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// A client's own name for its request, if it is one that is safe to log and to return.
fn taken_over(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let is_sane = !id.is_empty()
        && id.len() <= LONGEST
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    is_sane.then(|| id.to_owned())
}
