//! What returns with the seasons: how it is estimated, whether it is there at all, how it is taken off and put back.
//!
//! A short season (a week of days, a year of months) has one figure for each of its phases, by classical decomposition
//! with outliers tempered; a long one (a year of days or weeks) is a few sine waves, since two or three years say
//! too little about each day. Where all values are above zero, and fit better so, seasons multiply; else they add.

use super::number::{mean, median, reach, real, spread, squares, whole};
use super::waves::{self, Waves};

/// Seasons longer than this are drawn with waves: more figures than that are not learned from two or three seasons.
pub const LONGEST_BY_PHASE: f64 = 24.0;

/// Whether two full seasons of this many buckets are there: two years are 104 weeks, or 730 days.
pub fn full(count: usize, season: f64) -> bool {
    count >= 2 * whole(season)
}

/// How many values the past must hold at least to tell a season at all, where the backtest asks what was known of one
/// that is full by now: half of them came twice.
pub fn least(season: f64) -> usize {
    (3 * whole(season)).div_ceil(2)
}

/// What returns with each season, and how it meets the rest.
#[derive(Clone, Debug)]
pub struct Seasonality {
    /// Whether seasons multiply what they meet; what the cycles hold are logarithms then.
    pub multiplies: bool,
    cycles: Vec<Cycle>,
}

#[derive(Clone, Debug)]
enum Cycle {
    /// One figure a phase; the first is that of the oldest value.
    Phases(Vec<f64>),
    Waves(Waves),
}

impl Cycle {
    fn at(&self, index: usize) -> f64 {
        match self {
            Self::Phases(phases) => phases[index % phases.len()],
            Self::Waves(waves) => waves.at(index),
        }
    }
}

impl Seasonality {
    /// What returns in these values with seasons of these lengths in buckets, shortest first. One of which the values
    /// do not hold one and a half is left out, as is one that could as well be chance.
    pub fn of(values: &[f64], seasons: &[f64]) -> Self {
        let window = window(seasons);
        if values.is_empty() || values.iter().any(|value| *value <= 0.0) {
            return Self { multiplies: false, cycles: decompose(&calmed(values, window), seasons).0 };
        }
        let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
        let logarithms = calmed(&logarithms, window);
        let values: Vec<f64> = logarithms.iter().map(|value| value.exp()).collect();
        let (adding, added_rest) = decompose(&values, seasons);
        let (multiplying, multiplied_rest) = decompose(&logarithms, seasons);
        // The likelihood of the two transformations (Box and Cox 1964), each with what it leaves unexplained.
        let count = real(values.len());
        let unlikely = |rest: f64| 0.5 * count * (rest / count).max(f64::MIN_POSITIVE).ln();
        let jacobian: f64 = logarithms.iter().sum();
        let multiplies = unlikely(multiplied_rest) + jacobian <= unlikely(added_rest);
        Self { multiplies, cycles: if multiplies { multiplying } else { adding } }
    }

    /// Whether anything returns at all.
    #[cfg(test)]
    pub fn is_seasonal(&self) -> bool {
        !self.cycles.is_empty()
    }

    /// The value without what its seasons add to it.
    pub fn taken_off(&self, value: f64, index: usize) -> f64 {
        let seasonal = self.at(index);
        if self.multiplies { value / seasonal.exp() } else { value - seasonal }
    }

    /// The value with what its seasons add to it.
    pub fn put_back(&self, value: f64, index: usize) -> f64 {
        let seasonal = self.at(index);
        if self.multiplies { value * seasonal.exp() } else { value + seasonal }
    }

    fn at(&self, index: usize) -> f64 {
        self.cycles.iter().map(|cycle| cycle.at(index)).sum()
    }
}

/// As many buckets as means and medians move over: the shortest season, unless that is long.
fn window(seasons: &[f64]) -> usize {
    seasons.first().map_or(3, |season| whole(season.clamp(3.0, LONGEST_BY_PHASE)))
}

/// The cycles that are there, and the sum of squares that they and the trend leave.
fn decompose(values: &[f64], seasons: &[f64]) -> (Vec<Cycle>, f64) {
    let mut rest = values.to_vec();
    let mut cycles = Vec::new();
    for season in seasons {
        let length = whole(*season);
        if length < 2 || values.len() < least(*season) {
            continue;
        }
        let found = if *season <= LONGEST_BY_PHASE {
            phases(&rest, length).map(Cycle::Phases)
        } else {
            waves::fit(&rest, *season).map(Cycle::Waves)
        };
        if let Some(cycle) = found {
            for (index, value) in rest.iter_mut().enumerate() {
                *value -= cycle.at(index);
            }
            cycles.push(cycle);
        }
    }
    let trend = trend(&rest, window(seasons));
    let left = squares(rest.iter().zip(&trend).map(|(value, trend)| value - trend));
    (cycles, left)
}

