//! Days, instants and periods in words.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::locale::Locale;
use crate::period::{Calendar, Grain, Period};

/// What a page's days are written by.
#[derive(Clone, Copy)]
pub struct Days<'a> {
    pub zone: Tz,
    pub locale: &'a Locale,
}

impl Days<'_> {
    /// `1 April 2026`.
    pub fn day(self, date: NaiveDate) -> String {
        if self.locale.month_first() {
            date.format("%B %-d, %Y").to_string()
        } else {
            date.format("%-d %B %Y").to_string()
        }
    }

    /// `1 Apr`: on an axis.
    fn short(self, date: NaiveDate) -> String {
        date.format(if self.locale.month_first() { "%b %-d" } else { "%-d %b" }).to_string()
    }

    /// `1 Apr 2026`.
    pub fn abbreviated(self, date: NaiveDate) -> String {
        let year = date.year();
        let comma = if self.locale.month_first() { "," } else { "" };
        format!("{}{comma} {year}", self.short(date))
    }

    /// `1 April 2026, 05:07`, by the clocks of the zone.
    pub fn instant(self, instant: DateTime<Utc>) -> Markup {
        let local = instant.with_timezone(&self.zone);
        let text = format!("{}, {}", self.day(local.date_naive()), local.format("%H:%M"));
        html! { time datetime=(machine(instant)) { (text) } }
    }

    /// `1 Apr 2026, 05:07`, in a table.
    pub fn abbreviated_instant(self, instant: DateTime<Utc>) -> String {
        let local = instant.with_timezone(&self.zone);
        format!("{}, {}", self.abbreviated(local.date_naive()), local.format("%H:%M"))
    }

    /// A bucket of a series: `Wed, 1 Apr 2026`, `30 Mar to 5 Apr 2026`, `April 2026`.
    pub fn bucket(self, grain: Grain, first: NaiveDate) -> String {
        let last = Calendar::next_day(grain, first).pred_opt().unwrap_or(first);
        match grain {
            Grain::Hour | Grain::Day => format!("{}, {}", first.format("%a"), self.abbreviated(first)),
            Grain::Week if first.year() == last.year() => {
                format!("{} to {}", self.short(first), self.abbreviated(last))
            }
            Grain::Week => format!("{} to {}", self.abbreviated(first), self.abbreviated(last)),
            Grain::Month => first.format("%B %Y").to_string(),
            Grain::Quarter => format!("{} to {}", first.format("%B"), last.format("%B %Y")),
            Grain::Year => first.format("%Y").to_string(),
        }
    }

    /// The same on an axis.
    pub fn tick(self, grain: Grain, first: NaiveDate) -> String {
        match grain {
            Grain::Hour | Grain::Day | Grain::Week => self.short(first),
            Grain::Month => first.format("%b %Y").to_string(),
            Grain::Quarter => format!("Q{} {}", first.month0() / 3 + 1, first.year()),
            Grain::Year => first.format("%Y").to_string(),
        }
    }

    /// What of a bucket lies in the period, where it is not all of it: `from 05:07`, `until 5 Apr, 05:07`.
    pub fn part(self, grain: Grain, first: NaiveDate, period: &Period) -> Option<String> {
        // Where its week starts is said by its first day.
        let calendar = Calendar { zone: self.zone, ..Calendar::UTC };
        let (start, end) = match grain {
            Grain::Hour => return None,
            _ => (calendar.midnight(first), calendar.midnight(Calendar::next_day(grain, first))),
        };
        let clock = |instant: DateTime<Utc>| {
            let local = instant.with_timezone(&self.zone);
            let time = local.format("%H:%M");
            if grain == Grain::Day {
                time.to_string()
            } else {
                format!("{}, {time}", self.short(local.date_naive()))
            }
        };
        let from = (start < period.start()).then(|| format!("from {}", clock(period.start())));
        let until = (period.end() < end).then(|| format!("until {}", clock(period.end())));
        let parts: Vec<String> = [from, until].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// A period: `1 to 30 April 2026`, `23 October, 05:07 to 22 November 2026, 05:07`.
    pub fn period(self, period: &Period) -> Markup {
        match (self.bounds(period), self.whole_days(period)) {
            ((day, None), Some((first, _))) => html! { time datetime=(first) { (day) } },
            ((from, to), _) => html! {
                time datetime=(machine(period.start())) { (from) }
                @if let Some(to) = to {
                    " to "
                    time datetime=(machine(period.end())) { (to) }
                }
            },
        }
    }

    /// The same without markup, after its length where that is more than a day: `30 days: 1 to 30 April 2026`.
    pub fn plain_period(self, period: &Period) -> String {
        let (from, to) = self.bounds(period);
        let Some(to) = to else { return from };
        let length = self.length(period).map(|length| format!("{length}: ")).unwrap_or_default();
        format!("{length}{from} to {to}")
    }

    /// The words for both ends of a period; one alone for a day.
    fn bounds(self, period: &Period) -> (String, Option<String>) {
        match self.whole_days(period) {
            Some((first, last)) if first == last => (self.day(first), None),
            Some((first, last)) => (self.opening(first, last), Some(self.closing(first, last))),
            None => {
                let local = |instant: DateTime<Utc>| instant.with_timezone(&self.zone);
                let (start, end) = (local(period.start()), local(period.end()));
                let (first, last) = (start.date_naive(), end.date_naive());
                (
                    format!("{}, {}", self.without_year(first, last), start.format("%H:%M")),
                    Some(format!("{}, {}", self.day(last), end.format("%H:%M"))),
                )
            }
        }
    }

    /// How long a period is, where that is a number of days: `30 days`, `24 hours`.
    pub fn length(self, period: &Period) -> Option<String> {
        let length = period.end() - period.start();
        let days = match self.whole_days(period) {
            Some((first, last)) => (last - first).num_days() + 1,
            None if length == Duration::days(length.num_days()) => length.num_days(),
            None => return None,
        };
        Some(if days == 1 { "24 hours".to_owned() } else { format!("{days} days") })
    }

    /// The first and last of the local days that the period is, where it is such days.
    fn whole_days(self, period: &Period) -> Option<(NaiveDate, NaiveDate)> {
        let calendar = Calendar { zone: self.zone, ..Calendar::UTC };
        let (first, after) = (calendar.date(period.start()), calendar.date(period.end()));
        let is_midnight = |date, instant| calendar.midnight(date) == instant;
        let is_whole = is_midnight(first, period.start()) && is_midnight(after, period.end());
        Some((first, after.pred_opt()?)).filter(|_| is_whole)
    }

    /// What the first of two days needs to say beside the other.
    fn opening(self, first: NaiveDate, last: NaiveDate) -> String {
        let same_month = (first.year(), first.month()) == (last.year(), last.month());
        if same_month && !self.locale.month_first() {
            return first.format("%-d").to_string();
        }
        self.without_year(first, last)
    }

    fn without_year(self, first: NaiveDate, last: NaiveDate) -> String {
        if first.year() != last.year() {
            return self.day(first);
        }
        first.format(if self.locale.month_first() { "%B %-d" } else { "%-d %B" }).to_string()
    }

    /// And the last.
    fn closing(self, first: NaiveDate, last: NaiveDate) -> String {
        let same_month = (first.year(), first.month()) == (last.year(), last.month());
        if same_month && self.locale.month_first() {
            return last.format("%-d, %Y").to_string();
        }
        self.day(last)
    }
}

/// As programs read it, to the second.
pub fn machine(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What its clocks are called.
pub fn zone_name(zone: Tz) -> String {
    zone.name().replace('_', " ")
}
