//! Time as reports speak of it: half-open periods of instants, calendars that cut them into buckets, and windows to
//! compare with.
//!
//! Calendars know IANA time zones: a local day may have 23 or 25 hours, and a local hour may come twice.

use chrono::{
    DateTime, Datelike, Days, Duration, LocalResult, Months, NaiveDate, NaiveDateTime, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;

/// Why a period cannot be made or cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The end is not after the start.
    #[error("the period ends before it starts")]
    Empty,
    /// No buckets at all are asked for.
    #[error("the count must be at least 1")]
    NoBuckets,
    /// Nothing of the period has passed yet.
    #[error("the period has not begun yet, so that none of it can be compared to date")]
    NotBegun,
    /// A bound lies outside the years that can be told.
    #[error("the years of a period lie between 1 and 9999")]
    OutOfRange,
    /// More buckets than an answer may have.
    #[error(
        "the period has more than {MAX_BUCKETS} buckets of that grain; choose a coarser grain or a shorter period"
    )]
    TooManyBuckets,
}

/// People name years up to this one. Periods may reach as far before the first year: what one is compared with may lie
/// there, and has no facts.
pub const YEARS: i32 = 9999;

/// Refuses a moment that people do not name.
pub fn check_year(year: i32) -> Result<(), PeriodError> {
    if (1..=YEARS).contains(&year) { Ok(()) } else { Err(PeriodError::OutOfRange) }
}

/// Most buckets that a series may have.
pub const MAX_BUCKETS: usize = 3_660;

/// A span of time, `[start, end)`, never empty, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Period {
    /// From `start` up to but without `end`.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, PeriodError> {
        let (start, end) = (to_micros(start), to_micros(end));
        if start.year() < -YEARS || end.year() > YEARS + 1 {
            return Err(PeriodError::OutOfRange);
        }
        if start < end { Ok(Self { start, end }) } else { Err(PeriodError::Empty) }
    }

    /// From `first` to `last`, both included: what an API means whose upper bound is an instant that counts.
    pub fn through(first: DateTime<Utc>, last: DateTime<Utc>) -> Result<Self, PeriodError> {
        let end =
            to_micros(last).checked_add_signed(Duration::microseconds(1)).ok_or(PeriodError::OutOfRange)?;
        Self::new(first, end)
    }

    /// All the years that people name.
    pub fn ever() -> Self {
        Self { start: Calendar::year_start(1), end: Calendar::year_start(YEARS + 1) }
    }

    /// The first instant that counts.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The first instant that does not count any more.
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// The last instant that counts.
    pub fn last(&self) -> DateTime<Utc> {
        self.end - Duration::microseconds(1)
    }

    /// The window of the same length that ends where this one starts.
    pub fn previous(&self) -> Result<Self, PeriodError> {
        let start = self.start.checked_sub_signed(self.end - self.start).ok_or(PeriodError::OutOfRange)?;
        Self::new(start, self.start)
    }
}

fn to_micros(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

/// How long the buckets of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, async_graphql::Enum)]
pub enum Grain {
    /// A clock hour of the calendar's time zone.
    Hour,
    /// A calendar day.
    Day,
    /// Seven days, from the calendar's first day of the week.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months: January to March, and so on.
    Quarter,
    /// A calendar year.
    Year,
}

/// What cuts time into days and weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Calendar {
    /// The IANA time zone.
    pub zone: Tz,
    /// The first day of a week.
    pub week_start: Weekday,
}

/// One bucket of a series; the first and last of a series may reach beyond its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// The first instant after it.
    pub end: DateTime<Utc>,
    /// Its first local day.
    pub date: NaiveDate,
}

/// A stretch of time with one distance from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Offset {
    /// First instant that it holds for.
    pub from: DateTime<Utc>,
    /// Local time minus UTC, in seconds.
    pub seconds: i32,
}

impl Calendar {
    /// UTC with weeks from Monday: what documented REST APIs group by.
    pub const UTC: Self = Self { zone: Tz::UTC, week_start: Weekday::Mon };

    /// The local date of an instant.
    pub fn date(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }

    /// The first instant of a local day; where a clock change skips midnight, the first that exists.
    pub fn midnight(&self, date: NaiveDate) -> DateTime<Utc> {
        self.instant(date.and_time(chrono::NaiveTime::MIN))
    }

