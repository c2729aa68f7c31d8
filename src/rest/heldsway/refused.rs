//! The one form in which `heldsway` refuses: `{"success": false, "error": {"code", "message", "details"}}`.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;
use crate::rest::answer::{JSON, message, refusal};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = heldsway::Refusal)]
pub struct Refused {
    #[serde(skip)]
    status: u16,
    /// Always false.
    #[schema(example = false)]
    success: bool,
    /// What was wrong.
    error: Words,
}

/// What was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = heldsway::Error)]
struct Words {
    /// The kind of it, one for each HTTP status; none of the server's own mistakes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "VALIDATION_ERROR")]
    code: Option<&'static str>,
    /// In words.
    message: String,
    /// What was wrong with each parameter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    details: BTreeMap<String, Vec<String>>,
}

/// What the API's document says of the server's own mistakes.
const OURS: &str = "Internal server error while building analytics data";

impl Refused {
    /// A refusal of that status.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        let error = Words { code: code(status), message: message.into(), details: BTreeMap::new() };
        Self { status, success: false, error }
    }

    /// Mistakes with parameters.
    pub fn invalid(details: BTreeMap<String, Vec<String>>) -> Self {
        let error =
            Words { code: Some("VALIDATION_ERROR"), message: "Validation failed".to_owned(), details };
        Self { status: 422, success: false, error }
    }
}

/// What clients tell refusals apart by.
fn code(status: u16) -> Option<&'static str> {
    Some(match status {
        401 => "UNAUTHORIZED",
        403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        405 => "METHOD_NOT_ALLOWED",
        408 => "REQUEST_TIMEOUT",
        413 => "CONTENT_TOO_LARGE",
        422 => "UNPROCESSABLE_CONTENT",
        429 => "TOO_MANY_REQUESTS",
        503 => "SERVICE_UNAVAILABLE",
        504 => "GATEWAY_TIMEOUT",
        _ => return None,
    })
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let words = match problem.status {
            401 => "Unauthorized".to_owned(),
            403 => "Forbidden".to_owned(),
            status if code(status).is_none() => OURS.to_owned(),
            _ => message(&problem, problem.title),
        };
        Self::new(problem.status, words)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let at_from = |words: String| Self::invalid(BTreeMap::from([("from".to_owned(), vec![words])]));
        match fault {
            // The resolvers' names for what this API calls otherwise.
            Fault::Invalid { argument, .. } if argument == "grain" => {
                at_from("The range must not have more than 3660 days.".to_owned())
            }
            Fault::Invalid { message, .. } => at_from(format!("The range cannot be told: {message}.")),
            fault => Problem::from(fault).into(),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Problem::from(refusal).into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        // Texts cannot fail to serialise.
        refusal(self.status, JSON, serde_json::to_string(&self).unwrap_or_default())
    }
}
