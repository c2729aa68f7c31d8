//! Exact numbers: plain integers where they can be, fractions where they must.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::{Add, Mul, Sub};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An exact number on its way to being shown: a sum of amounts times rates, or a quotient of sums.
///
/// Sums of amounts in one currency, by far the most, are whole and stay plain integers.
#[derive(Clone, Debug)]
pub enum Exact {
    /// A whole number.
    Whole(i128),
    /// Any other, or one that is too large to be plain.
    Ratio(Box<Fraction>),
}

/// A fraction that is not always kept in lowest terms.
///
/// Inverse rates give each day another denominator, so that the one of a long sum has thousands of digits. Multiplying
/// such numbers is cheap; finding what they share, at every step of the sum, is not: a year of days took seconds.
#[derive(Clone, Debug)]
pub struct Fraction {
    numerator: BigInt,
    /// Above zero.
    denominator: BigInt,
}

/// Far more than [`Fraction::about`] is off, also when that is doubled twice.
const ABOUT: u128 = 1 << 8;

/// Denominators of so many bits are cheap to reduce, and sums of plain decimals never leave them.
const SMALL_BITS: u64 = 128;

impl Fraction {
    fn new(numerator: BigInt, denominator: BigInt) -> Self {
        if denominator.bits() > SMALL_BITS {
            return Self { numerator, denominator };
        }
        let shared = numerator.gcd(&denominator);
        Self { numerator: numerator / &shared, denominator: denominator / shared }
    }

    /// Both as numerators over one denominator.
    fn over_one(&self, other: &Self) -> (BigInt, BigInt, BigInt) {
        let (mine, theirs) = (&self.denominator, &other.denominator);
        let (times, rest) = mine.div_rem(theirs);
        if rest.is_zero() {
            return (self.numerator.clone(), &other.numerator * times, mine.clone());
        }
        let (times, rest) = theirs.div_rem(mine);
        if rest.is_zero() {
            return (&self.numerator * times, other.numerator.clone(), theirs.clone());
        }
        (&self.numerator * theirs, &other.numerator * mine, mine * theirs)
    }

    /// Which is more, where their first digits say so: to compare long fractions digit by digit is to multiply them.
    fn differs_much(&self, other: &Self) -> Option<Ordering> {
        let signs = self.numerator.sign().cmp(&other.numerator.sign());
        if signs.is_ne() {
            return Some(signs);
        }
        let ((mine, mine_doubled), (theirs, theirs_doubled)) = (self.about()?, other.about()?);
        let more = mine_doubled - theirs_doubled;
        let (mine, theirs) = match more {
            0..=2 => (mine << more, theirs),
            -2..0 => (mine, theirs << -more),
            _ => return Some(if self.numerator.is_negative() { 0.cmp(&more) } else { more.cmp(&0) }),
        };
        let is_clear = mine.abs_diff(theirs) > ABOUT;
        is_clear.then(|| if self.numerator.is_negative() { theirs.cmp(&mine) } else { mine.cmp(&theirs) })
    }

    /// About how much it is without its sign: a number from 2^62 to 2^64, a few units off at most, and how often that is to be
    /// doubled. Not of zero.
    fn about(&self) -> Option<(u128, i64)> {
        let first = |number: &BigInt| {
            let number = number.magnitude();
            let beyond = i64::try_from(number.bits()).ok()? - 64;
            let by = beyond.unsigned_abs();
            let first = if beyond < 0 { number << by } else { number >> by };
            Some((first.to_u128().filter(|first| *first > 0)?, beyond))
        };
        let ((numerator, much), (denominator, less)) = (first(&self.numerator)?, first(&self.denominator)?);
        Some(((numerator << 63) / denominator, much - less - 63))
    }

    fn plus(&self, other: &Self) -> Self {
        let (mine, theirs, denominator) = self.over_one(other);
        Self::new(mine + theirs, denominator)
    }

    fn minus(&self, other: &Self) -> Self {
        let (mine, theirs, denominator) = self.over_one(other);
        Self::new(mine - theirs, denominator)
    }

