//! The reading half of an import, on a thread of its own: rows in, checked cells out, bad rows to the report.
//!
//! Knows no database: batches go through a bounded channel, so that a slow database slows the reader down.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering as Memory};

use tokio::sync::mpsc::Sender;

use crate::money::Currency;

use super::catalogue::{ENTITIES, Entity, Kind};
use super::cell::Cell;
use super::problem::{Problem, Report};
use super::reject::Rejects;
use super::row::{BadField, RowReader};
use super::session::{Batch, width};

/// Cells of a batch, about.
const BATCH_CELLS: usize = 15_000;
/// Ids of refused rows that are remembered, so that rows that point to them are not told as well.
const MOST_REFUSED_IDS: usize = 100_000;

/// Where a row comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The file's number, as [`Loader::file`] gave it.
    pub file: i64,
    /// The line in it.
    pub line: u64,
    /// Its place in the order of first sight; no two rows of an entity share one.
    pub rank: i64,
    /// Whether its amounts were computed, and may be finer than their currency.
    pub rounds: bool,
}

/// The importing half is gone; there is nobody to read for.
#[derive(Debug)]
pub struct HungUp;

/// Takes the rows of all files.
pub struct Loader {
    home: Currency,
    output: Output,
    files: Vec<String>,
    states: Vec<Option<State>>,
    outcome: Outcome,
    rows: Arc<AtomicU64>,
    cells: Vec<Cell>,
    bad: Vec<BadField>,
}

/// Where good rows go.
enum Output {
    /// To be staged.
    Stage(Sender<Batch>),
    /// Nowhere but for those, by entity and number: they were refused while storing, and are looked for again.
    Find(HashMap<(usize, i64), Vec<Problem>>),
}

/// What reading came to.
#[derive(Default)]
pub struct Outcome {
    /// What was wrong.
    pub report: Report,
    /// Whether a file as a whole was wrong, which no skipping of rows helps.
    pub is_broken: bool,
    /// Ids of rows that were refused.
    pub refused_ids: Vec<(&'static Entity, String)>,
    /// Where refused rows are written.
    pub rejects: Option<Rejects>,
    /// Rows that were refused before it was known what they would become.
    pub unread: u64,
    /// Rows that were left out on purpose, by reason.
    pub filtered: Vec<(String, u64)>,
}

/// What was read of one entity.
pub struct Loaded {
    /// The entity.
    pub entity: &'static Entity,
    /// Rows staged: their numbers are 1 to this.
    pub rows: i64,
    /// Rows refused.
    pub rejected: u64,
    /// Whether no key came twice, because each was above the one before.
    pub is_sorted: bool,
    /// Whether rows came in the order of first sight.
    pub is_ranked: bool,
    /// Currencies that rows named.
    pub currencies: BTreeSet<Currency>,
}

struct State {
    reader: RowReader,
    batch: Vec<Cell>,
    batch_rows: usize,
    last_key: Vec<Cell>,
    last_rank: i64,
    loaded: Loaded,
}

impl Loader {
    /// A loader that hands rows over for staging.
    pub fn staging(
        home: Currency,
        sender: Sender<Batch>,
        rejects: Option<Rejects>,
        rows: Arc<AtomicU64>,
    ) -> Self {
        Self::new(home, Output::Stage(sender), rejects, rows)
    }

    /// A loader that writes those rows, which storing refused, to the rejects. The same files give the same numbers.
    pub fn finding(home: Currency, wanted: HashMap<(usize, i64), Vec<Problem>>, rejects: Rejects) -> Self {
        Self::new(home, Output::Find(wanted), Some(rejects), Arc::default())
    }

    fn new(home: Currency, output: Output, rejects: Option<Rejects>, rows: Arc<AtomicU64>) -> Self {
        Self {
            home,
            output,
            files: Vec::new(),
            states: ENTITIES.iter().map(|_| None).collect(),
            outcome: Outcome { rejects, ..Outcome::default() },
            rows,
            cells: Vec::new(),
            bad: Vec::new(),
        }
    }

