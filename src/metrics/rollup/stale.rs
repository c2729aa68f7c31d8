//! Which days a write touched.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration};
use chrono_tz::Tz;

use crate::metrics::catalogue::Source;
use crate::metrics::time::day_number;
use crate::period::Calendar;

/// Facts that are written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Orders and their lines, by the day on which they were placed.
    Orders = 1,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 1] = [Self::Orders];

    /// What a source's facts are written with.
    pub(super) fn of(_: Source) -> Self {
        Self::Orders
    }

    /// The table and the column that say when its facts happened.
    pub(super) fn instants(self) -> (&'static str, &'static str) {
        match self {
            Self::Orders => ("orders", "placed_at"),
        }
    }
}

/// Microseconds in an hour.
const HOUR: i64 = 3_600_000_000;

/// The days of a zone, as days since 1970-01-01, that these hours touch: hours of UTC since 1970.
pub fn days_of_hours(hours: impl IntoIterator<Item = i64>, zone: Tz) -> BTreeSet<i64> {
    let calendar = Calendar { zone, week_start: chrono::Weekday::Mon };
    let ends = |hour: i64| {
        let start = DateTime::from_timestamp_micros(hour.checked_mul(HOUR)?)?;
        Some([start, start + Duration::hours(1) - Duration::microseconds(1)])
    };
    let instants = hours.into_iter().filter_map(ends).flatten();
    instants.map(|instant| day_number(calendar.date(instant))).collect()
}
