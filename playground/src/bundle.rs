//! The pages that were bundled: the playground with a nonce of its own, the REST APIs' reference, their assets, and what
//! they are to start with.

use std::fmt::Write as _;
use std::io::Read;

use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::{Playground, pages, policy};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// What npm made.
pub struct Bundle {
    playground: &'static str,
    docs: &'static str,
    assets: &'static [Asset],
}

/// Where they lie.
const ASSETS: &str = "/playground/assets/";

/// A file whose name changes with its content.
pub struct Asset {
    path: &'static str,
    kind: &'static str,
    brotli: &'static [u8],
}

/// Serves `/playground`, `/docs` and what they load.
pub fn router(playground: Playground) -> Router {
    routes(BUNDLE, playground)
}

fn routes(bundle: Result<Bundle, &'static str>, playground: Playground) -> Router {
    let start = match playground.authorization {
        Some(authorization) => json!({ "headers": { "Authorization": authorization } }),
        None => json!({ "headers": {} }),
    };
    let start = move || async move { ([(CACHE_CONTROL, "no-store")], Json(start)) };
    let router = Router::new()
        .route("/playground/", get(|| async { Redirect::permanent("/playground") }))
        .route("/playground/config.json", get(start));
    match bundle {
        Ok(bundle) => {
            let pages = router
                .route("/playground", get(move || async move { playground_page(bundle.playground) }))
                .route("/docs", get(move || async move { docs_page(bundle.docs) }));
            let asset = move |Path(name): Path<String>, headers: HeaderMap| async move {
                let asset = bundle.assets.iter().find(|asset| asset.path.strip_prefix(ASSETS) == Some(&name));
                match asset {
                    Some(asset) => asset.send(&headers),
                    None => (StatusCode::NOT_FOUND, "there is no such file").into_response(),
                }
            };
            pages.route("/playground/assets/{file}", get(asset))
        }
        Err(reason) => router
            .route("/playground", get(move || async move { pages::unbuilt("playground", reason) }))
            .route("/docs", get(move || async move { pages::unbuilt("reference of REST APIs", reason) })),
    }
}

/// The REST APIs' reference.
fn docs_page(page: &'static str) -> Response {
    (policy::headers(policy::DOCS), Html(page)).into_response()
}

/// The playground, with a nonce that no other answer has.
fn playground_page(template: &str) -> Response {
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let nonce = random.iter().fold(String::new(), |mut nonce, byte| {
        let _ = write!(nonce, "{byte:02x}");
        nonce
    });
    (policy::headers(&policy::playground(&nonce)), Html(template.replace("{nonce}", &nonce))).into_response()
}

impl Asset {
    /// As it lies in the binary for who reads brotli; browsers say so on encrypted and on local connections alone.
    fn send(&self, request: &HeaderMap) -> Response {
        let headers: [(HeaderName, &str); 4] = [
            (CONTENT_TYPE, self.kind),
            (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (VARY, "accept-encoding"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        if takes_brotli(request) {
            return (headers, [(CONTENT_ENCODING, "br")], self.brotli).into_response();
        }
        match self.unpacked() {
            Ok(content) => (headers, content).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    fn unpacked(&self) -> std::io::Result<Vec<u8>> {
        let mut content = Vec::new();
        brotli_decompressor::Decompressor::new(self.brotli, 4096).read_to_end(&mut content)?;
        Ok(content)
    }
}

/// Whether `Accept-Encoding` names brotli, and not to refuse it.
fn takes_brotli(request: &HeaderMap) -> bool {
    let lists = request.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = lists.flat_map(|list| list.split(',')).map(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        (name.trim(), weight.unwrap_or(0.0))
    });
    codings.any(|(name, weight)| name.eq_ignore_ascii_case("br") && weight > 0.0)
}

#[cfg(test)]
mod tests;
