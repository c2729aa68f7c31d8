//! From exact figures to the numbers that statistics reckon with, and back to figures that say no more than they know.

use crate::fault::Fault;
use crate::metrics::Metric;
use crate::metrics::answer::Figures;
use crate::metrics::catalogue::Unit;
use crate::money::{Currency, decimal_text};

/// A figure as a number, in major units where it is money; none where it is null.
///
/// The one place where figures become floats: estimates are made of them, and nothing else.
pub fn number(figures: &Figures, metric: Metric) -> Result<Option<f64>, Fault> {
    let Some(text) = figures.text(metric)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Fault::Internal(format!("{} is {text}", metric.name())))
}

/// An estimated figure, with the digits that figures of its metric have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// How many units of the last digit: minor units where it is money.
    pub scaled: i64,
    /// Digits after the point.
    pub digits: u32,
}

impl Estimate {
    /// A number in the unit of `metric`, rounded half away from zero.
    pub fn new(value: f64, metric: Metric, currency: Currency) -> Self {
        let unit = metric.definition().unit;
        let digits = if unit == Unit::Money { currency.digits() } else { unit.digits() };
        Self::to_digits(value, digits)
    }

    /// The same, where it can be told at all.
    pub fn within(value: f64, metric: Metric, currency: Currency) -> Result<Self, Fault> {
        let estimate = Self::new(value, metric, currency);
        // What is larger than the largest has become it.
        let is_told = estimate.scaled < i64::MAX && estimate.scaled > i64::MIN;
        if is_told { Ok(estimate) } else { Err(Fault::Unforeseeable) }
    }

    /// A number to so many digits; the largest there is where it is larger.
    pub fn to_digits(value: f64, digits: u32) -> Self {
        let scaled = value * 10_f64.powi(i32::try_from(digits).unwrap_or(0));
        #[expect(clippy::cast_possible_truncation, reason = "what is too large becomes the largest there is")]
        let scaled = scaled.round() as i64;
        Self { scaled, digits }
    }

    /// What it says.
    pub fn number(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "it was a float before")]
        let scaled = self.scaled as f64;
        scaled / 10_f64.powi(i32::try_from(self.digits).unwrap_or(0))
    }

    /// Its digits.
    pub fn text(self) -> String {
        decimal_text(self.scaled, self.digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_have_the_digits_of_their_metric() {
        let text = |value: f64, metric: Metric, currency: &str| {
            Estimate::new(value, metric, currency.parse().expect("a currency")).text()
        };
        assert_eq!(text(12.345_6, Metric::Revenue, "EUR"), "12.35");
        assert_eq!(text(-12.5, Metric::Revenue, "JPY"), "-13");
        assert_eq!(text(0.4, Metric::Orders, "EUR"), "0");
        assert_eq!(text(-0.001, Metric::Revenue, "EUR"), "0.00");
        assert_eq!(text(0.123_45, Metric::RefundRate, "EUR"), "0.1235");
        assert_eq!(text(f64::MAX, Metric::Orders, "EUR"), i64::MAX.to_string());
        assert_eq!(text(f64::NAN, Metric::Orders, "EUR"), "0");
    }

    #[test]
    fn what_is_too_large_is_not_told() {
        let within = |value: f64| {
            Estimate::within(value, Metric::Revenue, "EUR".parse().expect("a currency")).map(Estimate::text)
        };
        // 2^63 cents are 92233720368547758.08.
        assert_eq!(within(72_057_594_037_927_936.0), Ok("72057594037927936.00".to_owned()));
        for value in [92_233_720_368_547_760.0, -92_233_720_368_547_760.0, f64::MAX] {
            assert_eq!(within(value), Err(Fault::Unforeseeable));
        }
    }
}
