//! The functions of a mapping's expressions. A function of an absent value is absent, but where its line says else.

use std::str::FromStr;

use chrono::{LocalResult, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::value::{NoValue, Value};

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// One of two values.
    If,
    /// The first value that is there.
    Coalesce,
    /// Whether a value is there.
    Given,
    /// A value for each text.
    Choose,
    /// Texts, one after another; absent ones are passed over.
    Concat,
    /// In capitals.
    Upper,
    /// In small letters.
    Lower,
    /// Without blanks around.
    Trim,
    /// With one text in the place of another.
    Replace,
    /// A part between separators, from 1.
    Split,
    /// A part by position, from 1.
    Substring,
    /// How many characters.
    Length,
    /// Whether a text starts with another.
    StartsWith,
    /// Whether a text ends with another.
    EndsWith,
    /// Whether a text holds another.
    Contains,
    /// Rounded half away from zero.
    Round,
    /// Without its sign.
    Abs,
    /// A text as a number.
    Number,
    /// A text as an instant.
    Date,
    /// An instant so many minutes later.
    Later,
}

/// Every function: its name, fewest and most arguments, and how it is written.
const FUNCTIONS: [(Function, &str, usize, usize, &str); 20] = [
    (Function::If, "if", 3, 3, "if(condition, then, else)"),
    (Function::Coalesce, "coalesce", 1, usize::MAX, "coalesce(value, …)"),
    (Function::Given, "given", 1, 1, "given(value)"),
    (Function::Choose, "choose", 4, usize::MAX, "choose(value, 'from', to, …, else)"),
    (Function::Concat, "concat", 1, usize::MAX, "concat(text, …)"),
    (Function::Upper, "upper", 1, 1, "upper(text)"),
    (Function::Lower, "lower", 1, 1, "lower(text)"),
    (Function::Trim, "trim", 1, 1, "trim(text)"),
    (Function::Replace, "replace", 3, 3, "replace(text, what, by)"),
    (Function::Split, "split", 3, 3, "split(text, separator, number)"),
    (Function::Substring, "substring", 2, 3, "substring(text, start, length)"),
    (Function::Length, "length", 1, 1, "length(text)"),
    (Function::StartsWith, "starts_with", 2, 2, "starts_with(text, start)"),
    (Function::EndsWith, "ends_with", 2, 2, "ends_with(text, end)"),
    (Function::Contains, "contains", 2, 2, "contains(text, part)"),
    (Function::Round, "round", 1, 2, "round(number, digits)"),
    (Function::Abs, "abs", 1, 1, "abs(number)"),
    (Function::Number, "number", 1, 1, "number(text)"),
    (Function::Date, "date", 2, 3, "date(text, format, zone)"),
    (Function::Later, "later", 2, 2, "later(instant, minutes)"),
];

impl Function {
    /// The function of that name.
    pub fn named(name: &str) -> Option<Self> {
        FUNCTIONS.iter().find(|(_, known, ..)| *known == name).map(|(function, ..)| *function)
    }

    fn declared(self) -> (usize, usize, &'static str) {
        let found = FUNCTIONS.iter().find(|(function, ..)| *function == self);
        found.map_or((0, 0, ""), |(_, _, fewest, most, usage)| (*fewest, *most, usage))
    }

    /// Whether it can have so many arguments.
    pub fn takes(self, count: usize) -> bool {
        let (fewest, most, _) = self.declared();
        // The pairs of `choose` stand between the value and what is left over.
        (fewest..=most).contains(&count) && (self != Self::Choose || count.is_multiple_of(2))
    }

