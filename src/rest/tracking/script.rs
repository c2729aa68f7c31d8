//! The script that shops' pages embed, and serving it.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::TAG;

/// As it is written.
const SOURCE: &str = include_str!("script.js");

/// As it is served, and what its version is known by.
static SERVED: LazyLock<(String, String)> = LazyLock::new(|| {
    let text = bare(SOURCE);
    let hash = hex::encode(&Sha256::digest(text.as_bytes())[..8]);
    (text, format!("\"{hash}\""))
});

/// The script that a shop's pages embed.
#[utoipa::path(
    get,
    path = "/v1/track.js",
    tag = TAG,
    responses(
        (status = 200, description = "The script, at most 2,048 bytes.", content_type = "text/javascript", body = String),
        (status = 304, description = "It is what `If-None-Match` names."),
    ),
    security(()),
)]
pub async fn script(headers: HeaderMap) -> Response {
    let (text, tag) = &*SERVED;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_known =
        known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*");
    let mut kept = HeaderMap::new();
    if let Ok(tag) = HeaderValue::try_from(tag.as_str()) {
        kept.insert(header::ETAG, tag);
    }
    kept.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600, stale-while-revalidate=86400"),
    );
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    kept.insert(policy, HeaderValue::from_static("cross-origin"));
    if is_known {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    kept.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    (kept, text.as_str()).into_response()
}

/// Without comments, which stand on lines of their own, and indentation.
fn bare(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.fold(String::with_capacity(source.len()), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_small_and_sets_no_cookies() {
        let (text, tag) = &*SERVED;
        assert!(text.len() <= 2048, "{} bytes", text.len());
        assert!(tag.len() == 18 && text.starts_with("(() => {\n"));
        for stored in ["cookie", "localStorage", "sessionStorage", "indexedDB"] {
            assert!(!text.contains(stored), "{stored}");
        }
    }
}
