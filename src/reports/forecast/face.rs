//! Forecasts, as GraphQL shows them.

use async_graphql::{Enum, SimpleObject};

use super::{Expected, Foreseen};
use crate::foresight::forecast::{Fitted, Model};
use crate::metrics::Metric;
use crate::period::Grain;
use crate::reports::estimate::Estimate;
use crate::reports::face::BucketFields;
use crate::scalars::{CurrencyCode, Decimal, Instant};

/// What answers a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Model")]
pub enum ForecastModel {
    /// The combination, unless another was off by a fifth less, or more, when it was asked for what is past.
    Auto,
    /// Damped linear trend and seasons.
    LinearRegressionWithSeasonality,
    /// What was a season ago.
    SeasonalNaive,
    /// The Theta method: half the trend, and exponential smoothing.
    Theta,
    /// Exponential smoothing with a damped trend.
    Ets,
    /// The mean of linear regression, Theta and exponential smoothing.
    Combination,
}

/// What answered a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Fitted")]
enum FittedModel {
    /// Damped linear trend and seasons.
    LinearRegressionWithSeasonality,
    /// What was a season ago.
    SeasonalNaive,
    /// The Theta method: half the trend, and exponential smoothing.
    Theta,
    /// Exponential smoothing with a damped trend.
    Ets,
    /// The mean of linear regression, Theta and exponential smoothing.
    Combination,
    /// The last value, moving on as it has on average: for fewer than two seasons, where there is a trend or it was nearer.
    Drift,
    /// The mean of all values: for fewer than two seasons, where there is no trend and it was nearer.
    Mean,
}

/// What a metric is expected to come to. Estimates, not figures: they rest on what was, and say how sure they are.
#[derive(SimpleObject)]
#[graphql(name = "Forecast")]
pub struct ForecastObject {
    /// What is forecast.
    metric: Metric,
    /// Length of the buckets.
    grain: Grain,
    /// The currency of its amounts.
    currency: CurrencyCode,
    /// When it was made.
    generated_at: Instant,
    /// The model that answered.
    model: FittedModel,
    /// The share of what comes that the intervals are to hold.
    level: Decimal,
    /// The bucket that is running, as a whole.
    current: RunningForecast,
    /// The buckets after it.
    points: Vec<ForecastPoint>,
    /// 1 less the share by which this model was off when it was asked for what is past, from 0 to 1; null where there are
    /// fewer than two complete buckets to ask it for.
    confidence: Option<Decimal>,
    /// The share of what is past that would have lain within this model's intervals; null where it was asked from fewer
    /// than five ends of the past.
    coverage: Option<Decimal>,
    /// Complete buckets that it rests on, from the first in which anything happened.
    history: i32,
    /// How many ends of the past the model was asked from.
    origins: i32,
}

/// What is expected of the bucket that is running: money in major units.
#[derive(SimpleObject)]
struct RunningForecast {
    /// When it is.
    bucket: BucketFields,
    /// What it has come to so far; of a level, what it is now.
    so_far: Decimal,
    /// What the whole of it is expected to come to: what it has so far, and what is expected of the rest.
    predicted: Decimal,
    /// Where the interval begins.
    low: Decimal,
    /// Where it ends.
    high: Decimal,
}

/// What is expected of a bucket: money in major units.
#[derive(SimpleObject)]
struct ForecastPoint {
    /// When it is.
    bucket: BucketFields,
    /// What it is expected to come to.
    predicted: Decimal,
    /// Where the interval begins.
    low: Decimal,
    /// Where it ends.
    high: Decimal,
}

impl From<&Expected> for ForecastPoint {
    fn from(Expected { bucket, predicted, low, high }: &Expected) -> Self {
        let text = |estimate: &Estimate| Decimal(estimate.text());
        Self {
            bucket: BucketFields::from(*bucket),
            predicted: text(predicted),
            low: text(low),
            high: text(high),
        }
    }
}

impl RunningForecast {
    fn of(so_far: Decimal, current: &Expected) -> Self {
        let ForecastPoint { bucket, predicted, low, high } = current.into();
        Self { bucket, so_far, predicted, low, high }
    }
}

impl From<Foreseen> for ForecastObject {
    fn from(from: Foreseen) -> Self {
        let Foreseen { ahead, currency, generated_at, so_far, current, points, history, forecast } = from;
        let share = |share: f64| Decimal(Estimate::to_digits(share, 4).text());
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            metric: ahead.metric,
            grain: ahead.grain,
            currency: CurrencyCode(currency),
            generated_at: Instant(generated_at),
            model: forecast.model.into(),
            level: share(ahead.level),
            current: RunningForecast::of(Decimal(so_far), &current),
            points: points.iter().map(ForecastPoint::from).collect(),
            confidence: forecast.confidence.map(share),
            coverage: forecast.coverage.map(share),
            history: count(history),
            origins: count(forecast.backtest.map_or(0, |backtest| backtest.origins)),
        }
    }
}
