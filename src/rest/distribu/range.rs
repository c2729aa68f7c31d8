//! The time that a report is about: a preset's calendar window in UTC, whose ends `from` and `to` may override.

use chrono::{DateTime, Datelike, Duration, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::parameters::Parameters;
use super::refused::Refused;
use crate::fault::Fault;
use crate::period::{Calendar, Period, PeriodError};
use crate::reports::Desk;
use crate::reports::order_list::first_placed_at;
use crate::reports::window::{PeriodInput, PeriodPreset};
use crate::rest::moment::{Moment, to_the_millisecond};

/// Windows that have a name. Each reaches up to the end of today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Today.
    Today,
    /// From Monday on.
    Week,
    /// From the first of the month on.
    Month,
    /// From the first of the quarter on.
    Quarter,
    /// From the first of January on.
    Year,
    /// From the day of the first order on.
    All,
}

/// Their names.
pub const PRESETS: [(&str, Preset); 6] = [
    ("today", Preset::Today),
    ("week", Preset::Week),
    ("month", Preset::Month),
    ("quarter", Preset::Quarter),
    ("year", Preset::Year),
    ("all", Preset::All),
];

/// What a window is called that `from` or `to` had a part in.
const CUSTOM: &str = "custom";

impl Preset {
    fn name(self) -> &'static str {
        PRESETS.iter().find(|(_, preset)| *preset == self).map_or(CUSTOM, |(name, _)| name)
    }

    async fn window(self, desk: &Desk) -> Result<Period, Fault> {
        let named = |preset| desk.period(&PeriodInput::Preset(preset), &Calendar::UTC);
        match self {
            Self::Today => named(PeriodPreset::Today),
            Self::Week => named(PeriodPreset::WeekToDate),
            Self::Month => named(PeriodPreset::MonthToDate),
            Self::Quarter => named(PeriodPreset::QuarterToDate),
            Self::Year => named(PeriodPreset::YearToDate),
            Self::All => {
                let today = named(PeriodPreset::Today)?;
                let first = first_placed_at(desk).await?.map(|at| Calendar::UTC.midnight(at.date_naive()));
                // Orders of days to come are none of today's business.
                let start = first.map_or(today.start(), |first| first.min(today.start()));
                Period::new(start, today.end()).map_err(|error| Fault::Internal(error.to_string()))
            }
        }
    }

    /// In words, for a window that begins at `start`.
    fn label(self, start: DateTime<Utc>) -> String {
        match self {
            Self::Today => "Today".to_owned(),
            Self::Week => "This week".to_owned(),
            Self::Month => start.format("%B %Y").to_string(),
            Self::Quarter => format!("Q{} {}", start.month0() / 3 + 1, start.year()),
            Self::Year => start.year().to_string(),
            Self::All => "All time".to_owned(),
        }
    }
}

/// The time that a report is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = distribu::Range)]
pub struct Range {
    /// Its first instant.
    #[schema(format = DateTime)]
    from: String,
    /// Its last millisecond.
    #[schema(format = DateTime)]
    to: String,
    /// The preset, or `custom` where `from` or `to` was given.
    preset: &'static str,
    /// What people call it: `April 2026`, `Q1 2026`, `2026-04-01 → 2026-04-17`.
    label: String,
}

/// The window that is meant.
pub async fn window(desk: &Desk, parameters: &Parameters<'_>) -> Result<(Period, Range), Refused> {
    let preset = parameters.one_of("preset", &PRESETS)?.unwrap_or(Preset::Month);
    let (from, to) = (parameters.moment("from")?, parameters.moment("to")?);
    let is_custom = from.is_some() || to.is_some();
    let (start, end) = match (from.map(Moment::first_instant), to.and_then(after)) {
        (Some(start), Some(end)) => (start, end),
        (start, end) => {
            let named = preset.window(desk).await?;
            (start.unwrap_or(named.start()), end.unwrap_or(named.end()))
        }
    };
    let period = Period::new(start, end).map_err(|error| match error {
        PeriodError::Empty => Refused::bad_request(format!(
            "the range is empty: it would begin at {} and end at {}",
            to_the_millisecond(start),
            to_the_millisecond(end)
        )),
        error => Refused::bad_request(format!("from and to: {error}")),
    })?;
    let (first, last) = (period.start().date_naive(), period.last().date_naive());
    let range = Range {
        from: to_the_millisecond(period.start()),
        to: to_the_millisecond(period.last()),
        preset: if is_custom { CUSTOM } else { preset.name() },
        label: if is_custom { format!("{first} → {last}") } else { preset.label(period.start()) },
    };
    Ok((period, range))
}

/// The first instant after an upper bound: a day counts whole, and of an instant the whole of its millisecond, which is as
/// fine as this API tells time, so that a range may be asked for as it was told.
fn after(to: Moment) -> Option<DateTime<Utc>> {
    match to {
        Moment::Day(day) => Some(Moment::Day(day.succ_opt()?).first_instant()),
        Moment::Instant(instant) => instant.checked_add_signed(Duration::milliseconds(1)),
    }
}
