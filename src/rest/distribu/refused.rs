//! The one form in which `distribu` refuses: `{"error": {"code", "message"}}`.

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;
use crate::rest::answer::{JSON, message, refusal};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = distribu::Refusal)]
pub struct Refused {
    #[serde(skip)]
    status: u16,
    /// What was wrong.
    error: Words,
}

/// What was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = distribu::Error)]
struct Words {
    /// The kind of it, one for each HTTP status.
    #[schema(example = "BAD_REQUEST")]
    code: &'static str,
    /// What was wrong and what would be right.
    message: String,
}

impl Refused {
    /// A refusal of that status.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, error: Words { code: code(status), message: message.into() } }
    }

    /// The caller's mistake with a parameter.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }
}

/// What clients tell refusals apart by.
fn code(status: u16) -> &'static str {
    match status {
        400 => "BAD_REQUEST",
        401 => "UNAUTHORIZED",
        403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        405 => "METHOD_NOT_ALLOWED",
        408 => "REQUEST_TIMEOUT",
        413 => "PAYLOAD_TOO_LARGE",
        422 => "UNPROCESSABLE",
        429 => "RATE_LIMITED",
        503 => "UNAVAILABLE",
        504 => "TIMEOUT",
        _ => "INTERNAL_ERROR",
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::new(problem.status, message(&problem, problem.title))
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        match fault {
            // The resolvers' names for what this API calls otherwise.
            Fault::Invalid { argument, .. } if argument == "grain" => {
                Self::bad_request("the range has more than 3660 days: set from and to closer together")
            }
            Fault::Invalid { argument, .. } if ["limit", "dimensions"].contains(&argument.as_str()) => {
                Self::bad_request("there are more than 100000 rows: set from and to closer together")
            }
            Fault::Invalid { argument, message } if argument == "after" => {
                Self::bad_request(format!("cursor {message}"))
            }
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
        // Two texts cannot fail to serialise.
        refusal(self.status, JSON, serde_json::to_string(&self).unwrap_or_default())
    }
}
