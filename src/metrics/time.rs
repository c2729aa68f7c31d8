//! Time in SQL: instants are integers, so buckets are integer arithmetic that both databases do alike.
//!
//! A bucket's key is the day number of its first local day; for hours, the microsecond of the full hour.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ExprTrait;
use sea_orm::sea_query::{CaseStatement, Expr, SimpleExpr};

use crate::period::{Bucket, Calendar, Grain, Period, PeriodError};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;
const DAY: i64 = 24 * HOUR;
/// Integer division rounds towards zero: moved up by this many days (whole weeks, before year 1), nothing is negative.
const SHIFT_DAYS: i64 = 7 * 120_000;
/// 1970-01-01 was a Thursday.
const THURSDAY: i64 = 3;

/// Days from 1970-01-01 to `date`.
pub fn day_number(date: NaiveDate) -> i64 {
    date.signed_duration_since(DateTime::<Utc>::UNIX_EPOCH.date_naive()).num_days()
}

/// From where the first of some stretches begins to where the last of them ends; nothing where there is none.
pub fn span(stretches: impl Iterator<Item = (i64, i64)>) -> Option<(i64, i64)> {
    stretches.reduce(|one, other| (Ord::min(one.0, other.0), Ord::max(one.1, other.1)))
}

/// The date of a day number, if there is one.
pub fn date_of(day: i64) -> Option<NaiveDate> {
    DateTime::<Utc>::UNIX_EPOCH.date_naive().checked_add_signed(chrono::Duration::try_days(day)?)
}

/// The key that [`bucket_key`] yields for facts of `bucket`.
pub fn key_of(calendar: &Calendar, grain: Grain, bucket: &Bucket) -> i64 {
    match grain {
        Grain::Hour => calendar.full_hour(bucket.start).timestamp_micros(),
        _ => day_number(bucket.date),
    }
}

/// The key of the bucket that `instant` lies in.
pub fn bucket_key(
    instant: SimpleExpr,
    grain: Grain,
    calendar: &Calendar,
    period: &Period,
) -> Result<SimpleExpr, PeriodError> {
    Ok(match grain {
        Grain::Hour => {
            let offset = offset(&instant, calendar, period);
            let hours = instant.add(offset.clone()).add(SHIFT_DAYS * DAY).div(HOUR);
            hours.mul(HOUR).sub(SHIFT_DAYS * DAY).sub(offset)
        }
        Grain::Day => local_days(instant, calendar, period).sub(SHIFT_DAYS),
        Grain::Week => {
            let past = i64::from(calendar.week_start.num_days_from_monday());
            let shifted = local_days(instant, calendar, period).add(THURSDAY - past).div(7_i64).mul(7_i64);
            shifted.sub(SHIFT_DAYS + THURSDAY - past)
        }
        Grain::Month | Grain::Quarter | Grain::Year => {
            let starts: Vec<(i64, i64)> = calendar
                .buckets(grain, period)?
                .iter()
                .map(|bucket| (bucket.start.timestamp_micros(), key_of(calendar, grain, bucket)))
                .collect();
            pick(&instant, &starts)
        }
    })
}

/// The hour of the day, 0 to 23.
pub fn hour_of_day(instant: SimpleExpr, calendar: &Calendar, period: &Period) -> SimpleExpr {
    let offset = offset(&instant, calendar, period);
    instant.add(offset).add(SHIFT_DAYS * DAY).div(HOUR).modulo(24_i64)
}

/// The day of the week, 1 (Monday) to 7.
pub fn day_of_week(instant: SimpleExpr, calendar: &Calendar, period: &Period) -> SimpleExpr {
    local_days(instant, calendar, period).add(THURSDAY).modulo(7_i64).add(1_i64)
}

/// The UTC day number.
pub fn utc_day(instant: SimpleExpr) -> SimpleExpr {
    instant.add(SHIFT_DAYS * DAY).div(DAY).sub(SHIFT_DAYS)
}

/// The instant at which a local day, told by its number, starts.
pub fn midnight(day: &SimpleExpr, calendar: &Calendar, period: &Period) -> SimpleExpr {
    let ahead = |date: NaiveDate| day_number(date) * DAY - calendar.midnight(date).timestamp_micros();
    let first = calendar.date(period.start());
    let mut steps = vec![(day_number(first), ahead(first))];
    for offset in calendar.offsets(period).iter().skip(1) {
        // The day on which clocks change may start before the change or with it, and the next one starts after it.
        let date = calendar.date(offset.from);
        for date in [date, Calendar::next_day(Grain::Day, date)] {
            steps.push((day_number(date), ahead(date)));
        }
    }
    steps.dedup_by_key(|(day, _)| *day);
    day.clone().mul(DAY).sub(pick(day, &steps))
}

/// Local day numbers, moved up by [`SHIFT_DAYS`].
fn local_days(instant: SimpleExpr, calendar: &Calendar, period: &Period) -> SimpleExpr {
    let offset = offset(&instant, calendar, period);
    instant.add(offset).add(SHIFT_DAYS * DAY).div(DAY)
}

/// Local time minus UTC at `instant`, in microseconds.
fn offset(instant: &SimpleExpr, calendar: &Calendar, period: &Period) -> SimpleExpr {
    let offsets: Vec<(i64, i64)> = calendar
        .offsets(period)
        .iter()
        .map(|offset| (offset.from.timestamp_micros(), i64::from(offset.seconds) * SECOND))
        .collect();
    pick(instant, &offsets)
}

/// The value of the last of `steps` (start, value) that starts at or before `instant`: a search tree of CASEs.
fn pick(instant: &SimpleExpr, steps: &[(i64, i64)]) -> SimpleExpr {
    match steps {
        [] => Expr::val(0_i64),
        [(_, value)] => Expr::val(*value),
        _ => {
            let (low, high) = steps.split_at(steps.len() / 2);
            CaseStatement::new()
                .case(instant.clone().lt(high[0].0), pick(instant, low))
                .finally(pick(instant, high))
                .into()
        }
    }
}
