//! Statistics that a few wild values do not move.

use std::collections::VecDeque;

/// Standard deviations of a normal distribution in its median absolute deviation: 1 / Φ⁻¹(3/4).
const OF_MEDIAN: f64 = 1.482_602_218_505_602;

/// The same in the absolute deviation that four fifths stay within: 1 / Φ⁻¹(9/10).
const OF_FOUR_FIFTHS: f64 = 0.780_304_146_072_379;

/// The newest values of a series, sorted: a quantile costs nothing, a step one insertion and one removal.
#[derive(Clone, Debug)]
pub(super) struct Window {
    length: usize,
    order: VecDeque<f64>,
    sorted: Vec<f64>,
}

impl Window {
    /// An empty one for `length` values.
    pub(super) fn new(length: usize) -> Self {
        Self { length, order: VecDeque::with_capacity(length + 1), sorted: Vec::with_capacity(length + 1) }
    }

    /// Takes a value in and lets the oldest go; what is not finite takes a place and is no value.
    pub(super) fn push(&mut self, value: f64) {
        self.order.push_back(value);
        if value.is_finite() {
            let place = self.place(value);
            self.sorted.insert(place, value);
        }
        if self.order.len() > self.length
            && let Some(oldest) = self.order.pop_front().filter(|oldest| oldest.is_finite())
        {
            let place = self.place(oldest);
            self.sorted.remove(place);
        }
    }

    fn place(&self, value: f64) -> usize {
        self.sorted.partition_point(|other| other.total_cmp(&value).is_lt())
    }

    /// Its values, smallest first.
    pub(super) fn sorted(&self) -> &[f64] {
        &self.sorted
    }
}

/// The median of sorted values; of none, not a number.
pub(super) fn median(sorted: &[f64]) -> f64 {
    let (half, odd) = (sorted.len() / 2, sorted.len() % 2 == 1);
    match sorted {
        [] => f64::NAN,
        _ if odd => sorted[half],
        _ => f64::midpoint(sorted[half - 1], sorted[half]),
    }
}

/// The mean of the middle half of sorted values: a quarter of them, rounded to the nearest, is left out at each end. A
/// quarter may be wild at either end, as half may with the median, and it varies an eighth less from sample to sample.
pub(super) fn midmean(sorted: &[f64]) -> f64 {
    let out = (sorted.len() + 1) / 4;
    let middle = &sorted[out..sorted.len() - out];
    mean(middle.iter().copied())
}

/// The mean of those that are finite; of none, not a number.
pub(super) fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let finite = values.filter(|value| value.is_finite());
    let count = finite.clone().fold(0.0, |count, _| count + 1.0);
    // Divided first, so that the sum of the largest is finite, too.
    if count > 0.0 { finite.fold(0.0, |sum, value| sum + value / count) } else { f64::NAN }
}

/// The standard deviation that sorted absolute errors speak of: by their median, or, where that is more, by what four
/// fifths of them stay within. A fifth of the days may be anomalies; tails that reach further in are the series' own.
pub(super) fn scale(sorted: &[f64]) -> f64 {
    let fifth = sorted.len() * 4 / 5;
    let within = sorted.get(fifth).copied().unwrap_or(f64::NAN);
    (median(sorted) * OF_MEDIAN).max(within * OF_FOUR_FIFTHS)
}
