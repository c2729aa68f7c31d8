//! Staging in SQLite: long `INSERT`s into temporary tables, which lie in a file of their own, so that neither memory
//! grows nor other writers wait.

use std::time::Duration;

use sea_orm::DbErr;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, Row as _, Sqlite};

use super::{Batch, Inlet, failed, stage, width};
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
    let begin = format!(
        "PRAGMA busy_timeout = {}; PRAGMA temp.cache_size = -32768; PRAGMA cache_size = -98304; BEGIN",
        patience.unwrap_or(PATIENCE).as_millis()
    );
    connection.execute(AssertSqlSafe(begin)).await.map_err(failed)?;
    Ok(())
}

/// Makes the connection as it was, after an import's transaction. Its temporary tables stay, and are emptied: making or dropping
/// one has SQLite prepare every statement of the connection anew.
pub async fn tidy(connection: &mut PoolConnection<Sqlite>) -> Result<(), DbErr> {
    let tables = "SELECT name FROM temp.sqlite_schema WHERE type = 'table'";
    let tables = connection.fetch_all(tables).await.map_err(failed)?;
    let mut tidy = "BEGIN".to_owned();
    for table in tables {
        tidy += &format!("; DELETE FROM temp.{}", table.try_get::<String, _>(0).map_err(failed)?);
    }
    tidy += &format!(
        "; COMMIT; PRAGMA busy_timeout = {}; PRAGMA temp.cache_size = {UNUSED_CACHE}; PRAGMA cache_size = {CACHE}",
        BUSY_TIMEOUT.as_millis()
    );
    connection.execute(AssertSqlSafe(tidy)).await.map_err(failed)?;
    Ok(())
}

/// Takes the write lock, as the only writer of the file.
pub async fn begin_storing(connection: &mut PoolConnection<Sqlite>, is_large: bool) -> Result<(), DbErr> {
    // Every reference is looked up before it is stored, in the same transaction, and nothing is ever deleted: of many rows
    // foreign keys would be looked up once more. To turn them off has every statement prepared anew, and is not for few.
    let begin = if is_large {
        "COMMIT; PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE"
    } else {
        "COMMIT; BEGIN IMMEDIATE"
    };
    connection.execute(begin).await.map_err(failed)?;
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
