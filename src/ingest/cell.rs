//! Texts of a dataset as the values that tables hold: numbers, instants, amounts, exactly or not at all.
//!
//! Nothing here knows files or databases; a text that is refused comes back with what would be right.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use crate::money::{Currency, ScaleError, parse_scaled};

/// A value on its way into a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Absent.
    Null,
    /// A whole number, an instant, an amount, a truth value.
    Integer(i64),
    /// A text.
    Text(Box<str>),
}

impl Cell {
    /// A text cell.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// What is wrong with a text, and what would be right.
pub type Reason = Cow<'static, str>;

/// Most digits of an amount in minor units: a thousand million of them still add up in 64 bits.
pub const MOST_MINOR: i64 = 9_000_000_000_000_000;
/// Most millionths of a price.
pub const MOST_PRICE: i64 = 9_000_000_000_000_000;
/// Most millionths of a line.
pub const MOST_LINE: i64 = 9_000_000_000_000_000_000;
/// Digits of prices and of amounts whose currency is not known yet.
pub const PRICE_DIGITS: u32 = 6;
/// Longest id: PostgreSQL cannot index much longer ones.
pub const LONGEST_IDENTIFIER: usize = 512;
/// Longest other text.
const LONGEST_TEXT: usize = 65_536;
/// Digits of a rate before and after its point.
const RATE_DIGITS: usize = 18;
const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A source's id.
pub fn identifier(text: &str) -> Result<Cell, Reason> {
    limited(text, LONGEST_IDENTIFIER, "an id has at most 512 bytes")
}

/// Free text.
pub fn free_text(text: &str) -> Result<Cell, Reason> {
    limited(text, LONGEST_TEXT, "a text has at most 65536 bytes")
}

fn limited(text: &str, longest: usize, reason: &'static str) -> Result<Cell, Reason> {
    if text.len() > longest {
        return Err(reason.into());
    }
    // PostgreSQL cannot store it.
    if text.as_bytes().contains(&0) {
        return Err("holds a NUL character".into());
    }
    Ok(Cell::text(text))
}

/// A whole number in `least..=most`.
pub fn integer(text: &str, least: i64, most: i64) -> Result<i64, Reason> {
    match parse_scaled(text, 0) {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        Ok(_) | Err(ScaleError::TooLarge) => Err(format!("must lie between {least} and {most}").into()),
        Err(_) => Err("is not a whole number".into()),
    }
}

/// `true` or `false`, in any case, or `1` or `0`.
pub fn boolean(text: &str) -> Result<i64, Reason> {
    if text == "1" || text.eq_ignore_ascii_case("true") {
        Ok(1)
    } else if text == "0" || text.eq_ignore_ascii_case("false") {
        Ok(0)
    } else {
        Err("is not `true` or `false`".into())
    }
}

/// A name's number.
pub fn choice(text: &str, names: &[(&str, i64)]) -> Result<i64, Reason> {
    names.iter().find(|(name, _)| *name == text).map(|(_, code)| *code).ok_or_else(|| {
        let names: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        format!("is not one of {}", names.join(", ")).into()
    })
}

/// A currency.
pub fn currency(text: &str) -> Result<Currency, Reason> {
    text.parse().map_err(|_| "is not an ISO 4217 currency code such as EUR".into())
}

/// An amount in minor units of `currency`.
pub fn amount(text: &str, currency: Currency) -> Result<i64, Reason> {
    let digits = currency.digits();
    match parse_scaled(text, digits) {
        Ok(minor) if minor.unsigned_abs() <= MOST_MINOR.unsigned_abs() => Ok(minor),
        Ok(_) | Err(ScaleError::TooLarge) => {
            Err(format!("is too large: an amount has at most {MOST_MINOR} minor units of {currency}").into())
        }
        Err(ScaleError::TooFine) => {
            Err(format!("has more digits than {currency}, which has {digits}").into())
        }
        Err(ScaleError::Malformed) => Err("is not an amount such as 149.99".into()),
    }
}

/// A price, or an amount whose currency is told elsewhere, in millionths.
pub fn price(text: &str, most: i64) -> Result<i64, Reason> {
    match parse_scaled(text, PRICE_DIGITS) {
        Ok(micros) if micros.unsigned_abs() <= most.unsigned_abs() => Ok(micros),
        Ok(_) | Err(ScaleError::TooLarge) => {
            Err(format!("is too large: at most {}", most / MICROS_PER_SECOND).into())
        }
        Err(ScaleError::TooFine) => Err("has more than 6 digits after the point".into()),
        Err(ScaleError::Malformed) => Err("is not an amount such as 149.99".into()),
    }
}

/// Hours of a day, in millionths.
pub fn hours(text: &str) -> Result<i64, Reason> {
    let most = 24 * 10_i64.pow(PRICE_DIGITS);
    let hours = parse_scaled(text, PRICE_DIGITS).ok().filter(|hours| (0..=most).contains(hours));
    hours.ok_or_else(|| "is not a number of hours from 0 to 24, such as 7.5".into())
}

/// A share of an amount, in millionths.
pub fn share(text: &str) -> Result<i64, Reason> {
    let share = parse_scaled(text, PRICE_DIGITS).ok().filter(|share| (0..=MICROS_PER_SECOND).contains(share));
    share.ok_or_else(|| {
        "is not a share from 0 to 1 with at most 6 digits after the point, such as 0.15".into()
    })
}

/// A positive rate, in its one shortest spelling.
pub fn rate(text: &str) -> Result<String, Reason> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || whole.is_empty() && fraction.is_empty() {
        return Err("is not a positive plain decimal such as 1.0873".into());
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > RATE_DIGITS || fraction.len() > RATE_DIGITS {
        return Err("has more than 18 digits before or after the point".into());
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    match (whole, fraction) {
        ("0", "") => Err("must be above zero".into()),
        (whole, "") => Ok(whole.to_owned()),
        (whole, fraction) => Ok(format!("{whole}.{fraction}")),
    }
}

/// A calendar day, as days since 1970-01-01.
pub fn day(text: &str) -> Result<i64, Reason> {
    days(text.as_bytes()).ok_or_else(|| "is not a day such as 2026-04-01".into())
}

/// An instant, as microseconds since 1970-01-01T00:00:00Z: RFC 3339; without an offset UTC; a day alone its midnight.
/// Digits below the microsecond are dropped.
pub fn instant(text: &str) -> Result<i64, Reason> {
    micros(text.as_bytes())
        .ok_or_else(|| "is not an instant such as 2026-04-01T09:30:00Z, or a day such as 2026-04-01".into())
}

fn micros(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let midnight = days(date)? * SECONDS_PER_DAY;
    if rest.is_empty() {
        return Some(midnight * MICROS_PER_SECOND);
    }
    let [b'T' | b't' | b' ', h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = rest else { return None };
    let (hour, minute, second) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?, number(&[*s1, *s2])?);
    // 60 is a leap second, which UTC clocks count into the next minute.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, zone) = fraction(rest)?;
    let seconds = midnight + hour * 3600 + minute * 60 + second - offset(zone)?;
    Some(seconds * MICROS_PER_SECOND + fraction)
}

/// The microseconds of `.123456789`, and what follows.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let [b'.', rest @ ..] = text else { return Some((0, text)) };
    let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    if end == 0 {
        return None;
    }
    let digits = &rest[..end.min(6)];
    let scale = 10_i64.pow(u32::try_from(6 - digits.len()).ok()?);
    Some((number(digits)? * scale, &rest[end..]))
}

/// Seconds east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, [h1, h2, b':', m1, m2]) = (match zone {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    }) else {
        return None;
    };
    let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn days(text: &[u8]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = i32::try_from(number(&[*y1, *y2, *y3, *y4])?).ok()?;
    let month = u32::try_from(number(&[*m1, *m2])?).ok()?;
    let day = u32::try_from(number(&[*d1, *d2])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    Some(i64::from(date.num_days_from_ce()) - UNIX_EPOCH_FROM_CE)
}

/// Days from the first of January of the year 1 to 1970-01-01, counting both ends as chrono does.
const UNIX_EPOCH_FROM_CE: i64 = 719_163;

fn number(digits: &[u8]) -> Option<i64> {
    digits
        .iter()
        .try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn instants_are_read_to_the_microsecond() {
        let micros = |text: &str| instant(text).ok();
        let wanted = |text: &str| Some(text.parse::<DateTime<Utc>>().expect("RFC 3339").timestamp_micros());
        for (text, same) in [
            ("2026-04-01", "2026-04-01T00:00:00Z"),
            ("2026-04-01T09:30:00", "2026-04-01T09:30:00Z"),
            ("2026-04-01 09:30:00Z", "2026-04-01T09:30:00Z"),
            ("2026-04-01t09:30:00z", "2026-04-01T09:30:00Z"),
            ("2026-04-01T09:30:00+05:30", "2026-04-01T04:00:00Z"),
            ("2026-04-01T00:00:00.5-01:00", "2026-04-01T01:00:00.5Z"),
            ("2026-04-01T00:00:00.123456789Z", "2026-04-01T00:00:00.123456Z"),
            ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("0000-01-01", "0000-01-01T00:00:00Z"),
        ] {
            assert_eq!(micros(text), wanted(same), "{text}");
        }
        for text in [
            "",
            "2026",
            "2026-4-1",
            "2026-02-29",
            "2026-13-01",
            "01/02/2026",
            "2026-04-01T",
            "2026-04-01T24:00:00",
            "2026-04-01T09:30",
            "2026-04-01T09:30:00.",
            "2026-04-01T09:30:00+5",
            "2026-04-01T09:30:00 Z",
            "+2026-04-01",
            "2026-04-01T09:30:00.1é",
            "٢٠٢٦-04-01",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn rates_have_one_spelling() {
        let read = |text: &str| rate(text).ok();
        for (text, wanted) in [
            ("1", "1"),
            ("01.50", "1.5"),
            (".5", "0.5"),
            ("7.", "7"),
            ("0.000000000000000001", "0.000000000000000001"),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text}");
        }
        for text in
            ["", ".", "0", "0.000", "-1", "+1", "1e3", "1,5", "0.0000000000000000001", "1234567890123456789"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_stay_where_sums_fit() {
        let euro = "EUR".parse().expect("a currency");
        assert_eq!(amount("90000000000000.00", euro), Ok(MOST_MINOR));
        assert!(amount("90000000000000.01", euro).is_err());
        assert!(amount("-90000000000000.01", euro).is_err());
        assert!(amount("-92233720368547758.08", euro).is_err());
        assert_eq!(price("-0.000001", MOST_PRICE), Ok(-1));
        assert!(price("-9223372036854.775808", MOST_LINE).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(text in prop_oneof![any::<String>(), "[-+0-9.:TZ ]{0,40}"]) {
            let euro = "EUR".parse().expect("a currency");
            let _ = (instant(&text), day(&text), rate(&text), amount(&text, euro), price(&text, MOST_LINE));
            let _ = (integer(&text, -5, 5), boolean(&text), currency(&text), identifier(&text), free_text(&text));
        }

        #[test]
        fn instants_are_chronos(seconds in -62_135_596_800_i64..253_402_300_799, nanos in 0..1_000_000_000_u32) {
            let instant = DateTime::from_timestamp(seconds, nanos).expect("in range");
            prop_assert_eq!(super::instant(&instant.to_rfc3339()), Ok(instant.timestamp_micros()));
        }
    }
}
