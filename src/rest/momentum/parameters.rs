//! The query string of `momentum` routes.
//!
//! Its clients were written against a server that takes parameter names in any case, dates without time or offset
//! (midnight, UTC), and offsets whose `+` was not escaped and so arrives as a space.

use chrono::{DateTime, Datelike, Utc};

use crate::period::{Period, PeriodError, check_year};
use crate::problem::Problem;
use crate::rest::analytics;
use crate::rest::moment::Moment;
use crate::rest::query::{GivenTwice, Query, shown};

/// The route that has another owner too, told apart by its parameters.
const SHARED: &str = "/revenue";
/// What routes end in that take a limit.
const RANKING: &str = "/top-by-revenue";
/// How many rows a ranking has where nothing is said.
pub const DEFAULT_LIMIT: u32 = 10;
/// How many rows a ranking may have.
pub const MAX_LIMIT: u32 = 100;

/// What every route takes. `organizationId` is ignored, as the document says: the credential decides.
#[derive(Debug, PartialEq, Eq)]
pub struct Parameters {
    /// From `startDate` to `endDate`, both included.
    pub period: Period,
    /// How many rows of a ranking.
    pub limit: u32,
}

/// What is wrong with each parameter so far.
type Errors = std::collections::BTreeMap<String, Vec<String>>;

impl Parameters {
    /// Reads those of a route, and says of each what is wrong with it. What is no parameter of the route is ignored.
    pub fn read(route: &str, query: &str) -> Result<Self, Problem> {
        let pairs = Query::read(query);
        if route.ends_with(SHARED)
            && let Some(other) = analytics::clash(&pairs)
        {
            let message =
                format!("cannot be combined with startDate and endDate: `{other}` belongs to another API");
            return Err(Problem::new(400).with_error(other, message));
        }
        let mut errors = Errors::new();
        let start = date(&pairs, "startDate", &mut errors);
        let end = date(&pairs, "endDate", &mut errors);
        let limit = if route.ends_with(RANKING) { limit(&pairs, &mut errors) } else { Some(DEFAULT_LIMIT) };
        let period = start.zip(end).and_then(|(start, end)| period(start, end, &mut errors));
        match (period, limit) {
            (Some(period), Some(limit)) if errors.is_empty() => Ok(Self { period, limit }),
            _ => Err(Problem { errors, ..Problem::new(400) }),
        }
    }
}

/// The one value of a parameter; several are an error.
fn value<'a>(pairs: &'a Query, name: &str, errors: &mut Errors) -> Option<&'a str> {
    pairs.one(name).unwrap_or_else(|GivenTwice| {
        add(errors, name, format!("The {name} field was given more than once."));
        None
    })
}

fn add(errors: &mut Errors, name: &str, message: String) {
    errors.entry(name.to_owned()).or_default().push(message);
}

fn date(pairs: &Query, name: &str, errors: &mut Errors) -> Option<DateTime<Utc>> {
    let text = value(pairs, name, errors).map(str::trim).filter(|text| !text.is_empty());
    let Some(text) = text else {
        if !errors.contains_key(name) {
            add(errors, name, format!("The {name} field is required, such as {name}=2024-01-01T00:00:00Z."));
        }
        return None;
    };
    let instant = Moment::read(text).map(Moment::first_instant);
    let instant = instant.filter(|instant| check_year(instant.year()).is_ok());
    if instant.is_none() {
        let shown = shown(text);
        let message = format!(
            "The value '{shown}' is not a date such as 2024-01-01T00:00:00Z or 2024-01-01T00:00:00-05:00."
        );
        add(errors, name, message);
    }
    instant
}

fn period(start: DateTime<Utc>, end: DateTime<Utc>, errors: &mut Errors) -> Option<Period> {
    match Period::through(start, end) {
        Ok(period) => Some(period),
        Err(PeriodError::Empty) => {
            add(errors, "startDate", "The startDate must not lie after the endDate.".to_owned());
            None
        }
        Err(error) => {
            add(errors, "startDate", format!("The window cannot be told: {error}."));
            None
        }
    }
}

