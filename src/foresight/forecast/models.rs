//! The models by name: what each says of the values after a past, and what answers where that is too short for them.

use super::Fitted;
use super::history::History;
use super::linear::linear;
use super::number::{mean, real, whole};
use super::season::{LONGEST_BY_PHASE, full};
use super::smoothing::Fit;
use super::theta::theta;

/// Fewer values than this are too few for any model, seasons or not.
const FEWEST: usize = 6;
/// No forecast is farther from 0 than this many times the largest value there was.
const FARTHEST_OFF: f64 = 10.0;

/// What is asked of the models, in their unit.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Lengths of seasons in buckets, shortest first.
    pub seasons: &'a [f64],
    /// What no value can be below.
    pub floor: Option<f64>,
    /// Which models; with the combination those that it combines.
    pub models: &'a [Fitted],
}

impl Asked<'_> {
    /// Whether a model can be fitted to so many values: two full seasons are there, of the shortest.
    pub fn enough(&self, count: usize) -> bool {
        count >= FEWEST && self.seasons.first().is_none_or(|season| full(count, *season))
    }

    /// Buckets in the shortest season; 1 without any.
    pub fn season(&self) -> f64 {
        self.seasons.first().copied().unwrap_or(1.0)
    }
}

/// Which model answers when this one of those asked for is to.
pub fn answering(values: &[f64], asked: &Asked, chosen: usize) -> Fitted {
    if asked.enough(values.len()) { asked.models[chosen] } else { short(values) }
}

/// What each of the models says of the values after these; where those are too few, what drift or mean says, for each
/// the same. `fit` is what exponential smoothing learned, from less of the same past, or now.
pub fn predicted(values: &[f64], asked: &Asked, horizon: usize, fit: &mut Option<Fit>) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> = if asked.enough(values.len()) {
        fitted(values, asked, horizon, fit)
    } else {
        vec![continued(values, short(values), horizon); asked.models.len()]
    };
    let floor = asked.floor.unwrap_or(-FARTHEST_OFF).min(FARTHEST_OFF);
    let last = values.last().copied().unwrap_or(0.0);
    for value in all.iter_mut().flatten() {
        *value = if value.is_nan() { last } else { *value }.clamp(floor, FARTHEST_OFF);
    }
    all
}

fn fitted(values: &[f64], asked: &Asked, horizon: usize, fit: &mut Option<Fit>) -> Vec<Vec<f64>> {
    let season = asked.season();
    if asked.models == [Fitted::SeasonalNaive] {
        return vec![seasonal_naive(values, season, horizon)];
    }
    let history = History::of(values, asked.seasons);
    let mut of = |model: &Fitted| match model {
        Fitted::LinearRegressionWithSeasonality => {
            history.in_season(linear(&history.adjusted, season, horizon))
        }
        Fitted::Theta => history.in_season(history.by_ratios(|past| theta(past, horizon))),
        Fitted::Ets => history.in_season(smoothed(&history, season, horizon, fit)),
        Fitted::SeasonalNaive => seasonal_naive(values, season, horizon),
        Fitted::Drift | Fitted::Mean => continued(values, *model, horizon),
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

/// What drift or mean says: the last value moving on as it has on average since the first, for at most as many buckets
/// as that took; or the mean of all.
pub fn continued(values: &[f64], model: Fitted, horizon: usize) -> Vec<f64> {
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return vec![0.0; horizon] };
    if model == Fitted::Mean {
        return vec![mean(values); horizon];
    }
    let past = values.len() - 1;
    let slope = (last - first) / real(past.max(1));
    (1..=horizon).map(|step| last + slope * real(step.min(past))).collect()
}

/// Drift or mean, whichever has come nearer so far to all that followed each beginning of two values or more; the mean
/// where neither has.
pub fn short(values: &[f64]) -> Fitted {
    let off = |model: Fitted| -> f64 {
        (2..values.len())
            .flat_map(|known| {
                let said = continued(&values[..known], model, values.len() - known);
                said.into_iter().zip(&values[known..]).map(|(said, came)| (said - came).abs())
            })
            .sum()
    };
    if off(Fitted::Drift) < off(Fitted::Mean) { Fitted::Drift } else { Fitted::Mean }
}