    /// Announces that rows of `entity` come.
    pub fn begin(&mut self, entity: &'static Entity) {
        let home = self.home;
        self.states[entity.index()].get_or_insert_with(|| State::new(entity, RowReader::new(entity, home)));
    }

    /// The number of a file.
    pub fn file(&mut self, name: &str) -> i64 {
        let place = self.files.iter().position(|known| known == name).unwrap_or_else(|| {
            self.files.push(name.to_owned());
            self.files.len() - 1
        });
        i64::try_from(place).unwrap_or(i64::MAX)
    }

    /// Takes a row; `field` is the text of an entity's column by place.
    pub fn row<'a>(
        &mut self,
        entity: &'static Entity,
        origin: Origin,
        field: impl Fn(usize) -> Option<&'a str>,
    ) -> Result<(), HungUp> {
        self.rows.fetch_add(1, Memory::Relaxed);
        let index = entity.index();
        let Some(state) = &mut self.states[index] else { return Ok(()) };
        state.reader.read(&field, origin.rounds, &mut self.cells, &mut self.bad);
        if self.bad.is_empty() {
            return self.accept(index, origin, field);
        }
        state.loaded.rejected += 1;
        self.refuse(entity, origin, field);
        Ok(())
    }

    fn accept<'a>(
        &mut self,
        index: usize,
        origin: Origin,
        field: impl Fn(usize) -> Option<&'a str>,
    ) -> Result<(), HungUp> {
        let Some(state) = &mut self.states[index] else { return Ok(()) };
        state.number(origin, &self.cells);
        match &mut self.output {
            Output::Stage(sender) => {
                state.push(origin, &mut self.cells);
                if state.batch.len() >= BATCH_CELLS { state.send(sender) } else { Ok(()) }
            }
            Output::Find(wanted) => {
                let found = wanted.remove(&(index, state.loaded.rows));
                if let Some(rejects) = &mut self.outcome.rejects {
                    for problem in found.iter().flatten() {
                        rejects.write(problem, state.loaded.entity, &field);
                    }
                }
                Ok(())
            }
        }
    }

    fn refuse<'a>(
        &mut self,
        entity: &'static Entity,
        origin: Origin,
        field: impl Fn(usize) -> Option<&'a str>,
    ) {
        let id = entity.columns.iter().position(|column| column.kind == Kind::Identifier);
        if let Some(id) = id.and_then(&field)
            && self.outcome.refused_ids.len() < MOST_REFUSED_IDS
        {
            self.outcome.refused_ids.push((entity, id.to_owned()));
        }
        for bad in std::mem::take(&mut self.bad) {
            let problem = Problem {
                file: self.file_name(origin.file),
                line: Some(origin.line),
                column: Some(entity.columns[bad.column].name.to_owned()),
                value: bad.value,
                reason: bad.reason.into_owned(),
            };
            self.tell(problem, Some(entity), &field);
        }
    }

    /// Takes note of a row that could not even be read.
    pub fn bad_row(&mut self, entity: Option<&'static Entity>, problem: Problem) {
        self.rows.fetch_add(1, Memory::Relaxed);
        match entity.and_then(|entity| self.states[entity.index()].as_mut()) {
            Some(state) => state.loaded.rejected += 1,
            None => self.outcome.unread += 1,
        }
        self.tell(problem, None, &|_| None);
    }

    fn tell<'a>(
        &mut self,
        problem: Problem,
        entity: Option<&'static Entity>,
        field: &impl Fn(usize) -> Option<&'a str>,
    ) {
        // Looking for rows a second time, what was told already is passed over.
        if matches!(self.output, Output::Find(_)) {
            return;
        }
        if let Some(rejects) = &mut self.outcome.rejects {
            match entity {
                Some(entity) => rejects.write(&problem, entity, field),
                None => rejects.write_unread(&problem),
            }
        }
        self.outcome.report.add(problem);
    }

    /// Takes note of a problem of a whole file.
    pub fn bad_file(&mut self, problem: Problem) {
        self.outcome.is_broken = true;
        self.outcome.report.add(problem);
    }

    /// Adds to the rows that were left out on purpose.
    pub fn filtered(&mut self, reason: String, rows: u64) {
        self.outcome.filtered.push((reason, rows));
    }

    /// The name of a file by its number.
    pub fn file_name(&self, file: i64) -> String {
        usize::try_from(file).ok().and_then(|file| self.files.get(file)).cloned().unwrap_or_default()
    }

    /// Hands the last rows over and tells what reading came to.
    pub fn finish(mut self) -> Result<(Vec<Loaded>, Vec<String>, Outcome), HungUp> {
        let mut loaded = Vec::new();
        for state in self.states.into_iter().flatten() {
            let mut state = state;
            if let Output::Stage(sender) = &mut self.output {
                state.send(sender)?;
            }
            state.loaded.currencies = std::mem::take(&mut state.reader.currencies);
            loaded.push(state.loaded);
        }
        Ok((loaded, self.files, self.outcome))
    }
}

