//! A mapping file made ready: names tied to columns, expressions parsed, circles refused.

use std::collections::BTreeSet;

use crate::ingest::catalogue::{Entity, Need};
use crate::ingest::problem::{Problem, Report};

use super::document::{Document, ImportDocument, QueryDocument};
use super::expression::{Aggregate, AggregateKind, Expression};
use super::parser::{Scope, parse};

/// A table that rows come from.
#[derive(Debug)]
pub struct Table {
    /// Its name in the mapping.
    pub name: String,
    /// What its rows are.
    pub rows: Rows,
    /// Columns that expressions use; their places are the places of [`Expression::Column`].
    pub columns: Vec<String>,
    /// Rows that are left out, and what the summary calls them.
    pub skips: Vec<(Expression, String)>,
    /// By what it is looked up in.
    pub key: Option<Expression>,
    /// What is looked up in it.
    pub looked_up: Vec<Expression>,
}

/// Where a table's rows come from.
#[derive(Debug)]
pub enum Rows {
    /// A file of the folder.
    File(String),
    /// A query.
    Query(Box<Query>),
}

/// Rows out of a table's rows.
#[derive(Debug)]
pub struct Query {
    /// The table's place.
    pub from: usize,
    /// Which of its rows.
    pub filter: Option<Expression>,
    /// What rows are brought together by.
    pub keys: Vec<Expression>,
    /// Whether rows that are brought together become one; else each is numbered.
    pub is_grouped: bool,
    /// What the rows of a group come to.
    pub aggregates: Vec<Aggregate>,
    /// Columns by name, in the order of their names.
    pub columns: Vec<(String, Expression)>,
}

/// One `[[import]]`.
#[derive(Debug)]
pub struct Import {
    /// What rows become.
    pub entity: &'static Entity,
    /// Whether amounts of lines may be finer than their currency.
    pub rounds: bool,
    /// The rows.
    pub query: Query,
    /// For each column of the entity its place in the query.
    pub places: Vec<Option<usize>>,
}

/// A mapping made ready.
#[derive(Debug)]
pub struct Plan {
    /// Tables, in the order of their names.
    pub tables: Vec<Table>,
    /// Tables that are looked up in, each before those that look up in it.
    pub lookups: Vec<usize>,
    /// What becomes of rows.
    pub imports: Vec<Import>,
}

/// Makes a mapping ready; `file` names it in messages.
pub fn compile(file: &str, text: &str) -> Result<Plan, Report> {
    let document: Document = toml::from_str(text)
        .map_err(|error| Report::of(Problem::of_file(file, format!("is not a mapping: {error}"))))?;
    let mut compiler = Compiler::new(file, &document);
    compiler.tables();
    let imports: Vec<Import> = document.import.iter().filter_map(|import| compiler.import(import)).collect();
    let lookups = compiler.order_of_lookups();
    if compiler.report.is_empty() {
        Ok(Plan { tables: compiler.tables, lookups, imports })
    } else {
        Err(compiler.report)
    }
}

struct Compiler<'a> {
    file: &'a str,
    document: &'a Document,
    names: Vec<&'a str>,
    tables: Vec<Table>,
    /// Which table needs which: its own rows, or rows that it looks up.
    needs: BTreeSet<(usize, usize)>,
    /// The table whose rows, or looked-up columns, are being worked out; none for an import.
    owner: Option<usize>,
    /// `let`s that are being worked out, by table and name.
    open: Vec<(usize, String)>,
    report: Report,
}

/// Where an expression stands.
struct Place<'c, 'a> {
    compiler: &'c mut Compiler<'a>,
    table: usize,
    /// The aggregates of the group, where there may be any.
    aggregates: Option<&'c mut Vec<Aggregate>>,
    is_numbered: bool,
}

impl<'a> Compiler<'a> {
    fn new(file: &'a str, document: &'a Document) -> Self {
        let names: Vec<&str> = document.tables.keys().map(String::as_str).collect();
        let tables = document
            .tables
            .iter()
            .map(|(name, table)| Table {
                name: name.clone(),
                rows: Rows::File(table.file.clone().unwrap_or_default()),
                columns: Vec::new(),
                skips: Vec::new(),
                key: None,
                looked_up: Vec::new(),
            })
            .collect();
        let (needs, open, report) = (BTreeSet::new(), Vec::new(), Report::default());
        Self { file, document, names, tables, needs, owner: None, open, report }
    }

