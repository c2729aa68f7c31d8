//! Exact numbers: plain integers where they can be, fractions where they must.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::{Add, Mul, Sub};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use super::fraction::{Fraction, Ratio};

/// An exact number on its way to being shown: a sum of amounts times rates, or a quotient of sums.
///
/// Sums of amounts in one currency, by far the most, are whole and stay plain integers; shares and averages of them are
/// quotients of two.
#[derive(Clone, Debug)]
pub enum Exact {
    /// A whole number.
    Whole(i128),
    /// A numerator over a denominator above one, in lowest terms.
    Ratio(i128, i128),
    /// What is too large for either.
    Long(Box<Fraction>),
}

/// As long as both stay plain.
fn plus((one, over): Ratio, (other, under): Ratio) -> Option<Ratio> {
    if over == under {
        return Some((one.checked_add(other)?, over));
    }
    Some((one.checked_mul(under)?.checked_add(other.checked_mul(over)?)?, over.checked_mul(under)?))
}

fn minus(one: Ratio, (other, under): Ratio) -> Option<Ratio> {
    plus(one, (other.checked_neg()?, under))
}

fn times((one, over): Ratio, (other, under): Ratio) -> Option<Ratio> {
    Some((one.checked_mul(other)?, over.checked_mul(under)?))
}

/// The quotient by anything but zero.
fn divided(one: Ratio, (other, under): Ratio) -> Option<Ratio> {
    times(one, (under.checked_mul(other.signum())?, other.checked_abs()?))
}

/// Half away from zero, to whole units of 10^-`digits`.
fn rounded((numerator, denominator): Ratio, digits: u32) -> Option<i128> {
    let doubled = numerator.checked_abs()?.checked_mul(10_i128.checked_pow(digits)?)?.checked_mul(2)?;
    Some(doubled.checked_add(denominator)? / denominator.checked_mul(2)? * numerator.signum())
}

impl Exact {
    /// The number zero.
    pub fn zero() -> Self {
        Self::Whole(0)
    }

    /// A whole number.
    pub fn whole(value: i64) -> Self {
        Self::Whole(i128::from(value))
    }

    /// The number where it is whole and plain.
    pub fn as_whole(&self) -> Option<i128> {
        match self {
            Self::Whole(value) => Some(*value),
            Self::Ratio(..) | Self::Long(_) => None,
        }
    }

    /// The same as a numerator over a denominator above zero, where both are plain.
    pub fn as_ratio(&self) -> Option<(i128, i128)> {
        match self {
            Self::Whole(value) => Some((*value, 1)),
            Self::Ratio(numerator, denominator) => Some((*numerator, *denominator)),
            Self::Long(_) => None,
        }
    }

    /// The sum of numerators over denominators above zero.
    pub fn sum_of(ratios: impl IntoIterator<Item = (i128, i128)>) -> Self {
        let (mut sum, mut long) = ((0, 1), Vec::new());
        for ratio in ratios {
            sum = plus(sum, ratio).unwrap_or_else(|| {
                long.push(Fraction::plain(sum));
                ratio
            });
        }
        if long.is_empty() {
            return Self::plain(sum);
        }
        long.push(Fraction::plain(sum));
        Self::of(Fraction::sum(&long))
    }

    /// Reads a plain decimal of any length (`1.0873`).
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, body) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let scale = BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?);
        let value: BigInt = digits.parse().ok()?;
        Some(Self::of(Fraction { numerator: if negative { -value } else { value }, denominator: scale }))
    }

    fn plain((numerator, denominator): Ratio) -> Self {
        let shared = if denominator == 1 { 1 } else { numerator.gcd(&denominator) };
        match denominator / shared {
            1 => Self::Whole(numerator / shared),
            denominator => Self::Ratio(numerator / shared, denominator),
        }
    }

    fn of(fraction: Fraction) -> Self {
        let fraction = fraction.reduced();
        match (fraction.numerator.to_i128(), fraction.denominator.to_i128()) {
            (Some(whole), Some(1)) => Self::Whole(whole),
            (Some(numerator), Some(denominator)) => Self::Ratio(numerator, denominator),
            _ => Self::Long(Box::new(fraction)),
        }
    }

    fn fraction(&self) -> Cow<'_, Fraction> {
        match self {
            Self::Whole(value) => Cow::Owned(Fraction::plain((*value, 1))),
            Self::Ratio(numerator, denominator) => Cow::Owned(Fraction::plain((*numerator, *denominator))),
            Self::Long(fraction) => Cow::Borrowed(fraction),
        }
    }

    /// Computes with plain integers where that is exact, else with fractions.
    fn combine(
        &self,
        other: &Self,
        plain: fn(Ratio, Ratio) -> Option<Ratio>,
        long: fn(&Fraction, &Fraction) -> Fraction,
    ) -> Self {
        let both = self.as_ratio().zip(other.as_ratio());
        match both.and_then(|(one, other)| plain(one, other)) {
            Some(ratio) => Self::plain(ratio),
            None => Self::of(long(&self.fraction(), &other.fraction())),
        }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Whole(value) => *value == 0,
            Self::Ratio(..) => false,
            Self::Long(fraction) => fraction.numerator.is_zero(),
        }
    }

    /// Whether it is above zero.
    pub fn is_positive(&self) -> bool {
        match self {
            Self::Whole(value) | Self::Ratio(value, _) => *value > 0,
            Self::Long(fraction) => fraction.numerator.is_positive(),
        }
    }

    /// The number without its sign.
    #[must_use]
    pub fn magnitude(&self) -> Self {
        if *self < Self::zero() { &Self::zero() - self } else { self.clone() }
    }

    /// The quotient, or nothing where `by` is zero.
    pub fn divided_by(&self, by: &Self) -> Option<Self> {
        (!by.is_zero()).then(|| self.combine(by, divided, Fraction::divided_by))
    }

    /// Rounds half away from zero to whole units of 10^-`digits`; nothing where that does not fit 64 bits.
    pub fn round_to(&self, digits: u32) -> Option<i64> {
        match self.as_ratio().and_then(|ratio| rounded(ratio, digits)) {
            Some(rounded) => i64::try_from(rounded).ok(),
            None => self.fraction().round_to(digits),
        }
    }
}

