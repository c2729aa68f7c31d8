//! The SQL of an import, made from an entity's declaration: pure, the same text for SQLite and PostgreSQL.
//!
//! Rows wait in a staging table `stage_<entity>`: `_seq` (1, 2, 3 … in the order of staging), `_rank` (the order of
//! first sight), `_file` and `_line` (where a row came from), then the entity's columns. `$1` is always the
//! organization, and every tenant table is bound to it.

mod check;
mod store;

pub use check::Check;

use super::catalogue::{Column, Derived, Entity, Kind};

/// The statements of one entity.
pub struct Statements<'a> {
    entity: &'static Entity,
    /// Millionths in a minor unit of the currency that `currency_of` leads to.
    unit: &'a str,
}

impl<'a> Statements<'a> {
    /// Statements of `entity`; `unit` is SQL for the millionths in a minor unit.
    pub fn new(entity: &'static Entity, unit: &'a str) -> Self {
        Self { entity, unit }
    }

    fn stage(&self) -> String {
        stage(self.entity)
    }

    fn table(&self) -> &'static str {
        self.entity.name
    }

    /// The staging table and everything that its rows point to.
    ///
    /// Joins are written so that SQLite goes from staged rows to what they point to, and never the other way round:
    /// it knows no sizes, and an index over the organization alone looks good to it. A left join keeps its side as
    /// long as no condition refuses nulls, and a cross join always does.
    fn joined(&self) -> String {
        self.joined_to(|_| true)
    }

    /// The same, and what checks look at beside it.
    fn checked(&self) -> String {
        let mut from = self.joined();
        if self.entity.name == "orders" {
            // Joined, not looked up for each row: a planner that does not know the organization yet would look through
            // all of its orders each time.
            from +=
                " LEFT JOIN orders known ON known.organization_id = $1 AND known.order_id = s.\"order_id\"";
        }
        from
    }

    /// The same, but only as far as the key columns need it.
    fn joined_for_key(&self) -> String {
        self.joined_to(|column| self.entity.key.contains(&column.name))
    }

    fn joined_to(&self, is_wanted: impl Fn(&Column) -> bool) -> String {
        let mut from = format!("{} s", self.stage());
        for (place, column) in self.entity.columns.iter().enumerate() {
            let Kind::Reference(to) = column.kind else { continue };
            let Some(target) = Entity::named(to).filter(|_| is_wanted(column)) else { continue };
            let (id, name) = (target.key[0], column.name);
            from += &format!(
                " LEFT JOIN {to} r{place} ON r{place}.organization_id = $1 AND r{place}.{id} = s.\"{name}\""
            );
        }
        from
    }

    /// What a column is stored as.
    fn value(&self, place: usize, column: &Column) -> String {
        let name = column.name;
        match (column.kind, self.entity.derived) {
            (Kind::Reference(to), _) => {
                let key = Entity::named(to).and_then(|entity| entity.dense_key).unwrap_or_default();
                format!("r{place}.{key}")
            }
            (Kind::ForeignAmount(_), Derived::LineTotal) if name == "line_total" => {
                self.rounded("s.\"_exact\"")
            }
            // A discount that is finer than the currency becomes what price and total leave for it.
            (Kind::ForeignAmount(_), Derived::LineTotal) => format!(
                "CASE WHEN s.\"{name}\" % {unit} = 0 THEN s.\"{name}\" / {unit} ELSE {gross} - {total} END",
                unit = self.unit,
                gross = self.rounded("(s.\"quantity\" * s.\"unit_price\")"),
                total = self.rounded("s.\"_exact\""),
            ),
            (Kind::ForeignAmount(_), Derived::Nothing) => format!("s.\"{name}\" / {}", self.unit),
            (Kind::Boolean, _) => format!("(s.\"{name}\" <> 0)"),
            _ => format!("s.\"{name}\""),
        }
    }

    /// Millionths in whole minor units, half away from zero. Division of integers drops the rest on both databases.
    fn rounded(&self, micros: &str) -> String {
        let unit = self.unit;
        format!(
            "(CASE WHEN {micros} < 0 THEN ({micros} - {unit} / 2) / {unit} \
             ELSE ({micros} + {unit} / 2) / {unit} END)"
        )
    }

    fn targets(&self) -> Vec<&'static str> {
        self.entity.columns.iter().map(|column| column.target).collect()
    }

    fn values(&self, nested: bool) -> Vec<String> {
        let values = self.entity.columns.iter().enumerate();
        values
            .map(|(place, column)| match column.kind {
                Kind::Reference(to) if to == self.entity.name && !nested => "CAST(NULL AS BIGINT)".to_owned(),
                _ => self.value(place, column),
            })
            .collect()
    }

    /// `table.key = source.key` for the columns that tell rows apart.
    fn same_key(&self, value: impl Fn(usize, &Column) -> String) -> String {
        let keys = self.entity.key.iter().filter_map(|name| self.entity.column(name));
        let equal: Vec<String> =
            keys.map(|(place, column)| format!("t.{} = {}", column.target, value(place, column))).collect();
        equal.join(" AND ")
    }
}

/// A key of the few rows that an UPDATE is FROM, by which the table's own are to be looked up. That table comes first, and SQLite
/// knows no sizes: it would go through all that the organization has in it, and look each row up among the few. An expression
/// is nothing to look up by, other than a column.
pub fn looked_up(key: &str) -> String {
    format!("COALESCE({key}, NULL)")
}

/// The name of an entity's staging table.
pub fn stage(entity: &Entity) -> String {
    format!("stage_{}", entity.name)
}

/// The name of the table of an entity's rows that are known, and not as they are to be.
pub fn changed(entity: &Entity) -> String {
    format!("changed_{}", entity.name)
}

/// Its columns: those of the entity's own.
pub fn changed_columns(entity: &Entity, text: &str) -> String {
    let columns = entity.columns.iter().map(|column| {
        let kind = if is_text(column) && !matches!(column.kind, Kind::Reference(_)) {
            text
        } else if column.kind == Kind::Boolean {
            "BOOLEAN"
        } else {
            "BIGINT"
        };
        format!("{} {kind}", column.target)
    });
    let columns: Vec<String> = columns.collect();
    format!("{}, PRIMARY KEY ({})", columns.join(", "), key_targets(entity).join(", "))
}

/// The columns that tell an entity's rows apart.
pub fn key_targets(entity: &Entity) -> Vec<&'static str> {
    entity.key.iter().filter_map(|key| Some(entity.column(key)?.1.target)).collect()
}

/// Whether a staged column is a text; all others are whole numbers.
pub fn is_text(column: &Column) -> bool {
    match column.kind {
        Kind::Identifier
        | Kind::Reference(_)
        | Kind::Text
        | Kind::Currency
        | Kind::CurrencyCode
        | Kind::Rate => true,
        Kind::Integer(..)
        | Kind::Boolean
        | Kind::Choice(_)
        | Kind::Instant
        | Kind::Day
        | Kind::Amount
        | Kind::Price
        | Kind::Hours
        | Kind::Share
        | Kind::ForeignAmount(_) => false,
    }
}
