//! Employees and their days.

use chrono::{DateTime, Utc};

use super::super::dataset::{AttendedDay, Employee};
use super::super::exact::Fraction;
use super::figure::Figure;
use super::group::{Bucket, days};

/// Hired and not left by then.
fn employed<'a>(b: &Bucket<'a>, at: DateTime<Utc>) -> Vec<&'a Employee> {
    let is_there = |employee: &&Employee| employee.left_at.is_none_or(|left| left >= at);
    b.group.hired.until(at).filter(is_there).collect()
}

pub fn headcount(b: &Bucket, at: DateTime<Utc>) -> Figure {
    Figure::level_count(employed(b, at).len())
}

/// How long the employees of the end have been there, in the mean.
pub fn tenure(b: &Bucket) -> Figure {
    let there = employed(b, b.end);
    let since: Vec<Fraction> = there.iter().map(|employee| days(b.end - employee.hired_at)).collect();
    Figure { is_there: false, ..Figure::mean(&since, 2) }
}

pub fn days_of(b: &Bucket, wanted: impl Fn(&AttendedDay) -> bool) -> Figure {
    Figure::count(b.within(&b.group.days).filter(|day| wanted(day)).count())
}

pub fn is_away(day: &AttendedDay) -> bool {
    match &*day.status {
        "LEAVE" | "SICK" | "ABSENT" => true,
        "PRESENT" | "REMOTE" | "LATE" => false,
        other => panic!("what is {other}?"),
    }
}

pub fn hours(b: &Bucket) -> Figure {
    let hours: Vec<Fraction> = b.within(&b.group.days).filter_map(|day| day.hours.clone()).collect();
    Figure::sum(&hours, 2)
}

/// The bucket's own length.
pub fn length(b: &Bucket) -> Figure {
    Figure { value: Some(days(b.length)), digits: 2, is_there: false }
}
