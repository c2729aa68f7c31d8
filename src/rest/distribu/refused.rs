//! The one form in which `distribu` refuses: `{"error": {"code", "message"}}`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;

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

/// How soon a client may try again when the database is away.
const RETRY_AFTER_SECONDS: &str = "2";

impl Refused {
    /// A refusal of that status.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, error: Words { code: code(status), message: message.into() } }
    }

    /// The caller's mistake with a parameter.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// Its HTTP status.
    pub fn status(&self) -> u16 {
        self.status
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
        let errors = problem
            .errors
            .iter()
            .flat_map(|(name, messages)| messages.iter().map(move |message| format!("{name}: {message}")));
        let message = problem.detail.clone().unwrap_or_else(|| errors.collect::<Vec<_>>().join("; "));
        let message = if message.is_empty() { problem.title.to_owned() } else { message };
        Self::new(problem.status, message)
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
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind =
            [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        // Two texts cannot fail to serialise.
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
