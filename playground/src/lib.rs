//! The web pages that come with the server: a landing page, and a plain page to try GraphQL queries on.
//!
//! They are part of the binary and load nothing from anywhere else: the policy that goes with them forbids it, and
//! forbids scripts and styles within the page too.

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// What the pages may do: run and show what the server itself sends, and ask the server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Path, kind and content of everything that is served.
const PAGES: [(&str, &str, &str); 6] = [
    ("/", "text/html; charset=utf-8", include_str!("../pages/index.html")),
    ("/playground", "text/html; charset=utf-8", include_str!("../pages/playground.html")),
    ("/playground/playground.css", "text/css; charset=utf-8", include_str!("../pages/playground.css")),
    ("/playground/playground.js", "text/javascript; charset=utf-8", include_str!("../pages/playground.js")),
    ("/playground/examples.js", "text/javascript; charset=utf-8", include_str!("../pages/examples.js")),
    ("/playground/icon.svg", "image/svg+xml", include_str!("../pages/icon.svg")),
];

/// Serves `/`, `/playground` and what they load.
pub fn router() -> Router {
    PAGES.iter().fold(Router::new(), |router, (path, kind, content)| {
        router.route(path, get(move || async move { page(kind, content) }))
    })
}

fn page(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        // The pages change with the binary: ask again each time.
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, content).into_response()
}

#[cfg(test)]
mod tests {
    use super::PAGES;

    /// All that a page loads or links to, as written in `src` and `href`.
    fn links(content: &str) -> Vec<&str> {
        let after = |mark| content.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
        after("src=\"").chain(after("href=\"")).collect()
    }

    #[test]
    fn pages_load_only_what_is_served_beside_them() {
        let elsewhere = ["/playground", "/health/live", "/health/ready"];
        let mut found = 0;
        for (path, _, content) in PAGES {
            for link in links(content) {
                let is_served = PAGES.iter().any(|(path, ..)| *path == link) || elsewhere.contains(&link);
                assert!(is_served, "{path} links to {link}");
                found += 1;
            }
        }
        assert!(found > 6, "{found} links");
    }

    #[test]
    fn pages_carry_no_script_or_style_of_their_own() {
        for (path, _, content) in PAGES.iter().filter(|(_, kind, _)| kind.starts_with("text/html")) {
            for forbidden in ["<style", "style=\"", "onclick", "onload", "javascript:"] {
                assert!(!content.contains(forbidden), "{path} has {forbidden}");
            }
            let scripts = content.matches("<script").count();
            assert_eq!(scripts, content.matches("></script>").count(), "{path} has a script within");
        }
    }
}
