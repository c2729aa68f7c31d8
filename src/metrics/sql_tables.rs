//! The tables behind the sources: which columns stand for what, and how they join.

use entity::{category, customer, order, order_item, product, refund, sales_rep};
use sea_orm::ExprTrait;
use sea_orm::sea_query::{
    CaseStatement, Condition, DynIden, Expr, Func, IntoIden, IntoTableRef, JoinType, Query, SelectStatement,
    SimpleExpr,
};

use super::{Pass, key_name};
use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Column, Dimension, Measure, Rows, Source};
use crate::metrics::query::Filter;
use crate::metrics::time;
use crate::money::Currency;
use crate::principal::OrganizationId;

/// A table that a pass may read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Orders,
    Lines,
    Refunds,
    Customers,
    Products,
}

impl Table {
    pub(super) fn alias(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Lines => "order_items",
            Self::Refunds => "refunds",
            Self::Customers => "customers",
            Self::Products => "products",
        }
    }
}

/// The table that a source's facts are rows of.
fn base(source: Source) -> Table {
    match source {
        Source::Orders => Table::Orders,
        Source::Lines => Table::Lines,
        Source::Refunds => Table::Refunds,
        Source::Customers => Table::Customers,
    }
}

/// When a fact happened, in microseconds.
pub(super) fn instant(source: Source) -> SimpleExpr {
    match source {
        Source::Orders | Source::Lines => Expr::col((Table::Orders.alias(), order::Column::PlacedAt)),
        Source::Refunds => Expr::col((Table::Refunds.alias(), refund::Column::RefundedAt)),
        Source::Customers => Func::coalesce([
            Expr::col((Table::Customers.alias(), customer::Column::AcquiredAt)),
            Expr::col((Table::Customers.alias(), customer::Column::FirstOrderedAt)),
        ])
        .into(),
    }
}

/// Tables that a SELECT names, and the organization that every one of them is held to.
pub(super) struct Tables {
    organization: OrganizationId,
    needed: Vec<Table>,
}

impl Tables {
    pub(super) fn new(organization: OrganizationId) -> Self {
        Self { organization, needed: Vec::new() }
    }

    pub(super) fn need(&mut self, table: Table) {
        if !self.needed.contains(&table) {
            self.needed.push(table);
        }
    }

    /// Adds FROM and the joins that were asked for, each held to the organization.
    pub(super) fn join_facts(mut self, select: &mut SelectStatement, source: Source) {
        let base = base(source);
        if source == Source::Lines {
            self.need(Table::Orders);
        }
        if self.needed.contains(&Table::Customers) && base != Table::Customers {
            self.need(Table::Orders);
        }
        select.from(base.alias());
        select.and_where(self.own(base.alias()));
        self.needed.sort_unstable();
        for table in &self.needed {
            match table {
                table if *table == base => {}
                Table::Orders => self.join(select, JoinType::InnerJoin, base.alias(), "orders", "order_key"),
                Table::Customers => {
                    self.join(select, JoinType::LeftJoin, "orders", "customers", "customer_key");
                }
                Table::Products => {
                    self.join(select, JoinType::LeftJoin, base.alias(), "products", "product_key");
                }
                Table::Lines | Table::Refunds => {}
            }
        }
    }

    fn join(
        &self,
        select: &mut SelectStatement,
        kind: JoinType,
        from: &'static str,
        to: &'static str,
        key: &'static str,
    ) {
        let on = Condition::all().add(self.own(to)).add(Expr::col((to, key)).equals((from, key)));
        select.join(kind, to.into_table_ref(), on);
    }

    /// The organization's predicate.
    fn own(&self, table: impl IntoIden) -> SimpleExpr {
        Expr::col((table.into_iden(), "organization_id")).eq(self.organization.0)
    }

