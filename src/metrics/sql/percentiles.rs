//! Percentiles, exact on both databases: values are numbered in their order, and of each group the two around the place
//! that is asked for are added up by how near they are.
//!
//! The place of percent `p` among `n` values, counted from 0, is `(n − 1) × p ÷ 100`; between two values it is told in
//! proportion. Told here times 100, so that whole microseconds stay whole.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{
    CaseStatement, Expr, Func, FunctionCall, Order, OverStatement, Query, SelectStatement, SimpleExpr,
    WindowStatement,
};

use super::tables::Tables;
use super::{group_names, keyed, measure_name, values};
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Rows, Value};
use crate::metrics::plan::Pass;
use crate::principal::OrganizationId;

/// The facts of a pass, grouped, with the percentiles of `value` over `rows`.
pub(super) fn facts(
    organization: OrganizationId,
    pass: &Pass,
    value: Value,
    rows: Rows,
) -> Result<SelectStatement, Fault> {
    let mut tables = Tables::new(organization, pass);
    let mut each = keyed(&mut tables, pass)?;
    let number = values::value(&mut tables, value);
    each.and_where(number.clone().is_not_null());
    each.expr_as(number, "fact_value");
    if let Some(condition) = values::rows(&mut tables, rows) {
        each.and_where(condition);
    }
    tables.join_facts(&mut each);

    let names = group_names(pass);
    if let Value::SincePrevious(_) = value {
        each = apart(&names, each);
    }
    let mut group = WindowStatement::new();
    group.partition_by_columns(names.clone());
    let mut in_order = group.clone();
    in_order.order_by("fact_value", Order::Asc);
    let mut numbered = Query::select();
    numbered.columns(names.clone()).column("fact_value");
    numbered.expr_window_as(Func::cust("ROW_NUMBER"), in_order, "place");
    numbered.expr_window_as(count(), group, "many");
    numbered.from_subquery(each, "each_fact");

    let mut told = Query::select();
    for name in &names {
        told.column(name.clone()).group_by_col(name.clone());
    }
    for (slot, measure) in pass.measures.iter().enumerate() {
        if let Aggregate::Percentile(of, percent) = measure.aggregate
            && (of, measure.rows) == (value, rows)
        {
            told.expr_as(percentile(i64::from(percent)), measure_name(slot));
        }
    }
    // Without values there is no group, and no row.
    told.and_having(count().gt(0_i64));
    told.from_subquery(numbered, "numbered");
    Ok(told)
}

/// How far each value lies from the one before it in its group. The first of a group has none before it.
fn apart(names: &[String], each: SelectStatement) -> SelectStatement {
    let mut in_order = WindowStatement::new();
    in_order.partition_by_columns(names.to_vec()).order_by("fact_value", Order::Asc);
    let mut neighbours = Query::select();
    neighbours.columns(names.to_vec()).column("fact_value");
    let before = Func::cust("LAG").arg(Expr::col("fact_value"));
    neighbours.expr_window_as(before, in_order, "value_before");
    neighbours.from_subquery(each, "each_value");
    let mut gaps = Query::select();
    gaps.columns(names.to_vec());
    gaps.expr_as(Expr::col("fact_value").sub(Expr::col("value_before")), "fact_value");
    gaps.and_where(Expr::col("value_before").is_not_null());
    gaps.from_subquery(neighbours, "neighbours").take()
}

fn count() -> FunctionCall {
    Func::count(Expr::val(1_i64))
}

fn percentile(percent: i64) -> SimpleExpr {
    let place = || Expr::col("many").sub(1_i64).mul(percent);
    let value = || Expr::col("fact_value");
    let above = || place().modulo(100_i64);
    let (low, high) = (place().div(100_i64).add(1_i64), place().div(100_i64).add(2_i64));
    let weighted = CaseStatement::new()
        .case(Expr::col("place").eq(low), value().mul(Expr::val(100_i64).sub(above())))
        .case(Expr::col("place").eq(high), value().mul(above()))
        .finally(0_i64);
    Expr::expr(Func::sum(weighted)).cast_as("bigint")
}
