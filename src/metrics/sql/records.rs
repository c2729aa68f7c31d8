//! The statement that reads a part of a list of orders.

use entity::order;
use sea_orm::sea_query::{Expr, Func, Order, Query, SelectStatement};
use sea_orm::{ExprTrait, IdenStatic, Iterable};

use super::keyed;
use super::tables::Tables;
use crate::fault::Fault;
use crate::metrics::catalogue::{Table, column};
use crate::metrics::plan::Pass;
use crate::metrics::records::Stretch;
use crate::principal::OrganizationId;

/// The column with the number of lines.
pub const LINES: &str = "line_count";

/// Orders of the pass's time that its filters keep, each with the number of its lines, in the order of the list.
///
/// A list goes on after the last order of the page before by where that stands, not by how many came before it: what is
/// imported meanwhile makes no order come twice, and none that was there left out.
pub fn orders(organization: OrganizationId, pass: &Pass, stretch: Stretch) -> Result<SelectStatement, Fault> {
    let mut tables = Tables::new(organization, pass.source);
    let mut select = keyed(&mut tables, pass)?;
    for column in order::Column::iter() {
        select.column((Table::Orders.name(), column.as_str()));
    }
    select.expr_as(tables.number_of_lines(), LINES);
    let placed_at = tables.column(column(Table::Orders, "placed_at"));
    let key = tables.column(column(Table::Orders, "order_key"));
    let order = if stretch.oldest_first { Order::Asc } else { Order::Desc };
    if let Some(after) = stretch.after {
        // The first condition is the one that an index serves.
        let (at_or_beyond, beyond, next) = if stretch.oldest_first {
            (
                placed_at.clone().gte(after.placed_at),
                placed_at.clone().gt(after.placed_at),
                key.clone().gt(after.key),
            )
        } else {
            (
                placed_at.clone().lte(after.placed_at),
                placed_at.clone().lt(after.placed_at),
                key.clone().lt(after.key),
            )
        };
        select.and_where(at_or_beyond).and_where(beyond.or(next));
    }
    select.order_by_expr(placed_at, order.clone()).order_by_expr(key, order).limit(u64::from(stretch.most));
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