impl From<i128> for Exact {
    fn from(value: i128) -> Self {
        Self::Whole(value)
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Exact {}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let across = |(one, over): Ratio, (other, under): Ratio| {
            Some(one.checked_mul(under)?.cmp(&other.checked_mul(over)?))
        };
        let both = self.as_ratio().zip(other.as_ratio());
        if let Some(order) = both.and_then(|(one, other)| across(one, other)) {
            return order;
        }
        let (mine, theirs) = (self.fraction(), other.fraction());
        if let Some(order) = mine.differs_much(&theirs) {
            return order;
        }
        let (mine, theirs, _) = mine.over_one(&theirs);
        mine.cmp(&theirs)
    }
}

impl Add for &Exact {
    type Output = Exact;
    fn add(self, other: Self) -> Exact {
        self.combine(other, plus, Fraction::plus)
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: Self) -> Exact {
        self.combine(other, minus, Fraction::minus)
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: Self) -> Exact {
        self.combine(other, times, Fraction::times)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = BigInt> {
        prop_oneof![
            any::<i64>().prop_map(BigInt::from),
            (-9_i64..9).prop_map(BigInt::from),
            (any::<i64>(), 0_u32..300, -2_i64..3)
                .prop_map(|(digits, zeros, more)| (BigInt::from(digits) << zeros) + more),
        ]
    }

    fn fraction() -> impl Strategy<Value = Fraction> {
        let denominator = number().prop_map(|number| number.abs() + 1);
        (number(), denominator).prop_map(|(numerator, denominator)| Fraction { numerator, denominator })
    }

    proptest! {
        /// However near two numbers are to one another: which is more is what multiplying them across says.
        #[test]
        fn numbers_are_in_order(one in fraction(), other in fraction(), nudge in -3_i64..4, times in number()) {
            let times = times.abs() + 1;
            let near = Fraction {
                numerator: &one.numerator * &times + nudge,
                denominator: &one.denominator * &times,
            };
            for other in [&other, &near, &one] {
                let across = (&one.numerator * &other.denominator).cmp(&(&other.numerator * &one.denominator));
                let [one, other] = [&one, other].map(|of| Exact::Long(Box::new(Fraction::clone(of))));
                prop_assert_eq!(one.cmp(&other), across);
                prop_assert_eq!(other.cmp(&one), across.reverse());
            }
        }

        /// However large numbers are and whatever they share: it is what multiplying them across says.
        #[test]
        fn numbers_are_what_fractions_are(one in fraction(), other in fraction(), digits in 0_u32..12) {
            let [a, b, c, d] = [&one.numerator, &one.denominator, &other.numerator, &other.denominator];
            let is = |told: &Exact, numerator: BigInt, denominator: BigInt| {
                let told = told.fraction();
                &told.numerator * denominator == numerator * &told.denominator
            };
            let [mine, theirs] = [&one, &other].map(|of| Exact::of(of.clone()));
            prop_assert!(is(&(&mine + &theirs), a * d + c * b, b * d));
            prop_assert!(is(&(&mine - &theirs), a * d - c * b, b * d));
            prop_assert!(is(&(&mine * &theirs), a * c, b * d));
            match mine.divided_by(&theirs) {
                Some(quotient) => prop_assert!(is(&quotient, a * d, b * c)),
                None => prop_assert!(c.is_zero()),
            }
            let across = (a * d).cmp(&(c * b));
            prop_assert_eq!(mine.cmp(&theirs), across);
            // Half away from zero: no further off than half a unit, and never nearer to zero where both are as far.
            let units: BigInt = a * BigInt::from(10).pow(digits) * 2;
            if let Some(rounded) = mine.round_to(digits) {
                let off: BigInt = (BigInt::from(rounded) * b * 2 - &units) * units.signum();
                prop_assert!(-b < off && off <= *b);
            } else {
                prop_assert!(units.abs() / b > BigInt::from(i64::MAX));
            }
        }

        #[test]
        fn sums_of_ratios_are_those_of_fractions(
            ratios in prop::collection::vec((any::<i64>(), 1_i64..1_000_000), 0..30),
            large in prop::option::of((any::<i128>(), 1_i128..)),
        ) {
            let ratios: Vec<(i128, i128)> =
                ratios.into_iter().map(|(one, over)| (one.into(), over.into())).chain(large).collect();
            let mut expected = Fraction::plain((0, 1));
            for ratio in &ratios {
                expected = expected.plus(&Fraction::plain(*ratio));
            }
            prop_assert_eq!(Exact::sum_of(ratios), Exact::of(expected));
        }
    }
}
