//! The tables behind the sources: how they join, each held to the organization, and columns as expressions.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{
    Condition, Expr, Func, IntoIden, IntoTableRef, JoinType, Query, SelectStatement, SimpleExpr,
};

use super::{Pass, credits, key_name, values};
use crate::fault::Fault;
use crate::metrics::catalogue::{Column, Dimension, Source, Table, column};
use crate::metrics::query::Filter;
use crate::metrics::time;
use crate::principal::OrganizationId;

/// Tables that a SELECT names, and the organization that every one of them is held to.
pub(super) struct Tables {
    organization: OrganizationId,
    source: Source,
    /// The base of the facts, where that is no table as it is.
    base: Option<SelectStatement>,
    /// In the order in which they are joined, each after what points to it.
    joined: Vec<(Table, Table)>,
}

impl Tables {
    pub(super) fn new(organization: OrganizationId, pass: &Pass) -> Self {
        let mut tables = Self { organization, source: pass.source, base: None, joined: Vec::new() };
        tables.base = pass.attribution.map(|attribution| credits::facts(&tables, pass, attribution));
        tables
    }

    /// A column, whose table is joined to the facts.
    pub(super) fn column(&mut self, column: Column) -> SimpleExpr {
        // A pair of tables that no way leads between is no question that passes validation.
        for step in self.source.way_to(column.table).unwrap_or_default().windows(2) {
            let step = (step[0], step[1]);
            if !self.joined.contains(&step) {
                self.joined.push(step);
            }
        }
        Expr::col((column.table.alias(), column.name))
    }

    /// Adds FROM and the joins that were asked for, each held to the organization.
    pub(super) fn join_facts(mut self, select: &mut SelectStatement) {
        let base = self.source.facts().table;
        if let Some(table) = self.source.told_with() {
            self.column(column(table, "product_key"));
        }
        match self.base.take() {
            // Whose tables are held to the organization already.
            Some(facts) => select.from_subquery(facts, base.alias()),
            None => select.from(base.name()).and_where(self.own(base.alias())),
        };
        // What says when facts happened may be where reading starts; what says more of them is looked up, and so comes last.
        self.joined.sort_by_key(|(_, to)| is_looked_up(*to));
        for (from, to) in &self.joined {
            let key = from.points_to().iter().find(|(table, _)| table == to).map_or("", |(_, key)| key);
            let mut on = Condition::all()
                .add(self.own(to.alias()))
                .add(Expr::col((to.alias(), key)).equals((from.alias(), key)));
            if *to == Table::PairedItems {
                let other = Expr::col((to.alias(), "product_key"));
                on = on.add(other.gt(Expr::col((from.alias(), "product_key"))));
            }
            let kind = if is_looked_up(*to) { JoinType::LeftJoin } else { JoinType::InnerJoin };
            if to.alias() == to.name() {
                select.join(kind, to.name(), on);
            } else {
                select.join_as(kind, to.name(), to.alias(), on);
            }
        }
    }

    /// The currency of a fact's amounts, to tell facts apart by.
    ///
    /// Where another table says it, it is wrapped, so that a condition on it says nothing of whether there is a row: SQLite
    /// would else make an inner join of it, and read every line ever sold to find those of a week.
    pub(super) fn currency(&mut self) -> Option<SimpleExpr> {
        let column = self.source.facts().currency?;
        let held = self.column(column);
        let is_own = column.table == self.source.facts().table || !is_looked_up(column.table);
        Some(if is_own { held } else { Func::coalesce([held, Expr::val("")]).into() })
    }

    /// The organization's predicate.
    pub(super) fn own(&self, table: impl IntoIden) -> SimpleExpr {
        Expr::col((table.into_iden(), "organization_id")).eq(self.organization.0)
    }

    /// The same of the organization's own row.
    pub(super) fn is_own_organization(&self) -> SimpleExpr {
        Expr::col(("organizations", "id")).eq(self.organization.0)
    }

