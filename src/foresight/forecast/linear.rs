//! A line through the past, of which what is long ago says less (discounted least squares, Brown 1963), drawn on with a
//! damped slope (Gardner and `McKenzie` 1985), while what the last values were off it fades.

use super::number::{damped, real, squares};

/// What is left of the slope after one season.
const LEFT_A_SEASON: [f64; 3] = [0.3, 0.6, 0.9];

/// From about as many places of the past is each way tried.
const TRIALS: usize = 64;

/// Where the line of the values up to here ends, its slope there, and how far the value is off it.
#[derive(Clone, Copy, Default)]
struct End {
    level: f64,
    slope: f64,
    off: f64,
}

/// The next values of a past without seasons, in which `season` buckets are one season. How fast the past is forgotten and
/// the slope damped is what would have been best for so many buckets `ahead`, whatever the horizon.
pub fn linear(values: &[f64], season: f64, ahead: usize, horizon: usize) -> Vec<f64> {
    let mut best: Option<(f64, f64, f64, End)> = None;
    let steps = ahead.min(values.len() / 3).max(1);
    for half_life in half_lives(values.len(), season) {
        let discount = 0.5_f64.powf(1.0 / half_life);
        let ends = ends(values, discount);
        let fading = fading(&ends);
        for left in LEFT_A_SEASON {
            let phi = left.powf(1.0 / season.max(4.0));
            let error = error(values, &ends, phi, fading, steps);
            if best.is_none_or(|best| error < best.0) {
                best = Some((error, phi, fading, ends.last().copied().unwrap_or_default()));
            }
        }
    }
    let Some((_, phi, fading, end)) = best else { return vec![0.0; horizon] };
    drawn_on(end, phi, fading, horizon).collect()
}

/// After how many buckets a value counts half: half a season and, as long as that is within half the past, twice as
/// many again and again; or never.
fn half_lives(count: usize, season: f64) -> impl Iterator<Item = f64> {
    let longest = real(count) / 2.0;
    std::iter::successors(Some(season.max(4.0) / 2.0), |before| Some(before * 2.0))
        .take_while(move |half_life| *half_life <= longest)
        .chain([f64::INFINITY])
}

/// The next values beyond this end.
fn drawn_on(end: End, phi: f64, fading: f64, horizon: usize) -> impl Iterator<Item = f64> {
    damped(phi, horizon)
        .zip(std::iter::successors(Some(fading), move |power| Some(power * fading)))
        .map(move |(sum, left)| end.level + end.slope * sum + end.off * left)
}

/// The line's end at every value, each of what was known by then.
fn ends(values: &[f64], discount: f64) -> Vec<End> {
    // Sums of weights, of weighted places before now (0, −1, −2 …), their squares, values, and places times values.
    let (mut one, mut place, mut square, mut value_sum, mut cross) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        // Every earlier place moves one further back, then counts less.
        square = discount * (square - 2.0 * place + one);
        cross = discount * (cross - value_sum);
        place = discount * (place - one);
        one = discount * one + 1.0;
        value_sum = discount * value_sum + value;
        let spread = one * square - place * place;
        let slope = if spread > 1e-9 { (one * cross - place * value_sum) / spread } else { 0.0 };
        let level = (value_sum - slope * place) / one;
        all.push(End { level, slope, off: value - level });
    }
    all
}

/// How much of what a value is off the line the next one still is, 0 to 0.95.
fn fading(ends: &[End]) -> f64 {
    let along: f64 = ends.windows(2).map(|pair| pair[0].off * pair[1].off).sum();
    let all = squares(ends.iter().map(|end| end.off));
    if all > 0.0 { (along / all).clamp(0.0, 0.95) } else { 0.0 }
}

/// The mean absolute error of drawing on from every value past the first third, over as many steps.
fn error(values: &[f64], ends: &[End], phi: f64, fading: f64, steps: usize) -> f64 {
    let first = (values.len() / 3).max(2);
    let (mut total, mut count) = (0.0, 0.0);
    let stride = (values.len() / TRIALS).max(1);
    for from in (first..values.len().saturating_sub(1)).step_by(stride) {
        let actual = &values[from + 1..values.len().min(from + 1 + steps)];
        for (expected, value) in drawn_on(ends[from], phi, fading, actual.len()).zip(actual) {
            total += (value - expected).abs();
            count += 1.0;
        }
    }
    if count > 0.0 { total / count } else { real(steps) }
}
