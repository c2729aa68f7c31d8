//! A connection that an import has to itself: staging outside the database's own tables, then one transaction.
//!
//! It goes round the pool's ORM because rows are to be streamed (`COPY`, long `INSERT`s), and because its settings
//! (no time limit, temporary tables on disk) must never reach a request. PostgreSQL's is closed afterwards, but for one whose few
//! rows are stored or taken back, and from which all that was made of it is gone. SQLite's is of imports alone: that of a request
//! with few rows rests for the next.

mod postgres;
mod sqlite;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbBackend, DbErr, RuntimeErr};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Executor, Postgres, Row as _};
use tokio::sync::mpsc::Receiver;

use super::catalogue::{Column, Entity};
use super::cell::Cell;
use super::statements::{changed, changed_columns, is_text, stage};
use sqlite::Sqlite;

pub use sqlite::Resting;

/// Rows of one entity on their way to its staging table, cell after cell.
#[derive(Debug)]
pub struct Batch {
    /// Whose rows they are.
    pub entity: &'static Entity,
    /// How many.
    pub rows: usize,
    /// All their cells: `_seq`, `_rank`, `_file`, `_line`, the entity's columns, what is derived of them.
    pub cells: Vec<Cell>,
}

/// Where batches come in, and who is told of it.
pub struct Inlet<'a> {
    batches: Receiver<Batch>,
    waiting: Option<Batch>,
    told: &'a (dyn Fn() + Send + Sync),
}

impl<'a> Inlet<'a> {
    /// Batches from a reader; `told` is called for each.
    pub fn new(batches: Receiver<Batch>, told: &'a (dyn Fn() + Send + Sync)) -> Self {
        Self { batches, waiting: None, told }
    }

    /// The next batch.
    async fn next(&mut self) -> Option<Batch> {
        if let Some(batch) = self.waiting.take() {
            return Some(batch);
        }
        let batch = self.batches.recv().await;
        (self.told)();
        batch
    }

    /// The next batch, if it is of that entity; another is kept for [`Self::next`].
    async fn next_of(&mut self, entity: &Entity) -> Option<Batch> {
        let batch = self.next().await?;
        if batch.entity.name == entity.name {
            return Some(batch);
        }
        self.waiting = Some(batch);
        None
    }
}

/// The connection.
pub enum Session {
    /// To PostgreSQL.
    Postgres(PoolConnection<Postgres>),
    /// To a SQLite file.
    Sqlite(Sqlite),
}

impl Session {
    /// Takes a connection, for SQLite one that rests or a new one, and readies it for staging. It waits so long for others that
    /// hold what it needs; as long as it takes where nothing is said.
    pub async fn open(
        db: &DatabaseConnection,
        resting: Option<&Arc<Resting>>,
        patience: Option<Duration>,
    ) -> Result<Self, DbErr> {
        match db.get_database_backend() {
            DbBackend::Postgres => {
                let pool = db.get_postgres_connection_pool();
                let mut connection = pool.acquire().await.map_err(failed)?;
                connection.close_on_drop();
                postgres::begin(&mut connection, patience).await?;
                Ok(Self::Postgres(connection))
            }
            DbBackend::Sqlite => Sqlite::begin_staging(db, resting, patience).map(Self::Sqlite),
            other => Err(DbErr::Custom(format!("importing into {other:?} is not supported"))),
        }
    }

