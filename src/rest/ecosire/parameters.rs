//! The query string of `ecosire` routes. Names are taken in any case; what is no parameter of the API is ignored, but for
//! `organizationId`, which the credential decides.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, Utc};

use super::refused::Refused;
use crate::money::Currency;
use crate::period::{Grain, Period, PeriodError, check_year};
use crate::rest::moment::Moment;
use crate::rest::query::{GivenTwice, Query, shown};

/// Days of the window where nothing is said of it.
pub const DEFAULT_DAYS: u32 = 30;
/// How many rows a ranking has where nothing is said.
pub const DEFAULT_LIMIT: u32 = 10;
/// How many rows a ranking may have.
pub const MAX_LIMIT: u32 = 100;
/// The currency of amounts where nothing is said.
pub const DEFAULT_CURRENCY: &str = "usd";
/// What time may be grouped by.
pub const GRAINS: [(&str, Grain); 4] =
    [("day", Grain::Day), ("week", Grain::Week), ("month", Grain::Month), ("quarter", Grain::Quarter)];

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
    /// Reads a query string at `now`. Each parameter is looked at by itself before the window as a whole.
    pub fn read(query: &str, now: DateTime<Utc>) -> Result<Self, Refused> {
        let query = Query::read(query);
        if query.has("organizationId") {
            let message = "organizationId is not taken: the credential decides whose data is told";
            return Err(Refused::bad_request(message));
        }
        let (from, to) = (moment(&query, "from")?, moment(&query, "to")?);
        let grain = grain(&query)?;
        let currency = currency(&query)?;
        let limit = limit(&query)?;
        Ok(Self { period: period(from, to, now.date_naive())?, grain, currency, limit })
    }
}

fn value<'a>(query: &'a Query, name: &str) -> Result<Option<&'a str>, Refused> {
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

fn grain(query: &Query) -> Result<Grain, Refused> {
    let Some(text) = value(query, "groupBy")? else { return Ok(Grain::Day) };
    let known = GRAINS.iter().find(|(name, _)| *name == text);
    known.map(|(_, grain)| *grain).ok_or_else(|| {
        let names = GRAINS.map(|(name, _)| name).join(", ");
        Refused::bad_request(format!("groupBy must be one of {names}, not '{}'", shown(text)))
    })
}

fn currency(query: &Query) -> Result<Currency, Refused> {
    let text = value(query, "currency")?.unwrap_or(DEFAULT_CURRENCY);
    text.to_ascii_uppercase().parse().map_err(|_| {
        Refused::bad_request(format!("currency must be an ISO 4217 code such as usd, not '{}'", shown(text)))
    })
}

fn limit(query: &Query) -> Result<u32, Refused> {
    let Some(text) = value(query, "limit")? else { return Ok(DEFAULT_LIMIT) };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| {
        Refused::bad_request(format!(
            "limit must be a whole number from 1 to {MAX_LIMIT}, not '{}'",
            shown(text)
        ))
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
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Parameters, Refused> {
        Parameters::read(query, "2026-03-20T15:30:00Z".parse().expect("an instant"))
    }

    fn window(query: &str) -> String {
        let period = read(query).expect("parameters").period;
        let text = |instant: DateTime<Utc>| instant.format("%FT%T%.fZ").to_string();
        format!("{} {}", text(period.start()), text(period.end()))
    }

    fn refused(query: &str) -> (u16, String) {
        let refused = read(query).expect_err("a refusal");
        (refused.status_code, refused.message)
    }

    #[test]
    fn days_count_whole_and_instants_move_the_bounds() {
        assert_eq!(window("from=2026-01-01&to=2026-03-31"), "2026-01-01T00:00:00Z 2026-04-01T00:00:00Z");
        assert_eq!(window("FROM=2026-01-01&to=2026-01-01"), "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z");
        assert_eq!(
            window("from=2026-01-01T00:00:00-05:00&to=2026-01-31T23:59:59.999999-05:00"),
            "2026-01-01T05:00:00Z 2026-02-01T05:00:00Z"
        );
        // A plus that was not escaped arrives as a space.
        assert_eq!(
            window("from=2026-01-01T02:00:00+02:00&to=2026-01-01T00:00:00Z"),
            "2026-01-01T00:00:00Z 2026-01-01T00:00:00.000001Z"
        );
    }

    #[test]
    fn the_window_is_thirty_days_where_it_is_not_said() {
        let thirty = "2026-02-19T00:00:00Z 2026-03-21T00:00:00Z";
        assert_eq!(window(""), thirty);
        assert_eq!(window("to=2026-03-20"), thirty);
        assert_eq!(window("from=2026-02-19"), thirty);
        assert_eq!(window("from=2026-02-19T00:00:00Z"), thirty);
        assert_eq!(window("to=2026-03-20T23:59:59.999999Z"), thirty);
        assert_eq!(window("from=2026-03-10T12:00:00Z"), "2026-03-10T12:00:00Z 2026-04-09T12:00:00Z");
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let parameters = read("unknown=1").expect("parameters");
        assert_eq!(
            (parameters.grain, parameters.currency.code(), parameters.limit),
            (Grain::Day, "USD", DEFAULT_LIMIT)
        );
        let parameters = read("groupby=quarter&currency=JPY&limit=100").expect("parameters");
        assert_eq!(
            (parameters.grain, parameters.currency.code(), parameters.limit),
            (Grain::Quarter, "JPY", 100)
        );
        assert_eq!(read("currency=eur").expect("parameters").currency.code(), "EUR");
    }

    #[test]
    fn each_bad_parameter_is_named() {
        for (query, name) in [
            ("from=2026-02-30", "from"),
            ("from=", "from"),
            ("to=yesterday", "to"),
            ("to=2026-1-1", "to"),
            ("from=0000-01-01", "from"),
            ("groupBy=hour", "groupBy"),
            ("groupBy=Day", "groupBy"),
            ("groupBy=", "groupBy"),
            ("currency=dollars", "currency"),
            ("currency=xau", "currency"),
            ("currency=%C3%A9%E2%82%AC", "currency"),
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=ten", "limit"),
            ("from=2026-01-01&From=2026-01-02", "from"),
            ("organizationId=other", "organizationId"),
            ("from=9999-12-31", "from"),
            ("to=0001-01-01", "from"),
        ] {
            let (status, message) = refused(query);
            assert_eq!((status, message.starts_with(name)), (400, true), "{query}: {message}");
        }
    }

    #[test]
    fn a_window_that_ends_before_it_starts_is_unprocessable() {
        let late = (422, "from must not lie after to".to_owned());
        assert_eq!(refused("from=2026-02-01&to=2026-01-31"), late);
        assert_eq!(refused("from=2026-02-01T00:00:01Z&to=2026-02-01T00:00:00Z"), late);
        // What cannot be read comes first.
        assert_eq!(refused("from=2026-02-01&to=2026-01-31&groupBy=hour").0, 400);
    }

    proptest::proptest! {
        /// Whatever a client sends is answered, never a panic.
        #[test]
        fn anything_can_be_read(query in ".{0,80}") {
            let _ = read(&query);
            let _ = read(&format!("from={query}&to={query}&limit={query}&groupBy={query}"));
        }
    }
}
