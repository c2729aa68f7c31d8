//! Values as GraphQL spells them: scalars and money, each with its exact text form.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use crate::money::{self, Currency};

/// Reads a scalar that is a string in GraphQL.
fn text(value: Value, what: &str) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(format!("expected {what} as a string, found {other}")),
    }
}

/// A decimal number, by its digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(pub String);

/// An exact decimal number as a string, such as `"42150.00"`.
#[Scalar(specified_by_url = "https://ibm.github.io/graphql-specs/custom-scalars/base10-number.html")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value, "a decimal")?;
        match money::Exact::parse(&text) {
            Some(_) => Ok(Self(text)),
            None => Err(InputValueError::custom(format!("`{text}` is not a decimal such as 12.50"))),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A whole number as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigInt(pub i64);

/// A whole number of up to 64 bits, as a string: JSON numbers are not exact beyond 2^53.
#[Scalar(specified_by_url = "https://ibm.github.io/graphql-specs/custom-scalars/base10-number.html")]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value, "a whole number")?;
        text.parse().map(Self).map_err(|_| InputValueError::custom(format!("`{text}` is not a whole number")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A whole number as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Long(pub i64);

/// A count: a whole number, larger than GraphQL's 32-bit Int may be, as a JSON number.
#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc8259#section-6")]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => {
                number.as_i64().map(Self).ok_or_else(|| InputValueError::expected_type(value))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// Any value.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Value);

/// Any JSON value.
#[Scalar(name = "JSON", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc8259")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

/// A currency by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrencyCode(pub Currency);

/// An ISO 4217 currency code, such as `"EUR"`.
#[Scalar(specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let code = text(value, "a currency code")?;
        code.parse().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.code().to_owned())
    }
}

/// A time zone by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone(pub Tz);

/// An IANA time zone name, such as `"Europe/London"`.
#[Scalar(specified_by_url = "https://www.iana.org/time-zones")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        let name = text(value, "a time zone")?;
        name.parse().map(Self).map_err(|_| {
            InputValueError::custom(format!("`{name}` is not an IANA time zone such as Europe/London"))
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.name().to_owned())
    }
}

/// A calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A calendar day, such as `"2024-01-31"`.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value, "a date")?;
        text.parse()
            .map(Self)
            .map_err(|_| InputValueError::custom(format!("`{text}` is not a date such as 2024-01-31")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub DateTime<Utc>);

/// An instant in UTC, such as `"2024-01-31T12:00:00+00:00"`.
#[Scalar(name = "DateTime", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for Instant {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value, "an instant")?;
        DateTime::parse_from_rfc3339(&text).map(|instant| Self(instant.to_utc())).map_err(|_| {
            InputValueError::custom(format!("`{text}` is not an instant such as 2024-01-31T12:00:00Z"))
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339())
    }
}

/// A bound of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A whole day.
    Date(NaiveDate),
    /// A time on the report's clock.
    Local(NaiveDateTime),
    /// An instant.
    Instant(DateTime<Utc>),
}

impl Moment {
    /// The year that it is in, as it is written.
    pub fn year(&self) -> i32 {
        match self {
            Self::Date(date) => date.year(),
            Self::Local(local) => local.year(),
            Self::Instant(instant) => instant.year(),
        }
    }
}

/// A bound of a range: a date (`"2024-01-31"`, a day in the report's time zone) or an instant
/// (`"2024-01-31T12:00:00Z"`; without offset, on the report's clock).
#[Scalar(specified_by_url = "https://www.iso.org/iso-8601-date-and-time-format.html")]
impl ScalarType for Moment {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value, "a date or an instant")?;
        let date = || text.parse().map(Self::Date);
        let instant = || DateTime::parse_from_rfc3339(&text).map(|instant| Self::Instant(instant.to_utc()));
        date().or_else(|_| instant()).or_else(|_| text.parse().map(Self::Local)).map_err(|_| {
            InputValueError::custom(format!(
                "`{text}` is neither a date (2024-01-31) nor an instant (2024-01-31T12:00:00Z)"
            ))
        })
    }

    fn to_value(&self) -> Value {
        Value::String(match self {
            Self::Date(date) => date.to_string(),
            Self::Local(local) => local.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
            Self::Instant(instant) => instant.to_rfc3339(),
        })
    }
}

/// An amount of money, exact.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct Money {
    /// Major units with the currency's digits, such as `"42150.00"`.
    amount: Decimal,
    /// The currency.
    currency: CurrencyCode,
    /// Minor units (cents, pence; for JPY whole yen), such as `"4215000"`.
    minor: BigInt,
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self {
            amount: Decimal(money.to_string()),
            currency: CurrencyCode(money.currency),
            minor: BigInt(money.minor),
        }
    }
}
