//! Rows that have a key in common: brought to one, or numbered. However many, by sorting on disk.

use crate::ingest::load::{Loader, Origin};

use super::compile::Query;
use super::evaluate::Context;
use super::lookup::{Lookup, pack, unpacked};
use super::query::columns;
use super::run::{Emit, Row, Stop, broken, tell};
use super::sorter::{IN_MEMORY, Sortable, Sorter};
use super::value::{NoValue, Value};

/// Takes rows, then gives groups.
pub struct Groups<'a> {
    query: &'a Query,
    lookups: &'a [Option<Lookup>],
    entity: Option<&'a str>,
    /// How many columns of the table are in use.
    width: usize,
    sorter: Sorter,
}

/// The group that is being gone through.
struct Group {
    key: Box<[u8]>,
    first: Box<[u8]>,
    rank: u64,
    aggregates: Vec<Value>,
    number: u64,
    /// A row has spoilt it.
    is_bad: bool,
}

impl<'a> Groups<'a> {
    /// No rows yet.
    pub fn new(
        query: &'a Query,
        lookups: &'a [Option<Lookup>],
        entity: Option<&'a str>,
        width: usize,
    ) -> Self {
        Self { query, lookups, entity, width, sorter: Sorter::new(IN_MEMORY) }
    }

    /// Takes a row.
    pub fn push(&mut self, loader: &mut Loader, row: &Row<'_, '_>) -> Result<(), Stop> {
        let context = Context { row: row.columns, lookups: self.lookups, aggregates: &[], number: 0 };
        let keys: Result<Vec<Option<String>>, NoValue> =
            self.query.keys.iter().map(|key| Ok(key.value(&context)?.into_text())).collect();
        let key = match keys {
            Ok(keys) => pack(keys.iter().map(Option::as_deref)),
            Err(no_value) => {
                tell(loader, self.entity, row.from, "group", no_value);
                return Ok(());
            }
        };
        let (file, line) = (row.from.file.to_string(), row.from.line.to_string());
        let fields = (0..self.width).map(|place| (row.columns)(place));
        let rest = pack(fields.chain([Some(file.as_str()), Some(line.as_str())]));
        let pushed = self.sorter.push(Sortable { key, order: row.from.rank.unsigned_abs(), rest });
        pushed.map_err(|error| broken(loader, "a group", &error))
    }

    /// Gives the groups, or each group's rows with their numbers, in the order of their keys.
    pub fn emit(mut self, loader: &mut Loader, emit: Emit<'_>) -> Result<(), Stop> {
        let sorter = std::mem::replace(&mut self.sorter, Sorter::new(0));
        let rows = sorter.sorted().map_err(|error| broken(loader, "a group", &error))?;
        let mut group: Option<Group> = None;
        for row in rows {
            let row = row.map_err(|error| broken(loader, "a group", &error))?;
            if group.as_ref().is_none_or(|group| group.key != row.key) {
                if let Some(done) = group.take() {
                    self.give_group(loader, &done, emit)?;
                }
                group = Some(self.start(&row));
            }
            let Some(group) = &mut group else { continue };
            group.number += 1;
            if self.query.is_grouped {
                self.take(loader, group, &row);
            } else {
                self.give(loader, &row.rest, row.order, &[], group.number, emit)?;
            }
        }
        group.map_or(Ok(()), |done| self.give_group(loader, &done, emit))
    }

    fn start(&self, row: &Sortable) -> Group {
        Group {
            key: row.key.clone(),
            first: row.rest.clone(),
            rank: row.order,
            aggregates: self.query.aggregates.iter().map(super::expression::Aggregate::start).collect(),
            number: 0,
            is_bad: false,
        }
    }

    fn take(&self, loader: &mut Loader, group: &mut Group, row: &Sortable) {
        let fields = unpacked(&row.rest);
        let get = |place: usize| fields.get(place).copied().flatten();
        let context = Context { row: &get, lookups: self.lookups, aggregates: &[], number: 0 };
        for (aggregate, so_far) in self.query.aggregates.iter().zip(&mut group.aggregates) {
            if let Err(no_value) = aggregate.take(so_far, &context) {
                group.is_bad = true;
                tell(loader, self.entity, self.origin(&fields, row.order), "group", no_value);
            }
        }
    }

    fn give_group(&self, loader: &mut Loader, group: &Group, emit: Emit<'_>) -> Result<(), Stop> {
        if !self.query.is_grouped || group.is_bad {
            return Ok(());
        }
        self.give(loader, &group.first, group.rank, &group.aggregates, 0, emit)
    }

    fn give(
        &self,
        loader: &mut Loader,
        fields: &[u8],
        rank: u64,
        aggregates: &[Value],
        number: u64,
        emit: Emit<'_>,
    ) -> Result<(), Stop> {
        let fields = unpacked(fields);
        let get = |place: usize| fields.get(place).copied().flatten();
        let context = Context { row: &get, lookups: self.lookups, aggregates, number };
        let from = self.origin(&fields, rank);
        match columns(&self.query.columns, &context) {
            Ok(texts) => emit(loader, &texts, from),
            Err((column, no_value)) => {
                tell(loader, self.entity, from, column, no_value);
                Ok(())
            }
        }
    }

    /// Where a packed row stands: behind its columns.
    fn origin(&self, fields: &[Option<&str>], rank: u64) -> Origin {
        let number = |place: usize| fields.get(self.width + place).copied().flatten();
        Origin {
            file: number(0).and_then(|text| text.parse().ok()).unwrap_or_default(),
            line: number(1).and_then(|text| text.parse().ok()).unwrap_or_default(),
            rank: i64::try_from(rank).unwrap_or(i64::MAX),
            rounds: false,
        }
    }
}
