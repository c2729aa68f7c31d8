//! Problem details (RFC 9457): the error body of APIs that document it, and of all new routes.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::fault::Fault;
use crate::principal::Refusal;

/// How soon a client may try again when the database is away.
const RETRY_AFTER_SECONDS: &str = "2";

/// An error body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where the kind of problem is explained.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What kind of problem it is, in a few words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What was wrong this time, and what would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What was wrong with which parameter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    errors: BTreeMap<String, Vec<String>>,
}

impl Problem {
    /// A problem of that status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: explanation(status),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: Some(detail.into()),
            errors: BTreeMap::new(),
        }
    }

    /// Parameters that cannot be read: 400 with what was wrong with each.
    pub fn parameters(errors: BTreeMap<String, Vec<String>>) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self {
            kind: explanation(status),
            title: "One or more validation errors occurred.".to_owned(),
            status: status.as_u16(),
            detail: None,
            errors,
        }
    }

    /// One parameter that cannot be read.
    pub fn parameter(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self::parameters(BTreeMap::from([(name.into(), vec![message.into()])]))
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let message = fault.to_string();
        match fault {
            Fault::Invalid { argument, message } => Self::parameter(argument, message),
            Fault::Unauthenticated(_) => Self::new(StatusCode::UNAUTHORIZED, message),
            Fault::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, message),
            Fault::MissingRate { .. } | Fault::Overflow => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
            }
            Fault::Timeout => Self::new(StatusCode::GATEWAY_TIMEOUT, message),
            Fault::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, message),
            Fault::Internal(text) => {
                tracing::error!(error = text, "a resolver failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Missing | Refusal::Invalid(_) => Self::new(StatusCode::UNAUTHORIZED, message),
            Refusal::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, message),
            Refusal::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, message),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
            }
            _ => {}
        }
        response
    }
}

/// The section of RFC 9110 that explains a status.
fn explanation(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.1",
        401 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2",
        403 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.4",
        404 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5",
        405 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6",
        413 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.14",
        422 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.21",
        500 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.1",
        503 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4",
        504 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.5",
        _ => "about:blank",
    }
}
