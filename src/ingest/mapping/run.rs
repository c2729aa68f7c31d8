//! Running a mapping: each import is a pass over its table's rows.

use std::path::{Path, PathBuf};

use crate::ingest::load::{HungUp, Loader, Origin};
use crate::ingest::problem::Problem;
use crate::ingest::source::{Meter, Read, Record, Source};

use super::compile::{Import, Plan, Rows, Table};
use super::evaluate::Context;
use super::lookup::Lookup;
use super::packed::pack;
use super::query::{Job, Running};
use super::sorter::{Sortable, Sorter};
use super::value::NoValue;

/// Why a pass ended early.
pub enum Stop {
    /// Nobody takes rows any more.
    HungUp,
    /// A file is wrong; the loader knows.
    Broken,
}

impl From<HungUp> for Stop {
    fn from(HungUp: HungUp) -> Self {
        Self::HungUp
    }
}

/// A row of a table.
pub struct Row<'a, 'r> {
    /// Its columns in use.
    pub columns: &'a dyn Fn(usize) -> Option<&'r str>,
    /// Where it, or the first row that it was made of, stands.
    pub from: Origin,
}

/// What takes rows.
pub type Taker<'t> = &'t mut dyn FnMut(&mut Loader, &Row<'_, '_>) -> Result<(), Stop>;

/// What takes a query's rows: their columns, and where they come from.
pub type Emit<'t> = &'t mut dyn FnMut(&mut Loader, &[Option<String>], Origin) -> Result<(), Stop>;

/// A mapping at work.
pub struct Run<'a> {
    plan: &'a Plan,
    folder: &'a Path,
    meter: &'a Meter,
    /// Bytes that each group, numbering and lookup may hold in memory.
    limit: usize,
    lookups: Vec<Option<Lookup>>,
    /// Tables that were read to their end: what is wrong with their rows is told once.
    is_told: Vec<bool>,
}

/// Imports into one entity follow one another in the order of first sight.
const ROWS_OF_A_PASS: i64 = 1 << 40;

impl<'a> Run<'a> {
    /// Ready to run over a folder; `limit` is how many bytes each group, numbering and lookup may hold in memory.
    pub fn new(plan: &'a Plan, folder: &'a Path, meter: &'a Meter, limit: usize) -> Self {
        let tables = plan.tables.len();
        let lookups = (0..tables).map(|_| None).collect();
        Self { plan, folder, meter, limit, lookups, is_told: vec![false; tables] }
    }

    /// Runs every import.
    pub fn run(mut self, loader: &mut Loader) -> Result<(), HungUp> {
        match self.run_all(loader) {
            Err(Stop::HungUp) => Err(HungUp),
            Ok(()) | Err(Stop::Broken) => Ok(()),
        }
    }

    fn run_all(&mut self, loader: &mut Loader) -> Result<(), Stop> {
        for table in &self.plan.lookups {
            self.build_lookup(loader, *table)?;
        }
        for import in &self.plan.imports {
            loader.begin(import.entity);
        }
        // Every table is gone through once, for all of its imports.
        for table in 0..self.plan.tables.len() {
            self.import_from(loader, table)?;
        }
        Ok(())
    }

    fn import_from(&mut self, loader: &mut Loader, table: usize) -> Result<(), Stop> {
        let plan = self.plan;
        let imports: Vec<(i64, &Import)> =
            (0_i64..).zip(&plan.imports).filter(|(_, import)| import.query.from == table).collect();
        if imports.is_empty() {
            return Ok(());
        }
        let lookups = std::mem::take(&mut self.lookups);
        let (width, limit) = (plan.tables[table].columns.len(), self.limit);
        let mut queries: Vec<Running<'_>> = imports
            .iter()
            .map(|(_, import)| {
                let entity = Some(import.entity.name);
                Running::new(Job { query: &import.query, lookups: &lookups, entity, width, limit })
            })
            .collect();
        let scanned = self.scan(loader, table, &lookups, &mut |loader, row| {
            for ((pass, import), query) in imports.iter().zip(&mut queries) {
                query.take(loader, row, &mut |loader, columns, from| {
                    import.give(loader, columns, from, *pass)
                })?;
            }
            Ok(())
        });
        let given = scanned.and_then(|()| {
            for ((pass, import), query) in imports.iter().zip(queries) {
                query
                    .finish(loader, &mut |loader, columns, from| import.give(loader, columns, from, *pass))?;
            }
            Ok(())
        });
        self.lookups = lookups;
        given
    }

