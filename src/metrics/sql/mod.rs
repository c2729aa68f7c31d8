//! From passes to one SQL statement. Pure: the same statement for SQLite and PostgreSQL, values always bound.
//!
//! Every pass becomes one grouped SELECT, two where amounts are converted: facts in the report's currency, and the
//! others by currency and UTC day. All are laid out alike and joined by UNION ALL. The organization's predicate is
//! added by [`Tables`] to every table that is named, and nowhere else.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{
    Condition, Expr, Func, NullOrdering, Order, Query, SelectStatement, SimpleExpr, UnionType,
};

use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Measure, Rows, Value};
use crate::metrics::plan::{Pass, Top};
use crate::money::Currency;
use crate::principal::OrganizationId;

mod credits;
mod lookups;
mod packed;
mod percentiles;
mod records;
mod tables;
mod values;

pub use lookups::{attributes, ids, is_number, keys};
pub use packed::{Term, packed};
pub use records::{LINES, List, records};
use tables::Tables;
pub use values::OPENING;

/// Where the columns of a statement's rows stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Key columns, after `pass`, `currency`, `day` and `bucket`.
    pub keys: usize,
    /// Measure columns, after the keys.
    pub measures: usize,
    /// Whether a last column says of how many parts each fact's number is one.
    pub shares: bool,
}

impl Layout {
    /// Index of the first key column.
    pub const FIRST_KEY: usize = 4;

    /// Wide enough for all of `passes`.
    pub fn of(passes: &[Pass]) -> Self {
        Self {
            keys: passes.iter().map(|pass| pass.dimensions.len()).max().unwrap_or(0),
            measures: passes.iter().map(|pass| pass.measures.len()).max().unwrap_or(0),
            shares: passes.iter().any(Pass::has_shares),
        }
    }

    /// Index of the column of parts, where there is one.
    pub fn parts(&self) -> Option<usize> {
        self.shares.then_some(Self::FIRST_KEY + self.keys + self.measures)
    }
}

/// Which of a pass's facts a SELECT reads, and what of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    /// All, every measure.
    All,
    /// All, every measure, but only amounts in this currency.
    Home(Currency),
    /// Those in this currency: every measure.
    Own(Currency),
    /// All, by currency and day: every measure.
    Each,
    /// Those in other currencies than this one, by currency and day: every measure, or amounts alone.
    Others { than: Currency, amounts_only: bool },
    /// Those of these rows, one by one in the order of a value: its percentiles.
    Ranked(Value, Rows),
}

impl Leg {
    /// The SELECTs that read a pass. Where all measures add up, every fact is read by one of them: less to sort for a
    /// database that groups by sorting than one SELECT by currency and day over all.
    fn of(pass: &Pass) -> Vec<Self> {
        let is_ranked = |measure: &&Measure| matches!(measure.aggregate, Aggregate::Percentile(..));
        let adds_up = |measure: &Measure| measure.aggregate.adds_up();
        let mut legs = match pass.convert_to {
            _ if pass.measures.iter().all(|measure| is_ranked(&measure)) => Vec::new(),
            None => vec![Self::All],
            Some(currency) if pass.measures.iter().all(adds_up) => {
                vec![Self::Own(currency), Self::Others { than: currency, amounts_only: false }]
            }
            Some(currency) => {
                vec![Self::Home(currency), Self::Others { than: currency, amounts_only: true }]
            }
        };
        for measure in pass.measures.iter().filter(is_ranked) {
            if let Aggregate::Percentile(value, _) = measure.aggregate
                && !legs.contains(&Self::Ranked(value, measure.rows))
            {
                legs.push(Self::Ranked(value, measure.rows));
            }
        }
        legs
    }

    /// Whether it computes `measure`.
    fn tells(self, measure: Measure) -> bool {
        match (self, measure.aggregate) {
            (Self::Ranked(value, rows), Aggregate::Percentile(of, _)) => (of, measure.rows) == (value, rows),
            (Self::Ranked(..), _) | (_, Aggregate::Percentile(..)) => false,
            (Self::Others { amounts_only: true, .. }, aggregate) => matches!(aggregate, Aggregate::Amount(_)),
            _ => true,
        }
    }

    /// What reads a pass whose numbers of each currency and day add up, whatever they count: as one stretch of facts.
    fn of_held(pass: &Pass) -> Vec<Self> {
        vec![if pass.convert_to.is_some() { Self::Each } else { Self::All }]
    }

    /// Whether its rows say currency and day.
    fn is_by_currency(self) -> bool {
        matches!(self, Self::Each | Self::Others { .. })
    }
}

