//! Staging in PostgreSQL: `COPY` into temporary tables.

use std::time::Duration;

use sea_orm::DbErr;
use sqlx::pool::PoolConnection;
use sqlx::{Executor, Postgres};

use super::{Batch, Inlet, failed, stage, width};
use crate::ingest::catalogue::Entity;
use crate::ingest::cell::Cell;
use crate::organizations::lock_of;

/// Bytes that are sent at once.
const CHUNK: usize = 1 << 18;
/// Starts the transaction that everything happens in: temporary tables go with it.
pub async fn begin(
    connection: &mut PoolConnection<Postgres>,
    patience: Option<Duration>,
) -> Result<(), DbErr> {
    let patience = patience.unwrap_or_default().as_millis();
    let begin = format!(
        "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {patience}; \
         SET LOCAL client_min_messages = warning"
    );
    connection.execute(sqlx::AssertSqlSafe(begin)).await.map_err(failed)?;
    Ok(())
}

/// Takes away what the transaction left, after its end: its settings are gone, and most of its temporary tables.
pub async fn tidy(connection: &mut PoolConnection<Postgres>) -> Result<(), DbErr> {
    connection.execute("DISCARD TEMP").await.map_err(failed)?;
    Ok(())
}

/// Tells the planner what was staged.
pub async fn begin_storing(
    connection: &mut PoolConnection<Postgres>,
    stages: &[&'static Entity],
    is_large: bool,
) -> Result<(), DbErr> {
    for entity in stages {
        let statement = format!("ANALYZE {}", stage(entity));
        connection.execute(sqlx::AssertSqlSafe(statement)).await.map_err(failed)?;
    }
    if is_large {
        // What the planner knows of the other tables is from before: of an organization that is new it expects a row or
        // two, and would go through all of them for each row that was staged.
        connection.execute("SET LOCAL enable_nestloop = off").await.map_err(failed)?;
    }
    Ok(())
}

/// Waits for other imports of the organization.
pub async fn lock(connection: &mut PoolConnection<Postgres>, organization: i64) -> Result<(), DbErr> {
    let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(lock_of(organization));
    connection.execute(lock).await.map_err(failed)?;
    Ok(())
}

/// One `COPY` for each run of batches of one entity.
pub async fn stage_batches(
    connection: &mut PoolConnection<Postgres>,
    inlet: &mut Inlet<'_>,
) -> Result<(), DbErr> {
    while let Some(first) = inlet.next().await {
        let entity = first.entity;
        let statement = format!("COPY {} FROM STDIN", stage(entity));
        let mut copy = connection.copy_in_raw(&statement).await.map_err(failed)?;
        let mut text = Vec::with_capacity(CHUNK * 2);
        let mut next = Some(first);
        while let Some(batch) = next {
            write(&batch, &mut text);
            if text.len() >= CHUNK {
                copy.send(text.as_slice()).await.map_err(failed)?;
                text.clear();
            }
            next = inlet.next_of(entity).await;
        }
        copy.send(text.as_slice()).await.map_err(failed)?;
        copy.finish().await.map_err(failed)?;
    }
    Ok(())
}

/// Rows as `COPY` reads them: tabs between cells, `\\N` for null, backslashes before what would part them.
fn write(batch: &Batch, text: &mut Vec<u8>) {
    for row in batch.cells.chunks_exact(width(batch.entity)) {
        for cell in row {
            match cell {
                Cell::Null => text.extend_from_slice(b"\\N"),
                Cell::Integer(value) => text.extend_from_slice(value.to_string().as_bytes()),
                Cell::Text(value) => escape(value.as_bytes(), text),
            }
            text.push(b'\t');
        }
        text.pop();
        text.push(b'\n');
    }
}

fn escape(value: &[u8], text: &mut Vec<u8>) {
    for byte in value {
        match byte {
            b'\\' => text.extend_from_slice(b"\\\\"),
            b'\t' => text.extend_from_slice(b"\\t"),
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\r' => text.extend_from_slice(b"\\r"),
            byte => text.push(*byte),
        }
    }
}
