//! The pages that were bundled: the playground with a nonce of its own, the REST APIs' reference, their assets, and what
//! they are to start with.

use std::fmt::Write as _;

use axum::extract::Path;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::assets::{Asset, BUNDLE, send};
use crate::{Playground, pages, policy};

/// What npm made.
pub struct Bundle {
    pub playground: &'static str,
    pub docs: &'static str,
    pub assets: &'static [Asset],
}

/// Where they lie.
const ASSETS: &str = "/playground/assets/";

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
                send(
                    bundle.assets.iter().find(|asset| asset.path.strip_prefix(ASSETS) == Some(&name)),
                    &headers,
                )
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

#[cfg(test)]
mod tests;
