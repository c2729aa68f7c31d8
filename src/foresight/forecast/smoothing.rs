//! Exponential smoothing in its state-space form (Hyndman, Koehler, Ord and Snyder 2008): level, optional trend, damped
//! or not, of a past freed of its seasons, which may go on changing; the form by `AICc`.

use super::number::{damped, line, mean, real};
use super::simplex::lowest;

/// Rates are learned from no more than the last so many values: older ones would only confirm them.
const LEARNS_FROM: usize = 400;

/// One form: which parts change.
#[derive(Clone, Copy, Debug)]
struct Form {
    trend: Trend,
    /// Buckets of a season whose figures go on changing; 0 where they do not.
    season: usize,
    /// Whether errors and seasons are in proportion to the level.
    relative: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Trend {
    None,
    Damped,
    Straight,
}

/// How fast each part learns from an error, and how much of the trend is left a bucket later.
#[derive(Clone, Copy, Debug)]
struct Rates {
    level: f64,
    trend: f64,
    season: f64,
    phi: f64,
}

impl Form {
    fn parameters(self) -> usize {
        1 + match self.trend {
            Trend::None => 0,
            Trend::Straight => 1,
            Trend::Damped => 2,
        } + usize::from(self.season > 0)
    }

    /// What a season adds, or multiplies by, that changes nothing.
    fn neutral(self) -> f64 {
        if self.relative { 1.0 } else { 0.0 }
    }

    /// Where the search starts.
    fn start(self) -> Vec<f64> {
        let mut start = vec![0.3];
        if self.trend != Trend::None {
            start.push(0.1);
        }
        if self.trend == Trend::Damped {
            start.push(0.92);
        }
        if self.season > 0 {
            start.push(0.05);
        }
        start
    }

    /// The rates at a point of the search; None outside of where they may be.
    fn rates(self, point: &[f64]) -> Option<Rates> {
        let mut point = point.iter().copied();
        let level = point.next()?;
        let trend = if self.trend == Trend::None { 0.0 } else { point.next()? * level };
        let phi = if self.trend == Trend::Damped { point.next()? } else { 1.0 };
        let season = if self.season > 0 { point.next()? * (1.0 - level) } else { 0.0 };
        let inside = (0.001..=0.999).contains(&level)
            && (0.0..=level).contains(&trend)
            && (0.8..=1.0).contains(&phi)
            && (phi <= 0.98 || self.trend != Trend::Damped)
            && (0.0..=1.0 - level).contains(&season);
        inside.then_some(Rates { level, trend, season, phi })
    }
}

/// What has been learned by the end of the past.
struct State {
    level: f64,
    slope: f64,
    /// What has changed since the seasons were estimated, by phase.
    season: Vec<f64>,
    /// Twice the negative logarithm of the likelihood, but for what all forms share.
    unlikelihood: f64,
}

/// A form and its rates, as a past has taught them.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    form: Form,
    rates: Rates,
}

impl Fit {
    /// The best form and rates for a past freed of its seasons; `season`: buckets after which what is left of one may
    /// return, or 0; `relative`: whether it multiplied. None where the past is too short for any.
    pub fn of(values: &[f64], season: usize, relative: bool) -> Option<Self> {
        let values = &values[values.len().saturating_sub(LEARNS_FROM)..];
        let mut best: Option<(f64, Self)> = None;
        for trend in [Trend::None, Trend::Damped, Trend::Straight] {
            for season in if season > 0 { vec![0, season] } else { vec![0] } {
                let form = Form { trend, season, relative };
                let Some((criterion, rates)) = fitted(values, form) else { continue };
                if best.as_ref().is_none_or(|best| criterion < best.0) {
                    best = Some((criterion, Self { form, rates }));
                }
            }
        }
        best.map(|best| best.1)
    }

    /// Whether errors and seasons are in proportion to the level.
    pub fn is_relative(&self) -> bool {
        self.form.relative
    }

