//! Headers that every response carries, unless its route chose its own.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

/// Adds what is missing: answers are not stored, not sniffed, not framed, and load nothing.
pub fn complete(mut response: Response) -> Response {
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"));
    // A page says itself where its parts come from.
    let policy =
        if is_page { "frame-ancestors 'none'" } else { "default-src 'none'; frame-ancestors 'none'" };
    let unavailable = response.status() == StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    put(headers, header::CONTENT_SECURITY_POLICY, policy);
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, header::X_FRAME_OPTIONS, "DENY");
    put(headers, header::REFERRER_POLICY, "no-referrer");
    put(headers, header::CACHE_CONTROL, "no-store");
    put(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if unavailable {
        put(headers, header::RETRY_AFTER, "2");
    }
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
