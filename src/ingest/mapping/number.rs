//! Rows numbered among those that have a key in common: counted in memory, and in sorted files beyond a limit.

use std::collections::HashMap;

use crate::ingest::load::{Loader, Origin};

use super::evaluate::Context;
use super::packed::{pack, unpack};
use super::query::Job;
use super::run::{Emit, Row, Stop, broken};
use super::sorter::{ROW_COST, Sortable, Sorter};

/// Takes rows and gives them numbered: at once, or in the end where there were too many keys.
pub struct Numbers<'a> {
    job: Job<'a>,
    /// Rows seen of each key.
    seen: HashMap<Box<[u8]>, u64>,
    bytes: usize,
    /// Once there were too many keys: how many rows each had had, and all rows since.
    rest: Option<Sorter>,
}

impl<'a> Numbers<'a> {
    /// No rows yet.
    pub fn new(job: Job<'a>) -> Self {
        Self { job, seen: HashMap::new(), bytes: 0, rest: None }
    }

    /// Takes a row.
    pub fn take(
        &mut self,
        loader: &mut Loader,
        key: Box<[u8]>,
        row: &Row<'_, '_>,
        emit: Emit<'_>,
    ) -> Result<(), Stop> {
        if let Some(rest) = &mut self.rest {
            let (file, line) = (row.from.file.to_string(), row.from.line.to_string());
            let fields = (0..self.job.width).map(|place| (row.columns)(place));
            let packed = pack(fields.chain([Some(file.as_str()), Some(line.as_str())]));
            // Orders start at 1, so that a key's count comes before its rows.
            let order = row.from.rank.unsigned_abs() + 1;
            let pushed = rest.push(Sortable { key, order, rest: packed });
            return pushed.map_err(|error| broken(loader, "a numbering", &error));
        }
        let number = if let Some(seen) = self.seen.get_mut(&key) {
            *seen += 1;
            *seen
        } else {
            self.bytes += key.len() + ROW_COST;
            self.seen.insert(key, 1);
            1
        };
        self.give(loader, row.columns, number, row.from, emit)?;
        if self.bytes > self.job.limit { self.spill(loader) } else { Ok(()) }
    }

    fn spill(&mut self, loader: &mut Loader) -> Result<(), Stop> {
        let mut rest = Sorter::new(self.job.limit);
        for (key, seen) in std::mem::take(&mut self.seen) {
            let count = Sortable { key, order: 0, rest: seen.to_le_bytes().into() };
            rest.push(count).map_err(|error| broken(loader, "a numbering", &error))?;
        }
        self.rest = Some(rest);
        Ok(())
    }

    /// Gives the rows that had to wait, in the order of their keys.
    pub fn finish(mut self, loader: &mut Loader, emit: Emit<'_>) -> Result<(), Stop> {
        let Some(rest) = self.rest.take() else { return Ok(()) };
        let (mut key, mut number) = (None, 0);
        for row in rest.sorted().map_err(|error| broken(loader, "a numbering", &error))? {
            let row = row.map_err(|error| broken(loader, "a numbering", &error))?;
            if key.as_ref() != Some(&row.key) {
                number = 0;
            }
            key = Some(row.key);
            if row.order == 0 {
                number = row.rest.first_chunk().map_or(0, |count| u64::from_le_bytes(*count));
                continue;
            }
            number += 1;
            let fields = unpack(&row.rest);
            let get = |place: usize| fields.get(place).copied().flatten();
            let from = Origin {
                file: get(self.job.width).and_then(|text| text.parse().ok()).unwrap_or_default(),
                line: get(self.job.width + 1).and_then(|text| text.parse().ok()).unwrap_or_default(),
                rank: i64::try_from(row.order - 1).unwrap_or(i64::MAX),
                rounds: false,
            };
            self.give(loader, &get, number, from, emit)?;
        }
        Ok(())
    }

    fn give<'r>(
        &self,
        loader: &mut Loader,
        row: &dyn Fn(usize) -> Option<&'r str>,
        number: u64,
        from: Origin,
        emit: Emit<'_>,
    ) -> Result<(), Stop> {
        let context = Context { row, lookups: self.job.lookups, aggregates: &[], number };
        self.job.give(loader, &context, from, emit)
    }
}
