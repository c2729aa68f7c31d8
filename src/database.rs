//! Opening the database, and telling its errors apart.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::fault::Fault;

/// Rows that SQLite has ready before somebody takes them.
pub const ROWS_AT_ONCE: usize = 1024;

/// How long a connection to SQLite waits for who writes.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// SQLite's pages that each connection has in memory, in KiB and negative, as SQLite has it.
pub const CACHE: i32 = -8192;

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct DatabaseOptions {
    /// `sqlite://FILE` or `postgres://…`.
    pub url: String,
    /// Most connections held at once.
    pub max_connections: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a statement may run; PostgreSQL ends it itself.
    pub statement_timeout: Duration,
}

impl DatabaseOptions {
    /// Sensible limits for `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 8,
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

/// Opens the pool. A PostgreSQL server that is down is no error here: the first question finds out, and later ones
/// find it back. A SQLite file is made where there is none.
pub async fn connect(options: &DatabaseOptions) -> Result<DatabaseConnection, DbErr> {
    // A file's name may have blanks; a URL may not.
    let is_file = options.url.starts_with("sqlite:");
    let url = if is_file { options.url.replace(' ', "%20") } else { options.url.clone() };
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(options.max_connections)
        .acquire_timeout(options.acquire_timeout)
        .connect_lazy(true)
        .sqlx_logging(false)
        // A connection that broke while it rested would fail the request that takes it. A busy one is not asked: what
        // it is doing fails anyway.
        .test_before_acquire_if_idle_for(Duration::from_millis(100));
    connect.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged import survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(256)
            // Rows come from a thread of their own: for who takes many at once the two need not wait for each other.
            .row_buffer_size(ROWS_AT_ONCE)
            // Each connection has so much. Nothing is mapped: the system keeps pages once for all of them anyway, and counts those
            // that are mapped once for each.
            .pragma("cache_size", CACHE.to_string())
            // What does not fit there lies in files, however SQLite was built.
            .pragma("temp_store", "FILE")
    });
    let timeout = options.statement_timeout.as_millis().to_string();
    connect.map_sqlx_postgres_opts(move |postgres| {
        postgres.application_name("countinghouse").options([
            ("statement_timeout", timeout.as_str()),
            // A statement whose client is gone ends within a second.
            ("client_connection_check_interval", "1000"),
        ])
    });
    Database::connect(connect).await
}

/// The file that a pool is of, if it is SQLite's.
pub fn file_of(db: &DatabaseConnection) -> Option<PathBuf> {
    let is_sqlite = db.get_database_backend() == DbBackend::Sqlite;
    is_sqlite.then(|| db.get_sqlite_connection_pool().connect_options().get_filename().to_owned())
}

/// Connections of a pool: how many are open, and how many of those rest.
pub fn connections(db: &DatabaseConnection) -> (u32, usize) {
    if db.get_database_backend() == DbBackend::Postgres {
        let pool = db.get_postgres_connection_pool();
        return (pool.size(), pool.num_idle());
    }
    let pool = db.get_sqlite_connection_pool();
    (pool.size(), pool.num_idle())
}