/// How keys are told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// By the ids that clients know, as text.
    Told,
    /// As tables hold them: 64-bit integers, and texts where that is what they are.
    Held,
}

/// The statement that answers all of `passes`: rows of (pass, currency, day, bucket, keys…, measures…).
pub fn statement(organization: OrganizationId, passes: &[Pass]) -> Result<SelectStatement, Fault> {
    union(organization, passes, Keys::Told)
}

/// The same, with keys as tables hold them, and all of it by currency and day where amounts may be converted: of passes that have
/// the same dimensions and measures that blocks hold.
pub fn held(organization: OrganizationId, passes: &[Pass]) -> Result<SelectStatement, Fault> {
    union(organization, passes, Keys::Held)
}

fn union(organization: OrganizationId, passes: &[Pass], keys: Keys) -> Result<SelectStatement, Fault> {
    let layout = Layout::of(passes);
    let mut selects = Vec::new();
    for (index, pass) in passes.iter().enumerate() {
        let legs = if keys == Keys::Held { Leg::of_held(pass) } else { Leg::of(pass) };
        for leg in legs {
            selects.push(select(organization, pass, index, (layout, keys), leg)?);
        }
    }
    let mut selects = selects.into_iter();
    let mut all = selects.next().ok_or_else(|| Fault::Internal("a statement without passes".to_owned()))?;
    for select in selects {
        all.union(UnionType::All, select);
    }
    Ok(all)
}

/// One SELECT of the statement: the grouped facts, then their keys told by the ids that clients know.
fn select(
    organization: OrganizationId,
    pass: &Pass,
    index: usize,
    (layout, keys): (Layout, Keys),
    leg: Leg,
) -> Result<SelectStatement, Fault> {
    let index = i64::try_from(index).map_err(|_| Fault::Internal("too many passes".to_owned()))?;
    let tables = Tables::new(organization, pass);
    let mut told = Query::select();
    told.expr_as(Expr::val(index).cast_as("bigint"), "pass");
    for column in ["currency", "day", "bucket"] {
        let there = match column {
            "bucket" => pass.has_buckets(),
            _ => leg.is_by_currency(),
        };
        told.expr_as(
            if there { Expr::col(("facts", format!("fact_{column}"))) } else { null_of(column) },
            column,
        );
    }
    let mut ids = Vec::new();
    for slot in 0..layout.keys {
        let id = match pass.dimensions.get(slot) {
            None => null_of("key"),
            Some(dimension) if keys == Keys::Told => tables::told_id(*dimension, slot),
            Some(dimension) => tables::held_key(*dimension, slot),
        };
        told.expr_as(id.clone(), key_name(slot));
        ids.push(id);
    }
    for slot in 0..layout.measures {
        let there = pass.measures.get(slot).is_some_and(|measure| leg.tells(*measure));
        told.expr_as(
            if there { Expr::col(("facts", measure_name(slot))) } else { null_of("measure") },
            measure_name(slot),
        );
    }
    if layout.shares {
        let parts = if pass.has_shares() { Expr::col(("facts", "fact_parts")) } else { null_of("parts") };
        told.expr_as(parts, credits::PARTS);
    }
    let facts = match leg {
        Leg::Ranked(value, rows) => percentiles::facts(organization, pass, value, rows)?,
        _ => grouped(organization, pass, leg)?,
    };
    told.from_subquery(facts, "facts");
    if keys == Keys::Told {
        for (slot, dimension) in pass.dimensions.iter().enumerate() {
            tables.join_names(&mut told, *dimension, slot);
        }
    }
    match pass.cut() {
        None => Ok(told.take()),
        Some(top) => Ok(first_rows(&mut told, pass, top, &ids)),
    }
}

/// Cuts the list; wrapped, since a part of a UNION can have no order of its own.
fn first_rows(told: &mut SelectStatement, pass: &Pass, top: Top, ids: &[SimpleExpr]) -> SelectStatement {
    let slot = pass.measures.iter().position(|measure| *measure == top.measure).unwrap_or(0);
    let order = if top.descending { Order::Desc } else { Order::Asc };
    // A sum over no rows is null, and zero to every reader; the databases would sort nulls to opposite ends.
    let value = Func::coalesce([Expr::col(("facts", measure_name(slot))), Expr::val(0_i64)]);
    told.order_by_expr(value.into(), order);
    for id in ids.iter().take(pass.dimensions.len()) {
        told.order_by_expr_with_nulls(id.clone(), Order::Asc, NullOrdering::Last);
    }
    told.limit(u64::from(top.limit));
    Query::select().expr(Expr::cust("*")).from_subquery(told.to_owned(), "ranked").to_owned()
}

