//! What comes next in a series of numbers, how far off that may be, and which model says so.
//!
//! Knows buckets and nothing of what is counted in them, of time zones or of money: complete buckets come in, oldest
//! first, and points go out. The models see the past freed of its seasons (`season`) and of its wildest values
//! (`history`); each is a file of its own. How good they are is found out by asking them what they would have said
//! before (`backtest`), and intervals are as wide as their errors were then (`interval`). Nothing here is drawn by
//! chance: the same question has the same answer, and how far ahead it asks changes no bucket of it.
//! `benches/forecast.rs` measures it against the M1 competition.

mod backtest;
mod history;
mod interval;
mod linear;
mod models;
mod number;
mod season;
mod simplex;
mod smoothing;
mod theta;
mod waves;

#[cfg(test)]
mod tests;

use backtest::Trial;
use models::Asked;

/// No forecast goes on for more buckets than this.
pub const FARTHEST: usize = 366;

/// Fewer values than this are too few for any model, seasons or not.
const FEWEST: usize = 6;
/// For [`Model::Auto`] the first model answers unless another's error is less than this share of its own: a mean of
/// several models is a safer choice than the winner among few trials.
const CLEARLY_BETTER: f64 = 0.8;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Complete buckets, oldest first, none left out (gaps are zeros already). What is not finite counts as 0.
    pub values: &'a [f64],
    /// What is known of such buckets.
    pub rhythm: Rhythm<'a>,
    /// How many buckets ahead, up to [`FARTHEST`].
    pub horizon: usize,
    /// Which model is to answer.
    pub model: Model,
    /// The share of what comes that intervals are to hold, within 0.01 to 0.999: 0.8 says 80 %.
    pub level: f64,
    /// What no value can be below: 0 for counts, None where values may be negative.
    pub floor: Option<f64>,
}

/// How buckets of one length go.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm<'a> {
    /// Buckets in each season, shortest first, not always whole; none where nothing returns. A season counts once two of
    /// it are there.
    pub seasons: &'a [f64],
    /// How many buckets ahead the models are tried in the backtest, and are to be good at.
    pub ahead: usize,
}

impl Rhythm<'static> {
    /// Of days: weeks and years.
    pub const DAYS: Self = Self { seasons: &[7.0, 365.25], ahead: 28 };
    /// Of weeks: years.
    pub const WEEKS: Self = Self { seasons: &[52.18], ahead: 13 };
    /// Of months: years.
    pub const MONTHS: Self = Self { seasons: &[12.0], ahead: 18 };
    /// Of quarters: years.
    pub const QUARTERS: Self = Self { seasons: &[4.0], ahead: 8 };
}

/// Which model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Model {
    /// The combination, unless another was off by a fifth less, or more, in the backtest.
    #[default]
    Auto,
    /// Damped linear trend and seasons.
    LinearRegressionWithSeasonality,
    /// What was a season ago; the last value where there are no seasons.
    SeasonalNaive,
    /// The Theta method.
    Theta,
    /// Exponential smoothing.
    Ets,
    /// The mean of linear regression, Theta and exponential smoothing.
    Combination,
}

/// Which model answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitted {
    /// Damped linear trend and seasons.
    LinearRegressionWithSeasonality,
    /// What was a season ago.
    SeasonalNaive,
    /// The Theta method.
    Theta,
    /// Exponential smoothing.
    Ets,
    /// The mean of linear regression, Theta and exponential smoothing.
    Combination,
    /// The last value, moving on as it has on average: for less than two seasons, or six buckets, where values have a trend
    /// or it was nearer than the mean in the backtest.
    Drift,
    /// The mean of all values: likewise, where it was nearer and there is no trend.
    Mean,
}

impl Fitted {
    /// Its name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::LinearRegressionWithSeasonality => "linear_regression_with_seasonality",
            Self::SeasonalNaive => "seasonal_naive",
            Self::Theta => "theta",
            Self::Ets => "ets",
            Self::Combination => "combination",
            Self::Drift => "drift",
            Self::Mean => "mean",
        }
    }
}

/// What is forecast for one bucket, in the unit of the values: low ≤ predicted ≤ high, all finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// What is expected.
    pub predicted: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Which model it is from.
    pub model: Fitted,
    /// The next buckets, the nearest first; as many as were asked for.
    pub points: Vec<Point>,
    /// 1 − the weighted absolute percentage error of the backtest, within 0 to 1; None without one.
    pub confidence: Option<f64>,
    /// The share of the backtest's values that lay in the intervals that would have been given then; None where fewer
    /// than five ends of the past were tried.
    pub coverage: Option<f64>,
    /// How it did before; None for fewer than two values.
    pub backtest: Option<Backtest>,
}

