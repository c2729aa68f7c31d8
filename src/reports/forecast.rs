//! What a metric is expected to come to in the buckets ahead, from all complete ones that there are.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};

use crate::fault::Fault;
use crate::foresight::forecast::{self as statistics, Fitted, Forecast, Question};
use crate::metrics::Metric;
use crate::metrics::catalogue::{Formula, Unit};
use crate::money::Currency;
use crate::period::{Bucket, Calendar, Grain, Period, PeriodError};
use crate::reports::estimate::{Estimate, number};
use crate::reports::face::BucketFields;
use crate::reports::scope::Scope;
use crate::scalars::{CurrencyCode, Decimal, Instant};

pub use crate::foresight::forecast::Model;

/// Most buckets ahead.
pub const MAX_PERIODS: u32 = 36;

/// The grains that can be forecast: how many buckets are looked back on at most, and how many make a season.
const GRAINS: [(Grain, u32, &[f64]); 4] = [
    (Grain::Day, 1096, &[7.0, 365.25]),
    (Grain::Week, 261, &[52.18]),
    (Grain::Month, 120, &[12.0]),
    (Grain::Quarter, 40, &[4.0]),
];

/// What is to be forecast.
#[derive(Clone, Copy, Debug)]
pub struct Ahead {
    /// Which metric.
    pub metric: Metric,
    /// By buckets of which length.
    pub grain: Grain,
    /// How many, from the one after that which is running.
    pub periods: u32,
    /// By which model.
    pub model: Model,
    /// The share of what comes that intervals are to hold.
    pub level: f64,
}

/// What is expected of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Which.
    pub bucket: Bucket,
    /// What it comes to.
    pub predicted: Estimate,
    /// Where the interval begins.
    pub low: Estimate,
    /// Where it ends.
    pub high: Estimate,
}

/// What was foreseen.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// What of.
    pub ahead: Ahead,
    /// The currency of amounts.
    pub currency: Currency,
    /// When.
    pub generated_at: DateTime<Utc>,
    /// The bucket that is running, as a whole.
    pub current: Expected,
    /// Those after it.
    pub points: Vec<Expected>,
    /// Complete buckets that it rests on, from the first in which anything happened.
    pub history: usize,
    /// The model, and how good it is.
    pub forecast: Forecast,
}

impl Ahead {
    fn check(&self) -> Result<(u32, &'static [f64]), Fault> {
        let known = GRAINS.iter().find(|(grain, ..)| *grain == self.grain);
        let (_, back, seasons) = known
            .ok_or_else(|| Fault::invalid("grain", "days, weeks, months and quarters can be forecast"))?;
        if !(1..=MAX_PERIODS).contains(&self.periods) {
            let message = format!("must lie between 1 and {MAX_PERIODS}, not {}", self.periods);
            return Err(Fault::invalid("periods", message));
        }
        if !(0.5..=0.99).contains(&self.level) {
            return Err(Fault::invalid(
                "level",
                format!("must lie between 0.5 and 0.99, not {}", self.level),
            ));
        }
        let unit = self.metric.definition().unit;
        let is_sum = matches!(unit, Unit::Money | Unit::Count) || self.metric.adds_up();
        if !is_sum || !self.metric.has_history() {
            let message = format!(
                "{} cannot be forecast: amounts, counts and sums can that are known of every bucket, and what a \
                 quotient is made of",
                self.metric.name()
            );
            return Err(Fault::invalid("metric", message));
        }
        Ok((*back, seasons))
    }
}

