//! Rows of which clients choose the columns.

use serde::ser::{Error, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// A row whose columns have names.
pub trait Row: Serialize {
    /// Their names, in their order.
    const COLUMNS: &'static [&'static str];
}

/// Rows, with all of their columns or some.
pub struct Rows<R> {
    rows: Vec<R>,
    columns: Option<Vec<&'static str>>,
}

impl<R: Row> Rows<R> {
    /// With those columns; all of them where none are named.
    pub fn new(rows: Vec<R>, columns: Option<Vec<&'static str>>) -> Self {
        Self { rows, columns }
    }
}

/// A row's values by its columns.
pub fn values(row: &impl Row) -> Result<Map<String, Value>, serde_json::Error> {
    match serde_json::to_value(row)? {
        Value::Object(values) => Ok(values),
        other => Err(serde_json::Error::custom(format!("a row is no object: {other}"))),
    }
}

impl<R: Row> Serialize for Rows<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(columns) = &self.columns else { return self.rows.serialize(serializer) };
        let mut rows = serializer.serialize_seq(Some(self.rows.len()))?;
        for row in &self.rows {
            rows.serialize_element(&Chosen { row, columns })?;
        }
        rows.end()
    }
}

struct Chosen<'a, R> {
    row: &'a R,
    columns: &'a [&'static str],
}

impl<R: Row> Serialize for Chosen<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = values(self.row).map_err(S::Error::custom)?;
        let mut row = serializer.serialize_map(Some(self.columns.len()))?;
        for column in self.columns {
            row.serialize_entry(column, &values[*column])?;
        }
        row.end()
    }
}
