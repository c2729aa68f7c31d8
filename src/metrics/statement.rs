//! One statement that reads, row by row, and that ends on either database as soon as nobody waits for its rows.
//!
//! It goes round the pool's ORM for that end: a connection whose statement was given up is closed. PostgreSQL ends a
//! statement whose client is gone; SQLite, which runs in this process, asks between its steps whether to go on.

use std::sync::Arc;

use futures::TryStreamExt;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Pool, Postgres, Sqlite};
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

/// Several statements that see the database as it was at one instant.
pub struct Snapshot {
    lease: Either,
    given_up: CancellationToken,
}

enum Either {
    Postgres(Lease<Postgres>),
    Sqlite(Lease<Sqlite>, #[expect(dead_code, reason = "it is there to be dropped")] DropGuard),
}

impl Snapshot {
    /// Begins; `given_up` says that nobody wants its rows any more.
    pub async fn open(db: &DatabaseConnection, given_up: &CancellationToken) -> Result<Self, Fault> {
        let lease = match db.get_database_backend() {
            DbBackend::Postgres => {
                let mut lease = Lease::of(db.get_postgres_connection_pool()).await?;
                let begin = sqlx::query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
                begin.execute(&mut *lease.connection).await.map_err(failed)?;
                Either::Postgres(lease)
            }
            DbBackend::Sqlite => {
                let mut lease = Lease::of(db.get_sqlite_connection_pool()).await?;
                let wanted = interruptible(&mut lease.connection).await?;
                sqlx::query("BEGIN").execute(&mut *lease.connection).await.map_err(failed)?;
                Either::Sqlite(lease, wanted)
            }
            other => return Err(Fault::Internal(format!("{other:?} is no database of ours"))),
        };
        Ok(Self { lease, given_up: given_up.clone() })
    }

    /// Hands every row to `take`.
    pub async fn read(
        &mut self,
        statement: &SelectStatement,
        take: impl FnMut(&QueryResult) -> Result<(), Fault> + Send,
    ) -> Result<(), Fault> {
        let reading = async {
            match &mut self.lease {
                Either::Postgres(lease) => {
                    let statement = DbBackend::Postgres.build(statement);
                    let query = sqlx::query_with(AssertSqlSafe(statement.sql), values(statement.values));
                    each(query.fetch(&mut *lease.connection), take).await
                }
                Either::Sqlite(lease, _) => {
                    let statement = DbBackend::Sqlite.build(statement);
                    let query = sqlx::query_with(AssertSqlSafe(statement.sql), values(statement.values));
                    each(query.fetch(&mut *lease.connection), take).await
                }
            }
        };
        tokio::select! {
            outcome = reading => outcome,
            () = self.given_up.cancelled() => Err(Fault::Timeout),
        }
    }

    /// Gives the connection back; one that is dropped without is closed.
    pub async fn end(mut self) -> Result<(), Fault> {
        match &mut self.lease {
            Either::Postgres(lease) => {
                sqlx::query("COMMIT").execute(&mut *lease.connection).await.map_err(failed)?;
                lease.is_done = true;
            }
            Either::Sqlite(lease, _) => {
                sqlx::query("COMMIT").execute(&mut *lease.connection).await.map_err(failed)?;
                lease.connection.lock_handle().await.map_err(failed)?.remove_progress_handler();
                lease.is_done = true;
            }
        }
        Ok(())
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