impl From<DbErr> for Fault {
    /// Unreachable, too slow, too large, or our mistake.
    fn from(error: DbErr) -> Self {
        let text = error.to_string();
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Self::Unavailable,
            DbErr::Query(RuntimeErr::SqlxError(sqlx)) | DbErr::Exec(RuntimeErr::SqlxError(sqlx)) => {
                match sqlx.as_ref() {
                    sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed => return Self::Unavailable,
                    sqlx::Error::Database(database) => {
                        if let Some(fault) =
                            database.code().and_then(|code| of_code(&code, database.message()))
                        {
                            return fault;
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Self::Internal(text)
    }
}

/// PostgreSQL's SQLSTATE and SQLite's result codes that have a name here.
fn of_code(code: &str, message: &str) -> Option<Fault> {
    match code {
        // Out of range; SQLite tells integer overflow as a generic error with these words.
        "22003" => Some(Fault::Overflow),
        "1" if message.contains("integer overflow") => Some(Fault::Overflow),
        // Cancelled by the statement timeout; SQLite interrupted.
        "57014" | "9" => Some(Fault::Timeout),
        // Connection failures, shutdowns, too many connections; SQLite cannot open, busy, disk I/O.
        // Nor could a lock be had in time.
        "55P03" => Some(Fault::Unavailable),
        _ if code.len() == 5 && (code.starts_with("08") || code.starts_with("57P") || code == "53300") => {
            Some(Fault::Unavailable)
        }
        "5" | "6" | "10" | "14" | "261" | "517" => Some(Fault::Unavailable),
        _ => None,
    }
}

/// Whether a database refused what it was to store for what that is, and not for when it came: it will never take it.
pub fn is_refused_for_good(error: &DbErr) -> bool {
    code_of(error).is_some_and(|code| is_of_the_value(&code))
}

/// Whether PostgreSQL says that a lock could not be had in time.
pub fn is_lock_timeout(error: &DbErr) -> bool {
    code_of(error).is_some_and(|code| code == "55P03")
}

fn code_of(error: &DbErr) -> Option<String> {
    let (DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error.as_database_error().and_then(|error| error.code().map(Cow::into_owned))
}

/// PostgreSQL's classes 22 (no such value), 23 (a constraint) and 54 (too large); SQLite's results of the same kinds, whose
/// lower byte says which.
fn is_of_the_value(code: &str) -> bool {
    if code.len() == 5 {
        return ["22", "23", "54"].iter().any(|class| code.starts_with(class));
    }
    // SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH.
    code.parse::<u32>().is_ok_and(|code| [18, 19, 20].contains(&(code & 0xFF)))
}

/// Runs a lookup in a task of its own: who leaves does not cut a statement short on its connection.
pub async fn to_the_end<T: Send + 'static>(
    lookup: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, DbErr> {
    tokio::spawn(lookup)
        .await
        .unwrap_or_else(|error| Err(DbErr::Custom(format!("a lookup broke off: {error}"))))
}

/// Begins a transaction. One that is given up while the driver begins it stays open on its connection, which goes back to
/// the pool: what others wrote there afterwards would never be committed.
pub async fn begin(
    db: &DatabaseConnection,
    mode: Option<SqliteTransactionMode>,
) -> Result<DatabaseTransaction, DbErr> {
    with_options(db, TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() })
        .await
}

/// Begins a transaction that sees the database as it is at its first question, and holds up nobody who writes.
pub async fn snapshot(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    // SQLite's are so of themselves, and know no other.
    let isolation_level =
        (db.get_database_backend() == DbBackend::Postgres).then_some(IsolationLevel::RepeatableRead);
    with_options(db, TransactionOptions { isolation_level, ..TransactionOptions::default() }).await
}

async fn with_options(
    db: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, DbErr> {
    let db = db.clone();
    to_the_end(async move { db.begin_with_options(options).await }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PostgreSQL's codes are those of its appendix A, SQLite's those of <https://sqlite.org/rescode.html>.
    #[test]
    fn what_is_wrong_with_a_value_is_told_from_what_passes() {
        for (code, expected) in [
            ("22021", true),  // character_not_in_repertoire
            ("22003", true),  // numeric_value_out_of_range
            ("23502", true),  // not_null_violation
            ("23514", true),  // check_violation
            ("54000", true),  // program_limit_exceeded: an index's row is too long
            ("08006", false), // connection_failure
            ("25006", false), // read_only_sql_transaction
            ("40001", false), // serialization_failure
            ("40P01", false), // deadlock_detected
            ("42P01", false), // undefined_table
            ("53100", false), // disk_full
            ("55P03", false), // lock_not_available
            ("57014", false), // query_canceled
            ("57P01", false), // admin_shutdown
            ("18", true),     // SQLITE_TOOBIG
            ("275", true),    // SQLITE_CONSTRAINT_CHECK
            ("1299", true),   // SQLITE_CONSTRAINT_NOTNULL
            ("1811", true),   // SQLITE_CONSTRAINT_TRIGGER
            ("20", true),     // SQLITE_MISMATCH
            ("1", false),     // SQLITE_ERROR
            ("5", false),     // SQLITE_BUSY
            ("8", false),     // SQLITE_READONLY
            ("13", false),    // SQLITE_FULL
            ("517", false),   // SQLITE_BUSY_SNAPSHOT
            ("", false),
        ] {
            assert_eq!(is_of_the_value(code), expected, "{code}");
        }
        assert!(!is_refused_for_good(&DbErr::Custom("23502".to_owned())));
    }
}
