//! A long season as a few sine waves: harmonic regression beside a trend of straight pieces (Young, Pedregal and Tych
//! 1999; Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 7.4), outliers tempered.

use std::f64::consts::TAU;

use super::number::{real, spread, squares, whole};

/// As many waves as a long season may have: its shortest is a sixth of it.
const MOST: usize = 6;
/// As many pieces as the trend beside the waves may have.
const MOST_PIECES: usize = 6;

/// The sum of sine waves, the first as long as the season, then half of it …
#[derive(Clone, Debug)]
pub struct Waves {
    /// Buckets in the season.
    period: f64,
    /// Cosine and sine of each wave.
    heights: Vec<(f64, f64)>,
}

impl Waves {
    /// What they add to the value at this index.
    pub fn at(&self, index: usize) -> f64 {
        harmonics(self.period, index)
            .zip(&self.heights)
            .map(|((cosine, sine), (even, odd))| cosine * even + sine * odd)
            .sum()
    }
}

/// Cosine and sine of every wave there.
fn harmonics(period: f64, index: usize) -> impl Iterator<Item = (f64, f64)> {
    let (sine, cosine) = (TAU * (real(index) / period).fract()).sin_cos();
    std::iter::successors(Some((cosine, sine)), move |(even, odd)| {
        Some((even * cosine - odd * sine, odd * cosine + even * sine))
    })
}

/// The waves of a season of this many buckets in the values; None where they explain no more than chance would.
pub fn fit(values: &[f64], period: f64) -> Option<Waves> {
    let bends = bends(values.len(), period);
    let rows: Vec<Vec<f64>> =
        (0..values.len()).map(|index| row(index, values.len(), period, &bends)).collect();
    let base = 2 + bends.len();
    let products = products(&rows);
    let full = solve(&products, &against(&rows, values), base + 2 * MOST)?;
    let rest = rest(&rows, values, &full);
    let reach = 3.0 * spread(&rest);
    let drawn_in: Vec<f64> =
        values.iter().zip(&rest).map(|(value, rest)| value - rest + rest.clamp(-reach, reach)).collect();
    let right = against(&rows, &drawn_in);
    let least = squares(drawn_in.iter().copied());
    let weight = independent(&rest);
    let criterion = |waves: usize| {
        let size = base + 2 * waves;
        let answer = solve(&products, &right, size)?;
        let explained: f64 = answer.iter().zip(&right).map(|(one, other)| one * other).sum();
        let left = (least - explained).max(least * 1e-12).max(f64::MIN_POSITIVE);
        Some((weight * left.ln() + real(size) * weight.max(2.0).ln(), waves, answer))
    };
    let (_, waves, answer) =
        (0..=MOST).filter_map(criterion).min_by(|one, other| one.0.total_cmp(&other.0))?;
    let heights: Vec<(f64, f64)> = answer[base..].chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    (waves > 0).then_some(Waves { period, heights })
}

/// How many independent values tell as much as these, of which each resembles the one before.
fn independent(rest: &[f64]) -> f64 {
    let along: f64 = rest.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let all = squares(rest.iter().copied());
    let alike = if all > 0.0 { (along / all).clamp(0.0, 0.95) } else { 0.0 };
    real(rest.len()) * (1.0 - alike) / (1.0 + alike)
}

/// Where the trend may bend: at the end of every season from the first on, when there are three or more.
fn bends(count: usize, period: f64) -> Vec<f64> {
    let seasons = whole(real(count) / period - 0.5);
    let pieces = if real(count) < 3.0 * period { 1 } else { seasons.clamp(1, MOST_PIECES) };
    (1..pieces).map(|piece| real(piece) / real(pieces)).collect()
}

/// One, the place from 0 to 1, how far behind each bend it is, and the waves there.
fn row(index: usize, count: usize, period: f64, bends: &[f64]) -> Vec<f64> {
    let place = real(index) / real(count);
    let mut row = Vec::with_capacity(2 + bends.len() + 2 * MOST);
    row.extend([1.0, place]);
    row.extend(bends.iter().map(|bend| (place - bend).max(0.0)));
    row.extend(harmonics(period, index).take(MOST).flat_map(|(cosine, sine)| [cosine, sine]));
    row
}

/// The products of the columns with each other: row by row up to the diagonal, since the rest is the same.
fn products(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let size = rows.first().map_or(0, Vec::len);
    let mut sums: Vec<Vec<f64>> = (1..=size).map(|width| vec![0.0; width]).collect();
    for row in rows {
        for (one, sums) in row.iter().zip(&mut sums) {
            for (other, sum) in row.iter().zip(sums) {
                *sum += one * other;
            }
        }
    }
    sums
}

fn against(rows: &[Vec<f64>], values: &[f64]) -> Vec<f64> {
    let size = rows.first().map_or(0, Vec::len);
    let mut sums = vec![0.0; size];
    for (row, value) in rows.iter().zip(values) {
        row.iter().zip(&mut sums).for_each(|(column, sum)| *sum += column * value);
    }
    sums
}

fn rest(rows: &[Vec<f64>], values: &[f64], answer: &[f64]) -> Vec<f64> {
    let explained = |row: &Vec<f64>| row.iter().zip(answer).map(|(one, other)| one * other).sum::<f64>();
    rows.iter().zip(values).map(|(row, value)| value - explained(row)).collect()
}

/// Solves the normal equations of the first `size` columns by Cholesky; None where they depend on each other.
fn solve(products: &[Vec<f64>], right: &[f64], size: usize) -> Option<Vec<f64>> {
    let mut factor = vec![vec![0.0; size]; size];
    for row in 0..size {
        for column in 0..=row {
            let before: f64 = (0..column).map(|index| factor[row][index] * factor[column][index]).sum();
            let left = products[row][column] - before;
            if row > column {
                factor[row][column] = left / factor[column][column];
            } else if left > products[row][row] * 1e-10 {
                factor[row][row] = left.sqrt();
            } else {
                return None;
            }
        }
    }
    let mut answer = right[..size].to_vec();
    for row in 0..size {
        let before: f64 = (0..row).map(|index| factor[row][index] * answer[index]).sum();
        answer[row] = (answer[row] - before) / factor[row][row];
    }
    for row in (0..size).rev() {
        let after: f64 = (row + 1..size).map(|index| factor[index][row] * answer[index]).sum();
        answer[row] = (answer[row] - after) / factor[row][row];
    }
    Some(answer)
}
