//! What is served under `/playground`, with and without a bundle.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{BUNDLE, Bundle, routes};
use crate::{Playground, router};

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

/// Tests need what users get.
fn bundle() -> Bundle {
    BUNDLE.expect("npm made the bundle; if it was missing then, `touch playground/build.rs` and build again")
}

async fn ask(playground: Playground, path: &str, encoding: &str) -> Reply {
    let request =
        Request::get(path).header("accept-encoding", encoding).body(Body::empty()).expect("a request");
    let (head, body) = router(playground).oneshot(request).await.expect("it answers").into_parts();
    let body = body.collect().await.expect("a body").to_bytes().to_vec();
    Reply { status: head.status, headers: head.headers, body }
}

async fn get(path: &str) -> Reply {
    ask(Playground::default(), path, "gzip, deflate").await
}

#[tokio::test]
async fn the_page_is_held_to_a_policy_with_a_nonce_of_its_own() {
    bundle();
    let (one, other) = (get("/playground").await, get("/playground").await);
    assert_eq!((one.status, one.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert_eq!(one.header("cache-control"), "no-cache");
    let nonce = |reply: &Reply| {
        let policy = reply.header("content-security-policy").to_owned();
        let (_, rest) = policy.split_once("'nonce-").expect("a nonce");
        let nonce = rest.split('\'').next().expect("its end").to_owned();
        assert!(reply.text().contains(&format!("nonce=\"{nonce}\"")));
        nonce
    };
    assert_eq!(nonce(&one).len(), 32);
    assert_ne!(nonce(&one), nonce(&other));
    let policy = one.header("content-security-policy");
    let directives: Vec<&str> = policy.split("; ").collect();
    assert!(
        directives.contains(&"default-src 'none'") && directives.contains(&"script-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{policy}");
    assert_eq!(policy.matches("unsafe-inline").count(), 1, "style attributes alone: {policy}");
    assert!(!one.text().contains("<style") && !one.text().contains("style=\""));
    assert_eq!(
        one.text().matches("<script").count(),
        one.text().matches("<script type=\"module\" crossorigin src").count()
    );
}

#[tokio::test]
async fn the_reference_is_held_to_a_policy_without_exceptions() {
    bundle();
    let page = get("/docs").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), "no-cache");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    assert!(!page.text().contains("<style") && !page.text().contains("style=\""));
}

#[tokio::test]
async fn assets_go_out_packed_or_unpacked_and_are_kept() {
    let bundle = bundle();
    let mut packed = 0;
    for asset in bundle.assets {
        let brotli = ask(Playground::default(), asset.path, "gzip, deflate, br, zstd").await;
        assert_eq!(
            (brotli.status, brotli.header("content-encoding")),
            (StatusCode::OK, "br"),
            "{}",
            asset.path
        );
        assert_eq!(brotli.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(brotli.header("vary"), "accept-encoding");
        let plain = get(asset.path).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (StatusCode::OK, ""), "{}", asset.path);
        assert_eq!(plain.header("content-type"), brotli.header("content-type"));
        if plain.header("content-type").starts_with("text/") {
            assert!(!plain.text().is_empty(), "{}", asset.path);
        }
        packed += brotli.body.len();
    }
    assert!((500_000..3_000_000).contains(&packed), "{packed} bytes of assets");
    // All that the page names is among them.
    let named = [bundle.playground, bundle.docs].into_iter().flat_map(|page| page.split('"'));
    let named = named.filter(|text| text.starts_with("/playground/assets/"));
    let missing = named.filter(|name| bundle.assets.iter().all(|asset| asset.path != *name));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[tokio::test]
async fn only_a_demonstration_brings_a_credential() {
    let none = get("/playground/config.json").await;
    assert_eq!((none.text(), none.header("cache-control")), (r#"{"headers":{}}"#, "no-store"));
    let authorization = Some("Bearer demo_\"x".to_owned());
    let some = ask(Playground { authorization }, "/playground/config.json", "").await;
    assert_eq!(some.text(), r#"{"headers":{"Authorization":"Bearer demo_\"x"}}"#);
    assert_eq!((some.header("content-type"), some.header("cache-control")), ("application/json", "no-store"));
}

#[tokio::test]
async fn a_build_without_the_bundle_says_what_to_do() {
    let router = routes(Err("npm was not found when it was built"), Playground::default());
    for (path, what) in
        [("/playground", "came without its playground"), ("/docs", "came without its reference")]
    {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let reply = router.clone().oneshot(request).await.expect("it answers");
        assert_eq!(
            (reply.status(), &reply.headers()["cache-control"]),
            (StatusCode::OK, &"no-cache".parse().expect("a value"))
        );
        let body = reply.into_body().collect().await.expect("a body").to_bytes();
        let text = std::str::from_utf8(&body).expect("text");
        let reason = "The reason: npm was not found when it was built.";
        for part in [what, reason, "touch playground/build.rs", "Node.js"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[tokio::test]
async fn paths_beside_the_pages() {
    let slash = get("/playground/").await;
    assert_eq!((slash.status, slash.header("location")), (StatusCode::PERMANENT_REDIRECT, "/playground"));
    assert_eq!(get("/playground/assets/index-0.js").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get("/playground/assets/../config.json").await.status, StatusCode::NOT_FOUND);
}
