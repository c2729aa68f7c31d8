//! Faults and refusals as problem details (RFC 9457): the error body of APIs that document it, and of all new routes.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;

/// How soon a client may try again when the database is away.
const RETRY_AFTER_SECONDS: &str = "2";

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let message = fault.to_string();
        let status = match fault {
            Fault::Invalid { argument, message } => return Self::new(400).with_error(argument, message),
            Fault::Unauthenticated(_) => 401,
            Fault::Forbidden(_) => 403,
            Fault::NotFound(_) => 404,
            Fault::Conflict(_) => 409,
            Fault::MissingRate { .. } | Fault::Overflow | Fault::Unforeseeable => 422,
            Fault::Timeout => 504,
            Fault::Unavailable | Fault::NotConfigured(_) => 503,
            Fault::Internal(text) => {
                tracing::error!(error = text, "a resolver failed");
                500
            }
        };
        Self::new(status).with_detail(message)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::Missing | Refusal::Invalid(_) => 401,
            Refusal::Forbidden(_) => 403,
            Refusal::Unavailable => 503,
        };
        Self::new(status).with_detail(refusal.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = [(header::CONTENT_TYPE, Self::MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
        let mut response = (status, kind, self.body()).into_response();
        match status {
            StatusCode::UNAUTHORIZED => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                let later = HeaderValue::from_static(RETRY_AFTER_SECONDS);
                response.headers_mut().insert(header::RETRY_AFTER, later);
            }
            _ => {}
        }
        // For an API that says it otherwise.
        response.extensions_mut().insert(self);
        response
    }
}
