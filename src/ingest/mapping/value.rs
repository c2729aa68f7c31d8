//! Values of a mapping's expressions: exact decimals, texts, truth, instants, or nothing.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::DateTime;
use rust_decimal::Decimal;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing: an empty field, or what follows from one.
    Absent,
    /// A text; every column is one.
    Text(String),
    /// An exact decimal of at most 28 digits.
    Number(Decimal),
    /// True or false.
    Truth(bool),
    /// An instant, in microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
}

/// Why an expression has no value for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoValue {
    /// What stood there.
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

impl NoValue {
    /// A reason without a value.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { value: None, reason: reason.into() }
    }

    /// A value that does not do.
    pub fn of(value: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { value: Some(value.into()), reason: reason.into() }
    }
}

impl Value {
    /// The value as a column of the dataset holds it.
    pub fn into_text(self) -> Option<String> {
        if let Self::Text(text) = self { Some(text) } else { self.as_text().map(Cow::into_owned) }
    }

    /// The value as a column of the dataset holds it.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Absent => return None,
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.normalize().to_string()),
            Self::Truth(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            Self::Instant(micros) => {
                let instant = DateTime::from_timestamp_micros(*micros)?;
                Cow::Owned(instant.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
            }
        })
    }

    /// The value as a number; nothing where it is absent.
    pub fn number(&self) -> Result<Option<Decimal>, NoValue> {
        match self {
            Self::Absent => Ok(None),
            Self::Number(number) => Ok(Some(*number)),
            Self::Text(text) => match decimal(text) {
                Some(number) => Ok(Some(number)),
                None => Err(NoValue::of(text.as_str(), "is not a plain number of at most 28 digits")),
            },
            other => Err(NoValue::of(other.as_text().unwrap_or_default(), "is not a number")),
        }
    }

    /// Whether the value holds; what is absent does not.
    pub fn truth(&self) -> Result<bool, NoValue> {
        match self {
            Self::Absent => Ok(false),
            Self::Truth(truth) => Ok(*truth),
            Self::Text(text) if text == "true" => Ok(true),
            Self::Text(text) if text == "false" => Ok(false),
            other => Err(NoValue::of(other.as_text().unwrap_or_default(), "is not true or false")),
        }
    }

    /// Whether two values are the same: as numbers where one is a number, else letter by letter.
    pub fn equals(&self, other: &Self) -> Result<Option<bool>, NoValue> {
        if matches!((self, other), (Self::Absent, _) | (_, Self::Absent)) {
            return Ok(None);
        }
        if matches!((self, other), (Self::Number(_), _) | (_, Self::Number(_))) {
            return Ok(Some(self.number()? == other.number()?));
        }
        Ok(Some(self.as_text() == other.as_text()))
    }

    /// Which value is greater: as numbers where both are, else letter by letter.
    pub fn compare(&self, other: &Self) -> Result<Option<Ordering>, NoValue> {
        if matches!((self, other), (Self::Absent, _) | (_, Self::Absent)) {
            return Ok(None);
        }
        if matches!((self, other), (Self::Number(_), _) | (_, Self::Number(_))) {
            return Ok(Some(self.number()?.cmp(&other.number()?)));
        }
        if let (Self::Instant(one), Self::Instant(two)) = (self, other) {
            return Ok(Some(one.cmp(two)));
        }
        if let (Self::Text(one), Self::Text(two)) = (self, other)
            && let (Some(one), Some(two)) = (decimal(one), decimal(two))
        {
            return Ok(Some(one.cmp(&two)));
        }
        Ok(Some(self.as_text().cmp(&other.as_text())))
    }
}

/// A plain decimal, exactly or not at all.
pub fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().any(|byte| byte.is_ascii_digit());
    is_plain.then(|| Decimal::from_str_exact(text).ok()).flatten()
}

/// The exact product.
pub fn multiply(one: Decimal, two: Decimal) -> Result<Decimal, NoValue> {
    if one.is_zero() || two.is_zero() {
        return Ok(Decimal::ZERO);
    }
    // A product that was rounded has lost digits.
    let product = one.checked_mul(two).filter(|product| product.scale() == one.scale() + two.scale());
    product.ok_or_else(|| too_long("product"))
}

/// The exact sum.
pub fn add(one: Decimal, two: Decimal) -> Result<Decimal, NoValue> {
    // A sum that was rounded does not lead back.
    let sum = one.checked_add(two).filter(|sum| sum.checked_sub(one) == Some(two));
    sum.ok_or_else(|| too_long("sum"))
}

fn too_long(what: &str) -> NoValue {
    NoValue::because(format!("a {what} has more than 28 digits"))
}
