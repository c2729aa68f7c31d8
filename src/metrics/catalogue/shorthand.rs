//! Short names for what metrics are declared with.

use super::Formula;
use super::measures::Aggregate::{Amount, Count, Latest, Stretch, Sum};
use super::measures::Rows::All;
use super::measures::{Aggregate, Measure, Over, Rows, Value};
use super::sources::Source::CampaignDays;
use super::sources::{Column, Source, Table, column};

pub(super) const fn measure(source: Source, aggregate: Aggregate, rows: Rows) -> Formula {
    Formula::Measure(Measure::new(source, aggregate, rows))
}

pub(super) const fn upto(edge: Over, source: Source, aggregate: Aggregate, rows: Rows) -> Formula {
    Formula::Measure(Measure::new(source, aggregate, rows).over(edge))
}

/// What came in less what went out, at an edge of the bucket.
pub(super) const fn level(edge: Over, came: Source, went: Source, aggregate: Aggregate) -> Formula {
    Formula::Net(Measure::new(came, aggregate, All).over(edge), Measure::new(went, aggregate, All).over(edge))
}

/// The mean of a value over some rows.
pub(super) const fn mean(source: Source, value: Value, rows: Rows) -> Formula {
    Formula::Mean(Measure::new(source, Sum(value), rows), Measure::new(source, Count, rows))
}

/// The mean time from one fact to the next, by the instants in a column.
pub(super) const fn mean_gap(source: Source, at: Column, rows: Rows) -> Formula {
    Formula::MeanGap(Measure::new(source, Stretch(at), rows), Measure::new(source, Count, rows))
}

/// The time from the last fact, by the instants in a column, to the end.
pub(super) const fn since_last(source: Source, at: Column, rows: Rows) -> Formula {
    Formula::SinceLast(Measure::new(source, Latest(at), rows))
}

/// The mean of products' prices over some rows.
pub(super) const fn mean_price(source: Source, price: &'static str, rows: Rows) -> Formula {
    let price = Value::Price(column(Table::Products, price));
    Formula::Mean(Measure::new(source, Amount(price), rows), Measure::new(source, Count, rows))
}

pub(super) const fn of(table: Table, name: &'static str) -> Value {
    Value::Of(column(table, name))
}

pub(super) const fn between(table: Table, from: &'static str, to: &'static str) -> Value {
    Value::Between(column(table, from), column(table, to))
}

pub(super) const PLACED_AT: Column = column(Table::Orders, "placed_at");
pub(super) const LINE_COST: Value =
    Value::Priced(column(Table::OrderItems, "quantity"), column(Table::Products, "unit_cost_micros"));
pub(super) const CYCLE: Value =
    Value::Between(column(Table::Deals, "created_at"), column(Table::DealStages, "entered_at"));
pub(super) const IN_STAGE: Value = between(Table::DealStages, "entered_at", "left_at");
pub(super) const DEAL_VALUE: Aggregate = Amount(of(Table::Deals, "value"));
pub(super) const FIRST_REPLY: Value = between(Table::Tickets, "opened_at", "first_replied_at");
pub(super) const RESOLUTION: Value = between(Table::Tickets, "opened_at", "resolved_at");
pub(super) const MOVED: Aggregate = Sum(of(Table::StockMovements, "quantity"));

pub(super) const MOVED_OUT: Aggregate = Sum(Value::Out(column(Table::StockMovements, "quantity")));

pub(super) const fn stock_at(price: &'static str) -> Aggregate {
    Amount(Value::StockAt(column(Table::Products, price)))
}

pub(super) const fn of_order(name: &'static str) -> Aggregate {
    Amount(of(Table::Orders, name))
}

pub(super) const fn of_day(name: &'static str) -> Formula {
    measure(CampaignDays, Sum(of(Table::CampaignDays, name)), All)
}
