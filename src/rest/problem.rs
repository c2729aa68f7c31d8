//! Faults and refusals as problem details (RFC 9457): the error body of APIs that document it, and of all new routes.

use axum::response::{IntoResponse, Response};

use super::answer;
use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;

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
            Fault::Unavailable | Fault::Busy(_) | Fault::NotConfigured(_) => 503,
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
        let mut response = answer::refusal(self.status, Self::MEDIA_TYPE, self.body());
        // For an API that says it otherwise.
        response.extensions_mut().insert(self);
        response
    }
}