    /// Keeps of a table what is looked up in it.
    fn build_lookup(&mut self, loader: &mut Loader, place: usize) -> Result<(), Stop> {
        let plan = self.plan;
        let table = &plan.tables[place];
        let Some(key) = &table.key else { return Ok(()) };
        let mut sorter = Sorter::new(self.limit);
        let lookups = std::mem::take(&mut self.lookups);
        let scanned = self.scan(loader, place, &lookups, &mut |loader, row| {
            let context = Context { row: row.columns, lookups: &lookups, aggregates: &[], number: 0 };
            let packed = key.value(&context).and_then(|key| {
                let fields: Result<Vec<_>, NoValue> =
                    table.looked_up.iter().map(|column| Ok(column.value(&context)?.into_text())).collect();
                Ok((key.into_text(), pack(fields?.iter().map(Option::as_deref))))
            });
            match packed {
                Ok((Some(key), rest)) => {
                    let order = row.from.rank.unsigned_abs();
                    let pushed = sorter.push(Sortable { key: key.into_bytes().into(), order, rest });
                    pushed.map_err(|error| broken(loader, &table.name, &error))
                }
                // What has no key is never looked up.
                Ok((None, _)) => Ok(()),
                Err(no_value) => {
                    tell(loader, None, row.from, &format!("{}.key", table.name), no_value);
                    Ok(())
                }
            }
        });
        self.lookups = lookups;
        scanned?;
        let lookup = Lookup::of(sorter).map_err(|error| broken(loader, &table.name, &error))?;
        self.lookups[place] = Some(lookup);
        Ok(())
    }

    /// The rows of a table, but those that it skips.
    fn scan(
        &mut self,
        loader: &mut Loader,
        place: usize,
        lookups: &[Option<Lookup>],
        take: Taker<'_>,
    ) -> Result<(), Stop> {
        let plan = self.plan;
        let table = &plan.tables[place];
        let is_told = self.is_told[place];
        let mut skipped = vec![0_u64; table.skips.len()];
        let mut take_kept = |loader: &mut Loader, row: &Row<'_, '_>| {
            let context = Context { row: row.columns, lookups, aggregates: &[], number: 0 };
            for ((condition, _), count) in table.skips.iter().zip(&mut skipped) {
                match condition.value(&context).and_then(|value| value.truth()) {
                    Ok(false) => {}
                    Ok(true) => {
                        *count += 1;
                        return Ok(());
                    }
                    Err(no_value) => {
                        if !is_told {
                            tell(loader, None, row.from, "skip", no_value);
                        }
                        return Ok(());
                    }
                }
            }
            take(loader, row)
        };
        match &table.rows {
            Rows::File(name) => self.scan_file(loader, table, name, is_told, &mut take_kept)?,
            Rows::Query(query) => {
                let place_of = |name: &String| query.columns.iter().position(|(known, _)| known == name);
                let places: Vec<Option<usize>> = table.columns.iter().map(place_of).collect();
                let mut give = |loader: &mut Loader, texts: &[Option<String>], from: Origin| {
                    let columns = |place: usize| {
                        texts.get((*places.get(place)?)?)?.as_deref().filter(|text| !text.is_empty())
                    };
                    take_kept(loader, &Row { columns: &columns, from })
                };
                let width = plan.tables[query.from].columns.len();
                let mut running =
                    Running::new(Job { query, lookups, entity: None, width, limit: self.limit });
                self.scan(loader, query.from, lookups, &mut |loader, row| {
                    running.take(loader, row, &mut give)
                })?;
                running.finish(loader, &mut give)?;
            }
        }
        if !is_told {
            for ((_, because), rows) in table.skips.iter().zip(skipped) {
                loader.filtered(because.clone(), rows);
            }
        }
        self.is_told[place] = true;
        Ok(())
    }

