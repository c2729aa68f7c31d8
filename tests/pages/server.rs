//! Pages, served as the gateway serves them, but of reports that are made up.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use countinghouse::pages::{self, Links, Locale};
use countinghouse::reports::shared::{SharedReport, Told};
use playground::Playground;

use super::told;

/// Starts serving; it ends with the runtime.
pub async fn serve() -> SocketAddr {
    let app = Router::new()
        .route("/api/reports/{token}", get(page))
        .route("/api/reports/{token}/csv", get(|| async { "a file" }))
        // What a browser needs for any page at all.
        .route(
            "/word",
            get(|| async {
                Html("<!doctype html><link rel=icon href=/playground/icon.svg><title>A word</title><p>word")
            }),
        )
        .merge(playground::router(Playground::default()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Reports by their own names, and `hostile`, `empty` and `large`; every other token is a dead one.
async fn page(Path(token): Path<String>, headers: HeaderMap) -> Response {
    let told = match token.as_str() {
        "hostile" => Some(told::hostile()),
        "empty" => Some(told::empty()),
        "large" => Some(told::large()),
        name => SharedReport::named(name).map(told::told),
    };
    let languages = headers.get("accept-language").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (status, page) = match told {
        Some(told) => (StatusCode::OK, rendered(&told, &token, languages)),
        None => (StatusCode::FORBIDDEN, pages::dead_link()),
    };
    (status, pages::HEADERS, page).into_response()
}

pub fn rendered(told: &Told, token: &str, languages: &str) -> String {
    let csv = format!("/api/reports/{token}/csv");
    let links = Links { csv: &csv, expires_at: told::instant("2026-05-01T09:41:07Z") };
    pages::report(told, &links, &Locale::negotiate(languages))
}
