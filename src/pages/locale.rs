//! How a reader writes numbers, amounts and percentages, and puts days; the words around them are English.
//!
//! Everything is written from exact digits. What languages and regions do is in `styles`, as Unicode's CLDR has it; digits
//! are Latin ones in all of them, as in the text around them.

mod currency;
mod styles;

use styles::{Percent, Style, Unit};

use crate::money::{Currency, Money};

pub use currency::symbol;

/// What a reader's browser asks for.
#[derive(Clone, Debug)]
pub struct Locale {
    /// Language, script and region, as browsers know them: `de-AT`.
    tag: String,
    style: &'static Style,
    /// `Apr 1, 2026` instead of `1 Apr 2026`.
    month_first: bool,
}

/// More languages than anybody reads.
const MOST_LANGUAGES: usize = 20;
/// What a page is written in for who asks for nothing that is known.
const ENGLISH: &str = "en";

impl Default for Locale {
    fn default() -> Self {
        Self { tag: ENGLISH.to_owned(), style: &styles::ENGLISH, month_first: false }
    }
}

impl Locale {
    /// The first language of an `Accept-Language` header that is known, else English. Whatever the header holds, something
    /// comes of it.
    pub fn negotiate(accept_language: &str) -> Self {
        let mut wished: Vec<(&str, u16)> =
            accept_language.split(',').take(MOST_LANGUAGES).filter_map(weighed).collect();
        // As they stand where they weigh the same.
        wished.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        wished.into_iter().find_map(|(tag, _)| Self::of(tag)).unwrap_or_default()
    }

    /// Of a tag such as `de-AT`, `zh-Hant-TW` or `en`; nothing where the language is unknown.
    fn of(tag: &str) -> Option<Self> {
        let mut parts = tag.split('-');
        let language = parts.next().filter(|part| is_letters(part, 2..=3))?.to_ascii_lowercase();
        let mut rest = parts.peekable();
        let script = rest.next_if(|part| is_letters(part, 4..=4)).map(str::to_ascii_lowercase);
        let is_region = |part: &str| {
            is_letters(part, 2..=2) || part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit())
        };
        let region = rest.next().filter(|part| is_region(part)).map(str::to_ascii_uppercase);
        let regional = region.as_ref().and_then(|region| styles::of(&format!("{language}-{region}")));
        let style = regional.or_else(|| styles::of(&language))?;
        let month_first = language == ENGLISH && region.as_deref() == Some("US");
        let known = [Some(language), script, region];
        let tag = known.into_iter().flatten().collect::<Vec<_>>().join("-");
        Some(Self { tag, style, month_first })
    }

    /// Language, script and region, as browsers know them: `de-AT`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether the month comes before the day, as in `Apr 1, 2026`.
    pub fn month_first(&self) -> bool {
        self.month_first
    }

    /// A plain decimal (`-1234567.5`) as the reader writes it (`-1.234.567,5`), with all its digits.
    pub fn number(&self, decimal: &str) -> String {
        let (minus, digits) = self.parted(decimal);
        format!("{minus}{digits}")
    }

    /// An amount with the symbol of its currency, or its code where no symbol is its own: `€1,234.50`, `1 234,50 CHF`.
    pub fn money(&self, money: Money) -> String {
        let (minus, digits) = self.parted(&money.to_string());
        let symbol = symbol(money.currency);
        let is_sign = |edge: Option<char>| edge.is_some_and(|edge| !edge.is_alphanumeric());
        let (starts, ends) = (is_sign(symbol.chars().next()), is_sign(symbol.chars().next_back()));
        match self.style.unit {
            // Letters never touch digits.
            Unit::Before if ends => format!("{minus}{symbol}{digits}"),
            Unit::Before | Unit::BeforeAndApart => format!("{minus}{symbol}{NO_BREAK}{digits}"),
            Unit::After if starts => format!("{minus}{digits}{symbol}"),
            Unit::After | Unit::AfterAndApart => format!("{minus}{digits}{NO_BREAK}{symbol}"),
        }
    }

    /// What stands on an axis beside its numbers: the symbol of a currency.
    pub fn symbol(&self, currency: Currency) -> &'static str {
        symbol(currency)
    }

    /// A number of hundredths as a percentage: `12.5` is `12.5%`, `12,5 %`, `%12,5`.
    pub fn percent(&self, hundredths: &str) -> String {
        let (minus, digits) = self.parted(hundredths);
        match self.style.percent {
            Percent::After => format!("{minus}{digits}%"),
            Percent::AfterAndApart => format!("{minus}{digits}{NO_BREAK}%"),
            Percent::Before => format!("{minus}%{digits}"),
            Percent::BeforeAndApart => format!("{minus}%{NO_BREAK}{digits}"),
        }
    }

    /// The sign, and the digits in their groups.
    fn parted(&self, decimal: &str) -> (&'static str, String) {
        let style = self.style;
        let (minus, plain) = decimal.strip_prefix('-').map_or(("", decimal), |rest| (style.minus, rest));
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let mut digits = grouped(whole, style);
        if !fraction.is_empty() {
            digits.push_str(style.decimal);
            digits.push_str(fraction);
        }
        (minus, digits)
    }
}

/// Keeps a number and its unit on one line.
const NO_BREAK: char = '\u{a0}';

/// Digits with separators between their groups: of three, or of two before the last three as on the Indian subcontinent.
fn grouped(whole: &str, style: &Style) -> String {
    let count = whole.len();
    if count < 3 + style.least {
        return whole.to_owned();
    }
    let ends_group = |left: usize| match left {
        0 => false,
        3 => true,
        _ if style.indian => left > 3 && (left - 3).is_multiple_of(2),
        _ => left.is_multiple_of(3),
    };
    let mut text = String::with_capacity(2 * count);
    for (at, digit) in whole.chars().enumerate() {
        text.push(digit);
        if ends_group(count - 1 - at) {
            text.push_str(style.group);
        }
    }
    text
}

/// A language and its weight in thousandths: `de;q=0.8`.
fn weighed(wish: &str) -> Option<(&str, u16)> {
    let (tag, parameter) = wish.split_once(';').unwrap_or((wish, "q=1"));
    let weight = parameter.trim().strip_prefix("q=")?;
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let is_digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = format!("{fraction:0<3}").parse::<u16>().ok().filter(|_| is_digits)?;
    let weight = match whole {
        "0" => thousandths,
        "1" if thousandths == 0 => 1000,
        _ => return None,
    };
    (weight > 0).then_some((tag.trim(), weight))
}

fn is_letters(part: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests;
