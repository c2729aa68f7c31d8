//! Looking at versions in a SQLite file, in the thread that asks.
//!
//! The driver runs each of its connections in a thread of its own, and to hand a question over to it and the answer back takes
//! ten times as long as to find the answer: one row by its key, whose pages are in memory. Readers of a file in WAL mode wait
//! for no writer.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use entity::{Timestamp, organization};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags, Row};

use crate::organizations::AtVersion;
use crate::principal::OrganizationId;

/// An organization's row, whole: whatever of it changes is seen.
const ROW: &str = "SELECT id, external_id, name, currency, time_zone, fact_currencies, created_at, version, churn_days, \
                   commission_rate, commission_fixed, has_rollups, rollup_steps, rolled_orders, \
                   settled_version FROM organizations WHERE id = ?1";
/// How many columns those are.
const COLUMNS: usize = 15;
/// Most organizations that a reader remembers the rows of.
const MOST_SEEN: usize = 1_000;
/// How long a file stays open at most: then it is looked for at its path again, as the driver does now and then.
const LIFETIME: Duration = Duration::from_mins(10);

/// A database's file, with readers of it: as many as threads that may look at the same time.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    readers: Vec<Mutex<Option<Reader>>>,
}

/// A connection of its own, and what it saw last: a row that is the same need not be read into its parts again.
#[derive(Debug)]
struct Reader {
    opened_at: Instant,
    connection: Connection,
    seen: HashMap<OrganizationId, Seen>,
}

#[derive(Debug)]
struct Seen {
    row: [Value; COLUMNS],
    at: Arc<AtVersion>,
}

impl File {
    /// The file at `path`, which is opened when it is first looked at.
    pub fn new(path: PathBuf) -> Self {
        let threads = available_parallelism().map_or(1, usize::from);
        Self { path, readers: (0..threads).map(|_| Mutex::default()).collect() }
    }

    /// The organization as it is now. Nothing where the file does not tell: then the driver finds out why.
    pub fn now(&self, id: OrganizationId) -> Option<Arc<AtVersion>> {
        let mut place = self.place();
        let former = place.take();
        // One that failed is opened anew.
        let mut reader = match former {
            Some(reader) if reader.opened_at.elapsed() < LIFETIME => reader,
            // It is closed when there is another: the last to close a file may have much to do.
            _former => Reader::open(&self.path).ok()?,
        };
        let at = reader.look(id).ok()?;
        *place = Some(reader);
        at
    }

    /// A reader's place that nobody else is at, where there is one.
    fn place(&self) -> MutexGuard<'_, Option<Reader>> {
        let free = self.readers.iter().find_map(|place| place.try_lock().ok());
        free.unwrap_or_else(|| self.readers[0].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Reader {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        // It only reads. But who is the last to close a file that may be written tidies it up.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.pragma_update(None, "query_only", true)?;
        // A thread that answers requests must not sleep.
        connection.busy_timeout(Duration::ZERO)?;
        Ok(Self { opened_at: Instant::now(), connection, seen: HashMap::new() })
    }

    fn look(&mut self, id: OrganizationId) -> rusqlite::Result<Option<Arc<AtVersion>>> {
        let Self { connection, seen, .. } = self;
        let mut statement = connection.prepare_cached(ROW)?;
        let mut rows = statement.query([id.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        if let Some(seen) = seen.get(&id)
            && seen.is_still(row)?
        {
            return Ok(Some(Arc::clone(&seen.at)));
        }
        let Ok(at) = AtVersion::of(model(row)?) else { return Ok(None) };
        let at = Arc::new(at);
        let mut known = [const { Value::Null }; COLUMNS];
        for (column, value) in known.iter_mut().enumerate() {
            *value = row.get(column)?;
        }
        if seen.len() >= MOST_SEEN {
            seen.clear();
        }
        seen.insert(id, Seen { row: known, at: Arc::clone(&at) });
        Ok(Some(at))
    }
}

impl Seen {
    fn is_still(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        for (column, value) in self.row.iter().enumerate() {
            if row.get_ref(column)? != ValueRef::from(value) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A row as the entity has it.
fn model(row: &Row<'_>) -> rusqlite::Result<organization::Model> {
    Ok(organization::Model {
        id: row.get(0)?,
        external_id: row.get(1)?,
        name: row.get(2)?,
        currency: row.get(3)?,
        time_zone: row.get(4)?,
        fact_currencies: row.get(5)?,
        created_at: Timestamp(row.get(6)?),
        version: row.get(7)?,
        churn_days: row.get(8)?,
        commission_rate: row.get(9)?,
        commission_fixed: row.get(10)?,
        has_rollups: row.get(11)?,
        rollup_steps: row.get(12)?,
        rolled_orders: row.get(13)?,
        settled_version: row.get(14)?,
    })
}
