//! Conversions with who is credited with them, and what they earn: tables that are worked out anew for each question.
//!
//! A conversion that names a code is that code's. Of the others the clicks of the same session count that had a code and were not
//! longer before it than the window.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{
    CaseStatement, Condition, Expr, Func, JoinType, Order, OverStatement, Query, SelectStatement, SimpleExpr,
    WindowStatement,
};

use super::tables::Tables;
use crate::metrics::catalogue::Source;
use crate::metrics::plan::{Pass, Reach};
use crate::metrics::query::{Attribution, AttributionModel};

/// The column that says of how many parts a row is one.
pub(super) const PARTS: &str = "parts";

/// What a conversion is told with.
const COLUMNS: [&str; 8] = [
    "organization_id",
    "conversion_key",
    "conversion_id",
    "order_id",
    "converted_at",
    "session_id",
    "order_total",
    "currency",
];

/// The base of the pass's facts.
pub(super) fn facts(tables: &Tables, pass: &Pass, attribution: Attribution) -> SelectStatement {
    let credited = credited(tables, pass, attribution);
    if pass.source == Source::Commissions { earned(tables, pass, credited) } else { credited }
}

/// Conversions of the pass's time with their codes, one row for each code or part of one.
fn credited(tables: &Tables, pass: &Pass, attribution: Attribution) -> SelectStatement {
    let named = || Expr::col(("named", "tracking_code_key"));
    let mut select = Query::select();
    for column in COLUMNS {
        select.column(("named", column));
    }
    select.column(("named", "commission"));
    let clicked: SimpleExpr = match attribution.model {
        AttributionModel::LastClick => one_click(tables, attribution, Order::Desc),
        AttributionModel::FirstClick => one_click(tables, attribution, Order::Asc),
        AttributionModel::Linear => {
            let is_unnamed = Condition::all().add(named().is_null()).add(clicks(tables, attribution));
            select.join_as(JoinType::LeftJoin, "events", "clicks", is_unnamed);
            let mut of_one = WindowStatement::new();
            of_one.partition_by(("named", "conversion_key"));
            select.expr_window_as(Func::count(Expr::val(1_i64)), of_one, PARTS);
            Expr::col(("clicks", "tracking_code_key"))
        }
    };
    select.expr_as(Func::coalesce([named(), clicked]), "tracking_code_key");
    // Here and not around it: no database looks through a window for what is asked of its rows.
    let at = || Expr::col(("named", "converted_at"));
    if pass.reach == Reach::Within {
        select.and_where(at().gte(pass.period.start().timestamp_micros()));
    }
    select.and_where(at().lt(pass.period.end().timestamp_micros()));
    select.from_as("conversions", "named").and_where(tables.own("named")).take()
}

/// The clicks that a conversion may be credited to.
fn clicks(tables: &Tables, attribution: Attribution) -> Condition {
    let at = || Expr::col(("clicks", "occurred_at"));
    let converted = || Expr::col(("named", "converted_at"));
    Condition::all()
        .add(tables.own("clicks"))
        .add(Expr::col(("clicks", "session_id")).equals(("named", "session_id")))
        .add(Expr::col(("clicks", "type")).eq(entity::event::Type::Click.code()))
        .add(Expr::col(("clicks", "tracking_code_key")).is_not_null())
        .add(at().lte(converted()))
        .add(at().gte(converted().sub(attribution.window())))
}

fn one_click(tables: &Tables, attribution: Attribution, order: Order) -> SimpleExpr {
    let click = Query::select()
        .column(("clicks", "tracking_code_key"))
        .from_as("events", "clicks")
        .cond_where(clicks(tables, attribution))
        .order_by(("clicks", "occurred_at"), order.clone())
        .order_by(("clicks", "event_key"), order)
        .limit(1)
        .take();
    SimpleExpr::SubQuery(None, Box::new(click.into()))
}

/// The same with what each earns, in which currency: its own word, else its code's rule, else the organization's. Without a
/// code no rule says anything.
fn earned(tables: &Tables, pass: &Pass, credited: SelectStatement) -> SelectStatement {
    let credit = |name: &'static str| Expr::col(("credits", name));
    let (code, default) = (
        |name: &'static str| Expr::col(("codes", name)),
        |name: &'static str| Expr::col(("organizations", name)),
    );
    let is_of_code = || code("commission_rate").is_not_null().or(code("commission_fixed").is_not_null());
    // One of the two is there at most; a code's rule stands in the way of the organization's, whatever kind they are.
    let rate =
        CaseStatement::new().case(is_of_code(), code("commission_rate")).finally(default("commission_rate"));
    let fixed = CaseStatement::new()
        .case(is_of_code(), code("commission_fixed"))
        .finally(default("commission_fixed"));
    let fixed_currency =
        CaseStatement::new().case(is_of_code(), code("currency")).finally(default("currency"));
    let (rate, fixed): (SimpleExpr, SimpleExpr) = (rate.into(), fixed.into());
    let is_told = || credit("commission").is_not_null();
    let is_nobodys = || credit("tracking_code_key").is_null();
    let commission = CaseStatement::new()
        .case(is_told(), credit("commission"))
        .case(is_nobodys(), Expr::val(Option::<i64>::None).cast_as("bigint"))
        .case(rate.clone().is_not_null(), share(&credit("order_total"), &rate))
        .finally(fixed.clone());
    let currency = CaseStatement::new()
        .case(is_told().or(is_nobodys()).or(rate.is_not_null()).or(fixed.is_null()), credit("currency"))
        .finally(fixed_currency);
    let mut select = Query::select();
    for column in COLUMNS.into_iter().filter(|column| *column != "currency").chain(["tracking_code_key"]) {
        select.column(("credits", column));
    }
    select.expr_as(credit("currency"), "order_currency");
    if pass.has_shares() {
        select.column(("credits", PARTS));
    }
    select.expr_as(commission, "commission").expr_as(currency, "currency");
    let rules = Condition::all()
        .add(tables.own("codes"))
        .add(code("tracking_code_key").equals(("credits", "tracking_code_key")));
    select
        .from_subquery(credited, "credits")
        .join_as(JoinType::LeftJoin, "tracking_codes", "codes", rules)
        .join(JoinType::InnerJoin, "organizations", tables.is_own_organization())
        .take()
}

const MILLION: i64 = 1_000_000;

/// So many millionths of an amount, rounded half away from zero. Taken apart so that nothing in between leaves 64 bits: division
/// of integers drops the rest on both databases, and the rest has the amount's sign.
fn share(amount: &SimpleExpr, millionths: &SimpleExpr) -> SimpleExpr {
    let half: SimpleExpr =
        CaseStatement::new().case(amount.clone().lt(0_i64), -MILLION / 2).finally(MILLION / 2).into();
    let whole = amount.clone().div(MILLION).mul(millionths.clone());
    let rest = amount.clone().modulo(MILLION).mul(millionths.clone());
    whole.add(rest.add(half).div(MILLION))
}
