//! One statement that reads, row by row, and that ends on either database as soon as nobody waits for its rows.
//!
//! It goes round the pool's ORM for that end: a connection whose statement was given up is closed. PostgreSQL ends a
//! statement whose client is gone; SQLite, which runs in this process, asks between its steps whether to go on.

use std::sync::Arc;

use futures::TryStreamExt;
use sea_orm::{DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Pool, Sqlite};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::fault::Fault;

/// Steps of SQLite's machine between two looks at whether its rows are still wanted: some tens of microseconds.
const STEPS: i32 = 4000;

/// Hands every row to `take`, until there are no more or `given_up` says that nobody wants them.
pub async fn read(
    db: &DatabaseConnection,
    statement: Statement,
    given_up: &CancellationToken,
    take: impl FnMut(&QueryResult) -> Result<(), Fault> + Send,
) -> Result<(), Fault> {
    let reading = async {
        match db.get_database_backend() {
            DbBackend::Postgres => {
                let mut lease = Lease::of(db.get_postgres_connection_pool()).await?;
                let query = sqlx::query_with(AssertSqlSafe(statement.sql), values(statement.values));
                let outcome = each(query.fetch(&mut *lease.connection), take).await;
                lease.is_done = true;
                outcome
            }
            DbBackend::Sqlite => {
                let mut lease = Lease::of(db.get_sqlite_connection_pool()).await?;
                let _wanted = interruptible(&mut lease.connection).await?;
                let query = sqlx::query_with(AssertSqlSafe(statement.sql), values(statement.values));
                let outcome = each(query.fetch(&mut *lease.connection), take).await;
                lease.connection.lock_handle().await.map_err(failed)?.remove_progress_handler();
                lease.is_done = true;
                outcome
            }
            other => Err(Fault::Internal(format!("{other:?} is no database of ours"))),
        }
    };
    tokio::select! {
        outcome = reading => outcome,
        () = given_up.cancelled() => Err(Fault::Timeout),
    }
}

fn values(values: Option<sea_orm::Values>) -> SqlxValues {
    SqlxValues(values.unwrap_or(sea_orm::Values(Vec::new())))
}

async fn each<R: Into<QueryResult>>(
    rows: impl futures::Stream<Item = Result<R, sqlx::Error>>,
    mut take: impl FnMut(&QueryResult) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut rows = std::pin::pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        take(&row.into())?;
    }
    Ok(())
}

/// Lets the connection's statements go on for as long as the guard is there.
async fn interruptible(connection: &mut PoolConnection<Sqlite>) -> Result<DropGuard, Fault> {
    let dropped = CancellationToken::new();
    let wanted = dropped.clone().drop_guard();
    let mut handle = connection.lock_handle().await.map_err(failed)?;
    handle.set_progress_handler(STEPS, move || !dropped.is_cancelled());
    Ok(wanted)
}

/// A connection that is closed where its statement was not done.
struct Lease<D: Database> {
    connection: PoolConnection<D>,
    is_done: bool,
}

impl<D: Database> Lease<D> {
    async fn of(pool: &Pool<D>) -> Result<Self, Fault> {
        Ok(Self { connection: pool.acquire().await.map_err(failed)?, is_done: false })
    }
}

impl<D: Database> Drop for Lease<D> {
    fn drop(&mut self) {
        if !self.is_done {
            self.connection.close_on_drop();
        }
    }
}

fn failed(error: sqlx::Error) -> Fault {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))).into()
}
