//! Money: ISO 4217 currencies, whole minor units, and exact sums that are rounded once, when they are shown.
//!
//! Nothing here, and nothing that is built on it, ever holds an amount in a float.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

/// An ISO 4217 currency that has minor units (or is itself the smallest unit, as the yen is).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The three-letter code, in capitals.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimal digits an amount has: JPY 0, EUR 2, KWD 3.
    pub fn digits(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// How many minor units make a major one.
    pub fn units_per_major(self) -> i64 {
        10_i64.pow(self.digits())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text is not the code of a currency that amounts can be told in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ISO 4217 currency code such as EUR")]
pub struct UnknownCurrency(pub String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    /// Capitals only: `eur` is not a code. Codes without an exponent (XAU, XXX) are not money here.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        known
            .then(|| iso_currency::Currency::from_code(text))
            .flatten()
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or_else(|| UnknownCurrency(text.to_owned()))
    }
}

/// An amount that can be shown: whole minor units of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units (cents, pence; for JPY whole yen).
    pub minor: i64,
    /// What they are units of.
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// Major units with the currency's digits: `42150.00`, `-0.05`, `1200` (JPY).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.digits() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let units = self.minor.unsigned_abs();
        let per_major = self.currency.units_per_major().unsigned_abs();
        let (major, rest) = (units / per_major, units % per_major);
        if digits == 0 { write!(f, "{sign}{major}") } else { write!(f, "{sign}{major}.{rest:0digits$}") }
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a plain decimal.
    #[error("`{0}` is not an amount such as 149.99")]
    Malformed(String),
    /// More digits than the currency has.
    #[error("`{text}` has more than the {digits} decimal digits of {currency}")]
    TooFine {
        /// What was given.
        text: String,
        /// Digits that the currency has.
        digits: u32,
        /// The currency.
        currency: Currency,
    },
    /// Does not fit 64-bit minor units.
    #[error("`{0}` is too large")]
    TooLarge(String),
}

impl Money {
    /// Reads major units exactly: `149.99` is 14999 cents. Digits that the currency lacks are an error, unless zero.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let minor = parse_scaled(text, currency.digits()).map_err(|error| match error {
            ScaleError::Malformed => AmountError::Malformed(text.to_owned()),
            ScaleError::TooFine => {
                AmountError::TooFine { text: text.to_owned(), digits: currency.digits(), currency }
            }
            ScaleError::TooLarge => AmountError::TooLarge(text.to_owned()),
        })?;
        Ok(Self { minor, currency })
    }
}

/// Why a text is not a decimal of so many digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScaleError {
    /// Not `[+-]digits[.digits]`.
    Malformed,
    /// Digits beyond the scale that are not zero.
    TooFine,
    /// Does not fit 64 bits.
    TooLarge,
}

/// Reads a plain decimal as a whole number of 10^-`digits`, exactly or not at all.
pub fn parse_scaled(text: &str, digits: u32) -> Result<i64, ScaleError> {
    let (negative, body) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || whole.is_empty() && fraction.is_empty() {
        return Err(ScaleError::Malformed);
    }
    let digits = digits as usize;
    let kept = fraction.len().min(digits);
    if fraction[kept..].bytes().any(|byte| byte != b'0') {
        return Err(ScaleError::TooFine);
    }
    let padding = std::iter::repeat_n(b'0', digits - kept);
    whole
        .bytes()
        .chain(fraction[..kept].bytes())
        .chain(padding)
        .try_fold(0_i64, |value, byte| {
            let digit = i64::from(byte - b'0');
            let value = value.checked_mul(10)?;
            if negative { value.checked_sub(digit) } else { value.checked_add(digit) }
        })
        .ok_or(ScaleError::TooLarge)
}

/// An exact number on its way to being shown: a sum of amounts times rates, or a quotient of sums.
///
/// Sums of amounts in one currency, by far the most, are whole and stay plain integers.
#[derive(Clone, Debug)]
pub enum Exact {
    /// A whole number.
    Whole(i128),
    /// Any other, or one that is too large to be plain.
    Ratio(Box<BigRational>),
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

    /// Reads a plain decimal of any length (`1.0873`).
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, body) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let scale = BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?);
        let value = BigRational::new(digits.parse().ok()?, scale);
        Some(Self::of(if negative { -value } else { value }))
    }

    fn of(ratio: BigRational) -> Self {
        let whole = if ratio.is_integer() { ratio.numer().to_i128() } else { None };
        whole.map_or_else(|| Self::Ratio(Box::new(ratio)), Self::Whole)
    }

    fn ratio(&self) -> BigRational {
        match self {
            Self::Whole(value) => BigRational::from_integer(BigInt::from(*value)),
            Self::Ratio(ratio) => (**ratio).clone(),
        }
    }

    /// Computes with plain integers where that is exact, else with ratios.
    fn combine(
        &self,
        other: &Self,
        plain: fn(i128, i128) -> Option<i128>,
        exact: fn(BigRational, BigRational) -> BigRational,
    ) -> Self {
        if let (Self::Whole(a), Self::Whole(b)) = (self, other)
            && let Some(value) = plain(*a, *b)
        {
            return Self::Whole(value);
        }
        Self::of(exact(self.ratio(), other.ratio()))
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Whole(0))
    }

    /// Whether it is above zero.
    pub fn is_positive(&self) -> bool {
        match self {
            Self::Whole(value) => *value > 0,
            Self::Ratio(ratio) => ratio.is_positive(),
        }
    }

    /// The number without its sign.
    #[must_use]
    pub fn magnitude(&self) -> Self {
        Self::of(self.ratio().abs())
    }

    /// The quotient, or nothing where `by` is zero.
    pub fn divided_by(&self, by: &Self) -> Option<Self> {
        (!by.is_zero()).then(|| Self::of(self.ratio() / by.ratio()))
    }

    /// Rounds half away from zero to whole units of 10^-`digits`; nothing where that does not fit 64 bits.
    pub fn round_to(&self, digits: u32) -> Option<i64> {
        if let (Self::Whole(value), 0) = (self, digits) {
            return i64::try_from(*value).ok();
        }
        let scaled = self.ratio() * BigRational::from_integer(BigInt::from(10).pow(digits));
        let half = BigRational::new(BigInt::from(1), BigInt::from(2));
        let rounded = if scaled.is_negative() { (scaled - half).ceil() } else { (scaled + half).floor() };
        rounded.to_integer().to_i64()
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
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(b),
            _ => self.ratio().cmp(&other.ratio()),
        }
    }
}

