//! Why nothing is taken: a problem, or a budget that is used up.

use axum::response::{IntoResponse, Response};

use crate::fault::Fault;
use crate::problem::Problem;
use crate::throttle::Verdict;
use crate::tracking::{BadEvent, NotTaken};

/// How many wrong events are told.
pub const TOLD: usize = 20;

/// Why nothing is taken.
pub enum Refused {
    /// The visitor's budget is used up, or the site's.
    OverBudget(Verdict),
    /// Anything else.
    Problem(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Problem(fault.into())
    }
}

impl From<NotTaken> for Refused {
    fn from(not_taken: NotTaken) -> Self {
        match not_taken {
            NotTaken::Bad(bad) => bad.into(),
            NotTaken::Fault(fault) => fault.into(),
        }
    }
}

impl From<Vec<BadEvent>> for Refused {
    /// A problem of each event by its place: `events[2].type`.
    fn from(bad: Vec<BadEvent>) -> Self {
        let words = format!("{} of the events are wrong; none was taken", bad.len());
        let told = bad.into_iter().take(TOLD).fold(Problem::new(422).with_detail(words), |problem, bad| {
            problem.with_error(bad.name(), bad.reason)
        });
        Self::Problem(told)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::OverBudget(verdict) => {
                let problem = Problem::new(429).with_detail(verdict.words());
                (verdict.headers(), problem.into_response()).into_response()
            }
        }
    }
}