    /// The instant that local clocks show as `local`: the earlier of two, and past a gap the first after it.
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.zone.from_local_datetime(&local) {
            LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.to_utc(),
            LocalResult::None => self.after_gap(local),
        }
    }

    /// Clocks jump over `local`: the instant of the jump, found between the offsets before and after it.
    fn after_gap(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let naive = local.and_utc();
        let span = Duration::hours(26);
        let (mut before, mut after) = (naive - span, naive + span);
        while after - before > Duration::microseconds(1) {
            let middle = before + (after - before) / 2;
            if middle.with_timezone(&self.zone).naive_local() < local {
                before = middle;
            } else {
                after = middle;
            }
        }
        to_micros(after)
    }

    /// The first local day of the bucket that `date` lies in. For hours that is the day itself.
    pub fn first_day(&self, grain: Grain, date: NaiveDate) -> NaiveDate {
        let of_month = |month: u32| NaiveDate::from_ymd_opt(date.year(), month, 1).unwrap_or(date);
        match grain {
            Grain::Hour | Grain::Day => date,
            Grain::Week => date.week(self.week_start).first_day(),
            Grain::Month => of_month(date.month()),
            Grain::Quarter => of_month((date.month() - 1) / 3 * 3 + 1),
            Grain::Year => of_month(1),
        }
    }

    /// The first local day of the bucket after the one that starts on `first`.
    pub fn next_day(grain: Grain, first: NaiveDate) -> NaiveDate {
        match grain {
            Grain::Hour | Grain::Day => first + Days::new(1),
            Grain::Week => first + Days::new(7),
            Grain::Month => first + Months::new(1),
            Grain::Quarter => first + Months::new(3),
            Grain::Year => first + Months::new(12),
        }
    }

    /// The calendar bucket that an instant lies in, as a period.
    pub fn bucket(&self, grain: Grain, instant: DateTime<Utc>) -> Result<Period, PeriodError> {
        if grain == Grain::Hour {
            let (start, end) = self.hour(instant);
            return Period::new(start, end);
        }
        let first = self.first_day(grain, self.date(instant));
        Period::new(self.midnight(first), self.midnight(Self::next_day(grain, first)))
    }

    /// Every bucket that the period touches, in order.
    pub fn buckets(&self, grain: Grain, period: &Period) -> Result<Vec<Bucket>, PeriodError> {
        let mut buckets = Vec::new();
        let mut day = self.first_day(grain, self.date(period.start));
        let mut instant = period.start;
        while instant < period.end {
            let bucket = if grain == Grain::Hour {
                let (start, end) = self.hour(instant);
                Bucket { start, end, date: self.date(instant) }
            } else {
                let next = Self::next_day(grain, day);
                let bucket = Bucket { start: self.midnight(day), end: self.midnight(next), date: day };
                day = next;
                bucket
            };
            instant = bucket.end;
            // A zone may skip a whole local day (Samoa, 2011-12-30): it has no instants, and so no bucket.
            if bucket.start < bucket.end {
                buckets.push(bucket);
            }
            if buckets.len() > MAX_BUCKETS {
                return Err(PeriodError::TooManyBuckets);
            }
        }
        Ok(buckets)
    }

    fn offset_seconds(&self, instant: DateTime<Utc>) -> i32 {
        use chrono::Offset as _;
        instant.with_timezone(&self.zone).offset().fix().local_minus_utc()
    }

    /// The full hour that local clocks showed last, told with the distance from UTC that holds at `instant`. Where clocks
    /// change within an hour, by half an hour say, that is before the hour's second part begins: it names the part, and
    /// [`Self::buckets`] says when it is.
    pub fn full_hour(&self, instant: DateTime<Utc>) -> DateTime<Utc> {
        let offset = i64::from(self.offset_seconds(instant));
        let local = instant.timestamp() + offset;
        DateTime::from_timestamp(local.div_euclid(3600) * 3600 - offset, 0).unwrap_or(instant)
    }

    /// The part of the clock hour around `instant` that has one distance from UTC: the whole of it, but where clocks
    /// change within it.
    fn hour(&self, instant: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let start = self.full_hour(instant);
        let end = start + Duration::hours(1);
        let last = end - Duration::microseconds(1);
        let here = self.offset_seconds(instant);
        let start = if self.offset_seconds(start) == here { start } else { self.change(start, instant) };
        let end = if self.offset_seconds(last) == here { end } else { self.change(instant, last) };
        (start, end)
    }

    /// The first instant in `(before, after]` with another distance from UTC than `before` has.
    fn change(&self, mut before: DateTime<Utc>, mut after: DateTime<Utc>) -> DateTime<Utc> {
        let offset = self.offset_seconds(before);
        while after - before > Duration::microseconds(1) {
            let middle = before + (after - before) / 2;
            if self.offset_seconds(middle) == offset { before = middle } else { after = middle }
        }
        to_micros(after)
    }

    /// The distances from UTC that hold within the period, in order; the first holds from its start.
    pub fn offsets(&self, period: &Period) -> Vec<Offset> {
        let mut offsets = vec![Offset { from: period.start, seconds: self.offset_seconds(period.start) }];
        if self.zone == Tz::UTC {
            return offsets;
        }
        // Before the first railways clocks were never changed, and beyond 2100 nobody has made rules yet.
        let (first, last) = (Self::year_start(1840), Self::year_start(2101));
        let mut instant = period.start.max(first);
        let end = period.last().min(last);
        while instant < end {
            // No zone changes its clocks twice within a day.
            let next = (instant + Duration::days(1)).min(end);
            let seconds = self.offset_seconds(next);
            if seconds != self.offset_seconds(instant) {
                offsets.push(Offset { from: self.change(instant, next), seconds });
            }
            instant = next;
        }
        offsets
    }

    /// How many microseconds of the period local clocks show as which hour of which weekday, from Monday.
    pub fn hours_of_week(&self, period: &Period) -> [[i64; 24]; 7] {
        const HOUR: i64 = 3_600_000_000;
        const WEEK: i64 = 7 * 24 * HOUR;
        let mut found = [[0; 24]; 7];
        let offsets = self.offsets(period);
        let ends = offsets.iter().skip(1).map(|offset| offset.from).chain([period.end]);
        for (offset, end) in offsets.iter().zip(ends) {
            let local =
                |instant: DateTime<Utc>| instant.timestamp_micros() + i64::from(offset.seconds) * 1_000_000;
            let (mut at, end) = (local(offset.from), local(end));
            let weeks = (end - at) / WEEK;
            at += weeks * WEEK;
            found.iter_mut().flatten().for_each(|time| *time += weeks * HOUR);
            while at < end {
                let until = ((at.div_euclid(HOUR) + 1) * HOUR).min(end);
                // 1970 began on a Thursday.
                let hour = usize::try_from((at.div_euclid(HOUR) + 3 * 24).rem_euclid(7 * 24)).unwrap_or(0);
                found[hour / 24][hour % 24] += until - at;
                at = until;
            }
        }
        found
    }

    fn year_start(year: i32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single().unwrap_or_default()
    }

    /// The same window, `count` calendar units back.
    ///
    /// Both bounds move and are clamped to the last day of their month; a bound that is a month's last day stays one.
    /// The bounds are the first and the last instant that count, so that all of March becomes all of February.
    pub fn back(&self, period: &Period, unit: Grain, count: u32) -> Result<Period, PeriodError> {
        let start = self.move_back(period.start, unit, count).ok_or(PeriodError::OutOfRange)?;
        let last = self.move_back(period.last(), unit, count).ok_or(PeriodError::OutOfRange)?;
        Period::through(start, last)
    }

    fn move_back(&self, instant: DateTime<Utc>, unit: Grain, count: u32) -> Option<DateTime<Utc>> {
        let local = instant.with_timezone(&self.zone).naive_local();
        let date = local.date();
        let months = |months: u32| {
            let moved = date.checked_sub_months(Months::new(months.checked_mul(count)?))?;
            let was_last = date.checked_add_days(Days::new(1))?.day() == 1;
            if was_last { last_of_month(moved) } else { Some(moved) }
        };
        let moved = match unit {
            Grain::Hour => return instant.checked_sub_signed(Duration::hours(i64::from(count))),
            Grain::Day => date.checked_sub_days(Days::new(u64::from(count)))?,
            Grain::Week => date.checked_sub_days(Days::new(7 * u64::from(count)))?,
            Grain::Month => months(1)?,
            Grain::Quarter => months(3)?,
            Grain::Year => months(12)?,
        };
        Some(self.instant(moved.and_time(local.time())))
    }
}

fn last_of_month(date: NaiveDate) -> Option<NaiveDate> {
    date.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

#[cfg(test)]
mod tests;
