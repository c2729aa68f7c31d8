//! What a cell holds in a workbook, and how it looks.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};

use super::super::document::{Cell, Kind, between};
use super::style::Style;

/// What readers show of a double. Any decimal of as many digits is the same after it was one.
const SIGNIFICANT_DIGITS: usize = 15;
/// Far below the largest double, 309 digits.
const LONGEST_NUMBER: usize = 300;
/// 1900-03-01: Excel knows a 29th of February before it, so earlier days differ between programs.
const FIRST_DAY: i64 = 61;
/// 9999-12-31.
const LAST_DAY: i64 = 2_958_465;
/// 1970-01-01, as Excel counts.
const UNIX_EPOCH: i64 = 25_569;
const MILLISECONDS_OF_A_DAY: u128 = 86_400_000;

/// A cell's content as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// Not written at all.
    Nothing,
    /// A decimal number, by its digits.
    Number(Cow<'a, str>, Style),
    /// Text.
    Text(Cow<'a, str>, Style),
    /// True or false.
    Boolean(bool),
}

/// A column's style.
pub(super) fn style(kind: Kind) -> Style {
    match kind {
        Kind::Text | Kind::Boolean | Kind::Figure => Style::Plain,
        Kind::Integer => Style::Integer,
        Kind::Amount(currency) => Style::Amount(currency),
        Kind::Number { digits } => Style::Number(digits),
        Kind::Percent { digits } => Style::Percent(digits),
        Kind::Date => Style::Date,
        Kind::Instant => Style::Second,
    }
}

/// What is written for a cell of a column of that style.
pub(super) fn content<'a>(cell: &'a Cell, style: Style) -> Content<'a> {
    match cell {
        Cell::Empty => Content::Nothing,
        Cell::Text(text) => Content::Text(Cow::Borrowed(text), style_of_text(text)),
        Cell::Integer(value) => number(value.to_string().into(), style),
        Cell::Amount(money) => number(money.to_string().into(), Style::Amount(money.currency)),
        Cell::Decimal(digits) => number(Cow::Borrowed(digits), style),
        Cell::Date(date) => match day(*date) {
            Some(day) => Content::Number(day.to_string().into(), style),
            None => Content::Text(date.to_string().into(), Style::Digits),
        },
        Cell::Instant(instant) => moment(*instant),
        Cell::Boolean(value) => Content::Boolean(*value),
        Cell::Between(from, to) => {
            let text = between(*from, *to, str::to_owned);
            let style = style_of_text(&text);
            Content::Text(text.into(), style)
        }
    }
}

fn style_of_text(text: &str) -> Style {
    match text {
        text if may_become_a_formula(text) => Style::Quoted,
        text if text.contains('\n') => Style::Lines,
        _ => Style::Plain,
    }
}

/// In a cell all text is text; but Excel reads it anew when someone edits it.
fn may_become_a_formula(text: &str) -> bool {
    text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

fn number(digits: Cow<str>, style: Style) -> Content {
    if is_exact(&digits) { Content::Number(digits, style) } else { Content::Text(digits, Style::Digits) }
}

/// Whether a spreadsheet shows and keeps all of the digits.
fn is_exact(digits: &str) -> bool {
    let is_zero = |byte: &&u8| **byte == b'0' || !byte.is_ascii_digit();
    if digits.len() <= SIGNIFICANT_DIGITS {
        return true;
    }
    let leading = digits.bytes().take_while(|byte| is_zero(&byte)).count();
    let trailing = digits.bytes().rev().take_while(|byte| is_zero(&byte)).count();
    let significant =
        digits.as_bytes().get(leading..digits.len().saturating_sub(trailing)).unwrap_or_default();
    let count = significant.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits.len() <= LONGEST_NUMBER && count <= SIGNIFICANT_DIGITS
}

/// Days as Excel counts them, where programs agree on the count.
fn day(date: NaiveDate) -> Option<i64> {
    let days = date.signed_duration_since(DateTime::UNIX_EPOCH.date_naive()).num_days() + UNIX_EPOCH;
    (FIRST_DAY..=LAST_DAY).contains(&days).then_some(days)
}

/// Days and a fraction, down to the millisecond: Excel keeps no smaller part of a day.
fn moment<'a>(instant: DateTime<Utc>) -> Content<'a> {
    let Some(day) = day(instant.date_naive()) else {
        return Content::Text(
            instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).into(),
            Style::Digits,
        );
    };
    let milliseconds = milliseconds(instant.time());
    let style = if milliseconds.is_multiple_of(1000) { Style::Second } else { Style::Millisecond };
    let fraction =
        (u128::from(milliseconds) * 10_u128.pow(15) + MILLISECONDS_OF_A_DAY / 2) / MILLISECONDS_OF_A_DAY;
    Content::Number(format!("{day}.{fraction:015}").into(), style)
}

/// A leap second is the last millisecond of its minute.
fn milliseconds(time: NaiveTime) -> u32 {
    time.num_seconds_from_midnight() * 1000 + (time.nanosecond() / 1_000_000).min(999)
}
