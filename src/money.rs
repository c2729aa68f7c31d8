//! Money: ISO 4217 currencies, whole minor units, and exact sums that are rounded once, when they are shown.
//!
//! Nothing here, and nothing that is built on it, ever holds an amount in a float.

use std::fmt;
use std::str::FromStr;

mod exact;
mod fraction;

pub use exact::Exact;
pub use fraction::Fraction;

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
        assert!(matches!(twice, Exact::Long(_)));
        assert_eq!(&twice - &largest, largest);
        assert!(matches!(&twice - &largest, Exact::Whole(i128::MAX)));
        assert_eq!((&largest * &largest).divided_by(&largest), Some(largest));
    }

    #[test]
    fn long_sums_of_quotients_stay_exact() {
        // 1/(n (n + 1)) for n from 1 to 2000 is 1 - 1/2001: the denominator passes through thousands of digits.
        let one = Exact::whole(1);
        let sum = (1..=2000).fold(Exact::zero(), |sum, n| {
            let part = one.divided_by(&Exact::whole(n * (n + 1))).expect("not zero");
            &sum + &part
        });
        let rest = one.divided_by(&Exact::whole(2001)).expect("not zero");
        assert_eq!(sum, &one - &rest);
        assert!(sum < one && &sum + &rest == one);
        assert_eq!(sum.round_to(4), Some(9_995));
        assert_eq!((&sum - &one).round_to(4), Some(-5));
        let quotient = sum.divided_by(&(&sum - &one)).expect("not zero");
        assert_eq!(quotient, Exact::whole(-2000));
    }

    #[test]
    fn decimals_are_written_plainly() {
        assert_eq!(decimal_text(1094, 2), "10.94");
        assert_eq!(decimal_text(-6, 2), "-0.06");
        assert_eq!(decimal_text(-600, 2), "-6.00");
        assert_eq!(decimal_text(5, 0), "5");
    }
}
