//! What one row says, as expressions: when it happened, in which currency, and the numbers that measures add up.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{CaseStatement, Expr, Func, SimpleExpr};

use super::tables::Tables;
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Column, Instant, Is, Measure, Rows, Table, Value, column};
use crate::metrics::plan::{Orders, Pass, Reach};
use crate::metrics::time;
use crate::money::Currency;
use crate::period::Grain;

/// The bucket of facts before the period.
pub const OPENING: i64 = i64::MIN;

/// When a fact happened, in microseconds.
pub(super) fn instant(tables: &mut Tables, pass: &Pass) -> SimpleExpr {
    match pass.source.facts().at {
        Instant::At(column) => tables.column(column),
        Instant::Day(day) => time::midnight(&tables.column(day), &pass.calendar, &pass.period),
        Instant::Lost => {
            let mut of = |name| tables.column(column(Table::Customers, name));
            let window = pass.lapse.map_or(0, |lapse| lapse.window);
            let unsubscribed = CaseStatement::new()
                .case(of("subscribed_from").is_not_null(), of("subscribed_until"))
                .finally(of("last_ordered_at").add(window));
            Func::coalesce([of("churned_at"), unsubscribed.into()]).into()
        }
        Instant::Now => Expr::val(pass.period.start().timestamp_micros()),
    }
}

/// The facts of the pass's time.
pub(super) fn of_time(tables: &mut Tables, pass: &Pass) -> Vec<SimpleExpr> {
    let at = pass.source.facts().at;
    if at == Instant::Now {
        return Vec::new();
    }
    let mut instant = instant(tables, pass);
    if let Orders::After(_) = pass.orders {
        // Few orders are found by their keys: not by an index of time, among all orders of it.
        instant = instant.add(0_i64);
    }
    let (start, mut end) = (pass.period.start().timestamp_micros(), pass.period.end().timestamp_micros());
    let mut conditions = Vec::new();
    if let Some(lapse) = pass.lapse {
        // Nobody is lost before it has come to it, nor before there was anybody.
        end = Ord::min(end, lapse.now.timestamp_micros());
        conditions.push(tables.column(column(Table::Customers, "won_at")).is_not_null());
    }
    if pass.reach == Reach::Within {
        conditions.push(instant.clone().gte(start));
    }
    conditions.push(instant.lt(end));
    if let Instant::Day(day) = at {
        // The same once more, loosely, on what an index has.
        let number = |at| time::day_number(pass.calendar.date(at));
        if pass.reach == Reach::Within {
            conditions.push(tables.column(day).gte(number(pass.period.start())));
        }
        conditions.push(tables.column(day).lte(number(pass.period.last())));
    }
    conditions
}

/// The facts of the pass's orders.
pub(super) fn of_orders(tables: &mut Tables, pass: &Pass) -> Option<SimpleExpr> {
    let mut key = || tables.column(column(Table::Orders, "order_key"));
    match pass.orders {
        Orders::All => None,
        Orders::UpTo(last) => Some(key().lte(last)),
        Orders::After(last) => Some(key().gt(last)),
    }
}

/// The key of the bucket that a fact lies in, where the pass tells buckets apart.
pub(super) fn bucket(tables: &mut Tables, pass: &Pass) -> Result<Option<SimpleExpr>, Fault> {
    let within = match pass.grain {
        None => None,
        Some(grain) => {
            let key = time::bucket_key(instant(tables, pass), grain, &pass.calendar, &pass.period);
            Some(key.map_err(|error| Fault::invalid("grain", error.to_string()))?)
        }
    };
    if pass.reach == Reach::Within {
        return Ok(within);
    }
    let before = instant(tables, pass).lt(pass.period.start().timestamp_micros());
    let bucket =
        CaseStatement::new().case(before, OPENING).finally(within.unwrap_or_else(|| Expr::val(0_i64)));
    Ok(Some(bucket.into()))
}

/// The key of the month of an instant that lies in the pass's period; none for others.
pub(super) fn month_within(instant: SimpleExpr, pass: &Pass) -> Result<SimpleExpr, Fault> {
    let (start, end) = (pass.period.start().timestamp_micros(), pass.period.end().timestamp_micros());
    let month = time::bucket_key(instant.clone(), Grain::Month, &pass.calendar, &pass.period)
        .map_err(|error| Fault::invalid("period", error.to_string()))?;
    let within = instant.clone().gte(start).and(instant.lt(end));
    Ok(CaseStatement::new().case(within, month).into())
}

/// The UTC day whose rate converts a fact's amounts.
pub(super) fn worth_day(tables: &mut Tables, pass: &Pass) -> SimpleExpr {
    let facts = pass.source.facts();
    match (facts.worth_at, facts.at) {
        (Some(column), _) => time::utc_day(tables.column(column)),
        (None, Instant::Day(day)) => tables.column(day),
        (None, _) => time::utc_day(instant(tables, pass)),
    }
}

