//! The models by name: what each says of the values after a past.

use std::cell::LazyCell;

use super::Fitted;
use super::history::History;
use super::linear::linear;
use super::number::{mean, reach, real, sturdy_line, whole};
use super::season::LONGEST_BY_PHASE;
use super::smoothing::Fit;
use super::theta::theta;

/// No forecast is farther from 0 than this many times the largest value there was.
const FARTHEST_OFF: f64 = 10.0;

/// What is asked of the models, in their unit.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Lengths of seasons in buckets, shortest first: those that the whole past holds two of.
    pub seasons: &'a [f64],
    /// How many buckets ahead the models are to be good at.
    pub ahead: usize,
    /// What no value can be below.
    pub floor: Option<f64>,
    /// Which models; with the combination those that it combines.
    pub models: &'a [Fitted],
}

impl Asked<'_> {
    /// Buckets in the shortest season; 1 without any.
    pub fn season(&self) -> f64 {
        self.seasons.first().copied().unwrap_or(1.0)
    }
}

/// What each of the models says of the values after these. `fit` is what exponential smoothing learned, from less of the
/// same past, or now.
pub fn predicted(values: &[f64], asked: &Asked, horizon: usize, fit: &mut Option<Fit>) -> Vec<Vec<f64>> {
    let mut all = fitted(values, asked, horizon, fit);
    let floor = asked.floor.unwrap_or(-FARTHEST_OFF).min(FARTHEST_OFF);
    let last = values.last().copied().unwrap_or(0.0);
    for value in all.iter_mut().flatten() {
        *value = if value.is_nan() { last } else { *value }.clamp(floor, FARTHEST_OFF);
    }
    all
}

fn fitted(values: &[f64], asked: &Asked, horizon: usize, fit: &mut Option<Fit>) -> Vec<Vec<f64>> {
    let season = asked.season();
    let history = LazyCell::new(|| History::of(values, asked.seasons));
    let mut of = |model: &Fitted| match model {
        Fitted::LinearRegressionWithSeasonality => {
            history.in_season(linear(&history.adjusted, season, asked.ahead, horizon))
        }
        Fitted::Theta => history.in_season(history.by_ratios(|past| theta(past, horizon))),
        Fitted::Ets => history.in_season(smoothed(&history, season, horizon, fit)),
        Fitted::SeasonalNaive => seasonal_naive(values, season, horizon),
        Fitted::Drift => drift(&calmed(values), horizon),
        Fitted::Mean => vec![mean(&calmed(values)); horizon],
        Fitted::Combination => Vec::new(),
    };
    let mut all: Vec<Vec<f64>> = asked.models.iter().map(&mut of).collect();
    if let Some(place) = asked.models.iter().position(|model| *model == Fitted::Combination) {
        all[place] = combined(asked.models, &all, horizon);
    }
    all
}

/// What exponential smoothing says, with the rates it has learned before, if any.
fn smoothed(history: &History, season: f64, horizon: usize, fit: &mut Option<Fit>) -> Vec<f64> {
    let past = &history.adjusted;
    let changing = if season > 1.0 && season <= LONGEST_BY_PHASE { whole(season) } else { 0 };
    if fit.is_none_or(|fit| fit.is_relative() != history.is_relative()) {
        *fit = Fit::of(past, changing, history.is_relative());
    }
    let last = past.last().copied().unwrap_or(0.0);
    fit.map_or_else(|| vec![last; horizon], |fit| fit.continued(past, horizon))
}

/// The mean of the models that learn (Bates and Granger 1969; that plain means do as well as any weights, Makridakis and
/// Winkler 1983).
fn combined(models: &[Fitted], all: &[Vec<f64>], horizon: usize) -> Vec<f64> {
    let learn = [Fitted::LinearRegressionWithSeasonality, Fitted::Theta, Fitted::Ets];
    let parts: Vec<&Vec<f64>> =
        models.iter().zip(all).filter(|(model, _)| learn.contains(model)).map(|(_, said)| said).collect();
    (0..horizon).map(|step| mean(&parts.iter().map(|part| part[step]).collect::<Vec<f64>>())).collect()
}

/// The values one season before (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.2).
pub fn seasonal_naive(values: &[f64], season: f64, horizon: usize) -> Vec<f64> {
    let length = whole(season).min(values.len()).max(1);
    let from = values.len().saturating_sub(length);
    (0..horizon).map(|step| values.get(from + step % length).copied().unwrap_or(0.0)).collect()
}

/// The values, with those drawn in that lie farther than five deviations from the line through most; of fewer than eight
/// none can be told to be wild.
fn calmed(values: &[f64]) -> Vec<f64> {
    if values.len() < 8 {
        return values.to_vec();
    }
    let (level, slope) = sturdy_line(values);
    let on_line = |place: usize| level + slope * real(place);
    let rest: Vec<f64> = values.iter().enumerate().map(|(place, value)| value - on_line(place)).collect();
    let reach = reach(&rest, 5.0);
    rest.iter().enumerate().map(|(place, rest)| on_line(place) + rest.clamp(-reach, reach)).collect()
}

/// The last value moving on as it has on average since the first, for at most as many buckets as that took (the same,
/// 5.2).
pub fn drift(values: &[f64], horizon: usize) -> Vec<f64> {
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return vec![0.0; horizon] };
    let past = values.len() - 1;
    let slope = (last - first) / real(past.max(1));
    (1..=horizon).map(|step| last + slope * real(step.min(past))).collect()
}
