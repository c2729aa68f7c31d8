//! How far off a forecast may be, by how far off those of the backtest were.
//!
//! The backtest has few trials for each horizon, fewer the farther it is. So one curve says how errors grow with the
//! horizon, on beyond the farthest that was tried, and all errors measured by it say how large they are. The interval
//! is a quantile of them (as split conformal prediction has it: Vovk, Gammerman and Shafer 2005), times the curve at
//! each horizon, and wider the fewer trials there were that tell something of their own.
//!
//! Where forecasts were nearly always right and then far off, as where nothing happened for long and suddenly much did, a
//! quantile of the errors is next to nothing. So no interval is narrower than one of normal errors with the same mean,
//! and there it reaches as far as the middle of what there was before.

use super::backtest::Trial;
use super::number::{mean, quantile, real};

/// Errors are thought to grow with this power of the horizon, those of a random walk with 0.5 …
const GROWTH: f64 = 0.4;
/// … until the errors of about a dozen trials say otherwise; in units of their weight below.
const GROWTH_WEIGHT: f64 = 10.0;
/// The standard deviation of normal errors is so many times their mean without sign.
const MEAN_TO_DEVIATION: f64 = 1.2533;
/// Half of the errors are less than this share of their mean where a forecast is nearly always right and then far off.
const RARELY_OFF: f64 = 0.1;
/// Errors smaller than this share of the largest value are those of arithmetic.
const NOTHING: f64 = 1e-9;
/// Trials are thought to tell as much as so many at least that have no bucket in common: below, the allowance is out of
/// its depth.
const FEWEST_INDEPENDENT: f64 = 3.5;
/// Coverage is measured from the fifth trial on.
const EARLIER: usize = 4;
/// No interval spans more than this power of e to either side, some twenty times: two buckets that differ much say next to
/// nothing of the next, but not that it will be a thousand times as large.
const WIDEST: f64 = 3.0;

/// What intervals are to be.
#[derive(Clone, Copy, Debug)]
pub struct Measure<'a> {
    /// The past.
    pub values: &'a [f64],
    /// The share of what comes that they are to hold.
    pub level: f64,
    /// Whether errors are ratios, as where all values are above zero.
    pub relative: bool,
}

/// How wide to go about a forecast.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    relative: bool,
    /// Half the width one bucket ahead; of its logarithm where errors are ratios.
    width: f64,
    /// The power of the horizon by which the width grows.
    growth: f64,
    /// What the interval holds in any case, as far to the other side.
    usual: Option<(f64, f64)>,
}

impl Spread {
    /// This far at every horizon, for want of trials.
    pub fn unmeasured(width: f64) -> Self {
        Self { relative: false, width, growth: 0.0, usual: None }
    }

    /// Low and high about what is predicted this many buckets ahead.
    pub fn about(&self, predicted: f64, ahead: usize) -> (f64, f64) {
        let reach = self.width * real(ahead).powf(self.growth);
        let (low, high) = if self.relative && predicted > 0.0 {
            let ratio = reach.min(WIDEST).exp();
            (predicted / ratio, predicted * ratio)
        } else {
            (predicted - reach, predicted + reach)
        };
        let far = self.usual.map_or(0.0, |(least, most)| (predicted - least).max(most - predicted));
        (low.min(predicted - far), high.max(predicted + far))
    }
}

/// The spread that these trials teach about what follows so many values; None where nothing was tried.
pub fn spread(trials: &[Trial], known: usize, measure: Measure) -> Option<Spread> {
    let errors: Vec<(usize, f64)> = trials.iter().flat_map(|trial| errors(trial, measure.relative)).collect();
    if errors.is_empty() {
        return None;
    }
    let growth = growth(&errors);
    let mut sizes: Vec<f64> = errors.iter().map(|(ahead, error)| error / real(*ahead).powf(growth)).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let typical = mean(&sizes);
    let by_mean = typical * MEAN_TO_DEVIATION * normal(f64::midpoint(1.0, measure.level));
    // A value more stands beside those that are known, and may be the farthest off.
    let rank = measure.level * (1.0 + 1.0 / real(sizes.len()));
    let width = quantile(&sizes, rank).max(by_mean) * allowance(measure.level, independent(trials));
    let is_rarely_off = quantile(&sizes, 0.5) < typical * RARELY_OFF;
    let usual = is_rarely_off.then(|| usual(&measure.values[..known], measure.level));
    Some(Spread { relative: measure.relative, width, growth, usual })
}

