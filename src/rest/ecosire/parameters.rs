//! The query string of `ecosire` routes. Names are taken in any case; what is no parameter of the API is ignored, but for
//! `organizationId`, which the credential decides.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, Utc};

use super::refused::Refused;
use crate::metrics::Metric;
use crate::money::Currency;
use crate::period::{Grain, Period, PeriodError, check_year};
use crate::reports::anomalies::{Severity, daily_metrics};
pub use crate::reports::exports::GRAINS;
use crate::reports::forecast::MAX_PERIODS;
use crate::reports::names::words;
use crate::rest::moment::Moment;
use crate::rest::query::{GivenTwice, NO_ORGANIZATION, Query, shown};

/// Days of the window where nothing is said of it.
pub const DEFAULT_DAYS: u32 = 30;
/// How many rows a ranking has where nothing is said.
pub const DEFAULT_LIMIT: u32 = 10;
/// How many rows a ranking may have.
pub const MAX_LIMIT: u32 = 100;
/// How many buckets ahead are forecast where nothing is said.
pub const DEFAULT_PERIODS: u32 = 3;
/// How severe an anomaly can be asked to be at least.
pub const SEVERITIES: [(&str, Severity); 3] =
    [("low", Severity::Low), ("medium", Severity::Medium), ("high", Severity::High)];
/// The currency of amounts where nothing is said.
pub const DEFAULT_CURRENCY: &str = "usd";

/// What every route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// From `from` to `to`, both included.
    pub period: Period,
    /// Length of the rows of a time series.
    pub grain: Grain,
    /// The currency of every amount.
    pub currency: Currency,
    /// How many rows of a ranking.
    pub limit: u32,
}

impl Parameters {
    /// Reads a query string on the day `today`. Each parameter is looked at by itself before the window as a whole.
    pub fn read(query: &str, today: NaiveDate) -> Result<Self, Refused> {
        let query = Query::read(query);
        if query.has("organizationId") {
            return Err(Refused::bad_request(NO_ORGANIZATION));
        }
        let (from, to) = (moment(&query, "from")?, moment(&query, "to")?);
        let grain = one_of(&query, "groupBy", &GRAINS)?.unwrap_or(Grain::Day);
        let currency = currency(&query)?;
        let limit = whole(&query, "limit", DEFAULT_LIMIT, MAX_LIMIT)?;
        Ok(Self { period: period(from, to, today)?, grain, currency, limit })
    }
}

/// What `forecast` takes besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// How many buckets ahead.
    pub periods: u32,
    /// Length of the buckets.
    pub granularity: Grain,
}

impl Outlook {
    /// Reads a query string.
    pub fn read(query: &str) -> Result<Self, Refused> {
        let query = Query::read(query);
        Ok(Self {
            periods: whole(&query, "periods", DEFAULT_PERIODS, MAX_PERIODS)?,
            granularity: one_of(&query, "granularity", &GRAINS)?.unwrap_or(Grain::Month),
        })
    }
}

/// What `anomalies` takes besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// The least severity.
    pub severity: Severity,
    /// The only metric that is looked at.
    pub metric: Option<Metric>,
}

impl Suspicion {
    /// Reads a query string.
    pub fn read(query: &str) -> Result<Self, Refused> {
        let query = Query::read(query);
        let severity = one_of(&query, "severity", &SEVERITIES)?.unwrap_or(Severity::Low);
        let Some(name) = value(&query, "metric")? else { return Ok(Self { severity, metric: None }) };
        let metric = daily_metrics().into_iter().find(|metric| daily_name(*metric) == name);
        let metric = metric.ok_or_else(|| {
            Refused::bad_request(format!(
                "metric must be the name of a daily metric such as daily_revenue or daily_orders, not '{}'",
                shown(name)
            ))
        })?;
        Ok(Self { severity, metric: Some(metric) })
    }
}

/// What `anomalies` calls a metric: `averageOrderValue` is `daily_average_order_value`.
pub fn daily_name(metric: Metric) -> String {
    format!("daily_{}", words(metric.name()).join("_"))
}

