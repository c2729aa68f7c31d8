//! The plain pages: `/`, and what stands at `/playground` and `/docs` in a build without them. No script, no style of
//! their own.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::policy;

const HTML: &str = "text/html; charset=utf-8";
const UNBUILT: &str = include_str!("../pages/unbuilt.html");

/// Path, kind and content of what is served as it is.
const PAGES: [(&str, &str, &str); 3] = [
    ("/", HTML, include_str!("../pages/index.html")),
    ("/playground/pages.css", "text/css; charset=utf-8", include_str!("../pages/pages.css")),
    ("/playground/icon.svg", "image/svg+xml", include_str!("../pages/icon.svg")),
];

/// Serves `/` and what it loads.
pub fn router() -> Router {
    PAGES.iter().fold(Router::new(), |router, (path, kind, content)| {
        router.route(path, get(move || async move { page(kind, (*content).to_owned()) }))
    })
}

/// Says why a page is missing, and what brings it.
pub fn unbuilt(what: &str, reason: &str) -> Response {
    page(HTML, UNBUILT.replace("{what}", what).replace("{reason}", reason))
}

fn page(kind: &'static str, content: String) -> Response {
    (policy::headers(policy::PLAIN), [(CONTENT_TYPE, kind)], content).into_response()
}

#[cfg(test)]
mod tests {
    use super::{PAGES, UNBUILT};

    /// What the server has beside these pages.
    const ELSEWHERE: [&str; 6] =
        ["/playground", "/docs", "/sign-in", "/openapi.json", "/health/live", "/health/ready"];

    fn pages() -> impl Iterator<Item = (&'static str, &'static str)> {
        let served = PAGES.iter().map(|(path, _, content)| (*path, *content));
        served.chain([("unbuilt", UNBUILT)])
    }

    /// All that a page loads or links to, as written in `src` and `href`.
    fn links(content: &str) -> Vec<&str> {
        let after = |mark| content.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
        after("src=\"").chain(after("href=\"")).collect()
    }

    #[test]
    fn pages_lead_only_to_what_the_server_has() {
        let mut found = 0;
        for (path, content) in pages() {
            for link in links(content) {
                let is_served = PAGES.iter().any(|(path, ..)| *path == link) || ELSEWHERE.contains(&link);
                assert!(is_served, "{path} links to {link}");
                found += 1;
            }
        }
        assert!(found > 10, "{found} links");
    }

    #[test]
    fn the_landing_page_shows_where_everything_is() {
        let landing = PAGES[0].2;
        let unshown = ELSEWHERE.iter().filter(|place| !landing.contains(&format!("href=\"{place}\"")));
        assert_eq!(unshown.collect::<Vec<_>>(), Vec::<&&str>::new());
        for place in
            ["POST /graphql", "GET /graphql", "GET /graphql/ws", "/api/analytics", "/api/admin/session"]
        {
            assert!(landing.contains(place), "{place}");
        }
    }

    #[test]
    fn pages_carry_no_script_and_no_style_of_their_own() {
        for (path, content) in pages() {
            for forbidden in ["<script", "<style", "style=\"", " onclick", " onload", "javascript:"] {
                assert!(!content.contains(forbidden), "{path} has {forbidden}");
            }
        }
    }
}
