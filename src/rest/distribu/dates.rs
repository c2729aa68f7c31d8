//! Dates as JavaScript's `new Date()` reads them, which is how the API's document says that they are read; without an
//! offset they are UTC.
//!
//! First the form that ECMAScript itself defines (`2026-04-01`, `2026-04-01T00:00:00Z`), then what engines have always
//! read besides (`2026/04/01`, `April 1, 2026`, RFC 2822). What engines only guess at is no date here: days that the month
//! does not have, dates without a year, words that are neither months nor days of the week.

use std::iter::Peekable;
use std::str::Chars;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};

use crate::period::check_year;
use crate::rest::moment::Moment;

/// Reads a day or an instant, to the millisecond.
pub fn read(text: &str) -> Option<Moment> {
    let text = text.trim();
    let moment = defined(text).or_else(|| Legacy::read(text))?;
    check_year(moment.first_instant().year()).is_ok().then_some(moment)
}

/// The form that ECMAScript defines: a date, with a time or without.
fn defined(text: &str) -> Option<Moment> {
    let (date, time) = text.split_once(['T', 't']).map_or((text, None), |(date, time)| (date, Some(time)));
    let day = date_of(date)?;
    let Some(time) = time else { return Some(Moment::Day(day)) };
    // An offset's `+` that was not escaped arrives as a space.
    let offset_at = time.find(['Z', 'z', '+', '-', ' ']).unwrap_or(time.len());
    let (time, offset) = time.split_at(offset_at);
    instant(day, clock(time)?, offset_of(offset)?)
}

/// `2026`, `2026-04`, `2026-04-01`; years beyond four digits are written `+012026`.
fn date_of(text: &str) -> Option<NaiveDate> {
    let digits = if text.starts_with(['+', '-']) { 7 } else { 4 };
    let (year, rest) = text.split_at_checked(digits)?;
    if year == "-000000" {
        return None;
    }
    let year: i32 = number(year.trim_start_matches(['+', '-']), digits - usize::from(digits == 7))?;
    let year = if text.starts_with('-') { -year } else { year };
    let mut parts = rest.split('-');
    if parts.next() != Some("") {
        return None;
    }
    let month = parts.next().map_or(Some(1), |month| number(month, 2))?;
    let day = parts.next().map_or(Some(1), |day| number(day, 2))?;
    if parts.next().is_some() {
        return None;
    }
    NaiveDate::from_ymd_opt(year, month, day)
}

/// `HH:mm`, `HH:mm:ss`, `HH:mm:ss.sss`: the time since midnight.
fn clock(text: &str) -> Option<Duration> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let (second, fraction) = match parts.next().map(|second| (second, second.split_once('.'))) {
        None => (0, None),
        Some((second, None)) => (number(second, 2)?, None),
        Some((_, Some((second, fraction)))) => (number(second, 2)?, Some(fraction)),
    };
    let milliseconds = fraction.map_or(Some(0), milliseconds)?;
    if parts.next().is_some() { None } else { since_midnight(hour, minute, second, milliseconds) }
}

/// Digits behind the point, as far as milliseconds; what is finer is dropped.
fn milliseconds(fraction: &str) -> Option<u32> {
    let is_number = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let three: String = fraction.chars().chain("00".chars()).take(3).collect();
    is_number.then(|| three.parse().ok()).flatten()
}

fn since_midnight(hour: u32, minute: u32, second: u32, milliseconds: u32) -> Option<Duration> {
    let is_time = hour < 24 && minute < 60 && second < 60;
    let is_midnight_after = (hour, minute, second, milliseconds) == (24, 0, 0, 0);
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    (is_time || is_midnight_after)
        .then(|| Duration::seconds(seconds) + Duration::milliseconds(i64::from(milliseconds)))
}

/// `Z`, `+HH:mm`, `-HHmm`, or nothing: how far ahead of UTC.
fn offset_of(text: &str) -> Option<Duration> {
    if matches!(text, "" | "Z" | "z") {
        return Some(Duration::zero());
    }
    let digits = text.get(1..)?;
    let (hours, minutes) = digits.split_once(':').or_else(|| digits.split_at_checked(2))?;
    let ahead = ahead(number(hours, 2)?, number(minutes, 2)?)?;
    match text.as_bytes()[0] {
        b'+' | b' ' => Some(ahead),
        b'-' => Some(-ahead),
        _ => None,
    }
}

fn ahead(hours: u32, minutes: u32) -> Option<Duration> {
    let is_offset = hours < 24 && minutes < 60;
    is_offset.then(|| Duration::minutes(i64::from(hours * 60 + minutes)))
}

fn instant(day: NaiveDate, time: Duration, ahead: Duration) -> Option<Moment> {
    let midnight: DateTime<Utc> = day.and_time(NaiveTime::MIN).and_utc();
    midnight.checked_add_signed(time)?.checked_sub_signed(ahead).map(Moment::Instant)
}

/// A number of exactly so many digits.
fn number<N: std::str::FromStr>(text: &str, digits: usize) -> Option<N> {
    let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
/// Zones that engines know by name, with the hours that they are ahead of UTC.
const ZONES: [(&str, i64); 12] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
];

/// What was read so far of a date in one of the old forms: words and numbers in almost any order.
#[derive(Default)]
struct Legacy {
    /// Numbers that are no time.
    numbers: Vec<u32>,
    month: Option<u32>,
    /// Hour, minute, second, millisecond.
    time: Option<[u32; 4]>,
    is_afternoon: Option<bool>,
    ahead: Option<Duration>,
}

