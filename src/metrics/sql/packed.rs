//! Facts one by one, each as one text: a database hands over one value sooner than thirty.
//!
//! A text has a field for each column, parted by blanks: a number by its digits, a text behind its length in bytes and a
//! colon, and nothing where there is none.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{CaseStatement, Expr, Func, Query, SelectStatement, SimpleExpr};

use super::tables::{Tables, held_key};
use super::{Leg, is_number, keyed, measure_name, values, wanted_rows};
use crate::fault::Fault;
use crate::metrics::catalogue::Column;
use crate::metrics::plan::Pass;
use crate::principal::OrganizationId;

/// Fields that are put together at once: PostgreSQL's functions have at most a hundred arguments.
const FIELDS_AT_ONCE: usize = 90;

/// What a fact is asked for, so that its measures can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// A number.
    Number(Column),
    /// One, if there is something.
    Known(Column),
}

/// Facts of a pass that count for any of its measures: currency, where that is another than the pass's, UTC day of amounts, the
/// key of the bucket, keys as tables hold them, and terms.
pub fn packed(organization: OrganizationId, pass: &Pass, terms: &[Term]) -> Result<SelectStatement, Fault> {
    let mut tables = Tables::new(organization, pass);
    let mut facts = keyed(&mut tables, pass)?;
    let mut foreign = [Expr::cust("''"), Expr::cust("''")];
    if let Some((currency, than)) = tables.currency().zip(pass.convert_to) {
        let other = CaseStatement::new().case(currency.clone().ne(than.code()), currency);
        facts.expr_as(other, "fact_currency");
        facts.expr_as(values::worth_day(&mut tables, pass), "fact_day");
        foreign = [text(&of_facts("fact_currency")), number(of_facts("fact_day"))];
    }
    for (slot, term) in terms.iter().enumerate() {
        let term = match term {
            Term::Number(column) => tables.column(*column),
            Term::Known(column) => {
                CaseStatement::new().case(tables.column(*column).is_not_null(), Expr::val(1_i64)).into()
            }
        };
        facts.expr_as(term, measure_name(slot));
    }
    facts.cond_where(wanted_rows(&mut tables, &pass.measures, Leg::All));
    tables.join_facts(&mut facts);
    let keys = pass.dimensions.iter().enumerate().map(|(slot, dimension)| {
        let key = held_key(*dimension, slot);
        if is_number(*dimension) { number(key) } else { text(&key) }
    });
    let terms = (0..terms.len()).map(|slot| number(of_facts(&measure_name(slot))));
    let bucket = number(of_facts("fact_bucket"));
    let fields: Vec<SimpleExpr> = foreign.into_iter().chain([bucket]).chain(keys).chain(terms).collect();
    let some = fields.chunks(FIELDS_AT_ONCE).map(|fields| joined(" ", fields.iter().cloned()));
    let whole = joined(" ", some);
    Ok(Query::select().expr_as(whole, "fact").from_subquery(facts, "facts").take())
}

fn of_facts(name: &str) -> SimpleExpr {
    Expr::col(("facts", name.to_owned()))
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