/// The facts of one pass, one by one: their bucket and keys, by names that no table has: PostgreSQL would group by the
/// table's.
fn keyed(tables: &mut Tables, pass: &Pass) -> Result<SelectStatement, Fault> {
    let mut select = Query::select();
    if let Some(bucket) = values::bucket(tables, pass)? {
        select.expr_as(bucket, "fact_bucket");
    }
    for (slot, dimension) in pass.dimensions.iter().enumerate() {
        let key = tables.key(*dimension, pass)?;
        if pass.named_only {
            select.and_where(key.clone().is_not_null());
        }
        select.expr_as(key, key_name(slot));
    }
    for condition in values::of_time(tables, pass).into_iter().chain(values::of_orders(tables, pass)) {
        select.and_where(condition);
    }
    for filter in &pass.filters {
        let condition = tables.filter(pass, filter)?;
        select.cond_where(condition);
    }
    Ok(select)
}

/// The names of what [`keyed`] tells apart.
fn group_names(pass: &Pass) -> Vec<String> {
    let bucket = pass.has_buckets().then(|| "fact_bucket".to_owned());
    bucket.into_iter().chain((0..pass.dimensions.len()).map(key_name)).collect()
}

/// The facts of one pass, grouped.
fn grouped(organization: OrganizationId, pass: &Pass, leg: Leg) -> Result<SelectStatement, Fault> {
    let mut tables = Tables::new(organization, pass);
    let mut select = keyed(&mut tables, pass)?;
    match (leg, tables.currency()) {
        (Leg::Own(own), Some(currency)) => {
            select.and_where(currency.eq(own.code()));
        }
        (Leg::Each | Leg::Others { .. }, Some(currency)) => {
            if let Leg::Others { than, .. } = leg {
                select.and_where(currency.clone().ne(than.code()));
            }
            select.expr_as(currency, "fact_currency");
            select.expr_as(values::worth_day(&mut tables, pass), "fact_day");
            select.group_by_col("fact_currency").group_by_col("fact_day");
        }
        _ => {}
    }
    for name in group_names(pass) {
        select.group_by_col(name);
    }
    if pass.has_shares() {
        select.expr_as(Expr::col((pass.source.facts().table.alias(), credits::PARTS)), "fact_parts");
        select.group_by_col("fact_parts");
    }
    let shared = shared_rows(&pass.measures);
    let mut holds = Condition::any();
    for (slot, measure) in pass.measures.iter().enumerate() {
        if leg.tells(*measure) {
            let home = if let Leg::Home(currency) = leg { Some(currency) } else { None };
            let value = values::aggregate(&mut tables, *measure, shared.is_some(), home);
            holds = holds.add(match measure.aggregate {
                Aggregate::Amount(_) | Aggregate::Sum(_) | Aggregate::Stretch(_) | Aggregate::Latest(_) => {
                    value.clone().is_not_null()
                }
                _ => value.clone().ne(0_i64),
            });
            select.expr_as(value, measure_name(slot));
        }
    }
    if pass.cut().is_some() {
        // A group that holds nothing is no row of the answer, and so must not take a place of a list that is cut here.
        select.cond_having(holds);
    }
    select.cond_where(wanted_rows(&mut tables, &pass.measures, leg));
    tables.join_facts(&mut select);
    Ok(select)
}

/// The rows that all measures agree on, if they do: then WHERE says it, and no aggregate has to.
fn shared_rows(measures: &[Measure]) -> Option<Rows> {
    let first = measures.first()?.rows;
    measures.iter().all(|measure| measure.rows == first).then_some(first)
}

/// Facts that any measure counts: a group that holds none of them is no row of the answer.
fn wanted_rows(tables: &mut Tables, measures: &[Measure], leg: Leg) -> Condition {
    let mut rows: Vec<Rows> =
        measures.iter().filter(|measure| leg.tells(**measure)).map(|measure| measure.rows).collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.contains(&Rows::All) {
        return Condition::all();
    }
    rows.into_iter().filter_map(|rows| values::rows(tables, rows)).fold(Condition::any(), Condition::add)
}

fn key_name(slot: usize) -> String {
    format!("key{slot}")
}

fn measure_name(slot: usize) -> String {
    format!("measure{slot}")
}

/// A typed null: PostgreSQL gives an untyped one in a UNION the type text.
fn null_of(column: &str) -> SimpleExpr {
    match column {
        "currency" | "key" => Expr::val(Option::<String>::None).cast_as("text"),
        _ => Expr::val(Option::<i64>::None).cast_as("bigint"),
    }
}

#[cfg(test)]
mod tests;