/// What must hold of the rows that count; nothing where all do.
pub(super) fn rows(tables: &mut Tables, rows: Rows) -> Option<SimpleExpr> {
    let conditions = rows.conditions().iter().map(|(column, is)| holds(tables, *column, *is));
    conditions.collect::<Vec<_>>().into_iter().reduce(ExprTrait::and)
}

fn holds(tables: &mut Tables, column: Column, is: Is) -> SimpleExpr {
    let held = tables.column(column);
    match is {
        Is::In([one]) => held.eq(*one),
        Is::NotIn([one]) => held.ne(*one),
        Is::In(codes) => held.is_in(codes.iter().copied()),
        Is::NotIn(codes) => held.is_not_in(codes.iter().copied()),
        Is::AtLeast(least) => held.gte(least),
        Is::Known => held.is_not_null(),
        Is::Unknown => held.is_null(),
        Is::True => held.eq(true),
        Is::Same(other) => held.eq(tables.column(other)),
        Is::Before(other) => held.lt(tables.column(other)),
        Is::OutOfStock => stock(tables).lte(0_i64),
        Is::Counted => stock(tables).is_not_null(),
    }
}

/// One number of a group. `filtered`: WHERE already keeps only the measure's rows. `home`: only amounts in that
/// currency are added up here.
pub(super) fn aggregate(
    tables: &mut Tables,
    measure: Measure,
    filtered: bool,
    home: Option<Currency>,
) -> SimpleExpr {
    let mut condition = if filtered { None } else { rows(tables, measure.rows) };
    if let (Aggregate::Amount(_), Some(home)) = (measure.aggregate, home)
        && let Some(own) = tables.currency().map(|currency| currency.eq(home.code()))
    {
        condition = Some(match condition {
            Some(other) => other.and(own),
            None => own,
        });
    }
    let of_rows = |value: SimpleExpr| match condition {
        Some(condition) => CaseStatement::new().case(condition, value).into(),
        None => value,
    };
    let number: SimpleExpr = match measure.aggregate {
        Aggregate::Amount(of) | Aggregate::Sum(of) => Func::sum(of_rows(value(tables, of))).into(),
        Aggregate::Count => Func::count(of_rows(Expr::val(1_i64))).into(),
        Aggregate::Distinct(column) => Func::count_distinct(of_rows(tables.column(column))).into(),
        Aggregate::Stretch(column) => {
            let held = of_rows(tables.column(column));
            Func::max(held.clone()).sub(Func::min(held))
        }
        Aggregate::Latest(column) => Func::max(of_rows(tables.column(column))).into(),
        // Told by a SELECT of its own.
        Aggregate::Percentile(..) => Func::sum(Expr::val(0_i64)).into(),
    };
    number.cast_as("bigint")
}

/// What a row says.
pub(super) fn value(tables: &mut Tables, value: Value) -> SimpleExpr {
    let moved = column(Table::StockMovements, "quantity");
    match value {
        // Of what lies between two `percentiles` makes the difference.
        Value::Of(column) | Value::Price(column) | Value::SincePrevious(column) => tables.column(column),
        Value::Out(column) => Expr::val(0_i64).sub(tables.column(column)),
        Value::Scaled(column, times) => tables.column(column).mul(times),
        Value::Priced(things, price) => tables.column(things).mul(tables.column(price)),
        Value::Between(from, to) => tables.column(to).sub(tables.column(from)),
        Value::Seconds(column) => tables.column(column).div(1_000_000_i64),
        Value::Yearly => {
            let mut of = |name| tables.column(column(Table::Subscriptions, name));
            let monthly = of("interval").eq(entity::subscription::Interval::Month.code());
            let times = CaseStatement::new().case(monthly, 12_i64).finally(1_i64);
            of("amount").mul(of("quantity")).mul(times)
        }
        Value::AtCost => tables.column(moved).mul(movement_cost(tables)),
        Value::OutAtCost => Expr::val(0_i64).sub(tables.column(moved).mul(movement_cost(tables))),
        Value::Stock => stock(tables),
        Value::StockAt(price) => stock(tables).mul(tables.column(price)),
    }
}

fn movement_cost(tables: &mut Tables) -> SimpleExpr {
    let own = tables.column(column(Table::StockMovements, "unit_cost_micros"));
    let products = tables.column(column(Table::Products, "unit_cost_micros"));
    Func::coalesce([own, products]).into()
}

fn stock(tables: &mut Tables) -> SimpleExpr {
    let told = tables.column(column(Table::Products, "stock"));
    let moved = tables.column(column(Table::Products, "moved_stock"));
    Func::coalesce([told, moved]).into()
}
