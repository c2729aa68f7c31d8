//! Staging in SQLite: long `INSERT`s into temporary tables, which lie in a file of their own, so that neither memory
//! grows nor other writers wait.
//!
//! Statements run in the thread that asks. The driver would hand each of some thirty over to a thread of its connection, and to
//! get a word back from there takes as long as many of them do, and far longer among those who read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Statement, types::ValueRef};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{Batch, Inlet, stage, width};
use crate::database::{CACHE, file_of};
use crate::ingest::cell::Cell;

/// How long an import waits for another one, where nothing is said.
const PATIENCE: Duration = Duration::from_mins(10);
/// Bound values of one statement: SQLite takes 32,766.
const MOST_BINDS: usize = 16_000;
/// Statements that a connection keeps prepared: those of a few entities.
const STATEMENTS: usize = 256;
/// How long a connection is kept at most: then the file is looked for at its path again.
const LIFETIME: Duration = Duration::from_mins(10);

/// A connection that writes.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
    opened_at: Instant,
}

/// Connections that rest between requests that write, with their prepared statements and empty temporary tables.
#[derive(Debug, Default)]
pub struct Resting(Mutex<Vec<Sqlite>>);

impl Resting {
    fn take(&self) -> Option<Sqlite> {
        let mut resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|connection| connection.opened_at.elapsed() < LIFETIME);
        resting.pop()
    }

    /// Has a connection rest, which is to have no rows left in its temporary tables.
    pub fn put(&self, connection: Sqlite) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl Sqlite {
    /// One that rested, or another one, in a transaction that touches temporary tables alone.
    pub fn begin_staging(
        db: &DatabaseConnection,
        resting: Option<&Resting>,
        patience: Option<Duration>,
    ) -> Result<Self, DbErr> {
        let path = file_of(db).ok_or_else(|| DbErr::Custom("an import without a file".to_owned()))?;
        let one = match resting.and_then(Resting::take).filter(|one| one.path == path) {
            Some(one) => one,
            None => Self::open(path)?,
        };
        blocking(|| {
            one.connection.busy_timeout(patience.unwrap_or(PATIENCE))?;
            one.connection.execute_batch("PRAGMA temp.cache_size = -32768; PRAGMA cache_size = -98304; BEGIN")
        })?;
        Ok(one)
    }

    fn open(path: PathBuf) -> Result<Self, DbErr> {
        blocking(|| {
            let connection = Connection::open(&path)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS);
            // An acknowledged import survives a power cut. Every reference is looked up before it is stored, in the same
            // transaction, and nothing is ever deleted: foreign keys would be looked up once more.
            connection.execute_batch(
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA temp_store = FILE",
            )?;
            Ok(Self { connection, path, opened_at: Instant::now() })
        })
    }

    /// Takes the write lock, as the only writer of the file.
    pub fn begin_storing(&self) -> Result<(), DbErr> {
        blocking(|| self.connection.execute_batch("COMMIT; BEGIN IMMEDIATE"))
    }

    /// Empties what an import of few rows left in temporary tables, after its transaction, and lets most memory go.
    pub fn tidy(&self) -> Result<(), DbErr> {
        blocking(|| {
            let mut tables =
                self.connection.prepare_cached("SELECT name FROM temp.sqlite_schema WHERE type = 'table'")?;
            let names = tables.query_map([], |row| row.get::<_, String>(0))?;
            let mut tidy = "BEGIN".to_owned();
            for name in names {
                tidy += &format!("; DELETE FROM temp.{}", name?);
            }
            tidy += &format!("; COMMIT; PRAGMA temp.cache_size = 0; PRAGMA cache_size = {CACHE}");
            self.connection.execute_batch(&tidy)
        })
    }

    /// Runs statements that come to nothing.
    pub fn execute_all(&self, statements: &str) -> Result<(), DbErr> {
        blocking(|| self.connection.execute_batch(statements))
    }

    /// Runs a statement; tells how many rows it touched.
    pub fn execute(&self, statement: &str, binds: &[Cell]) -> Result<u64, DbErr> {
        blocking(|| {
            let mut statement = self.connection.prepare_cached(statement)?;
            bind(&mut statement, binds)?;
            statement.raw_execute().map(|rows| rows as u64)
        })
    }

    /// The rows of a question, whose columns are integers and texts.
    pub fn rows(&self, statement: &str, binds: &[Cell]) -> Result<Vec<Vec<Cell>>, DbErr> {
        blocking(|| {
            let mut statement = self.connection.prepare_cached(statement)?;
            bind(&mut statement, binds)?;
            let (columns, mut found) = (statement.column_count(), Vec::new());
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                let cells = (0..columns).map(|column| {
                    let value = row.get_ref(column)?;
                    Ok(match value {
                        ValueRef::Null => Cell::Null,
                        ValueRef::Integer(integer) => Cell::Integer(integer),
                        value => Cell::text(value.as_str()?),
                    })
                });
                found.push(cells.collect::<rusqlite::Result<_>>()?);
            }
            Ok(found)
        })
    }

    /// Inserts every batch.
    pub async fn stage_batches(&mut self, inlet: &mut Inlet<'_>) -> Result<(), DbErr> {
        while let Some(batch) = inlet.next().await {
            self.insert(&batch)?;
        }
        Ok(())
    }

    /// Inserts in statements of one length, which are prepared once where there are many, and the rest in a shorter one.
    fn insert(&self, batch: &Batch) -> Result<(), DbErr> {
        let width = width(batch.entity);
        let row = format!("({}?)", "?,".repeat(width - 1));
        for cells in batch.cells.chunks(MOST_BINDS / width * width) {
            let rows = format!("{row},").repeat(cells.len() / width - 1);
            self.execute(&format!("INSERT INTO {} VALUES {rows}{row}", stage(batch.entity)), cells)?;
        }
        Ok(())
    }
}

