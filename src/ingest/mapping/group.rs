//! Rows that have a key in common, brought to one: held by key in memory, and in sorted files beyond a limit.

use std::collections::HashMap;

use crate::ingest::load::{Loader, Origin};

use super::evaluate::Context;
use super::packed::{pack, pack_values, unpack, unpack_values};
use super::query::Job;
use super::run::{Emit, Row, Stop, broken, tell};
use super::sorter::{ROW_COST, Sortable, Sorter};
use super::value::Value;

/// Takes rows, then gives one for each group.
pub struct Groups<'a> {
    job: Job<'a>,
    /// Groups in the order of first sight, and where each key's stands.
    held: Vec<Group>,
    places: HashMap<Box<[u8]>, usize>,
    bytes: usize,
    /// Groups that had to leave memory: parts of them, to be put together in the end.
    parts: Option<Sorter>,
}

/// A group, or the part of it that was seen since the last ones left memory.
#[derive(Clone, Debug)]
struct Group {
    key: Box<[u8]>,
    /// The first row's columns.
    first: Box<[u8]>,
    from: Origin,
    aggregates: Vec<Value>,
    /// A row has spoilt it, and was told.
    is_bad: bool,
}

impl<'a> Groups<'a> {
    /// No rows yet.
    pub fn new(job: Job<'a>) -> Self {
        Self { job, held: Vec::new(), places: HashMap::new(), bytes: 0, parts: None }
    }

    /// Takes a row of the group that has this key.
    pub fn take(&mut self, loader: &mut Loader, key: Box<[u8]>, row: &Row<'_, '_>) -> Result<(), Stop> {
        let place =
            if let Some(place) = self.places.get(&key) { *place } else { self.start(loader, key, row)? };
        let context = Context { row: row.columns, lookups: self.job.lookups, aggregates: &[], number: 0 };
        let group = &mut self.held[place];
        for (aggregate, so_far) in self.job.query.aggregates.iter().zip(&mut group.aggregates) {
            if let Err(no_value) = aggregate.take(so_far, &context) {
                group.is_bad = true;
                tell(loader, self.job.entity, row.from, "group", no_value);
                break;
            }
        }
        Ok(())
    }

    fn start(&mut self, loader: &mut Loader, key: Box<[u8]>, row: &Row<'_, '_>) -> Result<usize, Stop> {
        let first = pack((0..self.job.width).map(|place| (row.columns)(place)));
        let aggregates: Vec<Value> =
            self.job.query.aggregates.iter().map(super::expression::Aggregate::start).collect();
        self.bytes += 2 * key.len() + first.len() + aggregates.len() * size_of::<Value>() + 3 * ROW_COST;
        if self.bytes > self.job.limit {
            self.spill().map_err(|error| broken(loader, "a group", &error))?;
        }
        self.places.insert(key.clone(), self.held.len());
        self.held.push(Group { key, first, from: row.from, aggregates, is_bad: false });
        Ok(self.held.len() - 1)
    }

    /// Moves all groups out of memory.
    fn spill(&mut self) -> std::io::Result<()> {
        let parts = self.parts.get_or_insert_with(|| Sorter::new(self.job.limit));
        self.places.clear();
        self.bytes = 0;
        for group in self.held.drain(..) {
            parts.push(group.into_sortable())?;
        }
        Ok(())
    }

    /// Gives the groups: in the order of first sight, or of their keys where they did not fit in memory.
    pub fn emit(mut self, loader: &mut Loader, emit: Emit<'_>) -> Result<(), Stop> {
        if self.parts.is_some() {
            self.spill().map_err(|error| broken(loader, "a group", &error))?;
        }
        let Some(parts) = self.parts.take() else {
            for group in std::mem::take(&mut self.held) {
                self.give(loader, &group, emit)?;
            }
            return Ok(());
        };
        let mut whole: Option<Group> = None;
        for part in parts.sorted().map_err(|error| broken(loader, "a group", &error))? {
            let part = part.map_err(|error| broken(loader, "a group", &error))?;
            let part = Group::from_sortable(part);
            match &mut whole {
                Some(group) if group.key == part.key => self.put_together(loader, group, &part),
                _ => {
                    if let Some(done) = whole.replace(part) {
                        self.give(loader, &done, emit)?;
                    }
                }
            }
        }
        whole.map_or(Ok(()), |done| self.give(loader, &done, emit))
    }

    /// Adds a later part of a group.
    fn put_together(&self, loader: &mut Loader, group: &mut Group, part: &Group) {
        group.is_bad |= part.is_bad;
        let aggregates = self.job.query.aggregates.iter().zip(&mut group.aggregates).zip(&part.aggregates);
        for ((aggregate, so_far), more) in aggregates {
            if let Err(no_value) = aggregate.combine(so_far, more.clone()) {
                group.is_bad = true;
                tell(loader, self.job.entity, part.from, "group", no_value);
                return;
            }
        }
    }

    fn give(&self, loader: &mut Loader, group: &Group, emit: Emit<'_>) -> Result<(), Stop> {
        if group.is_bad {
            return Ok(());
        }
        let fields = unpack(&group.first);
        let get = |place: usize| fields.get(place).copied().flatten();
        let context =
            Context { row: &get, lookups: self.job.lookups, aggregates: &group.aggregates, number: 0 };
        self.job.give(loader, &context, group.from, emit)
    }
}

impl Group {
    fn into_sortable(self) -> Sortable {
        let from = [self.from.file.to_string(), self.from.line.to_string(), self.is_bad.to_string()];
        let values = pack_values(&self.aggregates);
        let parts = from.iter().map(String::as_bytes).chain([self.first.as_ref(), values.as_ref()]);
        let mut rest = Vec::new();
        for part in parts {
            rest.extend_from_slice(&(part.len() as u64).to_le_bytes());
            rest.extend_from_slice(part);
        }
        Sortable { key: self.key, order: self.from.rank.unsigned_abs(), rest: rest.into() }
    }

    fn from_sortable(row: Sortable) -> Self {
        let mut rest = row.rest.as_ref();
        let mut part = || {
            let (length, after) = rest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
            let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(0).min(after.len());
            let (part, after) = after.split_at(length);
            rest = after;
            part
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (file, line, is_bad) = (text(part()), text(part()), text(part()));
        let from = Origin {
            file: file.parse().unwrap_or_default(),
            line: line.parse().unwrap_or_default(),
            rank: i64::try_from(row.order).unwrap_or(i64::MAX),
            rounds: false,
        };
        let first = part().into();
        Self { key: row.key, first, from, aggregates: unpack_values(part()), is_bad: is_bad == "true" }
    }
}
