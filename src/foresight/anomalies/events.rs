//! One event of a run of days that stand out the same way.

use serde::{Deserialize, Serialize};

use super::baseline::{MEMORY, OUTSTANDING, RUN, Verdict, average_before, verdicts};
use super::explain::Part;
use super::robust::mean;
use super::{Question, WEEK};

/// The score from which an event is of medium severity.
const MEDIUM: f64 = 4.0;

/// The score from which it is of high severity.
const HIGH: f64 = 5.0;

/// The score from which a day without anything is of high severity, where there was something on every day of the eight
/// weeks before.
const OUTAGE: f64 = 3.5;

/// Days that may be as usual between two days of one event.
const LULL: usize = 1;

/// Days in the moving average that stands beside what is expected.
const AVERAGED: usize = 30;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More than expected.
    Above,
    /// Less than expected.
    Below,
}

/// How far from what is expected: by the score, in robust standard deviations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// 3 or more.
    Low,
    /// 4 or more.
    Medium,
    /// 5 or more; 3.5 of a day with nothing, where every day of the eight weeks before had something.
    High,
}

/// Days that stand out the same way, with at most one between them that does not; one the other way ends it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Its first day, as an index of the values; where three days stand out only together, the first of them.
    pub first: usize,
    /// Its last day so far.
    pub last: usize,
    /// The day that is furthest off, the earliest of such days.
    pub worst: usize,
    /// Which way.
    pub direction: Direction,
    /// By its score.
    pub severity: Severity,
    /// The highest score of its days, without a sign.
    pub score: f64,
    /// What was expected on the worst day.
    pub expected: f64,
    /// What there was on the worst day.
    pub actual: f64,
    /// (actual − expected) / |expected|; none where nothing was expected.
    pub deviation: Option<f64>,
    /// The plain mean of the 30 days before the worst day: the moving average. It knows no weekday, so that it may be on
    /// the other side of `actual` than `expected`.
    pub average: f64,
    /// (actual − average) / |average|; none where the average is zero.
    pub from_average: Option<f64>,
    /// Actual and expected from the first day to the last together, of the days that have both.
    pub total: Part,
    /// The mean of what was expected on these days: of a quotient, which does not add up.
    pub mean_expected: f64,
}

/// The events whose worst day is asked for, oldest first: of two neighbouring questions each event is told by one.
pub fn detect(question: &Question<'_>) -> Vec<Event> {
    let verdicts = verdicts(question);
    let mut runs: Vec<Run> = Vec::new();
    for (day, verdict) in verdicts.iter().enumerate() {
        if let Some(verdict) = verdict.filter(|verdict| verdict.score.abs() >= OUTSTANDING) {
            extend(&mut runs, day, &verdict);
        }
    }
    let wanted = runs.iter().filter(|run| (question.from..question.until).contains(&run.worst));
    wanted.map(|run| run.event(question.values, &verdicts)).collect()
}

/// An event in the making.
struct Run {
    first: usize,
    last: usize,
    worst: usize,
    /// The highest score, and how far off the worst day is by itself, both with their sign.
    score: f64,
    alone: f64,
}

/// Adds a day that stands out to the run before it, or begins another.
fn extend(runs: &mut Vec<Run>, day: usize, verdict: &Verdict) {
    let Verdict { score, alone, .. } = *verdict;
    let first = if verdict.is_of_run() { day + 1 - RUN } else { day };
    match runs.last_mut() {
        Some(run) if run.score * score > 0.0 && first <= run.last + LULL + 1 => {
            run.last = day;
            if score.abs() > run.score.abs() {
                run.score = score;
            }
            if alone.abs() > run.alone.abs() {
                (run.worst, run.alone) = (day, alone);
            }
        }
        before => {
            let first = before.map_or(first, |run| first.max(run.last + 1));
            runs.push(Run { first, last: day, worst: day, score, alone });
        }
    }
}

impl Run {
    fn event(&self, values: &[f64], verdicts: &[Option<Verdict>]) -> Event {
        let (actual, average) = (values[self.worst], average_before(values, self.worst, AVERAGED));
        let expected = verdicts[self.worst].map_or(actual, |verdict| verdict.expected);
        let score = self.score.abs();
        let severity = match score {
            OUTAGE.. if is_outage(values, self.worst) => Severity::High,
            HIGH.. => Severity::High,
            MEDIUM.. => Severity::Medium,
            _ => Severity::Low,
        };
        Event {
            first: self.first,
            last: self.last,
            worst: self.worst,
            direction: if self.score < 0.0 { Direction::Below } else { Direction::Above },
            severity,
            score,
            expected,
            actual,
            deviation: relative(actual, expected),
            average,
            from_average: relative(actual, average),
            total: self.total(values, verdicts),
            mean_expected: mean(verdicts[self.first..=self.last].iter().flatten().map(|day| day.expected)),
        }
    }

    fn total(&self, values: &[f64], verdicts: &[Option<Verdict>]) -> Part {
        let days = self.first..=self.last;
        let both = days.filter_map(|day| verdicts[day].map(|verdict| (values[day], verdict.expected)));
        let (actual, expected) = both.fold((0.0, 0.0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
        Part { actual, expected }
    }
}

/// Whether there is nothing on a day, and was something on every day of the eight weeks before.
fn is_outage(values: &[f64], day: usize) -> bool {
    let before = &values[day.saturating_sub(MEMORY * WEEK)..day];
    values[day] == 0.0 && before.iter().all(|value| *value != 0.0)
}

/// How far off as a share of what it is compared with.
fn relative(actual: f64, compared: f64) -> Option<f64> {
    Some((actual - compared) / compared.abs()).filter(|share| share.is_finite())
}