/// Binds `$1` to the first value, and so on; what has no number to the value of its place.
fn bind(statement: &mut Statement<'_>, binds: &[Cell]) -> rusqlite::Result<()> {
    for place in 1..=statement.parameter_count() {
        let number = statement.parameter_name(place).and_then(|name| name.get(1..)?.parse().ok());
        match binds.get(number.unwrap_or(place).saturating_sub(1)) {
            Some(Cell::Integer(integer)) => statement.raw_bind_parameter(place, integer)?,
            Some(Cell::Text(text)) => statement.raw_bind_parameter(place, &**text)?,
            Some(Cell::Null) => statement.raw_bind_parameter(place, rusqlite::types::Null)?,
            None => return Err(rusqlite::Error::InvalidParameterCount(binds.len(), place)),
        }
    }
    Ok(())
}

/// What takes a thread for as long as it takes: those who wait for this one are looked after by another.
fn blocking<T>(work: impl FnOnce() -> rusqlite::Result<T>) -> Result<T, DbErr> {
    let is_of_many =
        Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
    let done = if is_of_many { tokio::task::block_in_place(work) } else { work() };
    done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(Arc::new(Refused::of(error)))))
}

/// What SQLite says, as the driver would: whoever asks why something was not stored need not know who asked SQLite.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Refused {
    code: i32,
    message: String,
}

impl Refused {
    fn of(error: rusqlite::Error) -> sqlx::Error {
        match error {
            rusqlite::Error::SqliteFailure(error, message) => sqlx::Error::Database(Box::new(Self {
                code: error.extended_code,
                message: message.unwrap_or_else(|| error.to_string()),
            })),
            other => sqlx::Error::Protocol(other.to_string()),
        }
    }
}

impl sqlx::error::DatabaseError for Refused {
    fn message(&self) -> &str {
        &self.message
    }

    fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.code.to_string().into())
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> sqlx::error::ErrorKind {
        sqlx::error::ErrorKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{DatabaseOptions, connect, is_refused_for_good};
    use crate::fault::Fault;

    async fn database(folder: &tempfile::TempDir, name: &str) -> DatabaseConnection {
        let url = format!("sqlite://{}", folder.path().join(name).display());
        let db = connect(&DatabaseOptions::new(url)).await.expect("it opens");
        db.ping().await.expect("it answers");
        db
    }

    fn ask(one: &Sqlite, question: &str) -> Vec<Vec<Cell>> {
        one.rows(question, &[]).expect(question)
    }

    #[tokio::test]
    async fn a_connection_that_rested_has_its_temporary_tables_and_nothing_in_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let (db, other) = (database(&folder, "one.db").await, database(&folder, "other.db").await);
        let (resting, make) = (Resting::default(), "CREATE TEMP TABLE IF NOT EXISTS staged (number BIGINT)");
        let made = |one: &Sqlite| {
            one.execute_all(make).expect("a table");
            ask(one, "PRAGMA temp.schema_version")
        };
        let one = Sqlite::begin_staging(&db, Some(&resting), None).expect("a connection");
        let version = made(&one);
        assert_eq!(one.execute("INSERT INTO staged VALUES ($1)", &[Cell::Integer(7)]), Ok(1));
        one.execute_all("COMMIT").expect("an end");
        one.tidy().expect("it is tidy");
        resting.put(one);
        let one = Sqlite::begin_staging(&db, Some(&resting), Some(Duration::from_secs(1))).expect("the same");
        assert_eq!(ask(&one, "SELECT COUNT(*) FROM staged"), [[Cell::Integer(0)]]);
        assert_eq!(made(&one), version);
        assert_eq!(ask(&one, "PRAGMA busy_timeout"), [[Cell::Integer(1_000)]]);
        one.execute_all("COMMIT").expect("an end");
        resting.put(one);
        let one = Sqlite::begin_staging(&other, Some(&resting), None).expect("another one");
        assert!(one.rows("SELECT COUNT(*) FROM staged", &[]).is_err(), "that is another file's");
        let writes =
            ["PRAGMA synchronous", "PRAGMA foreign_keys", "PRAGMA journal_mode"].map(|of| ask(&one, of));
        assert_eq!(
            writes,
            [Cell::Integer(2), Cell::Integer(0), Cell::text("wal")].map(|cell| vec![vec![cell]])
        );
    }

    #[tokio::test]
    async fn values_are_bound_by_number_or_by_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let one =
            Sqlite::begin_staging(&database(&folder, "one.db").await, None, None).expect("a connection");
        let binds = [Cell::Integer(1), Cell::text("two"), Cell::Null];
        let expected = [Cell::text("two"), Cell::Integer(1), Cell::Null, Cell::text("two")];
        assert_eq!(one.rows("SELECT $2, $1, $3, $2", &binds), Ok(vec![expected.to_vec()]));
        assert_eq!(one.rows("SELECT ?, ?, ?", &binds), Ok(vec![binds.to_vec()]));
        assert!(one.rows("SELECT $4", &binds).is_err());
    }

    #[tokio::test]
    async fn what_sqlite_refuses_is_told_as_the_driver_tells_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(&folder, "one.db").await;
        let short = Some(Duration::from_millis(1));
        let [one, other] =
            [1, 2].map(|_| Sqlite::begin_staging(&db, None, short).expect("a connection of its own"));
        one.begin_storing().expect("the only writer");
        one.execute_all("CREATE TABLE things (id BIGINT NOT NULL UNIQUE)").expect("a table");
        assert_eq!(one.execute("INSERT INTO things VALUES ($1)", &[Cell::Integer(1)]), Ok(1));
        for (value, words) in
            [(Cell::Integer(1), "UNIQUE constraint failed"), (Cell::Null, "NOT NULL constraint failed")]
        {
            let error = one.execute("INSERT INTO things VALUES ($1)", &[value]).expect_err("it is refused");
            assert!(is_refused_for_good(&error) && error.to_string().contains(words), "{error}");
        }
        let error = other.begin_storing().expect_err("there is a writer");
        assert!(!is_refused_for_good(&error));
        assert_eq!(Fault::from(error), Fault::Unavailable);
    }
}
