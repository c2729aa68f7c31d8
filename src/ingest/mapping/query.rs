//! A query at work: rows of its table in, its own rows out.

use crate::ingest::load::{Loader, Origin};

use super::compile::Query;
use super::evaluate::Context;
use super::expression::Expression;
use super::group::Groups;
use super::lookup::Lookup;
use super::number::Numbers;
use super::packed::pack;
use super::run::{Emit, Row, Stop, tell};
use super::value::NoValue;

/// What a query works with.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The query.
    pub query: &'a Query,
    /// Lookups by table.
    pub lookups: &'a [Option<Lookup>],
    /// The entity that its rows are imported into, if it is an import.
    pub entity: Option<&'a str>,
    /// How many columns of its table are in use.
    pub width: usize,
    /// How many bytes it may hold in memory.
    pub limit: usize,
}

impl Job<'_> {
    /// Gives the row that `context` makes, or tells why there is none.
    pub fn give(
        &self,
        loader: &mut Loader,
        context: &Context<'_, '_>,
        from: Origin,
        emit: Emit<'_>,
    ) -> Result<(), Stop> {
        match columns(&self.query.columns, context) {
            Ok(texts) => emit(loader, &texts, from),
            Err((column, no_value)) => {
                tell(loader, self.entity, from, column, no_value);
                Ok(())
            }
        }
    }
}

/// A query that takes rows.
pub struct Running<'a> {
    job: Job<'a>,
    together: Together<'a>,
}

/// What becomes of rows that have a key in common.
enum Together<'a> {
    /// There is no such key.
    Apart,
    /// One row.
    Grouped(Box<Groups<'a>>),
    /// Numbered rows.
    Numbered(Box<Numbers<'a>>),
}

impl<'a> Running<'a> {
    /// No rows yet.
    pub fn new(job: Job<'a>) -> Self {
        let together = match (job.query.keys.is_empty(), job.query.is_grouped) {
            (true, _) => Together::Apart,
            (false, true) => Together::Grouped(Box::new(Groups::new(job))),
            (false, false) => Together::Numbered(Box::new(Numbers::new(job))),
        };
        Self { job, together }
    }

    /// Takes a row, and gives one where none are to be brought together.
    pub fn take(&mut self, loader: &mut Loader, row: &Row<'_, '_>, emit: Emit<'_>) -> Result<(), Stop> {
        let context = Context { row: row.columns, lookups: self.job.lookups, aggregates: &[], number: 0 };
        let is_wanted = match &self.job.query.filter {
            Some(filter) => filter.value(&context).and_then(|value| value.truth()),
            None => Ok(true),
        };
        match is_wanted {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(no_value) => {
                tell(loader, self.job.entity, row.from, "where", no_value);
                return Ok(());
            }
        }
        let key = match key(self.job.query, &context) {
            Ok(key) => key,
            Err(no_value) => {
                tell(loader, self.job.entity, row.from, "group", no_value);
                return Ok(());
            }
        };
        match &mut self.together {
            Together::Grouped(groups) => return groups.take(loader, key, row),
            Together::Numbered(numbers) => return numbers.take(loader, key, row, emit),
            Together::Apart => {}
        }
        self.job.give(loader, &context, row.from, emit)
    }

    /// Gives the rows that were to be brought together.
    pub fn finish(self, loader: &mut Loader, emit: Emit<'_>) -> Result<(), Stop> {
        match self.together {
            Together::Apart => Ok(()),
            Together::Grouped(groups) => groups.emit(loader, emit),
            Together::Numbered(numbers) => numbers.finish(loader, emit),
        }
    }
}

/// What a row has in common with others.
fn key(query: &Query, context: &Context<'_, '_>) -> Result<Box<[u8]>, NoValue> {
    let keys: Result<Vec<Option<String>>, NoValue> =
        query.keys.iter().map(|key| Ok(key.value(context)?.into_text())).collect();
    Ok(pack(keys?.iter().map(Option::as_deref)))
}

/// The texts of a row's columns, or the column that has none and why.
fn columns<'q>(
    columns: &'q [(String, Expression)],
    context: &Context<'_, '_>,
) -> Result<Vec<Option<String>>, (&'q str, NoValue)> {
    let text = |(name, column): &'q (String, Expression)| {
        column
            .value(context)
            .map(super::value::Value::into_text)
            .map_err(|no_value| (name.as_str(), no_value))
    };
    columns.iter().map(text).collect()
}
