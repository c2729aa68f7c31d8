//! What a request may cost: bytes of body, and time. And what becomes of a request that breaks the server's own rules.

use std::any::Any;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::Limited;

use super::{BACKSTOP, Limits};
use crate::problem::Problem;

/// Refuses a body that announces itself as too large. One that does not is cut off as it is read.
pub async fn body(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let (limit, _) = limits.of(request.uri().path());
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
        return Problem::new(413)
            .with_detail(format!("a request body may have {limit} bytes"))
            .into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, limit)))).await
}

/// Gives up on a request whose handler did not: every handler has a deadline of its own, a little shorter.
pub async fn deadline(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let (_, deadline) = limits.of(request.uri().path());
    match tokio::time::timeout(deadline + BACKSTOP, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(504).with_detail("the answer took too long").into_response(),
    }
}

/// What is answered when a handler panics; the log has the rest.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Problem::new(500).into_response()
}

/// Refusals of the framework (a body that stalls, a length that lies) and of pages are plain text; here they become problems.
pub async fn reword(response: Response) -> Response {
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
        StatusCode::NOT_FOUND => not_found().await,
        _ => Problem::new(status.as_u16()).into_response(),
    };
    problem.headers_mut().extend(kept.headers);
    problem
}

/// What is answered where there is no such route.
pub async fn not_found() -> Response {
    Problem::new(404).with_detail("there is nothing at this path").into_response()
}

/// What is answered where the route has no such method; `Allow` names those that it has.
pub async fn method_not_allowed() -> Response {
    Problem::new(405)
        .with_detail("this path does not take that method; `Allow` names those that it takes")
        .into_response()
}
