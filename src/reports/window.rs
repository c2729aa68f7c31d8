//! Which time is meant: presets, "the last N", ranges, and windows to compare with, as people ask for them.

use async_graphql::{Enum, InputObject, OneofObject};
use chrono::{DateTime, Days, Duration, Utc};

use crate::fault::Fault;
use crate::period::{Calendar, Grain, Period, PeriodError, check_year};
use crate::scalars::Moment;

/// The time that a report is about: exactly one of the three.
#[derive(Clone, Debug, OneofObject)]
pub enum PeriodInput {
    /// A calendar window by its name.
    Preset(PeriodPreset),
    /// The last so many buckets of a grain.
    Last(LastInput),
    /// From one moment to another.
    Range(RangeInput),
}

/// Calendar windows, cut by the report's time zone and first day of the week. Windows called "this" reach to the end
/// of their calendar unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PeriodPreset {
    /// The whole of today.
    Today,
    /// The whole of yesterday.
    Yesterday,
    /// The calendar week that today lies in.
    ThisWeek,
    /// The calendar week before.
    LastWeek,
    /// The calendar month that today lies in.
    ThisMonth,
    /// The calendar month before.
    LastMonth,
    /// The calendar quarter that today lies in.
    ThisQuarter,
    /// The calendar quarter before.
    LastQuarter,
    /// The calendar year that today lies in.
    ThisYear,
    /// The calendar year before.
    LastYear,
    /// From the start of this calendar week to the end of today.
    WeekToDate,
    /// From the start of this calendar month to the end of today.
    MonthToDate,
    /// From the start of this calendar quarter to the end of today.
    QuarterToDate,
    /// From the start of this calendar year to the end of today.
    YearToDate,
}

/// The last so many buckets.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct LastInput {
    /// How many, at least 1.
    pub count: u32,
    /// Of which length.
    pub grain: Grain,
    /// Whether the one that is still running is the last of them; otherwise the last complete one is.
    #[graphql(default = true)]
    pub include_current: bool,
}

/// From one moment to another.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct RangeInput {
    /// The first day, or the first instant.
    pub from: Moment,
    /// The last day, which counts whole; or the instant that the range ends before.
    pub to: Moment,
}

impl PeriodInput {
    /// The period that is meant at `now`.
    pub fn resolve(&self, calendar: &Calendar, now: DateTime<Utc>) -> Result<Period, Fault> {
        match self {
            Self::Preset(preset) => preset.resolve(calendar, now),
            Self::Last(last) => last.resolve(calendar, now),
            Self::Range(range) => range.resolve(calendar),
        }
        .map_err(|error| Fault::invalid("period", error.to_string()))
    }
}

impl PeriodInput {
    /// The length of the buckets with which it moves on, if it does.
    pub fn follows(&self) -> Option<Grain> {
        match self {
            Self::Preset(_) => Some(Grain::Day),
            Self::Last(last) => Some(last.grain),
            Self::Range(_) => None,
        }
    }
}

impl PeriodPreset {
    fn resolve(self, calendar: &Calendar, now: DateTime<Utc>) -> Result<Period, PeriodError> {
        let this = |grain| calendar.bucket(grain, now);
        let before = |grain| calendar.bucket(grain, this(grain)?.start() - Duration::microseconds(1));
        let to_date = |grain| Period::new(this(grain)?.start(), this(Grain::Day)?.end());
        match self {
            Self::Today => this(Grain::Day),
            Self::Yesterday => before(Grain::Day),
            Self::ThisWeek => this(Grain::Week),
            Self::LastWeek => before(Grain::Week),
            Self::ThisMonth => this(Grain::Month),
            Self::LastMonth => before(Grain::Month),
            Self::ThisQuarter => this(Grain::Quarter),
            Self::LastQuarter => before(Grain::Quarter),
            Self::ThisYear => this(Grain::Year),
            Self::LastYear => before(Grain::Year),
            Self::WeekToDate => to_date(Grain::Week),
            Self::MonthToDate => to_date(Grain::Month),
            Self::QuarterToDate => to_date(Grain::Quarter),
            Self::YearToDate => to_date(Grain::Year),
        }
    }
}