    fn problem(&mut self, place: &str, reason: impl Into<String>) {
        let problem = Problem { column: Some(place.to_owned()), ..Problem::of_file(self.file, reason) };
        self.report.add(problem);
    }

    fn tables(&mut self) {
        let document = self.document;
        for (place, (name, table)) in document.tables.iter().enumerate() {
            let title = format!("tables.{name}");
            self.owner = Some(place);
            match (&table.file, &table.query.from) {
                (Some(_), None) if table.query.columns.is_empty() && table.query.group.is_none() => {}
                (Some(_), None) => self.problem(&title, "a table of a file has no `columns` and no `group`"),
                (None, Some(_)) => {
                    if let Some(query) = self.query(&title, &table.query) {
                        self.needs.insert((place, query.from));
                        self.tables[place].rows = Rows::Query(Box::new(query));
                    }
                }
                _ => self.problem(&title, "needs either `file` or `from`"),
            }
            for skip in &table.skip {
                let condition = self.parse(&format!("{title}.skip"), &skip.when, place, None, false);
                self.tables[place].skips.extend(condition.map(|condition| (condition, skip.because.clone())));
            }
            if let Some(key) = &table.key {
                self.tables[place].key = self.parse(&format!("{title}.key"), key, place, None, false);
            }
            // A `let` that nothing uses is looked at all the same; who uses it needs what it needs.
            self.owner = None;
            for (name, text) in &table.lets {
                self.parse(&format!("{title}.let.{name}"), text, place, None, false);
            }
        }
    }

    fn import(&mut self, document: &'a ImportDocument) -> Option<Import> {
        let title = format!("import {}", document.entity);
        let Some(entity) = Entity::named(&document.entity) else {
            self.problem(&title, "there is no such entity");
            return None;
        };
        for name in document.query.columns.keys().filter(|name| entity.column(name).is_none()) {
            let names: Vec<&str> = entity.columns.iter().map(|column| column.name).collect();
            let reason = format!("is not a column of {}; these are: {}", entity.name, names.join(", "));
            self.problem(&format!("{title}, {name}"), reason);
        }
        for column in entity.columns.iter().filter(|column| column.need == Need::Required) {
            if !document.query.columns.contains_key(column.name) {
                self.problem(&title, format!("lacks the column `{}`, which must not be empty", column.name));
            }
        }
        let query = self.query(&title, &document.query)?;
        let place = |name: &str| query.columns.iter().position(|(known, _)| known == name);
        let places = entity.columns.iter().map(|column| place(column.name)).collect();
        Some(Import { entity, rounds: document.round_lines, places, query })
    }

    fn query(&mut self, title: &str, document: &'a QueryDocument) -> Option<Query> {
        let name = document.from.as_deref().unwrap_or_default();
        let Some(from) = self.names.iter().position(|known| *known == name) else {
            let names = self.names.join(", ");
            self.problem(title, format!("`from` names no table: `{name}`; these are: {names}"));
            return None;
        };
        let (keys, is_grouped, is_numbered) = match (&document.group, &document.within) {
            (None, None) => (&[][..], false, false),
            (Some(keys), None) => (keys.list(), true, false),
            (None, Some(keys)) => (keys.list(), false, true),
            (Some(_), Some(_)) => {
                self.problem(title, "has both `group` and `within`; only one of them can be");
                return None;
            }
        };
        let filter = match &document.filter {
            Some(text) => Some(self.parse(&format!("{title}, where"), text, from, None, false)?),
            None => None,
        };
        let mut query =
            Query { from, filter, keys: Vec::new(), is_grouped, aggregates: Vec::new(), columns: Vec::new() };
        for key in keys {
            query.keys.push(self.parse(&format!("{title}, group"), key, from, None, false)?);
        }
        for (name, text) in &document.columns {
            let aggregates = is_grouped.then_some(&mut query.aggregates);
            let column = self.parse(&format!("{title}, {name}"), text, from, aggregates, is_numbered);
            query.columns.extend(column.map(|column| (name.clone(), column)));
        }
        Some(query)
    }

