//! One row of an entity: from texts to the cells that its staging table holds, or what is wrong with them.

use std::collections::BTreeSet;

use crate::money::Currency;

use super::catalogue::{Column, Derived, Entity, Kind, Need};
use super::cell::{self, Cell, MOST_LINE, MOST_PRICE, Reason};

/// A column's text that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadField {
    /// The column's place in the entity.
    pub column: usize,
    /// What stands there; nothing where nothing does.
    pub value: Option<String>,
    /// What is wrong.
    pub reason: Reason,
}

/// Reads rows of one entity.
#[derive(Debug)]
pub struct RowReader {
    entity: &'static Entity,
    home: Currency,
    /// Place of the column that says in which currency the row's amounts are.
    currency_column: Option<usize>,
    /// Currencies that rows named.
    pub currencies: BTreeSet<Currency>,
}

impl RowReader {
    /// A reader of rows whose amounts are in `home`, where they do not say.
    pub fn new(entity: &'static Entity, home: Currency) -> Self {
        let currency_column = entity.columns.iter().position(|column| column.kind == Kind::Currency);
        Self { entity, home, currency_column, currencies: BTreeSet::new() }
    }

    /// Reads a row; `field` is the text of a column's place. Leaves the entity's columns, and what is derived of
    /// them, in `cells`, or every bad field in `bad`. `rounds`: its amounts were computed, and in another row's currency
    /// may be finer than that.
    pub fn read<'a>(
        &mut self,
        field: impl Fn(usize) -> Option<&'a str>,
        rounds: bool,
        cells: &mut Vec<Cell>,
        bad: &mut Vec<BadField>,
    ) {
        cells.clear();
        bad.clear();
        let currency = match self.currency_column.and_then(&field) {
            None => self.home,
            // A bad code is told once, for its own column.
            Some(code) => cell::currency(code).unwrap_or(self.home),
        };
        for (place, column) in self.entity.columns.iter().enumerate() {
            let text = field(place);
            match cell_of(column, text, currency) {
                Ok(cell) => cells.push(cell),
                Err(reason) => {
                    bad.push(BadField { column: place, value: text.map(str::to_owned), reason });
                }
            }
        }
        if bad.is_empty() {
            self.check_order(&field, cells, bad);
        }
        if bad.is_empty() {
            self.derive(&field, rounds, cells, bad);
        }
        if bad.is_empty() && self.currency_column.is_some() {
            self.currencies.insert(currency);
        }
    }

    /// What ends does not end before it begins.
    fn check_order<'a>(
        &self,
        field: &impl Fn(usize) -> Option<&'a str>,
        cells: &[Cell],
        bad: &mut Vec<BadField>,
    ) {
        for (first, second) in self.entity.in_order {
            let (first_place, column) = (self.place(first), self.place(second));
            if let (Some(Cell::Integer(begin)), Some(Cell::Integer(end))) =
                (cells.get(first_place), cells.get(column))
                && end < begin
            {
                let reason = format!("comes before `{first}`, {}", field(first_place).unwrap_or_default());
                bad.push(BadField { column, value: field(column).map(str::to_owned), reason: reason.into() });
            }
        }
    }

    fn derive<'a>(
        &self,
        field: &impl Fn(usize) -> Option<&'a str>,
        rounds: bool,
        cells: &mut Vec<Cell>,
        bad: &mut Vec<BadField>,
    ) {
        if self.entity.derived == Derived::Nothing {
            return;
        }
        if let Some(exact) = self.line_total(cells) {
            cells.extend([exact, i64::from(rounds)].map(Cell::Integer));
            return;
        }
        let column = self.place("quantity");
        bad.push(BadField {
            column,
            value: field(column).map(str::to_owned),
            reason: "times the unit price is too large for a line: at most 9000000000000".into(),
        });
    }

    /// What the line adds before it is rounded: its own word, else quantity × price − discount.
    fn line_total(&self, cells: &[Cell]) -> Option<i64> {
        let number = |name: &str| match cells.get(self.place(name)) {
            Some(Cell::Integer(value)) => Some(*value),
            _ => None,
        };
        let fits = |micros: &i64| micros.unsigned_abs() <= MOST_LINE.unsigned_abs();
        let gross = number("quantity")?.checked_mul(number("unit_price")?).filter(fits)?;
        match number("line_total") {
            Some(given) => Some(given),
            None => gross.checked_sub(number("discount")?).filter(fits),
        }
    }

    fn place(&self, name: &str) -> usize {
        self.entity.column(name).map_or(usize::MAX, |(place, _)| place)
    }
}

/// A text as its column's cell, in a row whose amounts are in `currency`.
fn cell_of(column: &Column, text: Option<&str>, currency: Currency) -> Result<Cell, Reason> {
    if column.kind == Kind::Currency {
        return text.map_or(Ok(currency), cell::currency).map(|currency| Cell::text(currency.code()));
    }
    let text = match (text, column.need) {
        (Some(text), _) | (None, Need::Or(text)) => text,
        (None, Need::Optional) => return Ok(Cell::Null),
        (None, Need::Required) => return Err("is empty, and must not be".into()),
    };
    let integer = match column.kind {
        Kind::Identifier | Kind::Reference(_) => return cell::identifier(text),
        Kind::Text => return cell::free_text(text),
        Kind::Currency | Kind::CurrencyCode => {
            return cell::currency(text).map(|currency| Cell::text(currency.code()));
        }
        Kind::Rate => return cell::rate(text).map(|rate| Cell::Text(rate.into())),
        Kind::Integer(least, most) => cell::integer(text, least, most),
        Kind::Boolean => cell::boolean(text),
        Kind::Choice(names) => cell::choice(text, names),
        Kind::Instant => cell::instant(text),
        Kind::Day => cell::day(text),
        Kind::Amount => cell::amount(text, currency),
        Kind::Price => cell::price(text, MOST_PRICE),
        Kind::Hours => cell::hours(text),
        Kind::Share => cell::share(text),
        Kind::ForeignAmount(least) => match cell::price(text, MOST_LINE) {
            Ok(micros) if micros < least => Err("must not be negative".into()),
            other => other,
        },
    };
    integer.map(Cell::Integer)
}
