//! The oracle's calendar: it asks what local clocks show, and walks.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Timelike, Utc};
use countinghouse::period::{Calendar, Grain, Period};

/// When a bucket is: its first instant, the first after it, its first local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub date: NaiveDate,
}

pub fn local(calendar: &Calendar, instant: DateTime<Utc>) -> chrono::NaiveDateTime {
    instant.with_timezone(&calendar.zone).naive_local()
}

fn offset(calendar: &Calendar, instant: DateTime<Utc>) -> Duration {
    local(calendar, instant) - instant.naive_utc()
}

/// The bucket that `instant` lies in.
pub fn span_of(calendar: &Calendar, grain: Grain, instant: DateTime<Utc>) -> Span {
    if grain == Grain::Hour {
        return hour_of(calendar, instant);
    }
    let mut date = local(calendar, instant).date();
    while !begins(calendar, grain, date) {
        date = date.pred_opt().unwrap();
    }
    let mut next = date.succ_opt().unwrap();
    while !begins(calendar, grain, next) {
        next = next.succ_opt().unwrap();
    }
    Span { start: first_instant(calendar, date), end: first_instant(calendar, next), date }
}

/// Every bucket that the period touches.
pub fn spans(calendar: &Calendar, grain: Grain, period: &Period) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut instant = period.start();
    while instant < period.end() {
        let span = span_of(calendar, grain, instant);
        instant = span.end;
        spans.push(span);
    }
    spans
}

fn begins(calendar: &Calendar, grain: Grain, date: NaiveDate) -> bool {
    match grain {
        Grain::Hour | Grain::Day => true,
        Grain::Week => date.weekday() == calendar.week_start,
        Grain::Month => date.day() == 1,
        Grain::Quarter => date.day() == 1 && [1, 4, 7, 10].contains(&date.month()),
        Grain::Year => date.day() == 1 && date.month() == 1,
    }
}

/// The first instant at which local clocks show `date` or a later day, found by halving a stretch around it.
pub fn first_instant(calendar: &Calendar, date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_hms_opt(0, 0, 0).unwrap().and_utc();
    let (mut before, mut after) =
        ((midnight - Duration::hours(30)).timestamp(), (midnight + Duration::hours(30)).timestamp());
    while after - before > 1 {
        let middle = i64::midpoint(before, after);
        let shows = local(calendar, DateTime::from_timestamp(middle, 0).unwrap()).date();
        if shows < date {
            before = middle;
        } else {
            after = middle;
        }
    }
    DateTime::from_timestamp(after, 0).unwrap()
}

/// A clock hour; where clocks change within it, it ends and begins again there.
fn hour_of(calendar: &Calendar, instant: DateTime<Utc>) -> Span {
    let shown = local(calendar, instant);
    let into_hour = Duration::seconds(i64::from(shown.minute() * 60 + shown.second()))
        + Duration::nanoseconds(i64::from(shown.nanosecond()));
    let full = instant - into_hour;
    let here = offset(calendar, instant);
    // Clocks change at whole minutes.
    let minutes = (0..=60).map(|minute| full + Duration::minutes(minute));
    let like_here = |minute: &DateTime<Utc>| offset(calendar, *minute) == here;
    let start = minutes.clone().find(like_here).unwrap();
    let end = minutes.filter(|minute| *minute > instant).find(|minute| !like_here(minute));
    Span { start, end: end.unwrap_or(full + Duration::hours(1)), date: shown.date() }
}

pub fn hour_of_day(calendar: &Calendar, instant: DateTime<Utc>) -> String {
    local(calendar, instant).hour().to_string()
}

pub fn day_of_week(calendar: &Calendar, instant: DateTime<Utc>) -> String {
    local(calendar, instant).weekday().number_from_monday().to_string()
}
