//! What a request may cost: bytes of body, and time. And what becomes of a request that breaks the server's own rules.

use std::panic::AssertUnwindSafe;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http_body_util::Limited;
use tower_http::timeout::TimeoutBody;

use super::{BACKSTOP, BODY_PATIENCE, Limits};
use crate::problem::Problem;

impl Limits {
    /// What `next` answers to a request, within these limits and whatever becomes of its handler.
    pub async fn around(&self, request: Request, next: Next) -> Response {
        let (most, deadline) = self.of(request.uri().path());
        // Every handler has a deadline of its own, a little shorter.
        let answer = tokio::time::timeout(deadline + BACKSTOP, bounded(request, most, next));
        match AssertUnwindSafe(answer).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => Problem::new(504).with_detail("the answer took too long").into_response(),
            // The log has the rest.
            Err(_) => Problem::new(500).into_response(),
        }
    }
}

/// Refuses a body that announces itself as larger than `most`. One that does not is cut off as it is read.
async fn bounded(mut request: Request, most: usize, next: Next) -> Response {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > most)) {
        return Problem::new(413)
            .with_detail(format!("a request body may have {most} bytes"))
            .into_response();
    }
    DefaultBodyLimit::disable().apply(&mut request);
    next.run(request.map(|body| Body::new(Limited::new(TimeoutBody::new(BODY_PATIENCE, body), most)))).await
}

/// Refusals of the framework (a body that stalls, a length that lies) and of pages are plain text; here they become problems.
pub fn reword(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_plain = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !is_plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut kept, _) = response.into_parts();
    kept.headers.remove(header::CONTENT_TYPE);
    kept.headers.remove(header::CONTENT_LENGTH);
    let mut problem = match status {
        StatusCode::NOT_FOUND => not_found(),
        _ => Problem::new(status.as_u16()).into_response(),
    };
    problem.headers_mut().extend(kept.headers);
    problem
}

/// What is answered where there is no such route.
pub fn not_found() -> Response {
    Problem::new(404).with_detail("there is nothing at this path").into_response()
}

/// What is answered where the route has no such method; `Allow` names those that it has.
pub fn method_not_allowed() -> Response {
    Problem::new(405)
        .with_detail("this path does not take that method; `Allow` names those that it takes")
        .into_response()
}
