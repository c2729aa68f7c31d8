//! Answers made smaller on their way, for who reads gzip or brotli.

use std::convert::Infallible;
use std::future;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::response::Response;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

use super::auth::ForSession;

/// An answer that fits one packet as it is comes no sooner by being smaller.
const SMALLEST: u64 = 1400;
/// Of brotli and gzip alike. 26 kB of a series take 0.2 ms and become 2.7 kB; twice the time makes them 5 % smaller.
const LEVEL: i32 = 4;

/// What `answer` comes to, in fewer bytes for who reads them. Events are not made smaller: each is to arrive when it happens.
/// Nor is what a cookie opened: its length would tell a page that has the browser ask how much of its own text is in the
/// answer (BREACH).
///
/// `Accept-Encoding` is a wish: a client that refuses plain text and everything that there is gets plain text all the same,
/// as RFC 9110 has it. Caches are told what the answer depends on.
pub async fn compressed<F>(mut request: Request, answer: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let wished = wished(request.headers());
    let wished = if wished.is_empty() { None } else { HeaderValue::from_str(&wished).ok() };
    match &wished {
        Some(wished) => drop(request.headers_mut().insert(header::ACCEPT_ENCODING, wished.clone())),
        None => drop(request.headers_mut().remove(header::ACCEPT_ENCODING)),
    }
    let mut response = answer(request).await;
    // What is kept comes coded.
    if let Some(wished) = wished.filter(|_| !response.headers().contains_key(header::CONTENT_ENCODING)) {
        response = packed(wished, response).await;
    }
    depends_on_encoding(response.headers_mut());
    response
}

/// A response in the coding that is wished for, if it is worth it.
async fn packed(wished: HeaderValue, response: Response) -> Response {
    let layer = CompressionLayer::new()
        .quality(CompressionLevel::Precise(LEVEL))
        .compress_when(SizeAbove::new(SMALLEST).and(NotForContentType::SSE).and(is_for_no_session));
    let mut request = Request::new(Body::empty());
    request.headers_mut().insert(header::ACCEPT_ENCODING, wished);
    // The layer asks once, for what is there already.
    let mut response = Some(response);
    let ready = service_fn(move |_| future::ready(Ok::<_, Infallible>(response.take().unwrap_or_default())));
    match layer.layer(ready).oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

fn is_for_no_session(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<ForSession>().is_none()
}

/// What of `Accept-Encoding` there is, with its weights.
fn wished(headers: &HeaderMap) -> String {
    let fields = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|field| field.to_str().ok());
    let is_known = |coding: &&str| {
        let name = coding.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("br")
    };
    fields.flat_map(|field| field.split(',')).filter(is_known).collect::<Vec<_>>().join(",")
}

/// Adds `Accept-Encoding` to what `Vary` names already, in one line.
fn depends_on_encoding(headers: &mut HeaderMap) {
    // What answers that are kept say.
    let known = match headers.get(header::VARY).map(HeaderValue::as_bytes) {
        None => Some("Accept-Encoding"),
        Some(b"Accept") => Some("Accept, Accept-Encoding"),
        Some(_) => None,
    };
    if let Some(known) = known.filter(|_| headers.get_all(header::VARY).iter().count() < 2) {
        headers.insert(header::VARY, HeaderValue::from_static(known));
        return;
    }
    let lines = headers.get_all(header::VARY).iter().filter_map(|field| field.to_str().ok());
    let mut names: Vec<&str> = lines.flat_map(|field| field.split(',')).map(str::trim).collect();
    names.retain(|name| !name.eq_ignore_ascii_case("accept-encoding"));
    names.push("Accept-Encoding");
    if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
        headers.insert(header::VARY, names);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use axum::Router;
    use axum::middleware::{Next, from_fn};
    use axum::response::IntoResponse;
    use axum::routing::get;
    use http_body_util::BodyExt as _;

    use super::*;

    /// Coding, `Vary` and body of the answer to who accepts that.
    async fn ask(path: &str, accepts: Option<&str>) -> (u16, String, String, Vec<u8>) {
        let routes = Router::new()
            .route(
                "/large",
                get(|| async { ([(header::VARY, "Accept, Authorization")], "{} ".repeat(1000)) }),
            )
            .route("/small", get(|| async { "{}" }))
            .route(
                "/events",
                get(|| async { ([(header::CONTENT_TYPE, "text/event-stream")], "x".repeat(5000)) }),
            )
            .route("/packed", get(|| async { ([(header::CONTENT_ENCODING, "br")], "x".repeat(5000)) }));
        let request =
            accepts.map_or(Request::get(path), |value| Request::get(path).header("accept-encoding", value));
        let request = request.body(Body::empty()).expect("a request");
        let routes = routes.layer(from_fn(async |request: Request, next: Next| {
            compressed(request, |request| next.run(request)).await
        }));
        let (head, body) = routes.oneshot(request).await.into_response().into_parts();
        let text = |name| {
            let lines: Vec<&str> =
                head.headers.get_all(name).iter().map(|line| line.to_str().expect("text")).collect();
            assert!(lines.len() < 2, "{lines:?}");
            lines.concat()
        };
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        (head.status.as_u16(), text(header::CONTENT_ENCODING), text(header::VARY), body)
    }

    #[tokio::test]
    async fn what_is_worth_it_is_compressed_for_who_reads_it() {
        for (path, accepts, coding) in [
            ("/large", Some("gzip, deflate, br"), "br"),
            ("/large", Some("gzip, br;q=0"), "gzip"),
            ("/large", Some("GZIP;q=0.5"), "gzip"),
            ("/large", Some("identity"), ""),
            ("/large", Some("zstd, identity;q=0, *;q=0"), ""),
            ("/large", None, ""),
            ("/small", Some("gzip, br"), ""),
            ("/events", Some("gzip, br"), ""),
            ("/packed", Some("gzip"), "br"),
        ] {
            let (status, found, vary, _) = ask(path, accepts).await;
            let expected =
                if path == "/large" { "Accept, Authorization, Accept-Encoding" } else { "Accept-Encoding" };
            assert_eq!(
                (status, found.as_str(), vary.as_str()),
                (200, coding, expected),
                "{path} {accepts:?}"
            );
        }
    }

    #[tokio::test]
    async fn it_says_the_same_in_fewer_bytes() {
        let (_, _, _, plain) = ask("/large", None).await;
        let (_, _, _, packed) = ask("/large", Some("gzip")).await;
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).expect("gzip");
        assert!(unpacked == plain && packed.len() < plain.len() / 10, "{} of {}", packed.len(), plain.len());
    }
}