    /// What rows of `source` are grouped by for `dimension`: a column, or the integer key of what it points to.
    pub(super) fn key(
        &mut self,
        source: Source,
        dimension: Dimension,
        pass: &Pass,
    ) -> Result<SimpleExpr, Fault> {
        let (table, column) = match (dimension, source) {
            (Dimension::HourOfDay, _) => {
                return Ok(time::hour_of_day(instant(source), &pass.calendar, &pass.period));
            }
            (Dimension::DayOfWeek, _) => {
                return Ok(time::day_of_week(instant(source), &pass.calendar, &pass.period));
            }
            (Dimension::Country, Source::Customers) => {
                (Table::Customers, customer::Column::Country.into_iden())
            }
            (Dimension::Region, Source::Customers) => {
                (Table::Customers, customer::Column::Region.into_iden())
            }
            (Dimension::City, Source::Customers) => (Table::Customers, customer::Column::City.into_iden()),
            (Dimension::Customer, Source::Customers) => {
                (Table::Customers, customer::Column::CustomerKey.into_iden())
            }
            (Dimension::AcquisitionChannel, _) => {
                (Table::Customers, customer::Column::AcquisitionChannel.into_iden())
            }
            (Dimension::Product, Source::Lines) => (Table::Lines, order_item::Column::ProductKey.into_iden()),
            (Dimension::Product, Source::Refunds) => (Table::Refunds, refund::Column::ProductKey.into_iden()),
            (Dimension::Category, Source::Lines | Source::Refunds) => {
                (Table::Products, product::Column::CategoryKey.into_iden())
            }
            (Dimension::Product | Dimension::Category, _) | (_, Source::Customers) => {
                let message = format!("{source:?} facts have no {}", dimension.name());
                return Err(Fault::Internal(message));
            }
            (Dimension::Status, _) => (Table::Orders, order::Column::Status.into_iden()),
            (Dimension::Channel, _) => (Table::Orders, order::Column::Channel.into_iden()),
            (Dimension::Coupon, _) => (Table::Orders, order::Column::CouponCode.into_iden()),
            (Dimension::Currency, _) => (Table::Orders, order::Column::Currency.into_iden()),
            (Dimension::Country, _) => (Table::Orders, order::Column::Country.into_iden()),
            (Dimension::Region, _) => (Table::Orders, order::Column::Region.into_iden()),
            (Dimension::City, _) => (Table::Orders, order::Column::City.into_iden()),
            (Dimension::Customer, _) => (Table::Orders, order::Column::CustomerKey.into_iden()),
            (Dimension::SalesRep, _) => (Table::Orders, order::Column::SalesRepKey.into_iden()),
        };
        self.need(table);
        Ok(Expr::col((table.alias(), column)))
    }

    /// The condition on an order's status, if it takes one.
    pub(super) fn rows(&mut self, rows: Rows) -> Option<SimpleExpr> {
        let (draft, cancelled) = (order::Status::Draft.code(), order::Status::Cancelled.code());
        let status = Expr::col((Table::Orders.alias(), order::Column::Status));
        let condition = match rows {
            Rows::All => return None,
            Rows::Counting => status.is_not_in([draft, cancelled]),
            Rows::Placed => status.ne(draft),
            Rows::Cancelled => status.eq(cancelled),
            Rows::Draft => status.eq(draft),
        };
        self.need(Table::Orders);
        Some(condition)
    }

    /// One number of a group. `filtered`: WHERE already keeps only the measure's rows. `home`: only amounts in that
    /// currency are added up here.
    pub(super) fn aggregate(
        &mut self,
        measure: Measure,
        filtered: bool,
        home: Option<Currency>,
    ) -> SimpleExpr {
        let mut condition = if filtered { None } else { self.rows(measure.rows) };
        if let (Aggregate::Amount(_), Some(currency)) = (measure.aggregate, home) {
            self.need(Table::Orders);
            let own = Expr::col((Table::Orders.alias(), order::Column::Currency)).eq(currency.code());
            condition = Some(match condition {
                Some(other) => other.and(own),
                None => own,
            });
        }
        let of_rows = |value: SimpleExpr| match condition {
            Some(condition) => CaseStatement::new().case(condition, value).into(),
            None => value,
        };
        match measure.aggregate {
            Aggregate::Amount(column) | Aggregate::Sum(column) => {
                Expr::expr(Func::sum(of_rows(self.column(column)))).cast_as("bigint")
            }
            Aggregate::Count => Expr::expr(Func::count(of_rows(Expr::val(1_i64)))).cast_as("bigint"),
            Aggregate::Distinct(column) => {
                Expr::expr(Func::count_distinct(of_rows(self.column(column)))).cast_as("bigint")
            }
        }
    }

    fn column(&mut self, column: Column) -> SimpleExpr {
        let (table, name) = match column {
            Column::OrderTotal => (Table::Orders, order::Column::Total.into_iden()),
            Column::OrderDiscount => (Table::Orders, order::Column::Discount.into_iden()),
            Column::OrderShipping => (Table::Orders, order::Column::Shipping.into_iden()),
            Column::OrderTax => (Table::Orders, order::Column::Tax.into_iden()),
            Column::OrderCustomer => (Table::Orders, order::Column::CustomerKey.into_iden()),
            Column::LineOrder => (Table::Lines, order_item::Column::OrderKey.into_iden()),
            Column::LineProduct => (Table::Lines, order_item::Column::ProductKey.into_iden()),
            Column::LineTotal => (Table::Lines, order_item::Column::LineTotal.into_iden()),
            Column::LineDiscount => (Table::Lines, order_item::Column::Discount.into_iden()),
            Column::LineQuantity => (Table::Lines, order_item::Column::Quantity.into_iden()),
            Column::RefundOrder => (Table::Refunds, refund::Column::OrderKey.into_iden()),
            Column::RefundAmount => (Table::Refunds, refund::Column::Amount.into_iden()),
            Column::RefundQuantity => (Table::Refunds, refund::Column::Quantity.into_iden()),
        };
        self.need(table);
        Expr::col((table.alias(), name))
    }

