//! What staged rows must meet before they are stored, and finding those that do not.

use super::Statements;
use crate::ingest::catalogue::{Column, Derived, Entity, Kind, Need};

/// What every staged row must meet before it may be stored.
pub struct Check {
    /// The column that is wrong where it is not met.
    pub column: usize,
    /// True where it is met, false elsewhere, and never null.
    pub met: String,
    /// What is wrong.
    pub reason: String,
}

impl Statements<'_> {
    /// What a row must meet.
    pub fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        for (place, column) in self.entity.columns.iter().enumerate() {
            let met = match column.kind {
                Kind::Reference(to) => self.reference_is_known(place, column, to),
                Kind::ForeignAmount(_) => self.amount_is_exact(column),
                _ => continue,
            };
            let reason = match column.kind {
                Kind::Reference(to) => {
                    let one = Entity::named(to).map_or("row", |entity| entity.one);
                    format!("is no known {one}: neither this import nor the database has it")
                }
                _ => "has more digits than the currency of its order".to_owned(),
            };
            checks.push(Check { column: place, met, reason });
        }
        match self.entity.name {
            "orders" => checks.extend(self.currency_stays()),
            "categories" => checks.extend(self.parents_end()),
            "exchange_rates" => checks.extend(self.currencies_differ()),
            "tracking_codes" => checks.extend(self.one_rule().into_iter().chain(self.fixed_is_earned())),
            _ => {}
        }
        checks
    }

    fn reference_is_known(&self, place: usize, column: &Column, to: &str) -> String {
        let key = Entity::named(to).and_then(|entity| entity.dense_key).unwrap_or_default();
        let name = column.name;
        // Keys start at 1. (`IS NOT NULL` would let SQLite turn the join round.)
        let mut met = format!("COALESCE(r{place}.{key}, 0) > 0");
        if to == self.entity.name {
            let id = self.entity.key[0];
            met += &format!(" OR EXISTS (SELECT 1 FROM {} p WHERE p.\"{id}\" = s.\"{name}\")", self.stage());
        }
        if column.need == Need::Optional {
            met += &format!(" OR s.\"{name}\" IS NULL");
        }
        format!("({met})")
    }

    fn amount_is_exact(&self, column: &Column) -> String {
        let (name, unit) = (column.name, self.unit);
        let rounds = match self.entity.derived {
            Derived::LineTotal => "s.\"_rounds\" = 1 OR ",
            Derived::Nothing => "",
        };
        format!("({rounds}s.\"{name}\" IS NULL OR COALESCE(s.\"{name}\" % {unit} = 0, TRUE))")
    }

    /// Lines and refunds hold minor units of their order's currency, so it cannot change under them.
    fn currency_stays(&self) -> Option<Check> {
        let (column, _) = self.entity.column("currency")?;
        let met = "(known.order_key IS NULL OR known.currency = s.\"currency\" \
                   OR NOT EXISTS (SELECT 1 FROM order_items i \
                                  WHERE i.organization_id = $1 AND i.order_key = known.order_key) \
                  AND NOT EXISTS (SELECT 1 FROM refunds f \
                                  WHERE f.organization_id = $1 AND f.order_key = known.order_key))";
        let reason = "cannot change: the order has lines or refunds in another currency".to_owned();
        Some(Check { column, met: met.to_owned(), reason })
    }

    /// Up from a category there is in the end one without a parent: found by going down from those.
    fn parents_end(&self) -> Option<Check> {
        let (column, _) = self.entity.column("parent_id")?;
        let stage = self.stage();
        let met = format!(
            "(s.\"parent_id\" IS NULL OR s.\"category_id\" IN (\
               WITH RECURSIVE known (id, parent) AS (\
                 SELECT \"category_id\", \"parent_id\" FROM {stage} \
                 UNION ALL \
                 SELECT c.category_id, p.category_id FROM categories c LEFT JOIN categories p \
                   ON p.organization_id = $1 AND p.category_key = c.parent_key \
                 WHERE c.organization_id = $1 \
                   AND NOT EXISTS (SELECT 1 FROM {stage} n WHERE n.\"category_id\" = c.category_id)), \
               rooted (id) AS (\
                 SELECT id FROM known WHERE parent IS NULL OR parent NOT IN (SELECT id FROM known) \
                 UNION ALL \
                 SELECT k.id FROM rooted r JOIN known k ON k.parent = r.id) \
               SELECT id FROM rooted))"
        );
        let reason = "leads back to itself: from parent to parent there must be an end".to_owned();
        Some(Check { column, met, reason })
    }

    /// A currency is worth one of itself, whatever a file says.
    fn currencies_differ(&self) -> Option<Check> {
        let (column, _) = self.entity.column("to")?;
        let reason = "is the same currency: a rate lies between two".to_owned();
        Some(Check { column, met: "s.\"from\" <> s.\"to\"".to_owned(), reason })
    }

    /// A code earns a share or a fixed amount: of both nobody could tell which is meant.
    fn one_rule(&self) -> Option<Check> {
        let (column, _) = self.entity.column("commission_rate")?;
        let met = "(s.\"commission_rate\" IS NULL OR s.\"commission_fixed\" IS NULL)".to_owned();
        let reason = "stands beside a fixed commission: a code has one of the two".to_owned();
        Some(Check { column, met, reason })
    }

    /// What a code earns is paid out, not in.
    fn fixed_is_earned(&self) -> Option<Check> {
        let (column, _) = self.entity.column("commission_fixed")?;
        let met = "(s.\"commission_fixed\" IS NULL OR s.\"commission_fixed\" >= 0)".to_owned();
        Some(Check { column, met, reason: "must not be negative".to_owned() })
    }

    /// Notes the rows that fail a check; nothing where there is none to fail.
    pub fn find_bad(&self) -> Option<String> {
        let met = self.all_met()?;
        let from = self.checked();
        Some(format!("INSERT INTO bad_rows (_seq) SELECT s.\"_seq\" FROM {from} WHERE NOT ({met})"))
    }

    /// Every check of the entity at once.
    pub(super) fn all_met(&self) -> Option<String> {
        let checks: Vec<String> = self.checks().into_iter().map(|check| check.met).collect();
        (!checks.is_empty()).then(|| checks.join(" AND "))
    }

    /// Where the noted rows fail this check: number, file, line and value. With `hide_followers` those that fail
    /// only because the row that they point to was itself refused are left out.
    pub fn tell_bad(&self, check: &Check, hide_followers: bool) -> String {
        let column = &self.entity.columns[check.column];
        let name = column.name;
        let followers = match column.kind {
            Kind::Reference(to) if hide_followers => format!(
                " AND NOT EXISTS (SELECT 1 FROM refused_ids x WHERE x.entity = '{to}' AND x.id = s.\"{name}\")"
            ),
            _ => String::new(),
        };
        format!(
            "SELECT s.\"_seq\", s.\"_file\", s.\"_line\", CAST(s.\"{name}\" AS TEXT) \
             FROM bad_rows b CROSS JOIN {from} \
             WHERE s.\"_seq\" = b._seq AND NOT ({met}){followers} ORDER BY s.\"_seq\"",
            from = self.checked(),
            met = check.met,
        )
    }

    /// Remembers the ids of the noted rows, so that rows that point to them can be told apart.
    pub fn remember_bad(&self) -> Option<String> {
        self.entity.dense_key?;
        let id = self.entity.key[0];
        Some(format!(
            "INSERT INTO refused_ids (entity, id) SELECT '{}', s.\"{id}\" FROM bad_rows b CROSS JOIN {} s \
             WHERE s.\"_seq\" = b._seq",
            self.entity.name,
            self.stage()
        ))
    }

    /// Takes the noted rows out.
    pub fn drop_bad(&self) -> String {
        format!("DELETE FROM {} WHERE \"_seq\" IN (SELECT _seq FROM bad_rows)", self.stage())
    }
}
