//! What a file is of: tables, their columns, and cells whose values are exact.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};

use super::ExportError;
use crate::money::{Currency, Money, decimal_text};

/// A report as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is called: `Revenue`.
    pub title: String,
    /// What it was asked for: `2026-01-01 to 2026-03-31, in USD, as of 2026-04-01T09:00:00Z`.
    pub about: String,
    /// When it was made. The same document with the same rows gives the same bytes.
    pub created: DateTime<Utc>,
    /// Its tables, in the order that their rows will come in.
    pub tables: Vec<Table>,
}

/// A table: a sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What the sheet is called, as far as Excel allows it.
    pub name: String,
    /// What each row holds.
    pub columns: Vec<Column>,
}

/// What every row of a table holds at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands above it. The unit of an amount or of an instant is added: `Revenue (USD)`, `Placed (UTC)`.
    pub heading: String,
    /// What its cells are.
    pub kind: Kind,
}

/// What the cells of a column are, where they are not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Names, codes, numbers that are not counted with.
    Text,
    /// Counts.
    Integer,
    /// Money in one currency.
    Amount(Currency),
    /// Figures of several kinds: plain numbers, and money, each cell in a currency of its own. CSV has a second column for
    /// the currency: `Price`, `Price currency`.
    Figure,
    /// Decimal numbers, shown with so many decimal digits and kept with all of theirs.
    Number {
        /// Decimal digits that are shown.
        digits: u32,
    },
    /// Parts of one, shown as percentages: 0.125 as `12.5%`.
    Percent {
        /// Decimal digits of the percentage that are shown.
        digits: u32,
    },
    /// Days.
    Date,
    /// Instants, told in UTC.
    Instant,
    /// True or false.
    Boolean,
}

/// A value at one place of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing is known, or nothing applies.
    Empty,
    /// Any text. It stays text, whatever it looks like.
    Text(Cow<'a, str>),
    /// A count.
    Integer(i64),
    /// Money.
    Amount(Money),
    /// A number by its decimal digits: `-0.125`.
    Decimal(Cow<'a, str>),
    /// A day.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
    /// True or false.
    Boolean(bool),
    /// What lies between two amounts, the first of them included: text, whose numbers people read in their own way.
    Between(Option<Money>, Option<Money>),
}

/// What lies between two amounts in words, with their numbers as `number` writes them; the currency is told elsewhere.
pub fn between(from: Option<Money>, to: Option<Money>, number: impl Fn(&str) -> String) -> String {
    let shown = |money: Money| {
        let per_major = money.currency.units_per_major();
        // Digits after the point are left out where they say nothing.
        if money.minor % per_major == 0 {
            return number(&decimal_text(money.minor / per_major, 0));
        }
        number(&money.to_string())
    };
    match (from.map(shown), to.map(shown)) {
        (None, None) => "any".to_owned(),
        (None, Some(to)) => format!("under {to}"),
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("{from} and more"),
    }
}

impl<'a> Cell<'a> {
    /// Text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A number by its decimal digits.
    pub fn decimal(digits: impl Into<Cow<'a, str>>) -> Self {
        Self::Decimal(digits.into())
    }

    /// A whole number of 10^-`digits`: (125, 3) is 0.125.
    pub fn scaled(value: i64, digits: u32) -> Self {
        Self::Decimal(decimal_text(value, digits).into())
    }

    fn described(&self) -> String {
        match self {
            Self::Empty => "nothing".to_owned(),
            Self::Text(_) => "text".to_owned(),
            Self::Integer(_) => "an integer".to_owned(),
            Self::Amount(money) => format!("an amount in {}", money.currency),
            Self::Decimal(digits) if is_decimal(digits) => "a decimal".to_owned(),
            Self::Decimal(digits) => format!("`{digits}`, which is no plain decimal"),
            Self::Date(_) => "a date".to_owned(),
            Self::Instant(_) => "an instant".to_owned(),
            Self::Boolean(_) => "a boolean".to_owned(),
            Self::Between(..) => "bounds".to_owned(),
        }
    }
}

/// `-?digits[.digits]`: what CSV readers and workbooks agree on.
fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number(whole) && is_number(fraction)
}

impl Kind {
    fn holds(self, cell: &Cell) -> bool {
        match (self, cell) {
            (_, Cell::Empty)
            | (Self::Text, Cell::Text(_) | Cell::Between(..))
            | (Self::Integer, Cell::Integer(_))
            | (Self::Figure, Cell::Amount(_))
            | (Self::Date, Cell::Date(_))
            | (Self::Instant, Cell::Instant(_))
            | (Self::Boolean, Cell::Boolean(_)) => true,
            (Self::Amount(currency), Cell::Amount(money)) => money.currency == currency,
            (Self::Number { .. } | Self::Percent { .. } | Self::Figure, Cell::Decimal(digits)) => {
                is_decimal(digits)
            }
            _ => false,
        }
    }
}

impl Column {
    /// A column.
    pub fn new(heading: impl Into<String>, kind: Kind) -> Self {
        Self { heading: heading.into(), kind }
    }

    /// What stands above it, with its unit.
    pub(super) fn title(&self) -> Cow<'_, str> {
        match self.kind {
            Kind::Amount(currency) => format!("{} ({currency})", self.heading).into(),
            Kind::Instant => format!("{} (UTC)", self.heading).into(),
            _ => Cow::Borrowed(&self.heading),
        }
    }
}

impl Table {
    /// A table without rows.
    pub fn new(name: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { name: name.into(), columns }
    }

    /// That the cells are a row of it.
    pub(super) fn check(&self, cells: &[Cell]) -> Result<(), ExportError> {
        if cells.len() != self.columns.len() {
            let (expected, found) = (self.columns.len(), cells.len());
            return Err(ExportError::Cells { table: self.name.clone(), expected, found });
        }
        match self.columns.iter().zip(cells).find(|(column, cell)| !column.kind.holds(cell)) {
            None => Ok(()),
            Some((column, cell)) => Err(ExportError::Kind {
                table: self.name.clone(),
                column: column.heading.clone(),
                kind: column.kind,
                found: cell.described(),
            }),
        }
    }
}
