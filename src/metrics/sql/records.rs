//! The statement that reads a part of a list of facts.

use entity::{event, order};
use sea_orm::sea_query::{Expr, Func, Order, Query, SelectStatement};
use sea_orm::{ExprTrait, IdenStatic, Iterable};

use super::keyed;
use super::tables::Tables;
use crate::fault::Fault;
use crate::metrics::catalogue::{Column, Table, column};
use crate::metrics::plan::Pass;
use crate::metrics::records::Stretch;
use crate::principal::OrganizationId;

/// The column with the number of lines.
pub const LINES: &str = "line_count";

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum List {
    /// Orders, each with the number of its lines.
    Orders,
    /// Events, each with its code and the id of its product.
    Events,
    /// Conversions, each with the code that it is credited to and what it earns.
    Conversions,
}

/// What of a conversion is listed, beside its code.
const OF_CONVERSION: [&str; 9] = [
    "conversion_key",
    "conversion_id",
    "order_id",
    "session_id",
    "converted_at",
    "order_total",
    "order_currency",
    "commission",
    "currency",
];

impl List {
    /// The instant and the key that it is in the order of.
    fn order(self) -> (Column, Column) {
        let (table, at, key) = match self {
            Self::Orders => (Table::Orders, "placed_at", "order_key"),
            Self::Events => (Table::Events, "occurred_at", "event_key"),
            Self::Conversions => (Table::Commissions, "converted_at", "conversion_key"),
        };
        (column(table, at), column(table, key))
    }

    fn select(self, tables: &mut Tables, select: &mut SelectStatement) {
        let mut looked_up = |table, name| {
            select.expr_as(tables.column(column(table, name)), name);
        };
        match self {
            Self::Orders => {
                for column in order::Column::iter() {
                    select.column((Table::Orders.name(), column.as_str()));
                }
                select.expr_as(tables.number_of_lines(), LINES);
            }
            Self::Events => {
                looked_up(Table::TrackingCodes, "tracking_code");
                looked_up(Table::Products, "product_id");
                for column in event::Column::iter() {
                    select.column((Table::Events.name(), column.as_str()));
                }
            }
            Self::Conversions => {
                looked_up(Table::TrackingCodes, "tracking_code");
                for column in OF_CONVERSION {
                    select.column((Table::Commissions.name(), column));
                }
            }
        }
    }
}

/// Facts of the pass's time that its filters keep, in the order of the list.
///
/// A list goes on after the last fact of the page before by where that stands, not by how many came before it: what is
/// imported meanwhile makes none come twice, and none that was there left out.
pub fn records(
    organization: OrganizationId,
    pass: &Pass,
    list: List,
    stretch: Stretch,
) -> Result<SelectStatement, Fault> {
    let mut tables = Tables::new(organization, pass);
    let mut select = keyed(&mut tables, pass)?;
    list.select(&mut tables, &mut select);
    let (at, key) = list.order();
    let (at, key) = (tables.column(at), tables.column(key));
    let order = if stretch.oldest_first { Order::Asc } else { Order::Desc };
    if let Some(after) = stretch.after {
        // The first condition is the one that an index serves.
        let (at_or_beyond, beyond, next) = if stretch.oldest_first {
            (at.clone().gte(after.at), at.clone().gt(after.at), key.clone().gt(after.key))
        } else {
            (at.clone().lte(after.at), at.clone().lt(after.at), key.clone().lt(after.key))
        };
        select.and_where(at_or_beyond).and_where(beyond.or(next));
    }
    select.order_by_expr(at, order.clone()).order_by_expr(key, order).limit(u64::from(stretch.most));
    if stretch.skip > 0 {
        select.offset(stretch.skip);
    }
    tables.join_facts(&mut select);
    Ok(select)
}

impl Tables {
    /// How many lines the order in hand has.
    fn number_of_lines(&self) -> Expr {
        let lines = Query::select()
            .expr(Func::count(Expr::col(("lines", "line_number"))))
            .from_as(Table::OrderItems.name(), "lines")
            .and_where(self.own("lines"))
            .and_where(Expr::col(("lines", "order_key")).equals((Table::Orders.alias(), "order_key")))
            .to_owned();
        Expr::SubQuery(None, Box::new(lines.into()))
    }
}
