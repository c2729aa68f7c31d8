//! The one form in which `ecosire` refuses: `{"statusCode", "error", "message"}`.

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;
use crate::rest::answer::{JSON, message, refusal};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Error)]
pub struct Refused {
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 400)]
    pub status_code: u16,
    /// The status in words.
    #[schema(example = "Bad Request")]
    pub error: &'static str,
    /// What was wrong and what would be right.
    pub message: String,
}

impl Refused {
    /// A refusal of that status.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status_code: status, error: phrase(status), message: message.into() }
    }

    /// The caller's mistake with a parameter.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }
}

/// The words that clients of this API know statuses by: those that its framework gave them.
fn phrase(status: u16) -> &'static str {
    match status {
        413 => "Payload Too Large",
        422 => "Unprocessable Entity",
        status => Problem::new(status).title,
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::new(problem.status, message(&problem, phrase(problem.status)))
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        match fault {
            // The resolvers' names for what this API calls otherwise.
            Fault::Invalid { argument, message } if argument == "grain" => {
                Self::bad_request(format!("groupBy: {message}"))
            }
            Fault::Invalid { argument, message } if ["against", "period"].contains(&argument.as_str()) => {
                Self::bad_request(format!("from: the window cannot be told: {message}"))
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
        // A number and two texts cannot fail to serialise.
        refusal(self.status_code, JSON, serde_json::to_string(&self).unwrap_or_default())
    }
}