    /// What rows are grouped by for `dimension`: a column, or the integer key of what it points to.
    pub(super) fn key(&mut self, dimension: Dimension, pass: &Pass) -> Result<SimpleExpr, Fault> {
        let (calendar, period) = (&pass.calendar, &pass.period);
        match dimension {
            Dimension::HourOfDay => {
                return Ok(time::hour_of_day(values::instant(self, pass), calendar, period));
            }
            Dimension::DayOfWeek => {
                return Ok(time::day_of_week(values::instant(self, pass), calendar, period));
            }
            _ => {}
        }
        let column = dimension.column(pass.source).ok_or_else(|| {
            Fault::Internal(format!("{:?} facts have no {}", pass.source, dimension.name()))
        })?;
        let held = self.column(column);
        if dimension == Dimension::Cohort {
            return values::month_within(held, pass);
        }
        Ok(held)
    }

    /// A filter as a condition; ids are looked up within the organization.
    pub(super) fn filter(&mut self, pass: &Pass, filter: &Filter) -> Result<Condition, Fault> {
        let key = self.key(filter.dimension, pass)?;
        let told: Vec<&str> = filter.values.iter().flatten().map(String::as_str).collect();
        let mut any = Condition::any();
        if filter.values.iter().any(Option::is_none) {
            any = any.add(key.clone().is_null());
        }
        // An empty list keeps nothing, and an empty exclusion everything.
        let listed = match named(filter.dimension) {
            Some(name) => {
                let ids = Query::select()
                    .column((name.table, name.key))
                    .from(name.table)
                    .and_where(self.own(name.table))
                    .and_where(Expr::col((name.table, name.id)).is_in(told))
                    .to_owned();
                key.clone().in_subquery(ids)
            }
            None => key.clone().is_in(plain_values(filter.dimension, &told)?),
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
    pub(super) fn join_names(&self, select: &mut SelectStatement, dimension: Dimension, slot: usize) {
        if let Some(name) = named(dimension) {
            let alias = named_alias(slot);
            let on = Condition::all()
                .add(self.own(alias.clone()))
                .add(Expr::col((alias.clone(), name.key)).equals(("facts", key_name(slot))));
            select.join_as(JoinType::LeftJoin, name.table.into_table_ref(), alias, on);
        }
    }
}

/// Whether a table only says more of facts, and not when they happened.
fn is_looked_up(table: Table) -> bool {
    !matches!(
        table,
        Table::Orders | Table::Deals | Table::PairedItems | Table::ConvertedOrders | Table::ConvertedItems
    )
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
    let month = |value: &&str| {
        let day = format!("{value}-01").parse().ok().filter(|_| value.len() == 7).map(time::day_number);
        day.map(Expr::val).ok_or_else(|| refuse(value, "the months, such as 2024-03"))
    };
    match dimension {
        Dimension::HourOfDay => values.iter().map(|value| whole(value, 0, 23)).collect(),
        Dimension::DayOfWeek => values.iter().map(|value| whole(value, 1, 7)).collect(),
        Dimension::Cohort => values.iter().map(month).collect(),
        _ => Ok(values.iter().map(|value| Expr::val(*value)).collect()),
    }
}

/// A table whose rows have a key for joins and an id for people.
pub(super) struct Named {
    pub(super) table: &'static str,
    pub(super) key: &'static str,
    pub(super) id: &'static str,
}

pub(super) fn named(dimension: Dimension) -> Option<Named> {
    let (table, key, id) = match dimension {
        Dimension::Customer => ("customers", "customer_key", "customer_id"),
        Dimension::SalesRep => ("sales_reps", "sales_rep_key", "sales_rep_number"),
        Dimension::Product | Dimension::PairedProduct => ("products", "product_key", "product_id"),
        Dimension::Category => ("categories", "category_key", "category_id"),
        Dimension::Campaign => ("campaigns", "campaign_key", "campaign_id"),
        Dimension::TrackingCode => ("tracking_codes", "tracking_code_key", "tracking_code"),
        Dimension::Affiliate => ("affiliates", "affiliate_key", "affiliate_id"),
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

/// A key as tables hold it: texts as they are, and all else as 64-bit integers.
pub(super) fn held_key(dimension: Dimension, slot: usize) -> SimpleExpr {
    let held = Expr::col(("facts", key_name(slot)));
    if super::is_number(dimension) { held.cast_as("bigint") } else { held }
}