impl State {
    fn new(entity: &'static Entity, reader: RowReader) -> Self {
        let loaded = Loaded {
            entity,
            rows: 0,
            rejected: 0,
            is_sorted: true,
            is_ranked: true,
            currencies: BTreeSet::new(),
        };
        Self { reader, batch: Vec::new(), batch_rows: 0, last_key: Vec::new(), last_rank: i64::MIN, loaded }
    }

    /// Gives the row its number, and watches whether keys and ranks keep rising.
    fn number(&mut self, origin: Origin, cells: &[Cell]) {
        let loaded = &mut self.loaded;
        loaded.rows += 1;
        loaded.is_ranked &= origin.rank > self.last_rank;
        self.last_rank = origin.rank;
        if !loaded.is_sorted {
            return;
        }
        let key = loaded.entity.key.iter().filter_map(|name| loaded.entity.column(name));
        let key: Vec<Cell> = key.filter_map(|(place, _)| cells.get(place).cloned()).collect();
        loaded.is_sorted = self.last_key.is_empty() || rises(&self.last_key, &key);
        self.last_key = key;
    }

    fn push(&mut self, origin: Origin, cells: &mut Vec<Cell>) {
        let line = i64::try_from(origin.line).unwrap_or(i64::MAX);
        self.batch.extend([self.loaded.rows, origin.rank, origin.file, line].map(Cell::Integer));
        self.batch.append(cells);
        self.batch_rows += 1;
        debug_assert_eq!(self.batch.len(), self.batch_rows * width(self.loaded.entity));
    }

    fn send(&mut self, sender: &Sender<Batch>) -> Result<(), HungUp> {
        if self.batch_rows == 0 {
            return Ok(());
        }
        let capacity = self.batch.len();
        let cells = std::mem::replace(&mut self.batch, Vec::with_capacity(capacity));
        let batch = Batch { entity: self.loaded.entity, rows: std::mem::take(&mut self.batch_rows), cells };
        sender.blocking_send(batch).map_err(|_| HungUp)
    }
}

/// Whether a key comes after another, by length first: so both 9, 10, 11 and 09, 10, 11 rise.
fn rises(before: &[Cell], after: &[Cell]) -> bool {
    let compare = |(before, after): (&Cell, &Cell)| match (before, after) {
        (Cell::Integer(before), Cell::Integer(after)) => before.cmp(after),
        (Cell::Text(before), Cell::Text(after)) => {
            before.len().cmp(&after.len()).then_with(|| before.cmp(after))
        }
        _ => Ordering::Equal,
    };
    before.iter().zip(after).map(compare).find(|order| order.is_ne()) == Some(Ordering::Less)
}