/// What values of the past with this share of them in the middle lie between.
fn usual(values: &[f64], level: f64) -> (f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    (quantile(&sorted, (1.0 - level) / 2.0), quantile(&sorted, f64::midpoint(1.0, level)))
}

/// The share of what came that lay in the intervals which the trials before, as far as they could be seen from there,
/// would have given; None where there are fewer than five trials.
pub fn coverage(trials: &[Trial], measure: Measure) -> Option<f64> {
    let (mut inside, mut all) = (0, 0);
    for (place, trial) in trials.iter().enumerate().skip(EARLIER) {
        let seen: Vec<Trial> = trials[..place].iter().map(|earlier| earlier.by(trial.known)).collect();
        let Some(spread) = spread(&seen, trial.known, measure) else { continue };
        for (step, (predicted, actual)) in trial.predicted.iter().zip(&trial.actual).enumerate() {
            let (low, high) = spread.about(*predicted, step + 1);
            inside += usize::from(low - NOTHING <= *actual && *actual <= high + NOTHING);
            all += 1;
        }
    }
    (all > 0).then(|| real(inside) / real(all))
}

/// The errors of a trial without sign, with how many buckets ahead each was.
fn errors(trial: &Trial, relative: bool) -> impl Iterator<Item = (usize, f64)> {
    let error = move |(predicted, actual): (&f64, &f64)| {
        let error = if relative && *predicted > 0.0 && *actual > 0.0 {
            (actual.ln() - predicted.ln()).abs()
        } else {
            (actual - predicted).abs()
        };
        if error < NOTHING { 0.0 } else { error }
    };
    trial.predicted.iter().zip(&trial.actual).map(error).enumerate().map(|(step, error)| (step + 1, error))
}

/// The power of the horizon by which errors grow, 0 to 1: the slope of the logarithm of the mean error over that of
/// the horizon, each horizon weighing as its trials are many, and drawn towards what is usual.
fn growth(errors: &[(usize, f64)]) -> f64 {
    let farthest = errors.iter().map(|(ahead, _)| *ahead).max().unwrap_or(0);
    let at = |ahead: usize| {
        let here: Vec<f64> = errors.iter().filter(|(at, _)| *at == ahead).map(|(_, error)| *error).collect();
        let size = mean(&here);
        (size > 0.0).then(|| (real(ahead).ln(), size.ln(), real(here.len())))
    };
    let points: Vec<(f64, f64, f64)> = (1..=farthest).filter_map(at).collect();
    let weight: f64 = points.iter().map(|(_, _, weight)| weight).sum();
    if weight <= 0.0 {
        return GROWTH;
    }
    let across = points.iter().map(|(across, _, weight)| across * weight).sum::<f64>() / weight;
    let along: f64 = points.iter().map(|(at, _, weight)| weight * (at - across).powi(2)).sum();
    let rising: f64 = points.iter().map(|(at, height, weight)| weight * (at - across) * height).sum();
    ((rising + GROWTH * GROWTH_WEIGHT) / (along + GROWTH_WEIGHT)).clamp(0.0, 1.0)
}

/// How many trials without a bucket in common would tell as much: the buckets in which errors were measured by how
/// many of them a trial spans.
fn independent(trials: &[Trial]) -> f64 {
    let first = trials.iter().map(|trial| trial.known).min().unwrap_or(0);
    let last = trials.iter().map(|trial| trial.known + trial.actual.len()).max().unwrap_or(0);
    let longest = trials.iter().map(|trial| trial.actual.len()).max().unwrap_or(1).max(1);
    (real(last - first) / real(longest)).max(FEWEST_INDEPENDENT.min(real(trials.len())))
}

/// How much wider an interval is of a spread that so many errors tell than of one that is known: the quantile of
/// Student's t by the normal one (Abramowitz and Stegun, 26.7.5).
fn allowance(level: f64, count: f64) -> f64 {
    let square = normal(f64::midpoint(1.0, level)).powi(2);
    let first = (square + 1.0) / 4.0;
    let second = ((5.0 * square + 16.0) * square + 3.0) / 96.0;
    let third = (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
    1.0 + (first + (second + third / count) / count) / count
}

/// The value below which a standard normal falls this often, one half or more (Abramowitz and Stegun, 26.2.23).
fn normal(share: f64) -> f64 {
    let root = (-2.0 * (1.0 - share).ln()).sqrt();
    let above = 2.515_517 + root * (0.802_853 + root * 0.010_328);
    let below = 1.0 + root * (1.432_788 + root * (0.189_269 + root * 0.001_308));
    (root - above / below).max(0.0)
}
