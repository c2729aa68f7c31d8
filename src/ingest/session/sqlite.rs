//! Staging in SQLite: long `INSERT`s into temporary tables, which lie in a file of their own, so that neither memory
//! grows nor other writers wait.

use std::time::Duration;

use sea_orm::DbErr;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, Row as _, Sqlite};

use super::{Batch, Inlet, failed, once, stage, width};
use crate::database::{BUSY_TIMEOUT, CACHE};
use crate::ingest::cell::Cell;

/// How long an import waits for another one, where nothing is said.
const PATIENCE: Duration = Duration::from_mins(10);
/// The pages of temporary tables that a connection has in memory which was never told otherwise.
const UNUSED_CACHE: i32 = 0;
/// Bound values of one statement: SQLite takes 32,766.
const MOST_BINDS: usize = 16_000;
/// So many of an import of few rows, whose connection has to be as it was afterwards.
const FEW_BATCHES: usize = 3;

/// Settings for long writes, and a transaction that touches temporary tables alone.
pub async fn begin_staging(
    connection: &mut PoolConnection<Sqlite>,
    patience: Option<Duration>,
) -> Result<(), DbErr> {
    // Every reference is looked up before it is stored, in the same transaction, and nothing is ever deleted: foreign keys
    // would be looked up once more.
    let begin = format!(
        "PRAGMA busy_timeout = {}; PRAGMA temp.cache_size = -32768; PRAGMA cache_size = -98304; \
         PRAGMA foreign_keys = OFF; BEGIN",
        patience.unwrap_or(PATIENCE).as_millis()
    );
    connection.execute(AssertSqlSafe(begin)).await.map_err(failed)?;
    Ok(())
}

/// Takes away what an import made of the connection, after its transaction's end.
pub async fn tidy(connection: &mut PoolConnection<Sqlite>) -> Result<(), DbErr> {
    let tables = once("SELECT name FROM temp.sqlite_schema WHERE type = 'table'");
    let tables = connection.fetch_all(tables).await.map_err(failed)?;
    let mut tidy = format!(
        "PRAGMA busy_timeout = {}; PRAGMA temp.cache_size = {UNUSED_CACHE}; PRAGMA cache_size = {CACHE}; \
         PRAGMA foreign_keys = ON",
        BUSY_TIMEOUT.as_millis()
    );
    for table in tables {
        tidy += &format!("; DROP TABLE temp.{}", table.try_get::<String, _>(0).map_err(failed)?);
    }
    connection.execute(AssertSqlSafe(tidy)).await.map_err(failed)?;
    Ok(())
}

/// Takes the write lock, as the only writer of the file.
pub async fn begin_storing(connection: &mut PoolConnection<Sqlite>) -> Result<(), DbErr> {
    connection.execute("COMMIT").await.map_err(failed)?;
    connection.execute("BEGIN IMMEDIATE").await.map_err(failed)?;
    Ok(())
}

/// Inserts every batch.
pub async fn stage_batches(
    connection: &mut PoolConnection<Sqlite>,
    inlet: &mut Inlet<'_>,
) -> Result<(), DbErr> {
    let mut batches = 0;
    while let Some(batch) = inlet.next().await {
        insert(connection, batch, batches >= FEW_BATCHES).await?;
        batches += 1;
    }
    Ok(())
}

/// Inserts in statements of one length, which are prepared once where there are many, and the rest in a shorter one.
async fn insert(
    connection: &mut PoolConnection<Sqlite>,
    batch: Batch,
    is_prepared: bool,
) -> Result<(), DbErr> {
    let width = width(batch.entity);
    let most_rows = MOST_BINDS / width;
    let mut rows = batch.rows;
    let mut cells = batch.cells.into_iter();
    while rows > 0 {
        let count = rows.min(most_rows);
        let row = format!("({}?)", "?,".repeat(width - 1));
        let statement = format!(
            "INSERT INTO {} VALUES {}{row}",
            stage(batch.entity),
            format!("{row},").repeat(count - 1)
        );
        let mut query = sqlx::query(AssertSqlSafe(statement)).persistent(is_prepared);
        for cell in cells.by_ref().take(count * width) {
            query = match cell {
                Cell::Null => query.bind(None::<i64>),
                Cell::Integer(value) => query.bind(value),
                Cell::Text(value) => query.bind(String::from(value)),
            };
        }
        connection.execute(query).await.map_err(failed)?;
        rows -= count;
    }
    Ok(())
}