    /// The next values of a past without seasons.
    pub fn continued(&self, values: &[f64], horizon: usize) -> Vec<f64> {
        continued(&run(values, self.form, self.rates), self.form, self.rates, values.len(), horizon)
    }
}

/// The rates that make the past likeliest, and `AICc` with them.
fn fitted(values: &[f64], form: Form) -> Option<(f64, Rates)> {
    let parameters = form.parameters();
    let states = if form.trend == Trend::None { 1 } else { 2 };
    let (count, free) = (real(values.len()), real(parameters + states + 1));
    if count <= free + 2.0 {
        return None;
    }
    let height = |point: &[f64]| {
        form.rates(point).map_or(f64::INFINITY, |rates| run(values, form, rates).unlikelihood)
    };
    let point = lowest(&form.start(), 0.1, 30 * parameters, height);
    let rates = form.rates(&point)?;
    let criterion = height(&point) + 2.0 * free + 2.0 * free * (free + 1.0) / (count - free - 1.0);
    criterion.is_finite().then_some((criterion, rates))
}

/// Goes through the past once.
fn run(values: &[f64], form: Form, rates: Rates) -> State {
    let mut state = State::before(values, form);
    let mut likelihood = Likelihood::default();
    for (index, value) in values.iter().enumerate() {
        let along = state.level + rates.phi * state.slope;
        let phase = index % form.season.max(1);
        let seasonal = state.season.get(phase).copied().unwrap_or(form.neutral());
        let expected = if form.relative { along * seasonal } else { along + seasonal };
        if form.relative && expected <= 0.0 {
            state.unlikelihood = f64::INFINITY;
            return state;
        }
        let unit = if form.relative { expected } else { 1.0 };
        let error = (value - expected) / unit;
        likelihood.add(error, unit);
        // In proportion, level and season take up their share of the error as a share of themselves.
        let gain = if form.relative { along * error } else { error };
        state.level = along + rates.level * gain;
        state.slope = rates.phi * state.slope + rates.trend * gain;
        if let Some(known) = state.season.get_mut(phase) {
            *known += rates.season * if form.relative { *known * error } else { error };
        }
    }
    state.unlikelihood = likelihood.negative(values.len());
    state
}

impl State {
    /// Before the first value: on the line through the first ten.
    fn before(values: &[f64], form: Form) -> Self {
        let beginning = &values[..values.len().min(10)];
        let (level, slope) = line(beginning);
        let season = vec![form.neutral(); form.season];
        if form.trend == Trend::None {
            return Self { level: mean(beginning), slope: 0.0, season, unlikelihood: 0.0 };
        }
        Self { level: level - slope, slope, season, unlikelihood: 0.0 }
    }
}

/// Errors and the units they are in, gathered.
struct Likelihood {
    squares: f64,
    /// The sum of the logarithms of the units, but for those whose product is below: one logarithm does for many.
    logarithms: f64,
    product: f64,
}

impl Default for Likelihood {
    fn default() -> Self {
        Self { squares: 0.0, logarithms: 0.0, product: 1.0 }
    }
}

impl Likelihood {
    fn add(&mut self, error: f64, unit: f64) {
        self.squares += error * error;
        self.product = (self.product * unit).max(f64::MIN_POSITIVE);
        if !(1e-100..1e100).contains(&self.product) {
            self.logarithms += self.product.ln();
            self.product = 1.0;
        }
    }

    /// Twice the negative logarithm, but for what all forms share.
    fn negative(&self, count: usize) -> f64 {
        let count = real(count);
        count * (self.squares / count).max(1e-24).ln() + 2.0 * (self.logarithms + self.product.ln())
    }
}

fn continued(state: &State, form: Form, rates: Rates, from: usize, horizon: usize) -> Vec<f64> {
    let ahead = |(step, sum): (usize, f64)| {
        let along = state.level + state.slope * sum;
        match state.season.get((from + step) % form.season.max(1)) {
            Some(seasonal) if form.relative => along * seasonal,
            Some(seasonal) => along + seasonal,
            None => along,
        }
    };
    damped(rates.phi, horizon).enumerate().map(ahead).collect()
}
