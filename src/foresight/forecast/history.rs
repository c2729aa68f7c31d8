//! The past as the models see it: freed of its seasons and of its wildest values.

use super::number::{median, reach};
use super::season::Seasonality;

/// A past, oldest first.
#[derive(Clone, Debug)]
pub struct History {
    /// What returns in them.
    pub seasonality: Seasonality,
    /// The values freed of their seasons, outliers drawn in.
    pub adjusted: Vec<f64>,
}

impl History {
    /// The past that these values are, with seasons of these lengths.
    pub fn of(values: &[f64], seasons: &[f64]) -> Self {
        let seasonality = Seasonality::of(values, seasons);
        let freed: Vec<f64> =
            values.iter().enumerate().map(|(index, value)| seasonality.taken_off(*value, index)).collect();
        Self { seasonality, adjusted: tempered(&freed) }
    }

    /// Whether seasons multiply, and all that is left when they are taken off is above zero.
    pub fn is_relative(&self) -> bool {
        self.seasonality.multiplies && self.adjusted.iter().all(|value| *value > 0.0)
    }

    /// What the model says of the adjusted values, in logarithms where those are what it should see.
    pub fn by_ratios(&self, model: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
        if !self.is_relative() {
            return model(&self.adjusted);
        }
        let logarithms: Vec<f64> = self.adjusted.iter().map(|value| value.ln()).collect();
        model(&logarithms).into_iter().map(f64::exp).collect()
    }

    /// What was forecast of the adjusted values, with the seasons of those buckets. Where those multiply, the forecast
    /// does not fall below half of the lowest value yet: no damped line is believed to lead to nothing or below.
    pub fn in_season(&self, adjusted: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let first = self.adjusted.len();
        let least = self.adjusted.iter().copied().fold(f64::INFINITY, f64::min) / 2.0;
        let least = if self.is_relative() { least } else { f64::NEG_INFINITY };
        let seasoned =
            |(step, value): (usize, f64)| self.seasonality.put_back(value.max(least), first + step);
        adjusted.into_iter().enumerate().map(seasoned).collect()
    }
}

/// As many values on either side say what a value among them should be.
const BESIDE: usize = 3;

/// Draws in what lies farther than 3.5 deviations from the median of its neighbours (Hampel 1974).
fn tempered(values: &[f64]) -> Vec<f64> {
    let about = |index: usize| {
        let last = (index + BESIDE + 1).min(values.len());
        median(values[index.saturating_sub(BESIDE)..last].to_vec())
    };
    let middles: Vec<f64> = (0..values.len()).map(about).collect();
    let rest: Vec<f64> = values.iter().zip(&middles).map(|(value, middle)| value - middle).collect();
    let reach = reach(&rest, 3.5);
    middles.iter().zip(rest).map(|(middle, rest)| middle + rest.clamp(-reach, reach)).collect()
}
