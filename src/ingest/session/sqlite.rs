//! Staging in SQLite: long `INSERT`s into temporary tables, which lie in a file of their own, so that neither memory
//! grows nor other writers wait.

use std::time::Duration;

use sea_orm::DbErr;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, Sqlite};

use super::{Batch, Inlet, failed, stage, width};
use crate::ingest::cell::Cell;

/// How long an import waits for another one, where nothing is said.
const PATIENCE: Duration = Duration::from_mins(10);
/// Bound values of one statement: SQLite takes 32,766.
const MOST_BINDS: usize = 16_000;

/// Settings for long writes, and a transaction that touches temporary tables alone.
pub async fn begin_staging(
    connection: &mut PoolConnection<Sqlite>,
    patience: Option<Duration>,
) -> Result<(), DbErr> {
    let patience = format!("PRAGMA busy_timeout = {}", patience.unwrap_or(PATIENCE).as_millis());
    for statement in [
        patience.as_str(),
        "PRAGMA temp_store = FILE",
        "PRAGMA temp.cache_size = -32768",
        "PRAGMA cache_size = -98304",
        // Mapped pages would count as the process's memory.
        "PRAGMA mmap_size = 0",
        // Every reference is looked up before it is stored, in the same transaction; and nothing is ever deleted.
        "PRAGMA foreign_keys = OFF",
        "BEGIN",
    ] {
        connection.execute(AssertSqlSafe(statement.to_owned())).await.map_err(failed)?;
    }
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
    while let Some(batch) = inlet.next().await {
        insert(connection, batch).await?;
    }
    Ok(())
}

/// Inserts in statements of one length, which are prepared once, and the rest in a shorter one.
async fn insert(connection: &mut PoolConnection<Sqlite>, batch: Batch) -> Result<(), DbErr> {
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
        let mut query = sqlx::query(AssertSqlSafe(statement));
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