/// What the model that answers would have said before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backtest {
    /// From how many ends of the past.
    pub origins: usize,
    /// How many buckets ahead at most.
    pub farthest: usize,
    /// How many values that was compared with, counting one anew for each end.
    pub compared: usize,
    /// The weighted absolute percentage error as a ratio: all that was off over all that came.
    pub wape: f64,
    /// The mean absolute error, in the unit of the values.
    pub mae: f64,
}

/// The answer to a question. Any series has one, an empty one zeros.
pub fn forecast(question: &Question) -> Forecast {
    let values: Vec<f64> =
        question.values.iter().map(|value| if value.is_finite() { *value } else { 0.0 }).collect();
    let largest = values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    // Models see numbers no larger than 1, so that squares of large ones stay finite.
    let unit = if largest > 0.0 { largest } else { 1.0 };
    let values: Vec<f64> = values.iter().map(|value| value / unit).collect();
    let Rhythm { seasons, ahead } = question.rhythm;
    let full = seasons.iter().take_while(|season| season::full(values.len(), **season)).count();
    let enough = values.len() >= FEWEST && (full > 0 || seasons.is_empty());
    let (models, favour) = if enough { candidates(question.model) } else { short(&values) };
    let floor = question.floor.map(|floor| floor / unit);
    let asked = Asked { seasons: &seasons[..full], ahead: ahead.max(1), floor, models };
    let mut trials = backtest::trials(&values, &asked);
    let chosen = backtest::chosen(&trials, favour);
    let horizon = question.horizon.min(FARTHEST);
    let predicted = models::predicted(&values, &asked, horizon, &mut None).swap_remove(chosen);
    let trials = trials.swap_remove(chosen);
    let measure = interval::Measure {
        values: &values,
        level: question.level.clamp(0.01, 0.999),
        relative: values.iter().all(|value| *value > 0.0),
    };
    let backtest = backtest::summary(&trials, unit);
    Forecast {
        model: models[chosen],
        points: points(&predicted, &spread(&trials, measure), question.floor, unit),
        confidence: backtest.map(|backtest| (1.0 - backtest.wape).clamp(0.0, 1.0)),
        coverage: interval::coverage(&trials, measure),
        backtest,
    }
}

/// The models to try, the one that is asked for first, with the combination also those that it combines; and by how much
/// another must be nearer to answer instead of the first: 0 for never.
fn candidates(model: Model) -> (&'static [Fitted], f64) {
    use Fitted::{Combination, Ets, LinearRegressionWithSeasonality, SeasonalNaive, Theta};
    match model {
        Model::Auto => {
            (&[Combination, LinearRegressionWithSeasonality, Theta, Ets, SeasonalNaive], CLEARLY_BETTER)
        }
        Model::Combination => (&[Combination, LinearRegressionWithSeasonality, Theta, Ets], 0.0),
        Model::LinearRegressionWithSeasonality => (&[LinearRegressionWithSeasonality], 0.0),
        Model::SeasonalNaive => (&[SeasonalNaive], 0.0),
        Model::Theta => (&[Theta], 0.0),
        Model::Ets => (&[Ets], 0.0),
    }
}

/// The same where the past is too short for any of them: drift where there is a trend, else what is nearer.
fn short(values: &[f64]) -> (&'static [Fitted], f64) {
    if number::is_trending(values) { (&[Fitted::Drift], 0.0) } else { (&[Fitted::Mean, Fitted::Drift], 1.0) }
}

/// How wide to go: as the backtest says; without one, by as much as the values are large.
fn spread(trials: &[Trial], measure: interval::Measure) -> interval::Spread {
    let size = number::mean(&measure.values.iter().map(|value| value.abs()).collect::<Vec<f64>>());
    interval::spread(trials, measure.values.len(), measure).unwrap_or(interval::Spread::unmeasured(size))
}

/// The points in the unit of the values, at or above their floor.
fn points(predicted: &[f64], spread: &interval::Spread, floor: Option<f64>, unit: f64) -> Vec<Point> {
    let in_unit = |value: f64| (value * unit).clamp(f64::MIN, f64::MAX).max(floor.unwrap_or(f64::MIN));
    let point = |(step, value): (usize, &f64)| {
        let (low, high) = spread.about(*value, step + 1);
        Point { predicted: in_unit(*value), low: in_unit(low), high: in_unit(high) }
    };
    predicted.iter().enumerate().map(point).collect()
}
