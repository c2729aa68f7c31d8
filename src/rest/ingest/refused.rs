//! Why no rows are stored: a problem, and with it the rows that are bad.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::too_large;
use crate::fault::Fault;
use crate::ingest::{self, Report, shortened};
use crate::intake::NotStored;
use crate::principal::Refusal;
use crate::problem::Problem;
use crate::rest::answer::refusal;

/// Why no rows are stored.
pub enum Refused {
    /// Rows are bad.
    Rows(Report),
    /// The body is packed in a way that nobody here unpacks.
    Packing,
    /// Anything else.
    Problem(Problem),
}

/// A problem with the rows that are bad.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ingest::BadRows)]
pub struct BadRows {
    /// The problem.
    #[serde(flatten)]
    problem: Problem,
    /// How many problems there are.
    count: u64,
    /// The first 20 of them, in the order in which they were found.
    problems: Vec<BadRow>,
}

/// What is wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ingest::BadRow)]
struct BadRow {
    /// Which row: of NDJSON the line, of an array the element, from 1. Absent where it is the body as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2)]
    row: Option<u64>,
    /// The column; absent where it is the row as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "total")]
    column: Option<String>,
    /// What stands there, or its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "12,50")]
    value: Option<String>,
    /// What is wrong with it, and what would be right.
    #[schema(example = "is not an amount such as 149.99")]
    reason: String,
}

impl BadRows {
    /// What is told of `report`.
    pub fn of(report: Report) -> Self {
        let words = format!("{}; nothing was stored", report.count_in_words());
        let problem = Problem::new(422).with_detail(words);
        Self { problem, count: report.count, problems: report.told.into_iter().map(BadRow::from).collect() }
    }
}

impl From<ingest::Problem> for BadRow {
    fn from(problem: ingest::Problem) -> Self {
        let ingest::Problem { file: _, line, column, value, reason } = problem;
        Self { row: line, column, value: value.as_deref().map(shortened), reason }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Problem(refusal.into())
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Problem(fault.into())
    }
}

impl From<NotStored> for Refused {
    fn from(not_stored: NotStored) -> Self {
        match not_stored {
            NotStored::BadRows(report) => Self::Rows(report),
            NotStored::TooLarge(most) => Self::Problem(too_large(most)),
            NotStored::KeyReused => {
                Self::Problem(Problem::new(409).with_detail(NotStored::KeyReused.to_string()))
            }
            NotStored::Fault(fault) => fault.into(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Rows(report) => {
                let body = serde_json::to_vec(&BadRows::of(report)).unwrap_or_default();
                refusal(422, Problem::MEDIA_TYPE, body)
            }
            Self::Packing => {
                let words = "the Content-Encoding must be gzip, zstd or identity";
                let mut response = Problem::new(415).with_detail(words).into_response();
                response
                    .headers_mut()
                    .insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, zstd"));
                response
            }
        }
    }
}
