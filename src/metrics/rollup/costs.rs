//! What is told of sums by product and of what products cost: by today's costs, so that no block holds them.

use std::collections::HashMap;

use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};

use super::may_answer;
use super::rows::currency_of;
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Column, Measure, Rows, Source, Table, Value, column};
use crate::metrics::plan::Pass;
use crate::money::Currency;
use crate::principal::OrganizationId;

/// What a unit of a product costs, in millionths of a major unit of the product's currency.
const UNIT_COST: Column = column(Table::Products, "unit_cost_micros");

/// What one unit of a movement of stock cost, in the same; and how many these are.
const OWN_COST: Column = column(Table::StockMovements, "unit_cost_micros");
const MOVED: Column = column(Table::StockMovements, "quantity");

/// What products cost now.
#[derive(Debug, Default)]
pub struct Costs {
    by_product: HashMap<i64, Cost>,
    /// Those in which any of them is.
    pub currencies: Vec<Currency>,
}

/// What a unit costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// In millionths of a major unit, where it is known.
    pub micros: Option<i64>,
    /// Of which of the currencies, by its place.
    pub currency: usize,
}

impl Costs {
    /// What reads them.
    pub fn statement(organization: OrganizationId) -> SelectStatement {
        let select =
            Query::select().columns(["product_key", UNIT_COST.name, "currency"]).from("products").take();
        { select }.and_where(Expr::col("organization_id").eq(organization.0)).take()
    }

    /// Takes a row of it.
    pub fn take(&mut self, row: &QueryResult) -> Result<(), Fault> {
        let code: String = row.try_get_by_index(2)?;
        let currency = currency_of(&code)?;
        let place = self.currencies.iter().position(|known| *known == currency);
        let place = place.unwrap_or_else(|| {
            self.currencies.push(currency);
            self.currencies.len() - 1
        });
        let cost = Cost { micros: row.try_get_by_index(1)?, currency: place };
        self.by_product.insert(row.try_get_by_index(0)?, cost);
        Ok(())
    }

    /// What a product costs.
    pub fn of(&self, product: i64) -> Option<Cost> {
        self.by_product.get(&product).copied()
    }

    /// The same, and where that is known.
    pub fn known(&self, product: i64) -> Option<(i64, usize)> {
        let cost = self.of(product)?;
        Some((cost.micros?, cost.currency))
    }

    /// Of how many products they are.
    pub fn len(&self) -> usize {
        self.by_product.len()
    }
}

/// What a number that costs say something of is told from, product by product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The number itself, of products whose cost is known.
    Costed(Measure),
    /// The units, each at its cost.
    Cost(Measure),
    /// What units of stock cost, those whose own cost is told; and the units of which it is not, each at its product's cost. With
    /// the sign turned, where that is asked for.
    Stock { own: Measure, others: Measure, is_out: bool },
}

/// How `measure` is told by costs, if it is.
pub fn told(measure: Measure) -> Option<Told> {
    let of_lines = |aggregate| Measure::new(Source::Lines, aggregate, Rows::Counting).over(measure.over);
    match (measure.source, measure.rows, measure.aggregate) {
        (Source::Lines, Rows::Costed, aggregate) => Some(Told::Costed(of_lines(aggregate))),
        (Source::LineCosts, Rows::Costed, Aggregate::Amount(Value::Priced(units, UNIT_COST))) => {
            Some(Told::Cost(of_lines(Aggregate::Sum(Value::Of(units)))))
        }
        (Source::StockMovements, rows, Aggregate::Amount(value @ (Value::AtCost | Value::OutAtCost))) => {
            let uncosted = match rows {
                Rows::All => Rows::Uncosted,
                Rows::Sold => Rows::SoldUncosted,
                _ => return None,
            };
            let of_stock = |value, rows| {
                Measure::new(Source::StockMovements, Aggregate::Sum(value), rows).over(measure.over)
            };
            let (own, others) = (Value::Priced(MOVED, OWN_COST), Value::Of(MOVED));
            let is_out = value == Value::OutAtCost;
            Some(Told::Stock { own: of_stock(own, rows), others: of_stock(others, uncosted), is_out })
        }
        _ => None,
    }
}

impl Told {
    /// What is to be kept, so that it can be told.
    pub fn kept(self) -> Vec<Measure> {
        match self {
            Self::Costed(measure) | Self::Cost(measure) => vec![measure],
            Self::Stock { own, others, .. } => vec![own, others],
        }
    }
}

/// Whether costs say something of what a pass asks for.
pub fn concern(pass: &Pass) -> bool {
    may_answer(pass) && pass.measures.iter().any(|measure| told(*measure).is_some())
}

/// The source whose facts are kept in place of those of another one, which are the same told with costs.
pub fn kept_as(source: Source) -> Source {
    match source {
        Source::LineCosts => Source::Lines,
        other => other,
    }
}
