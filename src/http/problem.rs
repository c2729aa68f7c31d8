//! Problems as HTTP responses.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// Writes `problem` as the whole response.
pub fn respond(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = HeaderValue::from_static(Problem::MEDIA_TYPE);
    (status, [(header::CONTENT_TYPE, kind)], problem.body()).into_response()
}
