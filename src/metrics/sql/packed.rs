//! Facts one by one, each as one text: a database hands over one value sooner than thirty.
//!
//! A text has a field for each column, parted by blanks: a number by its digits, a text behind its length in bytes and a
//! colon, and nothing where there is none.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{Expr, Func, Query, SelectStatement, SimpleExpr};

use super::{is_number, key_name, measure_name};
use crate::fault::Fault;
use crate::metrics::plan::Pass;
use crate::principal::OrganizationId;

/// Fields that are put together at once: PostgreSQL's functions have at most a hundred arguments.
const FIELDS_AT_ONCE: usize = 90;

/// Facts of a pass as [`super::each`] tells them, without the column `pass`.
pub fn packed(organization: OrganizationId, pass: &Pass) -> Result<SelectStatement, Fault> {
    let keys = pass.dimensions.iter().enumerate().map(|(slot, dimension)| {
        let key = Expr::col(key_name(slot));
        if is_number(*dimension) { number(key) } else { text(&key) }
    });
    let measures = (0..pass.measures.len()).map(|slot| number(Expr::col(measure_name(slot))));
    let first = [text(&Expr::col("currency")), number(Expr::col("day")), number(Expr::col("bucket"))];
    let fields: Vec<SimpleExpr> = first.into_iter().chain(keys).chain(measures).collect();
    let some = fields.chunks(FIELDS_AT_ONCE).map(|fields| joined(" ", fields.iter().cloned()));
    let whole = joined(" ", some);
    Ok(Query::select().expr_as(whole, "fact").from_subquery(super::each(organization, pass)?, "each").take())
}

fn number(column: SimpleExpr) -> SimpleExpr {
    Func::coalesce([column.cast_as("text"), Expr::cust("''")]).into()
}

fn text(column: &SimpleExpr) -> SimpleExpr {
    // Where there is no text, there is no length of it, and nothing to join.
    joined(":", [Func::cust("octet_length").arg(column.clone()).into(), column.clone()])
}

/// What is there of `parts`, with `by` between them.
fn joined(by: &str, parts: impl IntoIterator<Item = SimpleExpr>) -> SimpleExpr {
    let by = Expr::cust(format!("'{by}'"));
    Func::cust("concat_ws").args([by].into_iter().chain(parts)).into()
}