    fn parse(
        &mut self,
        title: &str,
        text: &str,
        table: usize,
        aggregates: Option<&mut Vec<Aggregate>>,
        is_numbered: bool,
    ) -> Option<Expression> {
        let parsed = parse(text, &mut Place { compiler: self, table, aggregates, is_numbered });
        parsed
            .map_err(|misspelt| {
                self.open.clear();
                self.problem(
                    title,
                    format!("position {} of `{text}`: {}", misspelt.position, misspelt.reason),
                );
            })
            .ok()
    }

    /// Tables that are looked up in, those that others need first; a circle is a problem.
    fn order_of_lookups(&mut self) -> Vec<usize> {
        let mut done: Vec<usize> = Vec::new();
        let mut waiting: Vec<usize> = (0..self.tables.len()).collect();
        while !waiting.is_empty() {
            let is_ready =
                |table: &usize| self.needs.iter().all(|(from, to)| from != table || done.contains(to));
            let (ready, rest): (Vec<usize>, Vec<usize>) = waiting.iter().partition(|table| is_ready(table));
            if ready.is_empty() {
                let names: Vec<&str> = rest.iter().map(|table| self.names[*table]).collect();
                let reason = format!("these need each other in a circle: {}", names.join(", "));
                self.problem("tables", reason);
                return Vec::new();
            }
            done.extend(ready);
            waiting = rest;
        }
        done.retain(|table| !self.tables[*table].looked_up.is_empty());
        done
    }
}

impl Scope for Place<'_, '_> {
    fn column(&mut self, name: &str) -> Result<Expression, String> {
        let Some(document) = self.compiler.document.tables.values().nth(self.table) else {
            return Err("there is no table".to_owned());
        };
        if let Some(text) = document.lets.get(name) {
            let entry = (self.table, name.to_owned());
            if self.compiler.open.contains(&entry) {
                return Err(format!("`{name}` comes back to itself"));
            }
            self.compiler.open.push(entry);
            let mut place =
                Place { compiler: self.compiler, table: self.table, aggregates: None, is_numbered: false };
            let parsed = parse(text, &mut place);
            self.compiler.open.pop();
            return parsed.map_err(|misspelt| {
                format!("in `{name}`, position {}: {}", misspelt.position, misspelt.reason)
            });
        }
        if document.file.is_none() && !document.query.columns.contains_key(name) {
            return Err(format!("the table `{}` has no column `{name}`", self.compiler.names[self.table]));
        }
        let columns = &mut self.compiler.tables[self.table].columns;
        let place = columns.iter().position(|known| known == name).unwrap_or_else(|| {
            columns.push(name.to_owned());
            columns.len() - 1
        });
        Ok(Expression::Column(place))
    }

    fn lookup(&mut self, table: &str, column: &str) -> Result<(usize, usize), String> {
        let Some(place) = self.compiler.names.iter().position(|known| *known == table) else {
            return Err(format!("there is no table `{table}`"));
        };
        if self.compiler.document.tables.get(table).is_none_or(|document| document.key.is_none()) {
            return Err(format!("the table `{table}` has no `key` to look rows up by"));
        }
        self.compiler.needs.extend(self.compiler.owner.map(|owner| (owner, place)));
        let mut inner = Place { compiler: self.compiler, table: place, aggregates: None, is_numbered: false };
        let owner = inner.compiler.owner.replace(place);
        let expression = inner.column(column);
        self.compiler.owner = owner;
        let expression = expression?;
        let looked_up = &mut self.compiler.tables[place].looked_up;
        looked_up.push(expression);
        Ok((place, looked_up.len() - 1))
    }

    fn aggregate(&mut self, kind: AggregateKind, of: Expression) -> Result<Expression, String> {
        if of.holds_aggregate() {
            return Err("an aggregate cannot hold another".to_owned());
        }
        let Some(aggregates) = &mut self.aggregates else {
            return Err("an aggregate stands only in a column of what has a `group`".to_owned());
        };
        aggregates.push(Aggregate { kind, of });
        Ok(Expression::Aggregate(aggregates.len() - 1))
    }

    fn row_number(&mut self) -> Result<Expression, String> {
        if self.is_numbered {
            return Ok(Expression::RowNumber);
        }
        Err("row_number() stands only in a column of what has a `within`".to_owned())
    }
}
