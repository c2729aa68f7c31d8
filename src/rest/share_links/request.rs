//! What a request for a link says.

use serde_json::Value;

use crate::problem::Problem;
use crate::reports::shared::{LONGEST, SharedReport};
use crate::rest::members::Members;
use crate::rest::query::{NO_ORGANIZATION, shown};

/// The windows that a link can be of, by name: days up to now.
pub const PERIODS: [(&str, u32); 3] = [("7d", 7), ("30d", 30), ("90d", 90)];
/// The one that is meant where nothing is said.
pub const DEFAULT_PERIOD: &str = "30d";

/// A link that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which report.
    pub report: SharedReport,
    /// Days up to now.
    pub days: u32,
    /// How long it is to be good for, in seconds.
    pub lifetime: Option<u32>,
}

/// Reads a request for a link to `report`. No body is an empty one, and members that the API does not know are ignored, but
/// for one that names an organization.
pub fn read(report: &str, body: &[u8]) -> Result<Wanted, Problem> {
    let body = if body.is_empty() { b"{}" } else { body };
    let Members(members) = serde_json::from_slice(body)
        .map_err(|error| Problem::new(400).with_detail(format!("the body is no JSON object: {error}")))?;
    let mut problem = Problem::new(400);
    let mut wanted = Wanted { report: SharedReport::RevenueOverview, days: 30, lifetime: None };
    if let Some(report) = SharedReport::named(report) {
        wanted.report = report;
    } else {
        let names = SharedReport::ALL.map(SharedReport::name).join(", ");
        let none = format!("there is no report `{}`; there are {names}", shown(report));
        problem = problem.with_error("report", none);
    }
    for (name, value) in &members {
        let is_twice = members.iter().filter(|(other, _)| other == name).count() > 1;
        let read = match name.as_str() {
            "period" | "expiresInSeconds" if is_twice => Err("was given more than once".to_owned()),
            "period" => period(value).map(|days| wanted.days = days),
            "expiresInSeconds" => seconds(value).map(|seconds| wanted.lifetime = Some(seconds)),
            name if name.eq_ignore_ascii_case("organizationId") => Err(NO_ORGANIZATION.to_owned()),
            _ => Ok(()),
        };
        if let Err(message) = read {
            problem.errors.insert(name.clone(), vec![message]);
        }
    }
    if problem.errors.is_empty() { Ok(wanted) } else { Err(problem) }
}

fn period(value: &Value) -> Result<u32, String> {
    let days = value.as_str().and_then(|text| PERIODS.iter().find(|(name, _)| *name == text));
    let names = PERIODS.map(|(name, _)| name).join(", ");
    days.map(|(_, days)| *days)
        .ok_or_else(|| format!("must be one of {names}, not {}", shown(&value.to_string())))
}

fn seconds(value: &Value) -> Result<u32, String> {
    // JSON has one kind of numbers: 60.0 is as whole as 60.
    let whole =
        |seconds: f64| (seconds.fract() == 0.0).then(|| format!("{seconds:.0}").parse().ok()).flatten();
    let seconds = value.as_u64().or_else(|| value.as_f64().and_then(whole));
    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
    seconds.filter(|seconds| (1..=LONGEST).contains(seconds)).ok_or_else(|| {
        let given = shown(&value.to_string());
        format!("must be a whole number of seconds from 1 to {LONGEST} (90 days), not {given}")
    })
}