impl LastInput {
    fn resolve(self, calendar: &Calendar, now: DateTime<Utc>) -> Result<Period, PeriodError> {
        if self.count == 0 {
            return Err(PeriodError::NoBuckets);
        }
        let current = calendar.bucket(self.grain, now)?;
        let (end, back) = if self.include_current {
            (current.end(), self.count - 1)
        } else {
            (current.start(), self.count)
        };
        if back == 0 {
            return Ok(current);
        }
        let first = calendar.back(&current, self.grain, back)?;
        Period::new(calendar.bucket(self.grain, first.start())?.start(), end)
    }
}

impl RangeInput {
    fn resolve(self, calendar: &Calendar) -> Result<Period, PeriodError> {
        for moment in [self.from, self.to] {
            check_year(moment.year())?;
        }
        let start = match self.from {
            Moment::Date(date) => calendar.midnight(date),
            Moment::Local(local) => calendar.instant(local),
            Moment::Instant(instant) => instant,
        };
        let end = match self.to {
            Moment::Date(date) => {
                calendar.midnight(date.checked_add_days(Days::new(1)).ok_or(PeriodError::OutOfRange)?)
            }
            Moment::Local(local) => calendar.instant(local),
            Moment::Instant(instant) => instant,
        };
        Period::new(start, end)
    }
}

/// What a period is compared with: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum ComparisonInput {
    /// A window before it.
    Previous(Previous),
    /// Like with like while a calendar unit is running: the period up to now, and as much of the window one such unit
    /// before it.
    ToDate(Grain),
    /// Any other window.
    Range(RangeInput),
}

/// Windows before a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Previous {
    /// The window of the same length that ends where the period starts.
    Period,
    /// The same window one week back.
    Week,
    /// The same window one calendar month back; a month's last day stays one.
    Month,
    /// The same window three calendar months back; a month's last day stays one.
    Quarter,
    /// The same window one year back; a month's last day stays one.
    Year,
}

/// Two windows to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// The later one.
    pub current: Period,
    /// What it is compared with.
    pub previous: Period,
}

impl ComparisonInput {
    /// Whether it cuts a period that is running at this instant.
    pub fn is_cut_now(&self) -> bool {
        matches!(self, Self::ToDate(_))
    }

    /// The windows that are meant for `period` at `now`.
    pub fn resolve(&self, period: Period, calendar: &Calendar, now: DateTime<Utc>) -> Result<Windows, Fault> {
        self.windows(period, calendar, now).map_err(|error| Fault::invalid("against", error.to_string()))
    }

    fn windows(
        &self,
        period: Period,
        calendar: &Calendar,
        now: DateTime<Utc>,
    ) -> Result<Windows, PeriodError> {
        let back = |unit| calendar.back(&period, unit, 1);
        let previous = match self {
            Self::Previous(Previous::Period) => period.previous()?,
            Self::Previous(Previous::Week) => back(Grain::Week)?,
            Self::Previous(Previous::Month) => back(Grain::Month)?,
            Self::Previous(Previous::Quarter) => back(Grain::Quarter)?,
            Self::Previous(Previous::Year) => back(Grain::Year)?,
            Self::Range(range) => range.resolve(calendar)?,
            Self::ToDate(unit) => {
                if now <= period.start() {
                    return Err(PeriodError::NotBegun);
                }
                let current = Period::new(period.start(), period.end().min(now))?;
                return Ok(Windows { current, previous: calendar.back(&current, *unit, 1)? });
            }
        };
        Ok(Windows { current: period, previous })
    }
}

/// Days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Weekday {
    /// All of them, from Monday.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// By its number in a week that begins on Monday, from 1.
    pub fn numbered(number: u32) -> Option<Self> {
        Self::ALL.into_iter().zip(1..).find_map(|(day, place)| (place == number).then_some(day))
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }
}

impl From<Weekday> for chrono::Weekday {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}
