//! A statement whose rows nobody wants any more ends in the database, and what comes after finds a good connection.

use std::time::{Duration, Instant};

use countinghouse::fault::Fault;
use countinghouse::metrics::statement::read;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tokio_util::sync::CancellationToken;

use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_statement_that_is_given_up_ends,
    a_statement_whose_task_is_dropped_ends,
    a_transaction_that_is_given_up_is_not_left_open,
);

/// A statement that would take minutes, and tells no row before its end.
fn endless(db: &DatabaseConnection) -> Statement {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "SELECT CAST(1 AS BIGINT) FROM pg_sleep(300)",
        _ => {
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000000) SELECT COUNT(*) FROM n"
        }
    };
    Statement::from_string(backend, sql)
}

/// Whether the database still works at it: PostgreSQL says so, SQLite would use this process's time.
async fn goes_on(db: &DatabaseConnection) -> bool {
    if db.get_database_backend() == DbBackend::Postgres {
        let question = "SELECT COUNT(*) FROM pg_stat_activity \
                        WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(300)' \
                        AND pid <> pg_backend_pid()";
        let row =
            db.query_one_raw(Statement::from_string(DbBackend::Postgres, question)).await.unwrap().unwrap();
        return row.try_get_by_index::<i64>(0).unwrap() > 0;
    }
    let before = cpu();
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Beside others it may get little of the processor; given up, it takes nothing.
    cpu().saturating_sub(before) > Duration::from_millis(40)
}

/// Processor time that this process has used.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

async fn ends_within_two_seconds(db: &DatabaseConnection) {
    let begun = Instant::now();
    while goes_on(db).await {
        assert!(begun.elapsed() < Duration::from_secs(4), "it goes on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // All connections of the pool are good.
    for _ in 0..20 {
        let one = Statement::from_string(db.get_database_backend(), "SELECT CAST(1 AS BIGINT)");
        let mut rows = 0;
        read(db, one, &CancellationToken::new(), |_| {
            rows += 1;
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(rows, 1);
    }
}

async fn a_statement_that_is_given_up_ends(database: TestDatabase) {
    let db = &database.connection;
    let token = CancellationToken::new();
    let (reading, giving_up) = tokio::join!(read(db, endless(db), &token, |_| Ok(())), async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let went_on = goes_on(db).await;
        token.cancel();
        went_on
    });
    assert_eq!((reading, giving_up), (Err(Fault::Timeout), true));
    ends_within_two_seconds(db).await;
}

async fn a_statement_whose_task_is_dropped_ends(database: TestDatabase) {
    let db = &database.connection;
    let token = CancellationToken::new();
    let reading = read(db, endless(db), &token, |_| Ok(()));
    assert!(tokio::time::timeout(Duration::from_millis(400), reading).await.is_err());
    ends_within_two_seconds(db).await;
}

/// Wherever beginning is cut off: what is written afterwards is there for everybody.
async fn a_transaction_that_is_given_up_is_not_left_open(database: TestDatabase) {
    let db = &database.connection;
    db.execute_unprepared("CREATE TABLE written (number BIGINT)").await.unwrap();
    for cut in 0..300 {
        let cut = Duration::from_micros(cut % 100 * 5);
        let _ = tokio::time::timeout(cut, countinghouse::database::begin(db, None)).await;
    }
    // Some of them begin still, and end then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for number in 0..20 {
        let insert = format!("INSERT INTO written VALUES ({number})");
        let (one, other) = tokio::join!(db.execute_unprepared(&insert), db.execute_unprepared("SELECT 1"));
        one.and(other).unwrap();
    }
    if db.get_database_backend() == DbBackend::Postgres {
        let question = "SELECT COUNT(*) FROM pg_stat_activity \
                        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        let row =
            db.query_one_raw(Statement::from_string(DbBackend::Postgres, question)).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
    }
    let count = Statement::from_string(db.get_database_backend(), "SELECT COUNT(*) FROM written");
    let row = db.query_one_raw(count).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 20);
}
