//! Cells as a reader sees them: formatted for people, with their exact value beside it for programs.

use std::borrow::Cow;

use maud::{Markup, html};

use super::moment::{Days, machine};
use super::text;
use crate::export::{Cell, Kind, between};
use crate::money::{Currency, Exact, decimal_text};

/// What stands for nothing.
pub const NOTHING: &str = "–";

/// The element of a cell: a number with its exact digits, a day with its date, a name that stands by itself.
pub fn element(days: Days, kind: Kind, cell: &Cell) -> Markup {
    let shown = text(days, kind, cell);
    match (cell, exact(cell)) {
        (_, Some(value)) => html! { data value=(value) { (shown) } },
        (Cell::Text(name), None) => text::name(name),
        (Cell::Between(from, to), None) => {
            html! { data value=(between(*from, *to, str::to_owned)) { (shown) } }
        }
        (Cell::Date(date), None) => html! { time datetime=(date) { (shown) } },
        (Cell::Instant(instant), None) => html! { time datetime=(machine(*instant)) { (shown) } },
        _ => html! { (shown) },
    }
}

/// What is read.
pub fn text(days: Days, kind: Kind, cell: &Cell) -> String {
    let locale = days.locale;
    match cell {
        Cell::Empty => NOTHING.to_owned(),
        Cell::Text(name) => text::plain(name).into_owned(),
        Cell::Integer(count) => locale.number(&count.to_string()),
        Cell::Amount(money) => locale.money(*money),
        Cell::Decimal(digits) => {
            let shown = match kind {
                Kind::Percent { digits: shown } => {
                    rounded(digits, 100, shown).map(|text| locale.percent(&text))
                }
                Kind::Number { digits: shown } => rounded(digits, 1, shown).map(|text| locale.number(&text)),
                _ => None,
            };
            // Numbers beyond 64 bits: with all their digits.
            shown.unwrap_or_else(|| locale.number(digits))
        }
        Cell::Date(date) => days.abbreviated(*date),
        Cell::Instant(instant) => days.abbreviated_instant(*instant),
        Cell::Between(from, to) => between(*from, *to, |digits| locale.number(digits)),
        Cell::Boolean(yes) => if *yes { "Yes" } else { "No" }.to_owned(),
    }
}

/// A number in five characters or so, for where there is no room for more: `1,234`, `12k`, `12%`.
pub fn brief(days: Days, kind: Kind, cell: &Cell) -> String {
    let Some(number) = exact(cell).and_then(|digits| Exact::parse(&digits)) else {
        return text(days, kind, cell);
    };
    if let Kind::Percent { .. } = kind {
        let hundredths = &number * &Exact::whole(100);
        return hundredths
            .round_to(0)
            .map_or_else(String::new, |whole| days.locale.percent(&whole.to_string()));
    }
    let magnitude = number.magnitude();
    let (_, unit, digits, suffix) =
        STEPS.into_iter().find(|(below, ..)| magnitude < Exact::whole(*below)).unwrap_or(LAST);
    let units = number.divided_by(&Exact::whole(unit)).and_then(|units| units.round_to(digits));
    units.map_or_else(String::new, |units| {
        format!("{}{suffix}", days.locale.number(&decimal_text(units, digits)))
    })
}

/// Below what a number is told in which units, with how many digits, and what stands for the unit.
const STEPS: [(i64, i64, u32, &str); 4] = [
    (10_000, 1, 0, ""),
    (999_500, 1_000, 0, "k"),
    (9_950_000, 1_000_000, 1, "M"),
    (999_500_000, 1_000_000, 0, "M"),
];
const LAST: (i64, i64, u32, &str) = (i64::MAX, 1_000_000_000, 1, "B");

/// How much something grew or shrank, as a percentage: `12.5%`; nothing where it outgrows 64 bits.
pub fn magnitude(days: Days, growth: &Exact) -> Option<String> {
    let thousandths = growth.magnitude().round_to(3)?;
    Some(days.locale.percent(&decimal_text(thousandths, 1)))
}

/// The exact digits of a number.
pub fn exact<'a>(cell: &'a Cell) -> Option<Cow<'a, str>> {
    match cell {
        Cell::Integer(count) => Some(count.to_string().into()),
        Cell::Amount(money) => Some(money.to_string().into()),
        Cell::Decimal(digits) => Some(Cow::Borrowed(digits.as_ref())),
        _ => None,
    }
}

/// What a column's numbers are of. Only numbers of one unit share a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Count,
    Amount(Currency),
    Number,
    Percent,
}

impl Unit {
    /// Nothing, where the column has no numbers, or numbers of several kinds.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Integer => Some(Self::Count),
            Kind::Amount(currency) => Some(Self::Amount(currency)),
            Kind::Number { .. } => Some(Self::Number),
            Kind::Percent { .. } => Some(Self::Percent),
            Kind::Text | Kind::Figure | Kind::Date | Kind::Instant | Kind::Boolean => None,
        }
    }

    /// As the page's script knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Amount(_) => "amount",
            Self::Number => "number",
            Self::Percent => "percent",
        }
    }
}

/// Whether a column is read from its end, digit below digit.
pub fn is_number(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Integer | Kind::Amount(_) | Kind::Figure | Kind::Number { .. } | Kind::Percent { .. }
    )
}

/// A decimal times `factor`, with so many digits, half away from zero; nothing where it outgrows 64 bits.
pub fn rounded(decimal: &str, factor: i64, digits: u32) -> Option<String> {
    let scaled = &Exact::parse(decimal)? * &Exact::whole(factor);
    Some(decimal_text(scaled.round_to(digits)?, digits))
}