    /// What the database calls a text that compares by its bytes.
    pub fn text(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "TEXT COLLATE \"C\"",
            Self::Sqlite(_) => "TEXT",
        }
    }

    /// Makes the staging tables of these entities, and those that checking needs.
    pub async fn create_stages(&mut self, entities: &[&'static Entity]) -> Result<(), DbErr> {
        let text = self.text();
        // In SQLite the number is where the row lies; PostgreSQL joins whole tables and needs no index.
        let number = match self {
            Self::Postgres(_) => "BIGINT",
            Self::Sqlite(_) => "INTEGER PRIMARY KEY",
        };
        let staged = entities.iter().flat_map(|entity| {
            let changed = (changed(entity), changed_columns(entity, text));
            [(stage(entity), stage_columns(entity, number, text)), changed]
        });
        let beside = [
            ("bad_rows", format!("_seq {number}")),
            ("new_rows", format!("_seq {number}, number BIGINT")),
            ("refused_ids", format!("entity {text}, id {text}")),
            ("touched_customers", "customer_key BIGINT".to_owned()),
            ("touched_products", "product_key BIGINT".to_owned()),
            ("touched_hours", "topic BIGINT, hour BIGINT".to_owned()),
            ("customers_won", "customer_key BIGINT, won_at BIGINT".to_owned()),
            ("order_spans", "customer_key BIGINT PRIMARY KEY, first_at BIGINT, last_at BIGINT".to_owned()),
        ];
        let tables = staged.chain(beside.map(|(name, columns)| (name.to_owned(), columns)));
        match self {
            Self::Postgres(connection) => {
                let create = tables.map(|(name, columns)| format!("{name} ({columns}) ON COMMIT DROP"));
                let create = create.map(|table| format!("CREATE TEMP TABLE {table}")).collect::<Vec<_>>();
                connection.execute(AssertSqlSafe(create.join("; "))).await.map_err(failed).map(drop)
            }
            Self::Sqlite(connection) => connection.create_temporary(tables.collect()),
        }
    }

    /// Puts rows into their staging tables until none come.
    pub async fn stage(&mut self, inlet: &mut Inlet<'_>) -> Result<(), DbErr> {
        match self {
            Self::Postgres(connection) => postgres::stage_batches(connection, inlet).await,
            Self::Sqlite(connection) => connection.stage_batches(inlet).await,
        }
    }

    /// Ends staging and starts the one transaction; `is_large` says that whole tables will be joined.
    pub async fn begin_storing(&mut self, stages: &[&'static Entity], is_large: bool) -> Result<(), DbErr> {
        match self {
            Self::Postgres(connection) => postgres::begin_storing(connection, stages, is_large).await,
            Self::Sqlite(connection) => connection.begin_storing(),
        }
    }

    /// Waits for other imports of the organization. (SQLite has one writer at a time.)
    pub async fn lock(&mut self, organization: i64) -> Result<(), DbErr> {
        match self {
            Self::Postgres(connection) => postgres::lock(connection, organization).await,
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// Lets PostgreSQL look at tables that have grown: it would find out by itself, a minute later. That it cannot is no
    /// fault of the import.
    pub async fn refresh_statistics(&mut self, tables: &[&str]) {
        let Self::Postgres(connection) = self else { return };
        for table in tables {
            if let Err(error) = connection.execute(AssertSqlSafe(format!("ANALYZE {table}"))).await {
                tracing::warn!(%error, table, "no statistics");
            }
        }
    }

    /// Makes everything stored so far last.
    pub async fn commit(&mut self) -> Result<(), DbErr> {
        self.execute("COMMIT", &[]).await.map(drop)
    }

    /// Takes everything stored so far back.
    pub async fn rollback(&mut self) -> Result<(), DbErr> {
        self.execute("ROLLBACK", &[]).await.map(drop)
    }

    /// Hands the connection back for whoever comes next: after a commit or a rollback, and as it was. Whatever goes wrong with
    /// that, also that nobody waits for it any more, closes it.
    pub async fn release(self) {
        let error = match self {
            Self::Postgres(mut connection) => match postgres::tidy(&mut connection).await {
                Ok(()) => return connection.return_to_pool().await,
                Err(error) => error,
            },
            Self::Sqlite(connection) => match connection.rest() {
                Ok(()) => return,
                Err(error) => error,
            },
        };
        tracing::warn!(%error, "an import's connection is closed");
    }

    /// Runs a statement; tells how many rows it touched.
    pub async fn execute(&mut self, statement: &str, binds: &[i64]) -> Result<u64, DbErr> {
        self.run(statement, &integers(binds)).await
    }

    /// Runs a statement whose bound values are texts.
    pub async fn execute_with_texts(&mut self, statement: &str, texts: &[&str]) -> Result<u64, DbErr> {
        self.run(statement, &texts.iter().copied().map(Cell::text).collect::<Vec<_>>()).await
    }

    /// The rows of a question whose one bound value is a text.
    pub async fn rows_with_text(&mut self, statement: &str, text: &str) -> Result<Vec<Vec<Cell>>, DbErr> {
        self.ask(statement, &[Cell::text(text)]).await
    }

    /// The rows of a question, whose columns are integers and texts.
    pub async fn rows(&mut self, statement: &str, binds: &[i64]) -> Result<Vec<Vec<Cell>>, DbErr> {
        self.ask(statement, &integers(binds)).await
    }

    /// The one number that a question comes to.
    pub async fn number(&mut self, statement: &str, binds: &[i64]) -> Result<i64, DbErr> {
        match self.rows(statement, binds).await?.first().and_then(|row| row.first()) {
            Some(Cell::Integer(number)) => Ok(*number),
            _ => Err(DbErr::Custom(format!("not a number: {statement}"))),
        }
    }

    async fn run(&mut self, statement: &str, binds: &[Cell]) -> Result<u64, DbErr> {
        tracing::debug!(statement, "import");
        match self {
            Self::Postgres(connection) => {
                let done = connection.execute(query(statement, binds)).await.map_err(failed)?;
                Ok(done.rows_affected())
            }
            Self::Sqlite(connection) => connection.execute(statement, binds),
        }
    }

    async fn ask(&mut self, statement: &str, binds: &[Cell]) -> Result<Vec<Vec<Cell>>, DbErr> {
        tracing::debug!(statement, "import");
        match self {
            Self::Postgres(connection) => {
                let rows = connection.fetch_all(query(statement, binds)).await.map_err(failed)?;
                rows.iter().map(|row| (0..row.len()).map(|place| cell(row, place)).collect()).collect()
            }
            Self::Sqlite(connection) => connection.rows(statement, binds),
        }
    }
}

fn integers(binds: &[i64]) -> Vec<Cell> {
    binds.iter().copied().map(Cell::Integer).collect()
}

/// A column of a row of PostgreSQL's, an integer or a text.
fn cell(row: &PgRow, place: usize) -> Result<Cell, DbErr> {
    if let Ok(integer) = row.try_get::<Option<i64>, _>(place) {
        return Ok(integer.map_or(Cell::Null, Cell::Integer));
    }
    let text = row.try_get::<Option<String>, _>(place).map_err(failed)?;
    Ok(text.map_or(Cell::Null, |text| Cell::Text(text.into())))
}

/// An entity's columns in its staging table, in the order of a batch's cells.
fn stage_columns(entity: &Entity, number: &str, text: &str) -> String {
    let mut columns: Vec<String> =
        ["_seq", "_rank", "_file", "_line"].iter().map(|name| format!("\"{name}\" BIGINT")).collect();
    columns[0] = format!("\"_seq\" {number}");
    let kind = |column: &Column| if is_text(column) { text } else { "BIGINT" };
    columns.extend(entity.columns.iter().map(|column| format!("\"{}\" {}", column.name, kind(column))));
    columns.extend(entity.derived.columns().iter().map(|name| format!("\"{name}\" BIGINT")));
    columns.join(", ")
}

/// How many cells a staged row of the entity has.
pub fn width(entity: &Entity) -> usize {
    4 + entity.columns.len() + entity.derived.columns().len()
}

/// A statement that PostgreSQL does not keep prepared: a plan that is made for one organization must not be another's.
fn query<'q>(
    statement: &str,
    binds: &[Cell],
) -> Query<'q, Postgres, <Postgres as sqlx::Database>::Arguments> {
    let query = sqlx::query(AssertSqlSafe(statement.to_owned())).persistent(false);
    binds.iter().fold(query, |query, bind| match bind {
        Cell::Null => query.bind(None::<i64>),
        Cell::Integer(integer) => query.bind(*integer),
        Cell::Text(text) => query.bind(String::from(text.clone())),
    })
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}
