//! How much time a group has that is told apart by weekday or hour of the day: a month has no more Mondays than it has.

use std::collections::HashMap;

use crate::metrics::catalogue::Dimension;
use crate::metrics::gathered::Span;
use crate::metrics::query::MetricQuery;

/// The time of a question's groups.
pub struct ClockTime<'a> {
    query: &'a MetricQuery,
    /// Where in the keys the weekday stands, and the hour.
    weekday: Option<usize>,
    hour: Option<usize>,
    /// What clocks showed for how long, by the key of the bucket.
    known: HashMap<i64, [[i64; 24]; 7]>,
}

impl<'a> ClockTime<'a> {
    /// Of `query`; nothing is worked out where no figure asks for it.
    pub fn of(query: &'a MetricQuery) -> Self {
        let is_asked = query.metrics.iter().any(|metric| metric.is_of_length());
        let slot = |wanted| query.dimensions.iter().position(|other| *other == wanted && is_asked);
        Self {
            query,
            weekday: slot(Dimension::DayOfWeek),
            hour: slot(Dimension::HourOfDay),
            known: HashMap::new(),
        }
    }

    /// As much of `span` as the group with these keys has.
    pub fn within(&mut self, bucket: i64, keys: &[Option<String>], span: Span) -> Span {
        if self.weekday.is_none() && self.hour.is_none() {
            return span;
        }
        let shown = self.known.entry(bucket).or_insert_with(|| {
            span.period().map_or([[0; 24]; 7], |period| self.query.calendar.hours_of_week(&period))
        });
        let number = |slot: Option<usize>| slot.and_then(|slot| keys[slot].as_deref()?.parse::<usize>().ok());
        let (weekday, hour) = (number(self.weekday), number(self.hour));
        let days = shown.iter().zip(1..).filter(|(_, number)| weekday.is_none_or(|wanted| wanted == *number));
        let hours = days.flat_map(|(hours, _)| hours.iter().enumerate());
        let hours = hours.filter(|(number, _)| hour.is_none_or(|wanted| wanted == *number));
        span.of_length(hours.map(|(_, time)| time).sum())
    }
}
