//! What made an anomaly: the values of a dimension, ranked by what they did to the gap.

use std::collections::BTreeMap;

use chrono::Days;

use super::Anomaly;
use crate::fault::Fault;
use crate::foresight::anomalies::{self as statistics, Contribution, WEEK};
use crate::metrics::catalogue::Formula;
use crate::metrics::{Dimension, Metric, MetricQuery};
use crate::period::{Grain, Period};
use crate::reports::estimate::{Estimate, number};
use crate::reports::scope::Scope;

/// Weeks before an event that say what a part usually has, as `foresight` looks at them, and one more for the days
/// of an event that is longer than a week.
const WEEKS: u64 = 9;

/// What one value of a dimension did.
#[derive(Clone, Debug)]
pub struct Contributor {
    /// The value, or the id of what it points to; none of facts without one.
    pub id: Option<String>,
    /// Whether it is no value, but what the values leave of the whole.
    pub is_rest: bool,
    /// By how much it moved the metric over the event's days, in the metric's unit.
    pub gap: f64,
    /// That as a share of the whole gap.
    pub share: Option<f64>,
    /// What it had and was expected to have over those days, where the metric adds up.
    pub part: Option<statistics::Part>,
}

/// What is read for each value of the dimension: a figure, or what is divided and by what.
enum Split {
    Sum(Metric),
    Ratio(Metric, Metric),
}

impl Split {
    fn of(metric: Metric) -> Result<Self, Fault> {
        if metric.adds_up() {
            return Ok(Self::Sum(metric));
        }
        match metric.definition().formula {
            Formula::Ratio(a, b) if a.adds_up() && b.adds_up() => Ok(Self::Ratio(a, b)),
            _ => Err(Fault::invalid(
                "by",
                format!("{} is neither a sum of parts nor a quotient of such sums", metric.name()),
            )),
        }
    }

    fn metrics(&self) -> Vec<Metric> {
        match self {
            Self::Sum(metric) => vec![*metric],
            Self::Ratio(a, b) => vec![*a, *b],
        }
    }
}

/// The `first` values of `dimension` that did most towards the gap of `anomaly`.
pub async fn explain(
    scope: &Scope,
    anomaly: &Anomaly,
    dimension: Dimension,
    first: usize,
) -> Result<Vec<Contributor>, Fault> {
    let split = Split::of(anomaly.metric)?;
    let metrics = split.metrics();
    let (start, end) = (&anomaly.past[anomaly.event.first], &anomaly.past[anomaly.event.last]);
    let before = start.date.checked_sub_days(Days::new(7 * WEEKS));
    let before = before.map_or(start.start, |day| scope.calendar.midnight(day));
    let period = Period::new(before, end.end).map_err(|error| Fault::invalid("period", error.to_string()))?;
    let query = MetricQuery {
        grain: Some(Grain::Day),
        dimensions: vec![dimension],
        ..scope.over(period).query(&metrics)
    };
    let table = scope.desk.engine().ask(&query).await?;
    let past = anomaly.past.partition_point(|day| day.start < before);
    let days = &anomaly.past[past..=anomaly.event.last];
    // For each value its days in order, zeros where it had nothing.
    let mut parts: BTreeMap<Option<String>, Vec<Vec<f64>>> = BTreeMap::new();
    for row in table.rows {
        let Some(day) =
            row.bucket.and_then(|bucket| days.binary_search_by_key(&bucket.start, |day| day.start).ok())
        else {
            continue;
        };
        let nothing = || vec![vec![0.0; days.len()]; metrics.len()];
        let series = parts.entry(row.keys.into_iter().next().flatten()).or_insert_with(nothing);
        for (metric, series) in metrics.iter().zip(series) {
            series[day] = number(&row.figures, *metric)?.unwrap_or(0.0);
        }
    }
    let event = anomaly.event.first - past..=days.len() - 1;
    let values: Vec<&Vec<Vec<f64>>> = parts.values().collect();
    let (sums, ranking): (Vec<Option<statistics::Part>>, Vec<Contribution>) = match split {
        Split::Sum(_) => {
            let series: Vec<&[f64]> = values.iter().map(|series| series[0].as_slice()).collect();
            let (sums, ranking) = statistics::explain(&series, event, WEEK, anomaly.event.total);
            (sums.into_iter().map(Some).collect(), ranking)
        }
        Split::Ratio(..) => {
            let series: Vec<(&[f64], &[f64])> =
                values.iter().map(|series| (series[0].as_slice(), series[1].as_slice())).collect();
            let expected = anomaly.event.mean_expected;
            let (_, ranking) = statistics::explain_ratio(&series, event, WEEK, expected);
            (vec![None; series.len()], ranking)
        }
    };
    let ids: Vec<&Option<String>> = parts.keys().collect();
    let gaps: Vec<f64> = ranking.iter().map(|one| one.gap).collect();
    let shown = |value| Estimate::new(value, anomaly.metric, scope.currency).number();
    let ranking = ranking.into_iter().zip(rounded_together(&gaps, shown));
    let contributor = |(Contribution { part, share, .. }, gap): (Contribution, f64)| Contributor {
        id: ids.get(part).and_then(|id| (*id).clone()),
        is_rest: part >= ids.len(),
        gap,
        share,
        part: sums[part].map(|sum| statistics::Part { expected: sum.actual - gap, ..sum }),
    };
    Ok(ranking.take(first).map(contributor).collect())
}

/// Gaps as they are shown, which add up to all of them together as that is shown: what rounding one leaves goes to the next.
fn rounded_together(gaps: &[f64], shown: impl Fn(f64) -> f64) -> Vec<f64> {
    let (mut all, mut told) = (0.0, 0.0);
    let mut next = |gap: &f64| {
        all += gap;
        let before = told;
        told = shown(all);
        told - before
    };
    gaps.iter().map(&mut next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rounded_adds_up_to_the_whole() {
        assert_eq!(rounded_together(&[-1.4, -1.4, -1.4, 0.0, 0.2], f64::round), [-1.0, -2.0, -1.0, 0.0, 0.0]);
        assert_eq!(rounded_together(&[], f64::round), [0.0; 0]);
    }
}
