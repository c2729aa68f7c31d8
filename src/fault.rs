//! What can go wrong in answering, in terms that every edge can tell in its own form.

use chrono::NaiveDate;

use crate::money::Currency;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The caller asked for something that cannot be asked: `argument` names it, `message` says what would be right.
    #[error("{argument}: {message}")]
    Invalid {
        /// The argument, as the caller spells it where it is known.
        argument: String,
        /// What was wrong and what would be right.
        message: String,
    },
    /// Nobody is known to ask, and this is not for everybody.
    #[error("{0}")]
    Unauthenticated(String),
    /// The caller may not ask this.
    #[error("{0}")]
    Forbidden(String),
    /// What was named is not there, or not for the caller.
    #[error("{0}")]
    NotFound(String),
    /// Somebody else changed it meanwhile.
    #[error("{0}")]
    Conflict(String),
    /// An amount cannot be converted.
    #[error("no exchange rate from {from} to {to} on or before {day}")]
    MissingRate {
        /// The currency of the amount.
        from: Currency,
        /// The currency asked for.
        to: Currency,
        /// The amount's UTC day.
        day: NaiveDate,
    },
    /// A sum is larger than can be told.
    #[error("a sum in this answer is too large to be told exactly; ask for a shorter period")]
    Overflow,
    /// What is to come, or how far it may be off, is larger than can be told.
    #[error(
        "this forecast, or an end of its intervals, is too large to be told; ask for fewer or shorter periods"
    )]
    Unforeseeable,
    /// It took longer than a request may.
    #[error("the answer took too long; ask for a shorter period or fewer figures")]
    Timeout,
    /// The database cannot be reached.
    #[error("the database is not available right now; try again shortly")]
    Unavailable,
    /// Too many want the same at once.
    #[error("{0}")]
    Busy(String),
    /// Whoever runs this server has not set it up for that.
    #[error("{0}")]
    NotConfigured(String),
    /// Our mistake. The text is for the log and never leaves.
    #[error("internal error")]
    Internal(String),
}

impl Fault {
    /// The caller's mistake with `argument`.
    pub fn invalid(argument: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { argument: argument.into(), message: message.into() }
    }

    /// Others are being answered, and it would take too long until it is this one's turn.
    pub fn busy() -> Self {
        Self::Busy("this server is busy right now; try again in a few seconds".to_owned())
    }
}