    /// A filter as a condition; ids are looked up within the organization.
    pub(super) fn filter(&mut self, pass: &Pass, filter: &Filter) -> Result<Condition, Fault> {
        let key = self.key(pass.source, filter.dimension, pass)?;
        let values: Vec<&str> = filter.values.iter().flatten().map(String::as_str).collect();
        let mut any = Condition::any();
        if filter.values.iter().any(Option::is_none) {
            any = any.add(key.clone().is_null());
        }
        // An empty list keeps nothing, and an empty exclusion everything.
        let listed = match named(filter.dimension) {
            Some(name) => {
                let ids = Query::select()
                    .column((name.table.clone(), name.key))
                    .from(name.table.clone())
                    .and_where(self.own(name.table.clone()))
                    .and_where(Expr::col((name.table, name.id)).is_in(values))
                    .to_owned();
                key.clone().in_subquery(ids)
            }
            None => key.clone().is_in(plain_values(filter.dimension, &values)?),
        };
        any = any.add(listed);
        if !filter.exclude {
            return Ok(any);
        }
        // NOT (x IN …) is unknown where x is null: facts without a value stay unless they are excluded by name.
        let kept = any.not();
        Ok(if filter.values.iter().any(Option::is_none) {
            kept
        } else {
            Condition::any().add(key.is_null()).add(kept)
        })
    }

    /// Joins what a key points to, so that the row tells the id that clients know.
    pub(super) fn join_names(&mut self, select: &mut SelectStatement, dimension: Dimension, slot: usize) {
        if let Some(name) = named(dimension) {
            let alias = named_alias(slot);
            let on = Condition::all()
                .add(self.own(alias.clone()))
                .add(Expr::col((alias.clone(), name.key)).equals(("facts", key_name(slot))));
            select.join_as(JoinType::LeftJoin, name.table.into_table_ref(), alias, on);
        }
    }
}

/// Values of a plain column, as the database holds them.
fn plain_values(dimension: Dimension, values: &[&str]) -> Result<Vec<SimpleExpr>, Fault> {
    let refuse = |value: &str, right: &str| {
        Fault::invalid("where", format!("`{value}` is no {}; it is one of {right}", dimension.name()))
    };
    let whole = |value: &&str, low: i64, high: i64| {
        let number = value.parse::<i64>().ok().filter(|number| (low..=high).contains(number));
        number.map(Expr::val).ok_or_else(|| refuse(value, &format!("{low} to {high}")))
    };
    if let Some(codes) = dimension.codes() {
        let code = |value: &&str| {
            let known = codes.iter().find(|(name, _)| name == value);
            known.map(|(_, code)| Expr::val(*code)).ok_or_else(|| {
                let names: Vec<&str> = codes.iter().map(|(name, _)| *name).collect();
                refuse(value, &names.join(", "))
            })
        };
        return values.iter().map(code).collect();
    }
    match dimension {
        Dimension::HourOfDay => values.iter().map(|value| whole(value, 0, 23)).collect(),
        Dimension::DayOfWeek => values.iter().map(|value| whole(value, 1, 7)).collect(),
        _ => Ok(values.iter().map(|value| Expr::val(*value)).collect()),
    }
}

/// A table whose rows have a key for joins and an id for people.
struct Named {
    table: DynIden,
    key: DynIden,
    id: DynIden,
}

fn named(dimension: Dimension) -> Option<Named> {
    let (table, key, id) = match dimension {
        Dimension::Customer => (
            customer::Entity.into_iden(),
            customer::Column::CustomerKey.into_iden(),
            customer::Column::CustomerId.into_iden(),
        ),
        Dimension::SalesRep => (
            sales_rep::Entity.into_iden(),
            sales_rep::Column::SalesRepKey.into_iden(),
            sales_rep::Column::SalesRepNumber.into_iden(),
        ),
        Dimension::Product => (
            product::Entity.into_iden(),
            product::Column::ProductKey.into_iden(),
            product::Column::ProductId.into_iden(),
        ),
        Dimension::Category => (
            category::Entity.into_iden(),
            category::Column::CategoryKey.into_iden(),
            category::Column::CategoryId.into_iden(),
        ),
        _ => return None,
    };
    Some(Named { table, key, id })
}

fn named_alias(slot: usize) -> String {
    format!("name{slot}")
}

/// A key as clients know it, as text.
pub(super) fn told_id(dimension: Dimension, slot: usize) -> SimpleExpr {
    match named(dimension) {
        Some(name) => Expr::col((named_alias(slot), name.id)),
        None => Expr::col(("facts", key_name(slot))).cast_as("text"),
    }
}
