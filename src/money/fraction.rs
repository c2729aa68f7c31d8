//! Fractions of any length.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

/// A numerator over a denominator above zero.
pub(super) type Ratio = (i128, i128);

/// A fraction that is not always kept in lowest terms.
///
/// Inverse rates give each day another denominator, so that the one of a long sum has thousands of digits. Multiplying
/// such numbers is cheap; finding what they share, at every step of the sum, is not: a year of days took seconds.
#[derive(Clone, Debug)]
pub struct Fraction {
    /// What is parted.
    pub(super) numerator: BigInt,
    /// Above zero.
    pub(super) denominator: BigInt,
}

/// Far more than [`Fraction::about`] is off, also when that is doubled twice.
const ABOUT: u128 = 1 << 8;

/// Denominators of so many bits are cheap to reduce, and sums of plain decimals never leave them.
const SMALL_BITS: u64 = 128;

impl Fraction {
    /// In lowest terms, where those are cheap to find.
    pub(super) fn reduced(self) -> Self {
        if self.denominator.bits() > SMALL_BITS {
            return self;
        }
        let shared = self.numerator.gcd(&self.denominator);
        Self { numerator: self.numerator / &shared, denominator: self.denominator / shared }
    }

    /// Of plain numbers.
    pub(super) fn plain((numerator, denominator): Ratio) -> Self {
        Self { numerator: BigInt::from(numerator), denominator: BigInt::from(denominator) }
    }

    /// Both as numerators over one denominator.
    pub(super) fn over_one(&self, other: &Self) -> (BigInt, BigInt, BigInt) {
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
    pub(super) fn differs_much(&self, other: &Self) -> Option<Ordering> {
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

    /// Added up.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let (mine, theirs, denominator) = self.over_one(other);
        Self { numerator: mine + theirs, denominator }
    }

    /// The difference.
    pub(super) fn minus(&self, other: &Self) -> Self {
        let (mine, theirs, denominator) = self.over_one(other);
        Self { numerator: mine - theirs, denominator }
    }

    /// The product.
    pub(super) fn times(&self, other: &Self) -> Self {
        Self {
            numerator: &self.numerator * &other.numerator,
            denominator: &self.denominator * &other.denominator,
        }
    }

    /// The quotient by anything but zero.
    pub(super) fn divided_by(&self, by: &Self) -> Self {
        Self {
            numerator: &self.numerator * &by.denominator * by.numerator.signum(),
            denominator: &self.denominator * by.numerator.abs(),
        }
    }

    /// Two by two: long fractions are so added to long ones only. One after the other, a year of days takes ten times as long.
    pub(super) fn sum(all: &[Self]) -> Self {
        match all {
            [] => Self::plain((0, 1)),
            [one] => one.clone(),
            many => {
                let (some, others) = many.split_at(many.len() / 2);
                let (one, other) = (Self::sum(some), Self::sum(others));
                Self {
                    numerator: one.numerator * &other.denominator + other.numerator * &one.denominator,
                    denominator: one.denominator * other.denominator,
                }
            }
        }
    }

    /// Half away from zero, to whole units of 10^-`digits`.
    pub(super) fn round_to(&self, digits: u32) -> Option<i64> {
        let doubled = self.numerator.abs() * BigInt::from(10).pow(digits) * 2 + &self.denominator;
        let rounded: BigInt = doubled / (&self.denominator * 2) * self.numerator.signum();
        rounded.to_i64()
    }
}