impl Legacy {
    fn read(text: &str) -> Option<Moment> {
        let mut read = Self::default();
        let mut letters = text.chars().peekable();
        let mut last = ' ';
        while let Some(letter) = letters.peek().copied() {
            let joins = last.is_ascii_alphanumeric();
            last = letter;
            if letter.is_ascii_digit() {
                read.number(&mut letters)?;
            } else if letter.is_ascii_alphabetic() {
                read.word(&take(&mut letters, char::is_ascii_alphabetic).to_ascii_lowercase())?;
            } else if matches!(letter, '+' | '-') && (read.time.is_some() || read.ahead.is_some()) {
                read.offset(&mut letters)?;
            } else if letter == '(' {
                skip_remark(&mut letters)?;
            } else if letter.is_whitespace() || matches!(letter, ',' | '/' | '.') || letter == '-' && joins {
                letters.next();
            } else {
                return None;
            }
        }
        read.moment()
    }

    /// A number of a date, or a time where a colon follows.
    fn number(&mut self, letters: &mut Peekable<Chars>) -> Option<()> {
        let first = take(letters, char::is_ascii_digit);
        if letters.next_if_eq(&':').is_none() {
            self.numbers.push(first.parse().ok()?);
            return Some(());
        }
        let mut time = [first.parse().ok()?, take(letters, char::is_ascii_digit).parse().ok()?, 0, 0];
        if letters.next_if_eq(&':').is_some() {
            time[2] = take(letters, char::is_ascii_digit).parse().ok()?;
            if letters.next_if_eq(&'.').is_some() {
                time[3] = milliseconds(&take(letters, char::is_ascii_digit))?;
            }
        }
        self.time.replace(time).is_none().then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let names = |full: &str| word.len() >= 3 && full.starts_with(word);
        if let Some(month) = (1..).zip(MONTHS).find_map(|(number, full)| names(full).then_some(number)) {
            return self.month.replace(month).is_none().then_some(());
        }
        if let Some((_, hours)) = ZONES.iter().find(|(name, _)| *name == word) {
            return self.ahead.replace(Duration::hours(*hours)).is_none().then_some(());
        }
        match word {
            "am" | "pm" if self.time.is_some() => {
                self.is_afternoon.replace(word == "pm").is_none().then_some(())
            }
            // Which day of the week it was says nothing that the date does not.
            _ => WEEKDAYS.iter().any(|full| names(full)).then_some(()),
        }
    }

    /// `+H`, `+HH`, `+HHmm`, `+HH:mm`, also behind `GMT`.
    fn offset(&mut self, letters: &mut Peekable<Chars>) -> Option<()> {
        let is_behind = letters.next()? == '-';
        if self.ahead.is_some_and(|ahead| !ahead.is_zero()) {
            return None;
        }
        let digits = take(letters, char::is_ascii_digit);
        let (hours, minutes) = if letters.next_if_eq(&':').is_some() {
            (digits.parse().ok()?, take(letters, char::is_ascii_digit).parse().ok()?)
        } else {
            let (hours, minutes) = digits.split_at(digits.len().min(2));
            (hours.parse().ok()?, if minutes.is_empty() { 0 } else { number(minutes, 2)? })
        };
        let ahead = ahead(hours, minutes)?;
        self.ahead = Some(if is_behind { -ahead } else { ahead });
        Some(())
    }

    fn moment(&self) -> Option<Moment> {
        let day = self.day()?;
        match (self.time, self.ahead) {
            (None, None) => Some(Moment::Day(day)),
            (None, Some(ahead)) => ahead.is_zero().then_some(Moment::Day(day)),
            (Some([hour, minute, second, milliseconds]), ahead) => {
                let hour = match self.is_afternoon {
                    None => hour,
                    Some(is_afternoon) => {
                        (hour <= 12).then(|| hour % 12 + if is_afternoon { 12 } else { 0 })?
                    }
                };
                let time = since_midnight(hour, minute, second, milliseconds)?;
                instant(day, time, ahead.unwrap_or_default())
            }
        }
    }

    /// Year, month and day by their places: what is no day comes first only as a year, and numbers alone are month, day,
    /// year.
    fn day(&self) -> Option<NaiveDate> {
        let is_day = |number: u32| (1..=31).contains(&number);
        let (year, month, day) = match (self.month, self.numbers.as_slice()) {
            (Some(month), [year]) if !is_day(*year) => (*year, month, 1),
            (Some(month), [year, day]) if !is_day(*year) => (*year, month, *day),
            (Some(month), [day, year]) => (*year, month, *day),
            (None, [year, month]) if !is_day(*year) => (*year, *month, 1),
            (None, [year, month, day]) if !is_day(*year) => (*year, *month, *day),
            (None, [month, day, year]) => (*year, *month, *day),
            _ => return None,
        };
        // Two digits are of 1950 to 2049.
        let year = match year {
            0..=49 => 2000 + year,
            50..=99 => 1900 + year,
            _ => year,
        };
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
    }
}

/// As many characters as are of a kind.
fn take(letters: &mut Peekable<Chars>, kind: impl Fn(&char) -> bool) -> String {
    std::iter::from_fn(|| letters.next_if(&kind)).collect()
}

/// What stands in parentheses, as a zone's name does at the end of what JavaScript writes.
fn skip_remark(letters: &mut Peekable<Chars>) -> Option<()> {
    letters.find(|letter| *letter == ')').map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// Whatever a client sends is answered, never a panic.
        #[test]
        fn anything_can_be_read(text in "[-+0-9A-Za-z:/., ()\u{0}é]{0,40}") {
            let _ = read(&text);
        }
    }
}