fn limit(pairs: &Query, errors: &mut Errors) -> Option<u32> {
    let Some(text) = value(pairs, "limit", errors) else {
        return (!errors.contains_key("limit")).then_some(DEFAULT_LIMIT);
    };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    if limit.is_none() {
        let shown = shown(text);
        add(errors, "limit", format!("The value '{shown}' is not a whole number from 1 to {MAX_LIMIT}."));
    }
    limit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(query: &str) -> (String, String) {
        let read = Parameters::read("/customers/top-by-revenue", query).expect("parameters");
        (read.period.start().to_rfc3339(), read.period.last().to_rfc3339())
    }

    fn errors(route: &str, query: &str) -> serde_json::Value {
        let problem = Parameters::read(route, query).expect_err("a problem");
        serde_json::to_value(problem).expect("json")["errors"].clone()
    }

    #[test]
    fn both_bounds_count_and_offsets_move_them() {
        let utc = ("2024-01-01T00:00:00+00:00".to_owned(), "2024-01-31T23:59:59+00:00".to_owned());
        assert_eq!(window("startDate=2024-01-01T00:00:00Z&endDate=2024-01-31T23:59:59Z"), utc);
        assert_eq!(window("STARTDATE=2024-01-01&enddate=2024-01-31T23:59:59"), utc);
        assert_eq!(window("startDate=2024-01-01T00:00Z&endDate=2024-02-01T00:59:59%2B01"), utc);
        assert_eq!(
            window(
                "startDate=2023-12-31T19:00:00-05:00&endDate=2024-02-01T01:29:59%2B01:30&organizationId=7"
            ),
            utc
        );
        // A plus that was not escaped arrives as a space.
        assert_eq!(window("startDate=2024-01-01T02:00:00+02:00&endDate=2024-01-31T23:59:59Z"), utc);
    }

    #[test]
    fn every_bad_parameter_is_named() {
        let named = |query: &str| -> Vec<String> {
            errors("/customers/top-by-revenue", query)
                .as_object()
                .map(|all| all.keys().cloned().collect())
                .unwrap_or_default()
        };
        assert_eq!(named(""), ["endDate", "startDate"]);
        assert_eq!(
            named("startDate=2024-13-01&endDate=yesterday&limit=0"),
            ["endDate", "limit", "startDate"]
        );
        assert_eq!(named("startDate=2024-02-01&endDate=2024-01-01"), ["startDate"]);
        assert_eq!(named("startDate=2024-02-01&endDate=2024-03-01&limit=101"), ["limit"]);
        assert_eq!(named("startDate=2024-02-01&endDate=2024-03-01&limit="), ["limit"]);
        assert_eq!(named("startDate=2024-02-01&endDate=2024-03-01&limit=5&limit=6"), ["limit"]);
        assert_eq!(named("startDate=2024-02-01&endDate=2024-03-01&startDate=2024-02-02"), ["startDate"]);
        for date in
            ["2024-2-1", "20240201", "2024-02-01T25:00:00Z", "0000-01-01", "10000-01-01", "2024-02-01T"]
        {
            assert_eq!(named(&format!("startDate={date}&endDate=2025-01-01")), ["startDate"], "{date}");
        }
    }

    #[test]
    fn a_route_looks_at_its_own_parameters_alone() {
        let window = "startDate=2024-02-01&endDate=2024-03-01";
        let others = format!("{window}&groupBy=day&from=x&currency=EUR&limit=abc");
        assert!(errors("/revenue", &others).get("from").is_some());
        assert!(Parameters::read("/revenue", &format!("{window}&limit=abc")).is_ok());
        assert!(Parameters::read("/aov", &others).is_ok());
        assert!(errors("/products/top-by-revenue", &others).get("limit").is_some());
    }

    proptest::proptest! {
        /// Whatever a client sends is answered, never a panic.
        #[test]
        fn anything_can_be_read(query in ".{0,80}") {
            for route in ["/revenue", "/products/top-by-revenue"] {
                let _ = Parameters::read(route, &query);
                let _ = Parameters::read(route, &format!("startDate={query}&endDate={query}&limit={query}"));
            }
        }
    }
}
