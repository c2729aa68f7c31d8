//! What every API answers alike: who may ask, bodies, and refusals, which each API words by itself.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{caller, kept};
use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;
use crate::reports::{Desk, Gateway};

/// The media type of bodies.
pub const JSON: &str = "application/json; charset=utf-8";
/// How soon a client may try again when the database is away.
const RETRY_AFTER_SECONDS: &str = "2";

/// The desk of who asks, if they may ask for reports.
pub fn admitted<R: From<Refusal> + From<Fault>>(parts: &Parts, gateway: &Gateway) -> Result<Desk, R> {
    Ok(kept::desk(parts, gateway, caller(parts)?)?)
}

/// A body.
pub fn json<R: From<Fault>>(body: &impl Serialize) -> Result<Response, R> {
    let text = serde_json::to_string(body).map_err(|error| Fault::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, JSON), (header::CACHE_CONTROL, "no-store")], text).into_response())
}

/// A refusal with what its status calls for: how to show who asks, or when to try again.
pub fn refusal(status: u16, media_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
    let mut response = (status, kind, body.into()).into_response();
    let more = match status {
        StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
        StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS)),
        _ => None,
    };
    if let Some((name, value)) = more {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// An API's own refusal, under the headers of the one that it stands for.
pub fn in_place_of(former: Response, own: impl IntoResponse) -> Response {
    let (mut kept, _) = former.into_parts();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        kept.headers.remove(name);
    }
    let mut response = own.into_response();
    for (name, value) in &kept.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

/// What a problem says, as one text; `otherwise` where it says nothing.
pub fn message(problem: &Problem, otherwise: &str) -> String {
    let errors = problem
        .errors
        .iter()
        .flat_map(|(name, messages)| messages.iter().map(move |message| format!("{name}: {message}")));
    let message = problem.detail.clone().unwrap_or_else(|| errors.collect::<Vec<_>>().join("; "));
    if message.is_empty() { otherwise.to_owned() } else { message }
}
