//! The query string of `heldsway`. All that is wrong with it is told at once, parameter by parameter. Names are taken in any
//! case; an empty value is none, and what is no parameter is ignored, but for `organizationId`, which the credential decides.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::chosen::Chosen;
use super::refused::Refused;
use super::{charts, stats, tables, trends};
use crate::period::{Calendar, Period};
use crate::rest::query::{NO_ORGANIZATION, Query, shown};

/// Days before today at which the range begins where nothing is said.
const DAYS_BACK: u64 = 30;
/// Rows of a page where nothing is said.
const PER_PAGE: u32 = 15;
/// Most of them.
pub const MOST_PER_PAGE: u32 = 100;
/// The last page that is told from those behind it: facts before it are counted in 64 bits.
const MOST_PAGE: u64 = i64::MAX as u64 / MOST_PER_PAGE as u64;
/// Rows of a ranking where nothing is said.
const TOP_LIMIT: u32 = 10;
/// Most of them.
pub const MOST_TOP_LIMIT: u32 = 50;

/// The parts that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Totals.
    Stats,
    /// How much figures changed.
    Trends,
    /// Day by day, and parts of a whole.
    Charts,
    /// Rankings.
    Tables,
    /// Clicks one by one.
    RecentClicks,
    /// Conversions one by one.
    RecentConversions,
    /// All that visitors did, one by one.
    RecentEvents,
}

impl Section {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Stats,
        Self::Trends,
        Self::Charts,
        Self::Tables,
        Self::RecentClicks,
        Self::RecentConversions,
        Self::RecentEvents,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stats => "stats",
            Self::Trends => "trends",
            Self::Charts => "charts",
            Self::Tables => "tables",
            Self::RecentClicks => "recent_clicks",
            Self::RecentConversions => "recent_conversions",
            Self::RecentEvents => "recent_events",
        }
    }

    /// Its metrics; sections without any ignore what is said of them.
    pub fn metrics(self) -> &'static [&'static str] {
        match self {
            Self::Stats => &stats::METRICS,
            Self::Trends => &trends::METRICS,
            Self::Charts => &charts::METRICS,
            Self::Tables => &tables::METRICS,
            Self::RecentClicks | Self::RecentConversions | Self::RecentEvents => &[],
        }
    }
}

/// Which page of how many rows each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// From one on.
    pub page: u64,
    /// From one on.
    pub per_page: u32,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which part.
    pub section: Section,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Which metrics.
    pub chosen: Chosen,
    /// Which page of a feed.
    pub page: Paging,
    /// How many rows of a ranking.
    pub top_limit: u32,
}

impl Question {
    /// Reads a query string on that day.
    pub fn read(query: &str, today: NaiveDate) -> Result<Self, Refused> {
        let mut reading = Reading { query: Query::read(query), details: BTreeMap::new() };
        if reading.query.has("organizationId") {
            reading.complain("organizationId", NO_ORGANIZATION);
        }
        let section = reading.section();
        let chosen = section.map(|section| reading.metrics(section));
        let (from, to) = reading.range(today);
        let page = Paging {
            page: reading.page().unwrap_or(1),
            per_page: reading.number("per_page", MOST_PER_PAGE).unwrap_or(PER_PAGE),
        };
        let top_limit = reading.number("top_limit", MOST_TOP_LIMIT).unwrap_or(TOP_LIMIT);
        match (section, chosen) {
            (Some(section), Some(chosen)) if reading.details.is_empty() => {
                Ok(Self { section, from, to, chosen, page, top_limit })
            }
            _ => Err(Refused::invalid(reading.details)),
        }
    }

    /// The whole of its days, in UTC.
    pub fn period(&self) -> Result<Period, Refused> {
        let midnight = |day: NaiveDate| Calendar::UTC.midnight(day);
        let end = self.to.succ_opt().map(midnight);
        let period = end.map(|end| Period::new(midnight(self.from), end));
        let refused = |words: String| Refused::invalid(BTreeMap::from([("from".to_owned(), vec![words])]));
        period
            .ok_or_else(|| refused("The range must end before the year 10000.".to_owned()))?
            .map_err(|error| refused(format!("The range cannot be told: {error}.")))
    }
}

/// A query string that is being read, and what is wrong with it so far.
struct Reading<'q> {
    query: Query<'q>,
    details: BTreeMap<String, Vec<String>>,
}

