//! What the pages may do: the policies that browsers hold them to.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};

/// Of the plain pages: they show themselves.
pub const PLAIN: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
                         base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Of the REST APIs' reference, which shows itself and asks this server. Its icons are `data:` images of its style sheet.
pub const DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                        connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Of the playground. What it needs beyond its own scripts, styles, fonts and the server:
///
/// - `worker-src`: completion and validation run in workers, which are files of the bundle;
/// - a nonce for `<style>` elements: the editor makes them while it runs (`web/src/nonce.js`);
/// - `style-src-attr 'unsafe-inline'`: the editor lays out its lines as markup with `style` attributes. They can colour
///   and move what they stand on, and load nothing;
/// - `data:` images: its squiggles and sashes are drawn by URLs of that kind in its style sheets.
///
/// Scripts come from files alone: none within the page, no `eval`. `'self'` includes the web socket of subscriptions.
pub fn playground(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src-elem 'self' 'nonce-{nonce}'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// Headers of a page under `policy`, which changes with the binary: browsers ask again each time.
pub fn headers(policy: &str) -> [(HeaderName, HeaderValue); 4] {
    let policy = HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    [
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ]
}
