//! A server whose handlers go wrong, to see in whose words it says so.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use countinghouse::clock::Clock;
use countinghouse::http::{Credentials, Limits, Observed, Readiness, router};
use countinghouse::intake::IntakeBounds;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::TestDatabase;

/// One that panics at the first path and never answers at the second, takes bodies of ten bytes, and waits 100 ms.
pub fn broken(database: &TestDatabase, panics_at: &str, hangs_at: &str) -> Router {
    let db = database.connection.clone();
    let readiness = Readiness::current(db.clone());
    let credentials = Credentials::new(db, Clock::System, None, readiness.clone());
    let limits = Limits { body: 10, deadline: Duration::from_millis(100), intake: IntakeBounds::default() };
    let apis = Router::new().route(panics_at, get(panics)).route(hangs_at, get(hangs));
    router(apis, Router::new(), credentials, readiness, limits, Observed::default())
}

async fn panics() -> &'static str {
    panic!("a secret of the inside")
}

async fn hangs() -> &'static str {
    std::future::pending().await
}

/// Status and body of what `GET` with this body is answered.
pub async fn asked(app: &Router, path: &str, body: &'static str) -> (u16, String) {
    let request = Request::get(path).header("content-length", body.len()).body(Body::from(body));
    let response = app.clone().oneshot(request.expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8(body.to_vec()).expect("text"))
}