/// The value that a name stands for.
pub fn one_of<T: Copy>(query: &Query, name: &str, known: &[(&str, T)]) -> Result<Option<T>, Refused> {
    let Some(text) = value(query, name)? else { return Ok(None) };
    if let Some((_, value)) = known.iter().find(|(known, _)| *known == text) {
        return Ok(Some(*value));
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    Err(Refused::bad_request(format!("{name} must be one of {}, not '{}'", names.join(", "), shown(text))))
}

fn whole(query: &Query, name: &str, default: u32, most: u32) -> Result<u32, Refused> {
    let Some(text) = value(query, name)? else { return Ok(default) };
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| {
        Refused::bad_request(format!("{name} must be a whole number from 1 to {most}, not '{}'", shown(text)))
    })
}

/// A parameter that may be given once.
pub fn value<'a>(query: &'a Query, name: &str) -> Result<Option<&'a str>, Refused> {
    let twice = |GivenTwice| Refused::bad_request(format!("{name} was given more than once"));
    query.one(name).map_err(twice)
}

fn moment(query: &Query, name: &str) -> Result<Option<Moment>, Refused> {
    let Some(text) = value(query, name)? else { return Ok(None) };
    let moment = Moment::read(text.trim());
    let moment = moment.filter(|moment| check_year(moment.first_instant().year()).is_ok());
    moment.map(Some).ok_or_else(|| {
        Refused::bad_request(format!(
            "{name} must be an ISO 8601 date such as 2026-01-31 or 2026-01-31T12:00:00Z, not '{}'",
            shown(text)
        ))
    })
}

fn currency(query: &Query) -> Result<Currency, Refused> {
    let text = value(query, "currency")?.unwrap_or(DEFAULT_CURRENCY);
    text.to_ascii_uppercase().parse().map_err(|_| {
        Refused::bad_request(format!("currency must be an ISO 4217 code such as usd, not '{}'", shown(text)))
    })
}

/// A day as the lower bound is its first instant, as the upper one all of it; an instant is itself included. One bound
/// alone has the other 30 days away.
fn period(from: Option<Moment>, to: Option<Moment>, today: NaiveDate) -> Result<Period, Refused> {
    let days = Days::new(u64::from(DEFAULT_DAYS - 1));
    let (from, to) = match (from, to) {
        (Some(_), Some(_)) => (from, to),
        (Some(from), None) => (Some(from), later(from)),
        (None, Some(to)) => (earlier(to), Some(to)),
        (None, None) => (today.checked_sub_days(days).map(Moment::Day), Some(Moment::Day(today))),
    };
    let told = |moment: &Moment| check_year(moment.first_instant().year()).is_ok();
    let (from, to) = (from.filter(told), to.filter(told));
    let window = from.map(Moment::first_instant).zip(to.and_then(after));
    let window = window.ok_or(PeriodError::OutOfRange).and_then(|(start, end)| Period::new(start, end));
    window.map_err(|error| match error {
        PeriodError::Empty => Refused::new(422, "from must not lie after to"),
        error => Refused::bad_request(format!("from: the window cannot be told: {error}")),
    })
}

/// The last of the 30 days that start with `from`.
fn later(from: Moment) -> Option<Moment> {
    match from {
        Moment::Day(day) => day.checked_add_days(Days::new(u64::from(DEFAULT_DAYS - 1))).map(Moment::Day),
        Moment::Instant(instant) => {
            let length = Duration::days(i64::from(DEFAULT_DAYS)) - Duration::microseconds(1);
            instant.checked_add_signed(length).map(Moment::Instant)
        }
    }
}

/// The first of the 30 days that end with `to`.
fn earlier(to: Moment) -> Option<Moment> {
    match to {
        Moment::Day(day) => day.checked_sub_days(Days::new(u64::from(DEFAULT_DAYS - 1))).map(Moment::Day),
        Moment::Instant(instant) => {
            let length = Duration::days(i64::from(DEFAULT_DAYS)) - Duration::microseconds(1);
            instant.checked_sub_signed(length).map(Moment::Instant)
        }
    }
}

/// The first instant that does not count any more.
fn after(to: Moment) -> Option<DateTime<Utc>> {
    match to {
        Moment::Day(day) => Some(Moment::Day(day.succ_opt()?).first_instant()),
        Moment::Instant(instant) => instant.checked_add_signed(Duration::microseconds(1)),
    }
}

#[cfg(test)]
mod tests;
