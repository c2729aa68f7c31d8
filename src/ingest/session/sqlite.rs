//! Staging in SQLite: long `INSERT`s into temporary tables, which lie in a file of their own, so that neither memory
//! grows nor other writers wait.
//!
//! Statements run in the thread that asks. The driver would hand each of some thirty over to a thread of its connection, and to
//! get a word back from there takes as long as many of them do, and far longer among those who read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Statement};
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
/// So many batches come of an import of few rows.
const FEW_BATCHES: usize = 3;
/// How long a connection is kept at most: then the file is looked for at its path again.
const LIFETIME: Duration = Duration::from_mins(10);
/// The pages of temporary tables that a connection that rests has in memory.
const RESTING_CACHE: i32 = 0;

/// A connection that writes.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
    opened_at: Instant,
    /// Its temporary tables in which there may be something.
    used: Vec<String>,
    /// Where it rests afterwards, if it does.
    resting: Option<Arc<Resting>>,
}

/// Connections that rest between requests that write, with their prepared statements and empty temporary tables: to make or drop
/// one has SQLite prepare every statement of the connection anew.
#[derive(Debug, Default)]
pub struct Resting(Mutex<Vec<Sqlite>>);

impl Resting {
    fn take(&self) -> Option<Sqlite> {
        let mut resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|connection| connection.opened_at.elapsed() < LIFETIME);
        resting.pop()
    }

    fn put(&self, connection: Sqlite) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl Sqlite {
    /// One that rested, or another one, in a transaction that touches temporary tables alone.
    pub fn begin_staging(
        db: &DatabaseConnection,
        resting: Option<&Arc<Resting>>,
        patience: Option<Duration>,
    ) -> Result<Self, DbErr> {
        let path = file_of(db).ok_or_else(|| DbErr::Custom("an import without a file".to_owned()))?;
        let mut one = match resting.and_then(|resting| resting.take()).filter(|one| one.path == path) {
            Some(one) => one,
            None => Self::open(path)?,
        };
        one.resting = resting.cloned();
        blocking(|| {
            one.connection.busy_timeout(patience.unwrap_or(PATIENCE))?;
            one.connection.execute_batch("PRAGMA temp.cache_size = -32768; PRAGMA cache_size = -98304; BEGIN")
        })?;
        Ok(one)
    }

    fn open(path: PathBuf) -> Result<Self, DbErr> {
        blocking(|| {
            // It is there, since it was migrated: who opens another one by mistake is not to make it.
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&path, flags)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS);
            // An acknowledged import survives a power cut. Every reference is looked up before it is stored, in the same
            // transaction, and nothing is ever deleted: foreign keys would be looked up once more.
            connection.execute_batch(
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA temp_store = FILE",
            )?;
            Ok(Self { connection, path, opened_at: Instant::now(), used: Vec::new(), resting: None })
        })
    }

    /// Takes the write lock, as the only writer of the file.
    ///
    /// From here to the end of the transaction nothing may be waited for but SQLite: another import of the thread could ask for the
    /// lock meanwhile, and would hold up the one that has it.
    pub fn begin_storing(&self) -> Result<(), DbErr> {
        blocking(|| self.connection.execute_batch("COMMIT; BEGIN IMMEDIATE"))
    }

    /// Rests for the next import, after the transaction of one of few rows; one that has no place to rest is closed.
    pub fn rest(mut self) -> Result<(), DbErr> {
        if let Some(resting) = self.resting.take() {
            self.tidy()?;
            resting.put(self);
        }
        Ok(())
    }

    /// Empties what an import of few rows left in temporary tables, and lets most memory go.
    fn tidy(&mut self) -> Result<(), DbErr> {
        let used = std::mem::take(&mut self.used);
        blocking(|| {
            self.connection.execute_batch("BEGIN")?;
            for table in used {
                self.connection.prepare_cached(&format!("DELETE FROM temp.{table}"))?.execute([])?;
            }
            self.connection.execute_batch(&format!(
                "COMMIT; PRAGMA temp.cache_size = {RESTING_CACHE}; PRAGMA cache_size = {CACHE}"
            ))
        })
    }

    /// Makes temporary tables by their names and columns, where they are not there since an import before: then they are empty.
    pub fn create_temporary(&mut self, tables: Vec<(String, String)>) -> Result<(), DbErr> {
        for (name, columns) in tables {
            let statement = format!("CREATE TEMP TABLE IF NOT EXISTS {name} ({columns})");
            tracing::debug!(statement, "import");
            self.execute(&statement, &[])?;
            self.used.push(name);
        }
        Ok(())
    }

    /// Runs a statement; tells how many rows it touched.
    pub fn execute(&self, statement: &str, binds: &[Cell]) -> Result<u64, DbErr> {
        blocking(|| touched(&mut *self.connection.prepare_cached(statement)?, binds))
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
        let mut batches = 0;
        while let Some(batch) = inlet.next().await {
            self.insert(&batch, batches >= FEW_BATCHES)?;
            batches += 1;
        }
        Ok(())
    }

    /// Inserts in statements of one length, which are kept prepared where there are many, and the rest in a shorter one. So is that
    /// of one row; others of few would be as many statements as there are lengths, and long ones.
    fn insert(&self, batch: &Batch, are_many: bool) -> Result<(), DbErr> {
        let width = width(batch.entity);
        let row = format!("({}?)", "?,".repeat(width - 1));
        for cells in batch.cells.chunks(MOST_BINDS / width * width) {
            let rows = format!("{row},").repeat(cells.len() / width - 1);
            let statement = format!("INSERT INTO {} VALUES {rows}{row}", stage(batch.entity));
            blocking(|| {
                let mut prepared = self.connection.prepare_cached(&statement)?;
                touched(&mut prepared, cells)?;
                if !are_many && cells.len() > width {
                    prepared.discard();
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Runs a statement; tells how many rows it touched.
fn touched(statement: &mut Statement<'_>, binds: &[Cell]) -> rusqlite::Result<u64> {
    bind(statement, binds)?;
    statement.raw_execute().map(|rows| rows as u64)
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

    impl Sqlite {
        fn run_all(&self, statements: &str) -> rusqlite::Result<()> {
            self.connection.execute_batch(statements)
        }
    }

    #[tokio::test]
    async fn a_connection_that_rested_has_its_temporary_tables_and_nothing_in_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let (db, other) = (database(&folder, "one.db").await, database(&folder, "other.db").await);
        let resting = Arc::new(Resting::default());
        let tables = |one: &mut Sqlite| {
            let table = ("staged".to_owned(), "number BIGINT".to_owned());
            one.create_temporary(vec![table]).expect("a table");
            ask(one, "PRAGMA temp.schema_version")
        };
        let mut one = Sqlite::begin_staging(&db, Some(&resting), None).expect("a connection");
        let version = tables(&mut one);
        assert_eq!(one.execute("INSERT INTO staged VALUES ($1)", &[Cell::Integer(7)]), Ok(1));
        one.run_all("COMMIT").expect("an end");
        one.rest().expect("it rests");
        let patience = Some(Duration::from_secs(1));
        let mut one = Sqlite::begin_staging(&db, Some(&resting), patience).expect("the same");
        assert_eq!(ask(&one, "SELECT COUNT(*) FROM staged"), [[Cell::Integer(0)]]);
        assert_eq!(tables(&mut one), version);
        assert_eq!(ask(&one, "PRAGMA busy_timeout"), [[Cell::Integer(1_000)]]);
        one.run_all("COMMIT").expect("an end");
        one.rest().expect("it rests");
        let one = Sqlite::begin_staging(&other, Some(&resting), None).expect("another one");
        assert!(one.rows("SELECT COUNT(*) FROM staged", &[]).is_err(), "that is another file's");
        let settings = ["synchronous", "foreign_keys", "journal_mode"];
        let settings = settings.map(|of| ask(&one, &format!("PRAGMA {of}")));
        let expected = [Cell::Integer(2), Cell::Integer(0), Cell::text("wal")];
        assert_eq!(settings, expected.map(|cell| vec![vec![cell]]));
    }

    #[tokio::test]
    async fn a_connection_in_a_transaction_does_not_rest() {
        let folder = tempfile::tempdir().expect("a folder");
        let (db, resting) = (database(&folder, "one.db").await, Arc::new(Resting::default()));
        let one = Sqlite::begin_staging(&db, Some(&resting), None).expect("a connection");
        assert!(one.rest().is_err());
        assert!(resting.take().is_none());
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
        one.run_all("CREATE TABLE things (id BIGINT NOT NULL UNIQUE)").expect("a table");
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