impl Add for &Exact {
    type Output = Exact;
    fn add(self, other: Self) -> Exact {
        self.combine(other, i128::checked_add, |a, b| a + b)
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: Self) -> Exact {
        self.combine(other, i128::checked_sub, |a, b| a - b)
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: Self) -> Exact {
        self.combine(other, i128::checked_mul, |a, b| a * b)
    }
}

/// Writes a whole number of 10^-`digits` as a plain decimal: (1094, 2) is `10.94`.
pub fn decimal_text(value: i64, digits: u32) -> String {
    if digits == 0 {
        return value.to_string();
    }
    let digits = digits as usize;
    let text = format!("{:0width$}", value.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    #[test]
    fn currencies_have_their_own_digits() {
        let digits: Vec<u32> = ["JPY", "EUR", "KWD"].map(|code| currency(code).digits()).to_vec();
        assert_eq!(digits, [0, 2, 3]);
        for code in ["eur", "EURO", "ZZZ", "", "XAU", "É€"] {
            assert_eq!(code.parse::<Currency>(), Err(UnknownCurrency(code.to_owned())));
        }
    }

    #[test]
    fn money_is_written_with_the_digits_of_its_currency() {
        let shown = |minor, code| Money { minor, currency: currency(code) }.to_string();
        assert_eq!(shown(4_215_000, "USD"), "42150.00");
        assert_eq!(shown(-5, "USD"), "-0.05");
        assert_eq!(shown(1200, "JPY"), "1200");
        assert_eq!(shown(1200, "KWD"), "1.200");
        assert_eq!(shown(i64::MIN, "USD"), "-92233720368547758.08");
    }

    #[test]
    fn money_is_read_exactly_or_refused() {
        let read = |text: &str, code| Money::parse(text, currency(code)).map(|money| money.minor);
        assert_eq!(read("149.99", "EUR"), Ok(14_999));
        assert_eq!(read("-0.5", "EUR"), Ok(-50));
        assert_eq!(read("7", "KWD"), Ok(7000));
        assert_eq!(read("1.2300", "EUR"), Ok(123));
        assert_eq!(read("-92233720368547758.08", "EUR"), Ok(i64::MIN));
        for text in ["", ".", "-", "1e3", "1,5", "0x1", " 1", "1.2.3", "--1", "NaN"] {
            assert_eq!(read(text, "EUR"), Err(AmountError::Malformed(text.to_owned())));
        }
        assert!(matches!(read("1.234", "EUR"), Err(AmountError::TooFine { digits: 2, .. })));
        assert!(matches!(read("92233720368547758.08", "EUR"), Err(AmountError::TooLarge(_))));
    }

    #[test]
    fn exact_numbers_round_half_away_from_zero_once() {
        let round = |text: &str| Exact::parse(text).and_then(|number| number.round_to(2));
        assert_eq!(round("0.005"), Some(1));
        assert_eq!(round("-0.005"), Some(-1));
        assert_eq!(round("0.0049999999999999999999"), Some(0));
        assert_eq!(round("92233720368547758.07"), Some(i64::MAX));
        assert_eq!(round("92233720368547758.08"), None);
        let third = Exact::whole(1).divided_by(&Exact::whole(3)).expect("not zero");
        assert_eq!((&(&third * &Exact::whole(3)) - &Exact::whole(1)), Exact::zero());
    }

    #[test]
    fn plain_integers_give_way_to_ratios_before_they_overflow() {
        let largest = Exact::Whole(i128::MAX);
        let twice = &largest + &largest;
        assert!(matches!(twice, Exact::Ratio(_)));
        assert_eq!(&twice - &largest, largest);
        assert!(matches!(&twice - &largest, Exact::Whole(i128::MAX)));
        assert_eq!((&largest * &largest).divided_by(&largest), Some(largest));
    }

    #[test]
    fn decimals_are_written_plainly() {
        assert_eq!(decimal_text(1094, 2), "10.94");
        assert_eq!(decimal_text(-6, 2), "-0.06");
        assert_eq!(decimal_text(-600, 2), "-6.00");
        assert_eq!(decimal_text(5, 0), "5");
    }
}
