//! Which parts of a series made its gap: the values of a dimension, ranked by what they did to it.

use std::ops::RangeInclusive;

use super::robust::mean;

/// Periods before the event that say what a part usually has.
const MEMORY: usize = 8;

/// The share of all that there is below which a sum is off by its own rounding.
const NEXT_TO_NOTHING: f64 = 1e-9;

/// What something had, and what was to be expected of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    /// What there was.
    pub actual: f64,
    /// What was expected.
    pub expected: f64,
}

/// A part of a rate: what is divided, and by what.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RatioPart {
    /// What is divided.
    pub numerator: Part,
    /// What it is divided by.
    pub denominator: Part,
}

/// What one part did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// Which part, as an index of what was given.
    pub part: usize,
    /// By how much it moved the whole, in the unit of the whole; all together are the gap.
    pub gap: f64,
    /// `gap` as a share of the whole gap: negative of a part that moved the other way, above 1 where others did; none
    /// where the whole gap is zero.
    pub share: Option<f64>,
}

/// Ranks the parts of a sum (revenue by country): the largest share of the gap first, those that moved the other way
/// last, equals in the order given. Without a gap, by size.
pub fn contributions(parts: &[Part]) -> Vec<Contribution> {
    ranked(parts.iter().map(|part| part.actual - part.expected))
}

/// Ranks the parts of a rate (refund rate by product): what each did by its own rate and by its weight together, measured
/// from the rate that was expected of the whole, so that all of them add up to the gap of the rate.
pub fn ratio_contributions(parts: &[RatioPart]) -> Vec<Contribution> {
    ratio_gaps(parts, expected_rate(parts))
}

/// The same, where something else than what the parts had let expect `expected` of the whole: what lies between the two is
/// laid upon the parts by their weight now.
fn ratio_gaps(parts: &[RatioPart], expected: f64) -> Vec<Contribution> {
    let sum = |figure: fn(&RatioPart) -> f64| parts.iter().map(figure).sum::<f64>();
    let (now, before) = (sum(|part| part.denominator.actual), sum(|part| part.denominator.expected));
    let usual = expected_rate(parts);
    let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
    ranked(parts.iter().map(|RatioPart { numerator, denominator }| {
        (numerator.actual - expected * denominator.actual) / now
            - finite((numerator.expected - usual * denominator.expected) / before)
    }))
}

fn expected_rate(parts: &[RatioPart]) -> f64 {
    let sum = |figure: fn(&RatioPart) -> f64| parts.iter().map(figure).sum::<f64>();
    sum(|part| part.numerator.expected) / sum(|part| part.denominator.expected)
}

/// Explains an event of a sum by the series of its parts, which are as long as its own: each is expected to have its share
/// of what was expected of `total` (that of [`super::Event::total`]), by what the parts had on the same weekdays of the
/// eight weeks before. What is handed back is what went into the ranking, in the order given, and the ranking. All gaps
/// together are that of `total`: what the parts leave of it, as where none of them had anything before, is one part more,
/// the last.
pub fn explain(
    parts: &[&[f64]],
    days: RangeInclusive<usize>,
    period: usize,
    total: Part,
) -> (Vec<Part>, Vec<Contribution>) {
    let mut parts: Vec<Part> = parts.iter().map(|values| usual(values, &days, period)).collect();
    let scale = total.expected / parts.iter().map(|part| part.expected).sum::<f64>();
    // Where the parts cancel out, their shares of the whole mean nothing.
    if scale.is_finite() && scale >= 0.0 {
        for part in &mut parts {
            part.expected *= scale;
        }
    }
    parts.extend(rest(&parts, total));
    let ranking = contributions(&parts);
    (parts, ranking)
}

/// What parts leave of a whole; nothing where that is no more than what adding them up is off by.
fn rest(parts: &[Part], total: Part) -> Option<Part> {
    let sum = |figure: fn(&Part) -> f64| parts.iter().map(figure).sum::<f64>();
    let left = Part {
        actual: total.actual - sum(|part| part.actual),
        expected: total.expected - sum(|part| part.expected),
    };
    let size =
        sum(|part| part.actual.abs() + part.expected.abs()) + total.actual.abs() + total.expected.abs();
    let counts = |value: f64| value.abs() > NEXT_TO_NOTHING * size;
    (size.is_finite() && (counts(left.actual) || counts(left.expected))).then_some(left)
}

/// The same of a rate, by the series of what is divided and of what it is divided by, part by part; `expected` is the rate
/// that was expected of the whole. All gaps together are what the rate of all these days is off by.
pub fn explain_ratio(
    parts: &[(&[f64], &[f64])],
    days: RangeInclusive<usize>,
    period: usize,
    expected: f64,
) -> (Vec<RatioPart>, Vec<Contribution>) {
    let part = |(numerator, denominator): &(&[f64], &[f64])| RatioPart {
        numerator: usual(numerator, &days, period),
        denominator: usual(denominator, &days, period),
    };
    let parts: Vec<RatioPart> = parts.iter().map(part).collect();
    let ranking = ratio_gaps(&parts, expected);
    (parts, ranking)
}

/// What a part had on these days, and what it usually has: the mean of the same weekdays before the first of them. Means
/// add up over parts, which medians do not. A day without a figure counts as zero in a part.
fn usual(values: &[f64], days: &RangeInclusive<usize>, period: usize) -> Part {
    let of = |day: usize| values.get(day).copied().filter(|value| value.is_finite()).unwrap_or(0.0);
    let first = *days.start();
    let mut part = Part::default();
    for day in days.clone() {
        let newest = ((day - first) / period + 1) * period;
        let before = (0..MEMORY).map_while(|periods| day.checked_sub(newest + periods * period));
        let expected = mean(before.map(of));
        part.actual += of(day);
        part.expected += if expected.is_finite() { expected } else { 0.0 };
    }
    part
}

/// The gaps in order, with their shares; what is not finite (of a rate of nothing) did nothing.
fn ranked(gaps: impl Iterator<Item = f64>) -> Vec<Contribution> {
    let gaps: Vec<f64> = gaps.map(|gap| if gap.is_finite() { gap } else { 0.0 }).collect();
    let whole: f64 = gaps.iter().sum();
    let share = |gap: f64| Some(gap / whole).filter(|share| share.is_finite());
    let contribution = |(part, gap): (usize, &f64)| Contribution { part, gap: *gap, share: share(*gap) };
    let mut ranking: Vec<Contribution> = gaps.iter().enumerate().map(contribution).collect();
    let towards = |one: &Contribution| if whole == 0.0 { one.gap.abs() } else { one.gap * whole.signum() };
    ranking.sort_by(|one, other| towards(other).total_cmp(&towards(one)));
    ranking
}