    fn scan_file(
        &self,
        loader: &mut Loader,
        table: &Table,
        name: &str,
        is_told: bool,
        take: Taker<'_>,
    ) -> Result<(), Stop> {
        let opened = match find_file(self.folder, name) {
            Some(path) => Source::open(&path, self.meter),
            None => Err(Problem::of_file(name, "is not in the folder (nor with .gz or .zst)")),
        };
        let mut source = opened.map_err(|problem| stop(loader, problem))?;
        let file = loader.file(&source.name);
        let mut record = Record::default();
        let mut places: Vec<Option<usize>> = Vec::new();
        let (mut known, mut rank) = (usize::MAX, 0);
        loop {
            let read = source.read(&mut record).map_err(|problem| stop(loader, problem))?;
            if known != source.header().len() {
                known = source.header().len();
                let place_of = |column: &String| source.header().iter().position(|name| name == column);
                places = table.columns.iter().map(place_of).collect();
                // Rows of NDJSON bring their columns along; a column of another format is there or not.
                let missing = places.iter().position(Option::is_none).filter(|_| !source.may_grow());
                if let Some(column) = missing.and_then(|place| table.columns.get(place)) {
                    let reason = format!("has no column `{column}`, which the mapping uses");
                    return Err(stop(loader, Problem::of_file(source.name.clone(), reason)));
                }
            }
            let from = Origin { file, line: record.line, rank, rounds: false };
            rank += 1;
            match read {
                Read::End => return Ok(()),
                Read::Bad(bad) if !is_told => {
                    let (column, value) = (bad.column, bad.value);
                    let (file, line) = (source.name.clone(), Some(record.line));
                    loader.bad_row(None, Problem { file, line, column, value, reason: bad.reason });
                }
                Read::Bad(_) => {}
                Read::Row => {
                    let columns = |place: usize| record.get((*places.get(place)?)?);
                    take(loader, &Row { columns: &columns, from })?;
                }
            }
        }
    }
}

impl Import {
    /// Hands a row of the import over.
    fn give(
        &self,
        loader: &mut Loader,
        columns: &[Option<String>],
        from: Origin,
        pass: i64,
    ) -> Result<(), Stop> {
        let from = Origin { rank: pass * ROWS_OF_A_PASS + from.rank, rounds: self.rounds, ..from };
        let field = |place: usize| {
            columns.get((*self.places.get(place)?)?)?.as_deref().filter(|text| !text.is_empty())
        };
        Ok(loader.row(self.entity, from, field)?)
    }
}

/// Tells of a row that comes to nothing.
pub fn tell(loader: &mut Loader, entity: Option<&str>, from: Origin, column: &str, no_value: NoValue) {
    let problem = Problem {
        file: loader.file_name(from.file),
        line: Some(from.line),
        column: Some(entity.map_or_else(|| column.to_owned(), |entity| format!("{entity}.{column}"))),
        value: no_value.value,
        reason: no_value.reason,
    };
    loader.bad_row(entity.and_then(crate::ingest::catalogue::Entity::named), problem);
}

/// Ends the run because of a temporary file.
pub fn broken(loader: &mut Loader, table: &str, error: &std::io::Error) -> Stop {
    stop(loader, Problem::of_file(table, format!("cannot be sorted on disk: {error}")))
}

fn stop(loader: &mut Loader, problem: Problem) -> Stop {
    loader.bad_file(problem);
    Stop::Broken
}

/// The file of that name, packed or not.
pub fn find_file(folder: &Path, name: &str) -> Option<PathBuf> {
    // Only files of the folder itself: a mapping that someone sent must not read others.
    let is_plain = Path::new(name).file_name().is_some_and(|plain| plain == name);
    let paths = ["", ".gz", ".zst"].map(|packed| folder.join(format!("{name}{packed}")));
    paths.into_iter().find(|path| is_plain && path.is_file())
}