/// The values with the wildest drawn in, so that they spoil neither trend nor seasons: what is farther than five
/// deviations from the moving median and the median of its phase about that.
fn calmed(values: &[f64], length: usize) -> Vec<f64> {
    let half = length / 2;
    if values.len() < 2 * half + 1 {
        return values.to_vec();
    }
    // Every window holds each phase once, so that its median is not another from phase to phase.
    let medians: Vec<f64> = values.windows(length).map(|window| median(window.to_vec())).collect();
    let middles: Vec<f64> = if length.is_multiple_of(2) {
        medians.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect()
    } else {
        medians
    };
    let middles = drawn_on(&middles, half);
    let about: Vec<f64> = values.iter().zip(&middles).map(|(value, middle)| value - middle).collect();
    let phases: Vec<f64> = (0..length)
        .map(|phase| median(about.iter().skip(phase).step_by(length).copied().collect()))
        .collect();
    let rest: Vec<f64> =
        about.iter().enumerate().map(|(index, about)| about - phases[index % length]).collect();
    let reach = reach(&rest, 5.0);
    values.iter().zip(rest).map(|(value, rest)| value - rest + rest.clamp(-reach, reach)).collect()
}

/// What each phase of a season adds, in the mean 0: classical decomposition, a second time with the trend of what the
/// first has freed of its season. None where the phases differ no more than chance would have it.
fn phases(values: &[f64], length: usize) -> Option<Vec<f64>> {
    let first = of_phases(values, &trend(values, length), length);
    let freed: Vec<f64> =
        values.iter().enumerate().map(|(index, value)| value - first[index % length]).collect();
    let trend = trend(&freed, length);
    let phases = of_phases(values, &trend, length);
    let kept = kept(values, &trend, &phases)?;
    Some(phases.into_iter().map(|phase| phase * kept).collect())
}

/// The tempered mean of every phase about the trend, less the mean of them all.
fn of_phases(values: &[f64], trend: &[f64], length: usize) -> Vec<f64> {
    let about: Vec<f64> = values.iter().zip(trend).map(|(value, trend)| value - trend).collect();
    let phases: Vec<f64> = (0..length)
        .map(|phase| tempered(about.iter().skip(phase).step_by(length).copied().collect()))
        .collect();
    let middle = mean(&phases);
    phases.into_iter().map(|phase| phase - middle).collect()
}

/// The mean, with what lies farther than 2 deviations from the median drawn in to there.
fn tempered(values: Vec<f64>) -> f64 {
    let middle = median(values.clone());
    let about: Vec<f64> = values.into_iter().map(|value| value - middle).collect();
    let reach = 2.0 * spread(&about);
    middle + mean(&about.iter().map(|value| value.clamp(-reach, reach)).collect::<Vec<f64>>())
}

/// How much of the phases to keep, 0 to 1, by the ratio F of how they differ to how their values do: 1 − 1/F draws
/// them in as far as chance has driven them apart (James and Stein 1961; for seasons Miller and Williams 2003).
/// None where chance alone would reach this F in more than one of twenty series.
fn kept(values: &[f64], trend: &[f64], phases: &[f64]) -> Option<f64> {
    let (count, length) = (real(values.len()), real(phases.len()));
    let rest = squares(
        values
            .iter()
            .zip(trend)
            .enumerate()
            .map(|(index, (value, trend))| value - trend - phases[index % phases.len()]),
    );
    let (between, within) = (length - 1.0, (count - length - count / length).max(1.0));
    let explained = squares(phases.iter().copied()) * count / length;
    let level = squares(values.iter().copied());
    if explained <= level * 1e-18 {
        return None;
    }
    let ratio = (explained / between) / (rest / within).max(level * 1e-18 / count);
    (unlikeliness(ratio, between, within) > 1.645).then(|| 1.0 - 1.0 / ratio.max(1.0))
}

/// How many standard deviations above its mean an F this high is, nearly (Paulson 1942).
fn unlikeliness(ratio: f64, above: f64, below: f64) -> f64 {
    let root = ratio.cbrt();
    let (above, below) = (2.0 / (9.0 * above), 2.0 / (9.0 * below));
    ((1.0 - below) * root - (1.0 - above)) / (below * root * root + above).sqrt()
}

/// The centred moving mean over one season, its ends drawn on as straight as half a season beside them is.
pub fn trend(values: &[f64], length: usize) -> Vec<f64> {
    let half = length / 2;
    let count = values.len();
    if count < 2 * half + 1 {
        return vec![mean(values); count];
    }
    // An even season takes half of either end into its window.
    let end = if length.is_multiple_of(2) { 0.5 } else { 1.0 };
    let mut middle: Vec<f64> = Vec::with_capacity(count - 2 * half);
    for window in values.windows(2 * half + 1) {
        let within: f64 = window[1..2 * half].iter().sum();
        middle.push((within + end * (window[0] + window[2 * half])) / real(length));
    }
    drawn_on(&middle, half)
}

/// The same with this many values more at either end, on straight lines.
fn drawn_on(middle: &[f64], more: usize) -> Vec<f64> {
    let last = middle.len() - 1;
    let reach = more.clamp(1, last.max(1)).min(last);
    let slope = |from: f64, to: f64| if reach == 0 { 0.0 } else { (to - from) / real(reach) };
    let before = slope(middle[0], middle[reach]);
    let after = slope(middle[last - reach], middle[last]);
    let head = (1..=more).rev().map(|steps| middle[0] - before * real(steps));
    let tail = (1..=more).map(|steps| middle[last] + after * real(steps));
    head.chain(middle.iter().copied()).chain(tail).collect()
}
