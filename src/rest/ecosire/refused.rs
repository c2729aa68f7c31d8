//! The one form in which `ecosire` refuses: `{"statusCode", "error", "message"}`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;

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

/// How soon a client may try again when the database is away.
const RETRY_AFTER_SECONDS: &str = "2";

impl Refused {
    /// A refusal of that status.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status_code: status, error: phrase(status), message: message.into() }
    }

    /// The caller's mistake with a parameter.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// The same refusal in this API's words, under the headers that it came with.
    pub fn in_place_of(problem: Problem, response: Response) -> Response {
        let (mut kept, _) = response.into_parts();
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            kept.headers.remove(name);
        }
        let mut response = Self::from(problem).into_response();
        for (name, value) in &kept.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response
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
        let errors = problem
            .errors
            .iter()
            .flat_map(|(name, messages)| messages.iter().map(move |message| format!("{name}: {message}")));
        let message = problem.detail.clone().unwrap_or_else(|| errors.collect::<Vec<_>>().join("; "));
        let message = if message.is_empty() { phrase(problem.status).to_owned() } else { message };
        Self::new(problem.status, message)
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
        let status = StatusCode::from_u16(self.status_code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind =
            [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        // A number and two texts cannot fail to serialise.
        let mut response = (status, kind, serde_json::to_string(&self).unwrap_or_default()).into_response();
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
}
