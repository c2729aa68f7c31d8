//! Deletes salts so that the database's files do not hold them either. A deleted row's bytes stay where they were, on both
//! databases, unless somebody sees to them.

use entity::tracking_salt;
use sea_orm::sqlx::{Connection, Executor, SqlitePool, query, query_scalar};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, QueryFilter, RuntimeErr,
    TransactionTrait,
};

/// Deletes the salts of the days before `day`; says whether nothing is left of them.
pub async fn delete_before(db: &DatabaseConnection, day: i64) -> Result<bool, DbErr> {
    let older = tracking_salt::Entity::find().filter(tracking_salt::Column::Day.lt(day));
    let is_any = older.one(db).await?.is_some();
    if db.get_database_backend() == DbBackend::Postgres {
        if is_any {
            start_anew(db, day).await?;
        }
        return Ok(true);
    }
    // Also where there is none any more: the last time, a reader may have kept the log as it was.
    overwrite(db.get_sqlite_connection_pool(), day)
        .await
        .map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
}

/// Overwrites the rows, and brings that from SQLite's log into its file; false where somebody reads and the log stays.
async fn overwrite(pool: &SqlitePool, day: i64) -> Result<bool, sea_orm::sqlx::Error> {
    // A connection of its own: what is set here is nobody else's.
    let mut connection = pool.acquire().await?.detach();
    // Writers wait while the log is emptied, and that waits for readers.
    connection.execute("PRAGMA secure_delete = ON; PRAGMA busy_timeout = 1000").await?;
    query("DELETE FROM tracking_salts WHERE day < ?").bind(day).execute(&mut connection).await?;
    let is_busy: i64 = query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(is_busy == 0)
}

/// Gives the table a new file, which `TRUNCATE` does at once, and `DELETE` and `VACUUM` never.
async fn start_anew(db: &DatabaseConnection, day: i64) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    transaction.execute_unprepared("LOCK TABLE tracking_salts IN ACCESS EXCLUSIVE MODE").await?;
    let kept = tracking_salt::Entity::find().filter(tracking_salt::Column::Day.gte(day));
    let kept = kept.all(&transaction).await?;
    transaction.execute_unprepared("TRUNCATE tracking_salts").await?;
    if !kept.is_empty() {
        let kept = kept.into_iter().map(tracking_salt::ActiveModel::from);
        tracking_salt::Entity::insert_many(kept).exec_without_returning(&transaction).await?;
    }
    transaction.commit().await
}
