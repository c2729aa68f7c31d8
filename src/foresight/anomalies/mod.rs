//! Which days of a daily series stand out, how far, and which of its parts made them.
//!
//! `baseline` says of every day what was to be expected of it and how far off it was, `events` makes one event of a run of
//! bad days, `explain` ranks the parts of a series by what they did to the gap, `robust` has the statistics. It knows
//! numbers in a row: no metrics, no dates, no wording.
//!
//! A day is judged by the days before it alone, so a verdict never changes as days are added. What is expected is the
//! level of the last three weeks plus what that weekday has been above or below its own week in the last eight, both as
//! the mean of the middle half: an outlier, or a run of five bad days, does not move it. The score is the distance in
//! robust standard deviations of the last eight weeks' own errors. All of it is done on square roots, where orders are
//! as noisy on a busy day as on a quiet one. `benches/anomalies.rs` has the figures that these choices rest on.

mod baseline;
mod events;
mod explain;
mod robust;
#[cfg(test)]
mod tests;

pub use baseline::{Verdict, verdicts};
pub use events::{Direction, Event, Severity, detect};
pub use explain::{
    Contribution, Part, RatioPart, contributions, explain, explain_ratio, ratio_contributions,
};

/// Days in a week: the period of daily series.
pub const WEEK: usize = 7;

/// Periods before the first day that is judged: four of each weekday.
pub const LEAST_PERIODS: usize = 4;

/// Periods after which a lasting shift is the new normal, at the latest: all that the level is made of is new then.
pub const NORMAL_AFTER: usize = 3;

/// A series, and what is asked of it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// One value a day without a gap, oldest first. A day without a figure (the rate of no orders) is not a number: it is
    /// neither judged nor learned from. Days before the first value other than zero are no history.
    pub values: &'a [f64],
    /// The first day to tell of, as an index of `values`; the days before it are judged too, since later ones rest on them.
    pub from: usize,
    /// The day after the last one to tell of; those from it on say how long what began before goes on.
    pub until: usize,
    /// Days after which the pattern comes again, at least 2: [`WEEK`]. The steps may be others, hours with 24 or 168.
    pub period: usize,
    /// What the values are.
    pub sort: Sort,
}

/// What values are: that says how far chance alone moves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// They count things: chance makes them vary by the root of their mean.
    Count,
    /// They add up what things have: nothing on a day is that there was none of them.
    Sum,
    /// They are quotients of such: one of few things is often nothing.
    Quotient,
}
