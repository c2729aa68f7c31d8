//! ISO 8601 as clients write it in query strings: days, and instants in the forms that servers before this one took.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};

/// An instant as JavaScript writes it, to the millisecond.
pub fn to_the_millisecond(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A day, or an instant of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A date without a time.
    Day(NaiveDate),
    /// A date with a time; without an offset it is UTC.
    Instant(DateTime<Utc>),
}

impl Moment {
    /// Reads a date, or a date and time with or without offset. An offset's `+` that was not escaped arrives as a space.
    pub fn read(text: &str) -> Option<Self> {
        let with_plus = match text.rsplit_once(' ') {
            Some((before, offset)) if before.contains(['T', 't']) => Cow::Owned(format!("{before}+{offset}")),
            _ => Cow::Borrowed(text),
        };
        let text = with_plus.as_ref();
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(Self::Instant(instant.to_utc()));
        }
        // Calendar dates have all their digits.
        if !text.as_bytes().get(..10).is_some_and(|date| date[4] == b'-' && date[7] == b'-') {
            return None;
        }
        for form in ["%Y-%m-%dT%H:%M%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"] {
            if let Ok(instant) = DateTime::parse_from_str(text, form) {
                return Some(Self::Instant(instant.to_utc()));
            }
        }
        for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"] {
            if let Ok(local) = NaiveDateTime::parse_from_str(text, form) {
                return Some(Self::Instant(local.and_utc()));
            }
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self::Day)
    }

    /// The instant, or the day's first one.
    pub fn first_instant(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
            Self::Instant(instant) => instant,
        }
    }
}
