//! The Theta method (Assimakopoulos and Nikolopoulos 2000), as simple exponential smoothing with half the slope of the
//! whole past as its drift, which Hyndman and Billah (2003) showed it to be.

use super::number::{line, real, squares};
use super::simplex::lowest;

/// The next values of a past without seasons.
pub fn theta(values: &[f64], horizon: usize) -> Vec<f64> {
    let (_, slope) = line(values);
    let drift = slope / 2.0;
    let inside = |rate: f64| (0.01..=0.99).contains(&rate);
    let error = |point: &[f64]| if inside(point[0]) { smoothed(values, point[0]).1 } else { f64::INFINITY };
    let rate = lowest(&[0.5], 0.2, 24, error)[0];
    let (level, _) = smoothed(values, rate);
    let caught_up = (1.0 - (1.0 - rate).powf(real(values.len()))) / rate;
    (0..horizon).map(|step| level + drift * (real(step) + caught_up)).collect()
}

/// The last level of simple exponential smoothing, and the sum of its squared errors one step ahead.
fn smoothed(values: &[f64], rate: f64) -> (f64, f64) {
    let Some(first) = values.first() else { return (0.0, 0.0) };
    let mut level = *first;
    let error = squares(values.iter().map(|value| {
        let error = value - level;
        level += rate * error;
        error
    }));
    (level, error)
}
