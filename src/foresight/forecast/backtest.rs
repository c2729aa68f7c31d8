//! What the models would have said before: from several ends of the past, each with nothing of what came after.

use super::Backtest;
use super::models::{Asked, predicted};
use super::number::{real, squares, whole};
use super::season::least;

/// The past ends at no more places than this.
const ORIGINS: usize = 16;
/// Exponential smoothing learns its rates anew at every fourth end, and keeps them, always of what was known by then.
const LEARNS: usize = 4;

/// What was said from one end of the past, and what came.
#[derive(Clone, Debug)]
pub struct Trial {
    /// How many values were known.
    pub known: usize,
    /// What the model said, one bucket ahead, two …
    pub predicted: Vec<f64>,
    /// What came; as long.
    pub actual: Vec<f64>,
}

impl Trial {
    /// What of it was there to see when this many values were known.
    pub fn by(&self, known: usize) -> Self {
        let seen = known.saturating_sub(self.known).min(self.actual.len());
        Self {
            known: self.known,
            predicted: self.predicted[..seen].to_vec(),
            actual: self.actual[..seen].to_vec(),
        }
    }

    /// What was off at each bucket ahead, without sign.
    fn off(&self) -> impl Iterator<Item = f64> {
        self.predicted.iter().zip(&self.actual).map(|(said, came)| (said - came).abs())
    }
}

/// The trials of each model, oldest end first.
pub fn trials(values: &[f64], asked: &Asked) -> Vec<Vec<Trial>> {
    let mut all: Vec<Vec<Trial>> = vec![Vec::new(); asked.models.len()];
    let mut fit = None;
    for (turn, known) in origins(values.len(), asked).into_iter().enumerate() {
        if turn.is_multiple_of(LEARNS) {
            fit = None;
        }
        let actual = &values[known..values.len().min(known + asked.ahead)];
        let said = predicted(&values[..known], asked, actual.len(), &mut fit);
        for (trials, predicted) in all.iter_mut().zip(said) {
            trials.push(Trial { known, predicted, actual: actual.to_vec() });
        }
    }
    all
}

/// Where the past ends in the trials, oldest first: evenly over six times as many buckets as the models are asked ahead,
/// or two seasons, whichever is longer, but no more than the latter half, and not always at the same place of a season.
/// One and a half seasons must be known, so that a model can tell them, and that is less than there is: every model is
/// judged by what it said itself.
fn origins(count: usize, asked: &Asked) -> Vec<usize> {
    let season = whole(asked.season());
    let span = (6 * asked.ahead).max(2 * season).min(count / 2);
    let fits = asked.seasons.first().map_or(1, |season| least(*season));
    let first = (count - span).max(fits);
    let stride = count.saturating_sub(first).div_ceil(ORIGINS).max(1);
    let stride = stride + usize::from(season > 1 && stride.is_multiple_of(season));
    let mut ends: Vec<usize> = (first..count).rev().step_by(stride).collect();
    ends.reverse();
    ends
}

/// The place of the model that is to answer: the first, unless the mean error of another is less than this share of its
/// own, and the mean of the squared errors no more. By the former alone, nothing at all would be the best forecast of
/// what happens on fewer than half of all days.
pub fn chosen(trials: &[Vec<Trial>], favour: f64) -> usize {
    let squared = |place: usize| squares(trials[place].iter().flat_map(Trial::off));
    let score = |place: usize| error(&trials[place]).unwrap_or(0.0) * if place == 0 { favour } else { 1.0 };
    let eligible = (0..trials.len()).filter(|place| squared(*place) <= squared(0));
    eligible.min_by(|one, other| score(*one).total_cmp(&score(*other))).unwrap_or(0)
}

/// The mean absolute error; None where nothing was tried.
fn error(trials: &[Trial]) -> Option<f64> {
    let compared: usize = trials.iter().map(|trial| trial.actual.len()).sum();
    (compared > 0).then(|| trials.iter().flat_map(Trial::off).sum::<f64>() / real(compared))
}

/// The figures of these trials, whose values are in this unit; None where nothing was tried. The percentage error is 0
/// where only zeros came and were said, 1 where anything else was said of them.
pub fn summary(trials: &[Trial], unit: f64) -> Option<Backtest> {
    let error = error(trials)?;
    let size: f64 = trials.iter().flat_map(|trial| &trial.actual).map(|value| value.abs()).sum();
    let compared: usize = trials.iter().map(|trial| trial.actual.len()).sum();
    Some(Backtest {
        origins: trials.len(),
        farthest: trials.iter().map(|trial| trial.actual.len()).max().unwrap_or(0),
        compared,
        wape: if size > 0.0 { (error * real(compared) / size).min(f64::MAX) } else { f64::from(error > 0.0) },
        mae: (error * unit).min(f64::MAX),
    })
}