impl Reading<'_> {
    fn complain(&mut self, parameter: &str, words: impl Into<String>) {
        self.details.entry(parameter.to_owned()).or_default().push(words.into());
    }

    /// The one value of a parameter, if it has any.
    fn value(&mut self, name: &str) -> Option<String> {
        let Ok(value) = self.query.one(name) else {
            self.complain(name, format!("The {} field was given more than once.", spoken(name)));
            return None;
        };
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    }

    fn section(&mut self) -> Option<Section> {
        let Some(name) = self.value("section") else {
            if !self.details.contains_key("section") {
                self.complain("section", "The section field is required.");
            }
            return None;
        };
        let known = Section::ALL.into_iter().find(|section| section.name() == name);
        if known.is_none() {
            let allowed = Section::ALL.map(Section::name).join(", ");
            self.complain("section", format!("Invalid section: {}. Allowed: {allowed}", shown(&name)));
        }
        known
    }

    fn metrics(&mut self, section: Section) -> Chosen {
        let all = section.metrics();
        let given = if all.is_empty() { None } else { self.value("metrics") };
        let Some(given) = given else { return Chosen(all.to_vec()) };
        let names: Vec<&str> = given.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let unknown: Vec<&str> = names.iter().copied().filter(|name| !all.contains(name)).collect();
        if !unknown.is_empty() {
            let (section, unknown, allowed) = (section.name(), unknown.join(", "), all.join(", "));
            let unknown = unknown.chars().take(LONGEST_LIST).collect::<String>();
            self.complain(
                "metrics",
                format!("Invalid metric(s) for {section}: {unknown}. Allowed: {allowed}"),
            );
        }
        if names.is_empty() {
            return Chosen(all.to_vec());
        }
        Chosen(all.iter().copied().filter(|name| names.contains(name)).collect())
    }

    /// The first and the last day.
    fn range(&mut self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let (from, to) = (self.date("from"), self.date("to"));
        if to.is_some_and(|to| to > today) {
            self.complain("to", "The to field must be a date before or equal to today.");
        }
        let is_given = from.is_some();
        let from = from.unwrap_or_else(|| today.checked_sub_days(Days::new(DAYS_BACK)).unwrap_or(today));
        let to = to.unwrap_or(today);
        let is_read = !self.details.contains_key("from") && !self.details.contains_key("to");
        if is_read && from > to {
            if is_given {
                self.complain("from", "The from field must be a date before or equal to to.");
            } else {
                let words = format!(
                    "The to field must be a date after or equal to from, which is {from} where it is not given."
                );
                self.complain("to", words);
            }
        }
        (from, to)
    }

    fn date(&mut self, name: &str) -> Option<NaiveDate> {
        let value = self.value(name)?;
        let has_form = value.len() == 10
            && value.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date = NaiveDate::parse_from_str(&value, "%Y-%m-%d").ok().filter(|_| has_form);
        if date.is_none() {
            self.complain(name, format!("The {name} field must be a date in the format YYYY-MM-DD."));
        }
        date
    }

    /// A page's number, however far behind the last: such pages are empty.
    fn page(&mut self) -> Option<u64> {
        let value = self.integer("page")?;
        if value.starts_with('-') || value.bytes().all(|digit| digit == b'0') {
            self.complain("page", "The page field must be at least 1.");
            return None;
        }
        Some(value.parse().map_or(MOST_PAGE, |page: u64| page.min(MOST_PAGE)))
    }

    /// A whole number from 1 to `most`.
    fn number(&mut self, name: &str, most: u32) -> Option<u32> {
        let value = self.integer(name)?;
        let number = value.parse().ok().filter(|number| (1..=most).contains(number));
        if number.is_none() {
            self.complain(name, format!("The {} field must be between 1 and {most}.", spoken(name)));
        }
        number
    }

    /// Digits, maybe behind a minus.
    fn integer(&mut self, name: &str) -> Option<String> {
        let value = self.value(name)?;
        let digits = value.strip_prefix('-').unwrap_or(&value);
        let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_integer {
            self.complain(name, format!("The {} field must be an integer.", spoken(name)));
        }
        is_integer.then_some(value)
    }
}

/// Most characters of names that are repeated.
const LONGEST_LIST: usize = 200;

/// A parameter as sentences name it: `per page`.
fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests;
