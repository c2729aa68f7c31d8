//! `GET /anomalies`: days on which a metric was not what it should have been.

use axum::extract::RawQuery;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::described::{Refusals, Suspect, Window};
use super::figures::{Minor, Share, instant};
use super::parameters::{SEVERITIES, Suspicion, daily_name};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::Metric;
use crate::metrics::catalogue::Unit;
use crate::money::Currency;
use crate::reports::anomalies::{self, Anomaly, Direction, name_of};
use crate::reports::estimate::Estimate;
use crate::rest::Number;

/// Days of the window on which a metric was not what its past let expect. Only days that are over are judged.
#[utoipa::path(
    get,
    path = "/anomalies",
    tag = TAG,
    operation_id = "ecosire_anomalies",
    params(Suspect, Window),
    responses((status = 200, description = "The anomalies.", body = Anomalies), Refusals),
)]
pub async fn anomalies(asked: Asked, RawQuery(query): RawQuery) -> Answer {
    json(&report(asked, Suspicion::read(&query.unwrap_or_default())?).await?)
}

/// What the route answers.
pub async fn report(asked: Asked, Suspicion { severity, metric }: Suspicion) -> Result<Anomalies, Fault> {
    let scope = asked.scope;
    let metrics = metric.map_or_else(|| anomalies::fitting(&scope), |metric| vec![metric]);
    let found = anomalies::anomalies(&scope, &metrics, severity).await?;
    Ok(Anomalies { anomalies: found.iter().map(|one| Told::of(one, scope.currency)).collect() })
}

/// `GET /anomalies`
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::Anomalies)]
pub struct Anomalies {
    /// The latest first; those of one day by how far off they were.
    anomalies: Vec<Told>,
}

/// Days on which a metric was not what it should have been.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Anomaly)]
struct Told {
    /// What stood out, such as `daily_revenue`.
    metric: String,
    /// How far: `low`, `medium` or `high`.
    severity: &'static str,
    /// When the day that was furthest off was over.
    #[schema(format = DateTime)]
    detected_at: String,
    /// What was to be expected of that day: minor units where it is an amount.
    expected: Figure,
    /// What there was.
    actual: Figure,
    /// How far that is from what was to be expected: -0.77 is 77 % below.
    deviation: Share,
    /// What happened, in words.
    description: String,
}

impl Told {
    fn of(anomaly: &Anomaly, currency: Currency) -> Self {
        let Anomaly { metric, event, .. } = anomaly;
        // Nothing to be expected is nothing to divide by.
        let deviation = Estimate::to_digits(anomaly.deviation(currency).unwrap_or(1.0), 2);
        Self {
            metric: daily_name(*metric),
            severity: SEVERITIES
                .iter()
                .find(|(_, known)| *known == event.severity)
                .map_or("", |(name, _)| name),
            detected_at: instant(anomaly.detected_at()),
            expected: figure(event.expected, *metric, currency),
            actual: figure(event.actual, *metric, currency),
            deviation: Share(Number::plain(deviation.scaled, deviation.digits)),
            description: description(anomaly, currency),
        }
    }
}

/// A figure of any metric.
#[derive(Serialize)]
#[serde(untagged)]
enum Figure {
    /// An amount.
    Minor(Minor),
    /// A part of one.
    Share(Share),
    /// Any other number.
    Number(Number),
}

impl PartialSchema for Figure {
    fn schema() -> RefOr<Schema> {
        Number::schema()
    }
}

impl ToSchema for Figure {}

fn figure(value: f64, metric: Metric, currency: Currency) -> Figure {
    let Estimate { scaled, digits } = Estimate::new(value, metric, currency);
    match metric.definition().unit {
        Unit::Money => Figure::Minor(Minor(scaled)),
        Unit::Ratio => Figure::Share(Share(Number::plain(scaled, digits))),
        _ => Figure::Number(Number::plain(scaled, digits)),
    }
}

/// The words of the API's document, where what they name is so: a busy day of the week may lie above the moving average
/// and still be less than it should be.
fn description(anomaly: &Anomaly, currency: Currency) -> String {
    let Anomaly { metric, event, worst, .. } = anomaly;
    let (side, sign) = match event.direction {
        Direction::Above => ("above", 1.0),
        Direction::Below => ("below", -1.0),
    };
    let percent = |share: Option<f64>| {
        share.map(|share| Estimate::to_digits(share * sign * 100.0, 0).scaled).filter(|percent| *percent > 0)
    };
    let how_far = match (percent(event.from_average), percent(anomaly.deviation(currency))) {
        (Some(percent), _) => format!("{percent}% {side} 30-day moving average"),
        (None, Some(percent)) => format!("{percent}% {side} what was expected"),
        (None, None) => format!("{side} what was expected"),
    };
    format!("{} {how_far} on {}", name_of(*metric), worst.date)
}
