//! Storing staged rows: into an empty table as they are, else known keys are replaced and new ones added.

use super::{Statements, changed, key_targets, looked_up};
use crate::ingest::catalogue::{Derived, Kind};

impl Statements<'_> {
    /// Whether the organization has a row at all.
    pub fn any(&self) -> String {
        format!("SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE organization_id = $1 LIMIT 1) x", self.table())
    }

    /// The highest dense key.
    pub fn last_key(&self) -> Option<String> {
        let key = self.entity.dense_key?;
        Some(format!("SELECT COALESCE(MAX({key}), 0) FROM {} WHERE organization_id = $1", self.table()))
    }

    /// Stores every staged row that meets all checks, into a table that holds none of the organization's. The rows'
    /// own numbers become their keys.
    pub fn insert_all(&self) -> String {
        let condition = self.all_met().map_or(String::new(), |met| format!(" WHERE {met}"));
        let key = if self.entity.dense_key.is_some() { ", s.\"_seq\"" } else { "" };
        let (into, values, from) = (self.insert_into(), self.values(false).join(", "), self.checked());
        format!("{into} SELECT $1{key}, {values} FROM {from}{condition}")
    }

    fn insert_into(&self) -> String {
        let key = self.entity.dense_key.map_or(String::new(), |key| format!(", {key}"));
        format!("INSERT INTO {} (organization_id{key}, {})", self.table(), self.targets().join(", "))
    }

    fn key_columns(&self) -> Vec<String> {
        self.entity.key.iter().map(|name| format!("\"{name}\"")).collect()
    }

    /// `one.key = other.key` in the dataset's own columns.
    fn same_source_key(&self, one: &str, other: &str) -> String {
        let equal: Vec<String> =
            self.key_columns().iter().map(|key| format!("{one}.{key} = {other}.{key}")).collect();
        equal.join(" AND ")
    }

    /// The table of keys that the staged rows hold more than once.
    pub fn repeated(&self) -> String {
        format!("repeated_{}", self.stage())
    }

    /// Finds keys that the staged rows hold more than once, with the first and the last of their rows.
    pub fn find_repeated(&self) -> [String; 2] {
        let keys = self.key_columns().join(", ");
        let repeated = self.repeated();
        [
            format!(
                "CREATE TEMP TABLE {repeated} AS SELECT {keys}, MIN(\"_rank\") AS first_rank, \
                 MAX(\"_rank\") AS last_rank FROM {} GROUP BY {keys} HAVING COUNT(*) > 1",
                self.stage()
            ),
            format!("CREATE INDEX ix_{repeated} ON {repeated} ({keys})"),
        ]
    }

    /// Of rows with the same key keeps the last, at the place of the first.
    pub fn merge_repeated(&self) -> [String; 2] {
        let (stage, repeated) = (self.stage(), self.repeated());
        let same = self.same_source_key("t", &stage);
        [
            format!(
                "DELETE FROM {stage} WHERE EXISTS \
                 (SELECT 1 FROM {repeated} t WHERE {same} AND {stage}.\"_rank\" < t.last_rank)"
            ),
            format!("UPDATE {stage} SET \"_rank\" = t.first_rank FROM {repeated} t WHERE {same}"),
        ]
    }

    /// Finds what differs from the rows whose key is known: the whole row as it is to be.
    pub fn find_changed(&self) -> String {
        let keys = key_targets(self.entity);
        let values = self.values(true);
        let pairs = self.targets().into_iter().zip(&values);
        let differ: Vec<String> = pairs
            .filter(|(target, _)| !keys.contains(target))
            .map(|(target, value)| format!("t.{target} IS DISTINCT FROM {value}"))
            .collect();
        format!(
            "INSERT INTO {changed} SELECT {values} FROM {from} CROSS JOIN {table} t \
             WHERE t.organization_id = $1 AND {same} AND ({differ})",
            changed = changed(self.entity),
            values = values.join(", "),
            from = self.joined(),
            table = self.table(),
            same = self.same_key(|place, column| self.value(place, column)),
            differ = differ.join(" OR "),
        )
    }

    /// Replaces the rows that differ.
    pub fn update_changed(&self) -> String {
        let keys = key_targets(self.entity);
        let rest = self.targets().into_iter().filter(|target| !keys.contains(target));
        let same: Vec<String> =
            keys.iter().map(|key| format!("t.{key} = {}", looked_up(&format!("v.{key}")))).collect();
        format!(
            "UPDATE {table} AS t SET {set} FROM {changed} v WHERE t.organization_id = $1 AND {same}",
            table = self.table(),
            set = rest.map(|column| format!("{column} = v.{column}")).collect::<Vec<_>>().join(", "),
            changed = changed(self.entity),
            same = same.join(" AND "),
        )
    }

    /// Numbers the rows whose key is not known, in the order of first sight.
    pub fn find_new(&self) -> String {
        let known = self.same_key(|place, column| self.value(place, column));
        format!(
            "INSERT INTO new_rows (_seq, number) SELECT s.\"_seq\", ROW_NUMBER() OVER (ORDER BY s.\"_rank\") \
             FROM {from} WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.organization_id = $1 AND {known})",
            from = self.joined_for_key(),
            table = self.table(),
        )
    }

    /// Adds the numbered rows; `$2` is the last dense key that is taken, where there are such keys.
    pub fn insert_new(&self) -> String {
        let key = if self.entity.dense_key.is_some() { ", $2 + n.number" } else { "" };
        let (into, values, from) = (self.insert_into(), self.values(false).join(", "), self.joined());
        format!("{into} SELECT $1{key}, {values} FROM new_rows n CROSS JOIN {from} WHERE s.\"_seq\" = n._seq")
    }

    /// How many new rows point to another row of the same entity: these are filled in by
    /// [`Self::update_changed`].
    pub fn count_new_nested(&self) -> String {
        let nested =
            self.entity.columns.iter().find(|column| column.kind == Kind::Reference(self.entity.name));
        format!(
            "SELECT COUNT(*) FROM new_rows n CROSS JOIN {} s WHERE s.\"_seq\" = n._seq AND s.\"{}\" IS NOT NULL",
            self.stage(),
            nested.map_or("_seq", |column| column.name)
        )
    }

    /// How many lines do not come out at whole minor units by themselves.
    pub fn count_rounded(&self) -> Option<String> {
        if self.entity.derived != Derived::LineTotal {
            return None;
        }
        // Where all currencies have the same digits no order needs to be asked for its own.
        let is_one = self.unit.bytes().all(|byte| byte.is_ascii_digit());
        let from = if is_one { format!("{} s", self.stage()) } else { self.joined_for_key() };
        Some(format!("SELECT COUNT(*) FROM {from} WHERE s.\"_exact\" % {} <> 0", self.unit))
    }
}
