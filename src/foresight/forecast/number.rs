//! The arithmetic that the models share: counts as numbers, means, medians, and what keeps them finite.

/// A count as a number: exact below 2^53, and no series is that long.
#[expect(clippy::cast_precision_loss, reason = "counts of buckets are far below 2^53")]
pub fn real(count: usize) -> f64 {
    count as f64
}

/// The whole number nearest to a period in buckets, at least 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=100,000 before")]
pub fn whole(period: f64) -> usize {
    period.round().clamp(1.0, 100_000.0) as usize
}

/// The whole number at or below a place in a list.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 or more, and no list is that long"
)]
fn whole_below(place: f64) -> usize {
    place.max(0.0) as usize
}

/// The mean; 0 of nothing.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / real(values.len()) }
}

/// The sum of the squares.
pub fn squares(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().map(|value| value * value).sum()
}

/// The value below which this share of them lies, between neighbours in proportion; 0 of nothing.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share.clamp(0.0, 1.0) * real(last);
    let below = whole_below(place).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (place - real(below)) * (sorted[above] - sorted[below])
}

/// The median; 0 of nothing.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// How far they lie about 0 as a standard deviation would say, by the median of what they are without sign: half of
/// them may be wild.
pub fn spread(values: &[f64]) -> f64 {
    1.4826 * median(values.iter().map(|value| value.abs()).collect())
}

/// How far values may lie about 0 before they count as wild: so many deviations. Where more than half of them are 0 that
/// says nothing: there it is as far as the second farthest lies, so that only what happened once is wild.
pub fn reach(values: &[f64], deviations: f64) -> f64 {
    let reach = deviations * spread(values);
    if reach > 0.0 {
        return reach;
    }
    let (_, second) =
        values.iter().map(|value| value.abs()).fold((0.0_f64, 0.0_f64), |(first, second), value| {
            if value > first { (value, first) } else { (first, second.max(value)) }
        });
    deviations * second
}

/// Whether values rise or fall more than chance alone would have it in one of twenty series: by how many of their pairs
/// do (Mann 1945).
pub fn is_trending(values: &[f64]) -> bool {
    let pairs = values
        .iter()
        .enumerate()
        .flat_map(|(place, one)| values[place + 1..].iter().map(move |other| (one, other)));
    let rising: f64 = pairs.map(|(one, other)| f64::from(other > one) - f64::from(other < one)).sum();
    let count = real(values.len());
    let deviation = (count * (count - 1.0) * (2.0 * count + 5.0) / 18.0).max(0.0).sqrt();
    rising.abs() - 1.0 > 1.96 * deviation
}

/// Intercept and slope of the line through values at 0, 1, 2 … by least squares.
pub fn line(values: &[f64]) -> (f64, f64) {
    let middle = (real(values.len()) - 1.0) / 2.0;
    let level = mean(values);
    let (mut across, mut along) = (0.0, 0.0);
    for (index, value) in values.iter().enumerate() {
        let place = real(index) - middle;
        across += place * (value - level);
        along += place * place;
    }
    let slope = if along > 0.0 { across / along } else { 0.0 };
    (level - slope * middle, slope)
}

/// The same so that a third of the values may be wild: the median of the slopes between all pairs (Sen 1968). For short
/// series, since pairs are many.
pub fn sturdy_line(values: &[f64]) -> (f64, f64) {
    let slopes = (1..values.len())
        .flat_map(|gap| values.windows(gap + 1).map(move |span| (span[gap] - span[0]) / real(gap)))
        .collect();
    let slope = median(slopes);
    let levels = values.iter().enumerate().map(|(place, value)| value - slope * real(place)).collect();
    (median(levels), slope)
}

/// How a damped slope has added up after one step, two steps …: φ, φ + φ², φ + φ² + φ³ … (Gardner and `McKenzie` 1985).
pub fn damped(phi: f64, horizon: usize) -> impl Iterator<Item = f64> {
    (0..horizon).scan((1.0, 0.0), move |(power, sum), _| {
        *power *= phi;
        *sum += *power;
        Some(*sum)
    })
}