    fn times(&self, other: &Self) -> Self {
        Self::new(&self.numerator * &other.numerator, &self.denominator * &other.denominator)
    }

    /// The quotient by anything but zero.
    fn divided_by(&self, by: &Self) -> Self {
        let numerator = &self.numerator * &by.denominator * by.numerator.signum();
        Self::new(numerator, &self.denominator * by.numerator.abs())
    }

    /// Half away from zero, to whole units of 10^-`digits`.
    fn round_to(&self, digits: u32) -> Option<i64> {
        let doubled = self.numerator.abs() * BigInt::from(10).pow(digits) * 2 + &self.denominator;
        let rounded: BigInt = doubled / (&self.denominator * 2) * self.numerator.signum();
        rounded.to_i64()
    }
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
            Self::Ratio(_) => None,
        }
    }

    /// The same as a numerator over a denominator above zero, where both are plain.
    pub fn as_ratio(&self) -> Option<(i128, i128)> {
        match self {
            Self::Whole(value) => Some((*value, 1)),
            Self::Ratio(fraction) => fraction.numerator.to_i128().zip(fraction.denominator.to_i128()),
        }
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
        Some(Self::of(Fraction::new(if negative { -value } else { value }, scale)))
    }

    fn of(fraction: Fraction) -> Self {
        let whole = if fraction.denominator.is_one() { fraction.numerator.to_i128() } else { None };
        whole.map_or_else(|| Self::Ratio(Box::new(fraction)), Self::Whole)
    }

    fn fraction(&self) -> Cow<'_, Fraction> {
        match self {
            Self::Whole(value) => {
                Cow::Owned(Fraction { numerator: BigInt::from(*value), denominator: BigInt::one() })
            }
            Self::Ratio(fraction) => Cow::Borrowed(fraction),
        }
    }

    /// Computes with plain integers where that is exact, else with fractions.
    fn combine(
        &self,
        other: &Self,
        plain: fn(i128, i128) -> Option<i128>,
        exact: fn(&Fraction, &Fraction) -> Fraction,
    ) -> Self {
        if let (Self::Whole(a), Self::Whole(b)) = (self, other)
            && let Some(value) = plain(*a, *b)
        {
            return Self::Whole(value);
        }
        Self::of(exact(&self.fraction(), &other.fraction()))
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Whole(value) => *value == 0,
            Self::Ratio(fraction) => fraction.numerator.is_zero(),
        }
    }

    /// Whether it is above zero.
    pub fn is_positive(&self) -> bool {
        match self {
            Self::Whole(value) => *value > 0,
            Self::Ratio(fraction) => fraction.numerator.is_positive(),
        }
    }

    /// The number without its sign.
    #[must_use]
    pub fn magnitude(&self) -> Self {
        if *self < Self::zero() { &Self::zero() - self } else { self.clone() }
    }

    /// The quotient, or nothing where `by` is zero.
    pub fn divided_by(&self, by: &Self) -> Option<Self> {
        (!by.is_zero()).then(|| Self::of(self.fraction().divided_by(&by.fraction())))
    }

    /// Rounds half away from zero to whole units of 10^-`digits`; nothing where that does not fit 64 bits.
    pub fn round_to(&self, digits: u32) -> Option<i64> {
        match (self, digits) {
            (Self::Whole(value), 0) => i64::try_from(*value).ok(),
            _ => self.fraction().round_to(digits),
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
        if let (Self::Whole(a), Self::Whole(b)) = (self, other) {
            return a.cmp(b);
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
        self.combine(other, i128::checked_add, Fraction::plus)
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: Self) -> Exact {
        self.combine(other, i128::checked_sub, Fraction::minus)
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: Self) -> Exact {
        self.combine(other, i128::checked_mul, Fraction::times)
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
                let [one, other] = [&one, other].map(|of| Exact::Ratio(Box::new(Fraction::clone(of))));
                prop_assert_eq!(one.cmp(&other), across);
                prop_assert_eq!(other.cmp(&one), across.reverse());
            }
        }
    }
}
