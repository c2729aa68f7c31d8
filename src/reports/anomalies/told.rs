//! An anomaly in words.

use super::Anomaly;
use crate::foresight::anomalies::Direction;
use crate::metrics::Metric;
use crate::metrics::catalogue::Unit;
use crate::money::Currency;
use crate::reports::estimate::Estimate;
use crate::reports::names::{heading, words};

/// What people call a metric: `averageOrderValue` is `Average order value`.
pub fn name_of(metric: Metric) -> String {
    heading(words(metric.name()).iter().map(String::as_str))
}

/// What happened, in a plain sentence: how far from what was to be expected, and what both were.
pub fn sentence(anomaly: &Anomaly, currency: Currency) -> String {
    let Anomaly { metric, event, worst, days: [first, last], .. } = anomaly;
    let told = |value: f64| shown(value, *metric, currency);
    let side = match event.direction {
        Direction::Above => "above",
        Direction::Below => "below",
    };
    let how_far =
        match anomaly.deviation(currency).map(|share| Estimate::to_digits(share.abs() * 100.0, 0).scaled) {
            Some(percent @ 1..=1000) => format!("{percent} % {side}"),
            // Of next to nothing a share says little.
            _ => format!("far {side}"),
        };
    let run = if first == last { String::new() } else { format!(", in a run from {first} to {last}") };
    format!(
        "{}: {how_far} what was to be expected on {}{run}, {} instead of {}",
        name_of(*metric),
        worst.date,
        told(event.actual),
        told(event.expected)
    )
}

/// A figure as people read it.
fn shown(value: f64, metric: Metric, currency: Currency) -> String {
    let unit = metric.definition().unit;
    match unit {
        Unit::Money => format!("{} {}", Estimate::new(value, metric, currency).text(), currency.code()),
        Unit::Ratio => format!("{} %", Estimate::to_digits(value * 100.0, 2).text()),
        Unit::Minutes => format!("{} minutes", Estimate::new(value, metric, currency).text()),
        Unit::Hours => format!("{} hours", Estimate::new(value, metric, currency).text()),
        Unit::Days => format!("{} days", Estimate::new(value, metric, currency).text()),
        Unit::Count | Unit::Average | Unit::Fraction => Estimate::to_digits(value, unit.digits()).text(),
    }
}
