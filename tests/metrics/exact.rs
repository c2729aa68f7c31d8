//! The oracle's arithmetic: fractions, rounded half away from zero where they are told, and exchange rates looked up by
//! reading the whole list.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

pub type Fraction = BigRational;

pub fn whole(value: i64) -> Fraction {
    Fraction::from_integer(BigInt::from(value))
}

pub fn zero() -> Fraction {
    Fraction::zero()
}

/// Reads `-12.345`.
pub fn decimal(text: &str) -> Fraction {
    let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let units: BigInt = text.replace('.', "").parse().unwrap_or_else(|_| panic!("`{text}` is a decimal"));
    Fraction::new(units, BigInt::from(10).pow(u32::try_from(digits).unwrap()))
}

/// Writes with so many digits, rounded half away from zero.
pub fn told(value: &Fraction, digits: usize) -> String {
    let scale = BigInt::from(10).pow(u32::try_from(digits).unwrap());
    let size = value.abs();
    let doubled: BigInt = size.numer() * &scale * 2 + size.denom();
    let units: BigInt = doubled / (size.denom() * 2);
    let sign = if value.is_negative() && !units.is_zero() { "-" } else { "" };
    if digits == 0 {
        return format!("{sign}{units}");
    }
    let text = format!("{:0>width$}", units.to_string(), width = digits + 1);
    let (major, minor) = text.split_at(text.len() - digits);
    format!("{sign}{major}.{minor}")
}

/// Adds fractions up, in halves: the denominators of quotients grow as they are added, and big ones are slow.
pub fn sum(values: &[Fraction]) -> Fraction {
    match values {
        [] => zero(),
        [one] => one.clone(),
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            sum(left) + sum(right)
        }
    }
}

/// Digits of the currencies that these tests know.
pub fn digits(currency: &str) -> usize {
    match currency {
        "JPY" => 0,
        "KWD" => 3,
        "CHF" | "EUR" | "GBP" | "USD" => 2,
        other => panic!("how many digits has {other}?"),
    }
}

/// On `day`, 1 `from` = `rate` `to`.
pub struct Rate {
    pub day: NaiveDate,
    pub from: String,
    pub to: String,
    pub rate: Fraction,
}

/// Rates that were looked up already, by the currencies and the day.
pub type Known = RefCell<HashMap<(String, String, NaiveDate), Fraction>>;

/// Tells amounts in one currency.
pub struct Exchange<'a> {
    pub rates: &'a [Rate],
    pub to: &'a str,
    pub known: &'a Known,
}

impl Exchange<'_> {
    /// Major units of `from` on `day`, in major units of the report's currency.
    pub fn convert(&self, amount: &Fraction, from: &str, day: NaiveDate) -> Fraction {
        if from == self.to {
            return amount.clone();
        }
        let mut known = self.known.borrow_mut();
        let rate =
            known.entry((from.to_owned(), self.to.to_owned(), day)).or_insert_with(|| self.rate(from, day));
        amount * &*rate
    }

    fn rate(&self, from: &str, day: NaiveDate) -> Fraction {
        if let Some(rate) = self.one_step(from, self.to, day) {
            return rate;
        }
        let currencies: BTreeSet<&str> =
            self.rates.iter().flat_map(|rate| [&*rate.from, &*rate.to]).collect();
        for common in currencies {
            let steps = (self.one_step(from, common, day), self.one_step(common, self.to, day));
            if let (Some(there), Some(on)) = steps {
                return there * on;
            }
        }
        panic!("no rate from {from} to {} on {day}", self.to)
    }

    /// The newest rate of the pair on or before the day, else one divided by that of the reverse pair.
    fn one_step(&self, from: &str, to: &str, day: NaiveDate) -> Option<Fraction> {
        if from == to {
            return Some(whole(1));
        }
        let newest = |from: &str, to: &str| {
            let quoted =
                self.rates.iter().filter(|rate| rate.from == from && rate.to == to && rate.day <= day);
            quoted.max_by_key(|rate| rate.day).map(|rate| rate.rate.clone())
        };
        newest(from, to).or_else(|| newest(to, from).map(|rate| whole(1) / rate))
    }
}

#[test]
fn the_oracle_rounds_half_away_from_zero() {
    let cases = [("0.005", 2, "0.01"), ("-0.005", 2, "-0.01"), ("-0.0049", 2, "0.00"), ("2.5", 0, "3")];
    for (text, digits, expected) in cases {
        assert_eq!(told(&decimal(text), digits), expected);
    }
    assert_eq!(told(&(whole(-7) / whole(3)), 4), "-2.3333");
}