/// Forecasts a metric of the facts that `scope` counts, as of now; the scope's period is not looked at.
pub async fn forecast(scope: &Scope, ahead: Ahead) -> Result<Foreseen, Fault> {
    let (back, seasons) = ahead.check()?;
    let (past, buckets) = times(&scope.calendar, &ahead, back, scope.now())
        .map_err(|error| Fault::invalid("periods", error.to_string()))?;
    let rows = scope.over(past).series(ahead.grain, &[ahead.metric]).await?;
    let values: Result<Vec<f64>, Fault> =
        rows.iter().map(|row| Ok(number(&row.figures, ahead.metric)?.unwrap_or(0.0))).collect();
    let mut values = values?;
    // Before anything happened there was no business to learn from.
    values.drain(..values.iter().take_while(|value| **value == 0.0).count());
    let history = values.len();
    let floor = (!can_be_below_zero(ahead.metric) && values.iter().all(|value| *value >= 0.0)).then_some(0.0);
    let horizon = buckets.len();
    let reckoned = move || {
        let Ahead { model, level, .. } = ahead;
        statistics::forecast(&Question { values: &values, seasons, horizon, model, level, floor })
    };
    let forecast = tokio::task::spawn_blocking(reckoned)
        .await
        .map_err(|error| Fault::Internal(format!("a forecast broke off: {error}")))?;
    let estimate = |value: f64| Estimate::new(value, ahead.metric, scope.currency);
    let points = buckets.into_iter().zip(&forecast.points).map(|(bucket, point)| Expected {
        bucket,
        predicted: estimate(point.predicted),
        low: estimate(point.low),
        high: estimate(point.high),
    });
    let mut points: Vec<Expected> = points.collect();
    let generated_at = scope.now();
    let current = points.remove(0);
    Ok(Foreseen { ahead, currency: scope.currency, generated_at, current, points, history, forecast })
}

/// The complete buckets before `now`, as a period, and those from the one that is running on.
fn times(
    calendar: &Calendar,
    ahead: &Ahead,
    back: u32,
    now: DateTime<Utc>,
) -> Result<(Period, Vec<Bucket>), PeriodError> {
    let current = calendar.bucket(ahead.grain, now)?;
    let first = calendar.bucket(ahead.grain, calendar.back(&current, ahead.grain, back)?.start())?;
    let past = Period::new(first.start(), current.start())?;
    let mut day = calendar.first_day(ahead.grain, calendar.date(current.start()));
    let mut buckets = Vec::new();
    while buckets.len() <= ahead.periods as usize {
        let next = Calendar::next_day(ahead.grain, day);
        let bucket = Bucket { start: calendar.midnight(day), end: calendar.midnight(next), date: day };
        // A zone may skip a whole local day.
        if bucket.start < bucket.end {
            buckets.push(bucket);
        }
        day = next;
    }
    Ok((past, buckets))
}

/// Whether a metric takes something off, so that less than nothing may be left.
fn can_be_below_zero(metric: Metric) -> bool {
    match metric.definition().formula {
        Formula::Difference(..) => true,
        Formula::Total(a, b) | Formula::Product(a, b) | Formula::Middle(a, b) | Formula::Ratio(a, b) => {
            can_be_below_zero(a) || can_be_below_zero(b)
        }
        Formula::Part(of, _) => can_be_below_zero(of),
        _ => false,
    }
}

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
    /// The last value, moving on as it has on average: where there are fewer than two seasons.
    Drift,
    /// The mean of all values: likewise, where that was nearer.
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
    current: ForecastPoint,
    /// The buckets after it.
    points: Vec<ForecastPoint>,
    /// 1 less the share by which the model was off when it was asked for what is past, from 0 to 1; null without enough
    /// of it.
    confidence: Option<Decimal>,
    /// The share of what is past that would have lain within the intervals; null without enough of it.
    coverage: Option<Decimal>,
    /// Complete buckets that it rests on, from the first in which anything happened.
    history: i32,
    /// How many ends of the past the model was asked from.
    origins: i32,
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

impl From<Foreseen> for ForecastObject {
    fn from(from: Foreseen) -> Self {
        let Foreseen { ahead, currency, generated_at, current, points, history, forecast } = from;
        let share = |share: f64| Decimal(Estimate::to_digits(share, 4).text());
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            metric: ahead.metric,
            grain: ahead.grain,
            currency: CurrencyCode(currency),
            generated_at: Instant(generated_at),
            model: forecast.model.into(),
            level: share(ahead.level),
            current: (&current).into(),
            points: points.iter().map(ForecastPoint::from).collect(),
            confidence: forecast.confidence.map(share),
            coverage: forecast.coverage.map(share),
            history: count(history),
            origins: count(forecast.backtest.map_or(0, |backtest| backtest.origins)),
        }
    }
}