    /// How it is written.
    pub fn usage(self) -> &'static str {
        self.declared().2
    }

    /// Its value. `If`, `Coalesce` and `Choose` are worked out by the caller, who need not know every argument.
    pub fn call(self, arguments: &[Value]) -> Result<Value, NoValue> {
        match self {
            Self::Given => return Ok(Value::Truth(arguments.first() != Some(&Value::Absent))),
            Self::Concat => {
                return limited(arguments.iter().filter_map(Value::as_text).collect());
            }
            _ if arguments.contains(&Value::Absent) => return Ok(Value::Absent),
            _ => {}
        }
        let text = |place: usize| arguments.get(place).and_then(Value::as_text).unwrap_or_default();
        let whole = |place: usize, otherwise: i64| whole(arguments.get(place), otherwise);
        Ok(match self {
            Self::Upper => Value::Text(text(0).to_uppercase()),
            Self::Lower => Value::Text(text(0).to_lowercase()),
            Self::Trim => Value::Text(text(0).trim().to_owned()),
            Self::Replace if text(1).is_empty() => Value::Text(text(0).into_owned()),
            Self::Replace => limited(text(0).replace(&*text(1), &text(2)))?,
            Self::Split => split(&text(0), &text(1), whole(2, 1)?),
            Self::Substring => substring(&text(0), whole(1, 1)?, whole(2, i64::MAX)?),
            Self::Length => Value::Number(text(0).chars().count().into()),
            Self::StartsWith => Value::Truth(text(0).starts_with(&*text(1))),
            Self::EndsWith => Value::Truth(text(0).ends_with(&*text(1))),
            Self::Contains => Value::Truth(text(0).contains(&*text(1))),
            Self::Round => {
                let digits = u32::try_from(whole(1, 0)?.clamp(0, 28)).unwrap_or(0);
                number(arguments, |number| {
                    number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
                })?
            }
            Self::Abs => number(arguments, |number| number.abs())?,
            Self::Number => number(arguments, |number| number)?,
            Self::Date => date(&text(0), &text(1), arguments.get(2).map(|_| text(2)).as_deref())?,
            Self::Later => later(&arguments[0], &arguments[1])?,
            Self::If | Self::Coalesce | Self::Choose | Self::Given | Self::Concat => Value::Absent,
        })
    }
}

/// Longest text that a function makes.
const LONGEST_TEXT: usize = 1 << 20;

fn limited(text: String) -> Result<Value, NoValue> {
    if text.len() > LONGEST_TEXT {
        return Err(NoValue::because("a text has more than a million letters"));
    }
    Ok(Value::Text(text))
}

fn number(arguments: &[Value], of: impl Fn(Decimal) -> Decimal) -> Result<Value, NoValue> {
    let number = arguments.first().map_or(Ok(None), Value::number)?;
    Ok(number.map_or(Value::Absent, |number| Value::Number(of(number))))
}

fn whole(value: Option<&Value>, otherwise: i64) -> Result<i64, NoValue> {
    let Some(number) = value.map_or(Ok(None), Value::number)? else { return Ok(otherwise) };
    number
        .to_i64()
        .filter(|whole| Decimal::from(*whole) == number)
        .ok_or_else(|| NoValue::of(number.to_string(), "is not a whole number"))
}

fn split(text: &str, separator: &str, place: i64) -> Value {
    let Some(place) = usize::try_from(place).ok().and_then(|place| place.checked_sub(1)) else {
        return Value::Absent;
    };
    let part = if separator.is_empty() { None } else { text.split(separator).nth(place) };
    part.filter(|part| !part.is_empty()).map_or(Value::Absent, |part| Value::Text(part.to_owned()))
}

fn substring(text: &str, start: i64, length: i64) -> Value {
    let skipped = usize::try_from(start.saturating_sub(1)).unwrap_or(0);
    let length = usize::try_from(length).unwrap_or(0);
    let part: String = text.chars().skip(skipped).take(length).collect();
    if part.is_empty() { Value::Absent } else { Value::Text(part) }
}

/// An instant moved by minutes, which may be a fraction, or fewer than none.
fn later(instant: &Value, minutes: &Value) -> Result<Value, NoValue> {
    let Value::Instant(instant) = instant else {
        return Err(NoValue::because("`later` needs an instant: `date(…)` makes one of a text"));
    };
    let micros = minutes.number()?.and_then(|minutes| minutes.checked_mul(MICROS_PER_MINUTE.into()));
    let moved =
        micros.and_then(|micros| micros.round().to_i64()).and_then(|micros| instant.checked_add(micros));
    moved.map(Value::Instant).ok_or_else(|| NoValue::because("`later` leaves the calendar"))
}

const MICROS_PER_MINUTE: i64 = 60_000_000;

/// A wall-clock time in `zone`, or UTC; a format without a time of day means midnight.
fn date(text: &str, format: &str, zone: Option<&str>) -> Result<Value, NoValue> {
    let zone = zone.unwrap_or("UTC");
    let zone = Tz::from_str(zone).map_err(|_| NoValue::of(zone, "is not an IANA time zone"))?;
    let parsed = NaiveDateTime::parse_from_str(text, format).or_else(|_| {
        NaiveDate::parse_from_str(text, format).map(|date| date.and_time(chrono::NaiveTime::MIN))
    });
    let local = parsed.map_err(|_| NoValue::of(text, format!("is not a date of the form {format}")))?;
    match zone.from_local_datetime(&local) {
        // A wall-clock time that the zone has twice is taken to be the first.
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => {
            Ok(Value::Instant(instant.timestamp_micros()))
        }
        LocalResult::None => Err(NoValue::of(text, format!("is a time that the clocks of {zone} skip"))),
    }
}
