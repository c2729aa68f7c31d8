//! A mapping file as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Where rows come from, by name.
    pub tables: BTreeMap<String, TableDocument>,
    /// What becomes of them.
    pub import: Vec<ImportDocument>,
}

/// `[tables.NAME]`: a file, or what a query over another table gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDocument {
    /// The file's name, without `.gz` or `.zst`.
    pub file: Option<String>,
    /// By what other tables' expressions look rows up.
    pub key: Option<String>,
    /// Expressions that other expressions use as columns.
    #[serde(default, rename = "let")]
    pub lets: BTreeMap<String, String>,
    /// Rows that are left out, and counted.
    #[serde(default)]
    pub skip: Vec<SkipDocument>,
    /// The query, where it is none of a file.
    #[serde(flatten)]
    pub query: QueryDocument,
}

/// `[[tables.NAME.skip]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkipDocument {
    /// The condition.
    pub when: String,
    /// What the summary calls such rows.
    pub because: String,
}

/// `[[import]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportDocument {
    /// The entity that rows become.
    pub entity: String,
    /// Whether amounts of lines may be finer than their currency, and are rounded.
    #[serde(default)]
    pub round_lines: bool,
    /// Which rows, and how.
    #[serde(flatten)]
    pub query: QueryDocument,
}

/// Rows out of rows.
#[derive(Debug, Default, Deserialize)]
pub struct QueryDocument {
    /// The table.
    pub from: Option<String>,
    /// Which of its rows.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// One row for all that have this in common.
    pub group: Option<OneOrMany>,
    /// A row for each, numbered among those that have this in common.
    pub within: Option<OneOrMany>,
    /// The columns.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
}

/// An expression or a list of them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// As a list.
    pub fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}
