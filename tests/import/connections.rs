//! What an import leaves of the connection that it had: one of few rows hands it back as it was, and nobody meets a setting, a
//! temporary table or an open transaction, however the import ended.

use std::time::Duration;

use countinghouse::database::{DatabaseOptions, connect};
use sea_orm::DatabaseConnection;

use super::{ask, folder_of, import, organization, refused};
use crate::support::{Engine, TestDatabase, both_databases, run};

both_databases!(
    the_connection_of_few_rows_is_handed_back_as_it_was,
    an_import_that_is_given_up_leaves_no_trace,
);

/// Of PostgreSQL's: in SQLite an import has a connection of its own (`src/ingest/session/sqlite.rs` has the tests of those that
/// rest).
#[test]
fn the_connection_of_many_rows_is_not_handed_back() {
    run(Engine::Postgres, the_connection_of_many_rows_is_closed);
}

const ORDER: &str = "order_id,placed_at,status,total\no1,2026-04-03,CONFIRMED,10.00\n";

/// A pool of one connection, so that whoever comes next has the one that an import had.
async fn one(database: &TestDatabase) -> DatabaseConnection {
    let options = DatabaseOptions { max_connections: 1, ..DatabaseOptions::new(&database.url) };
    connect(&options).await.expect("the database opens")
}

/// Everything about the pool's connection that an import changes.
async fn state(engine: Engine, db: &DatabaseConnection) -> Vec<String> {
    let questions = match engine {
        Engine::Sqlite => [
            "PRAGMA busy_timeout",
            "PRAGMA temp_store",
            "PRAGMA temp.cache_size",
            "PRAGMA cache_size",
            "PRAGMA foreign_keys",
            "SELECT name FROM temp.sqlite_schema",
        ]
        .as_slice(),
        Engine::Postgres => [
            "SELECT name, setting FROM pg_settings ORDER BY name",
            "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()",
            "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%stage_%' AND statement NOT LIKE '%pg_prepared%'",
            "SELECT now() = statement_timestamp()",
        ]
        .as_slice(),
    };
    let mut state = Vec::new();
    for question in questions {
        state.extend(ask(db, question).await);
    }
    if engine == Engine::Sqlite {
        // There is no transaction within another.
        ask(db, "BEGIN").await;
        ask(db, "ROLLBACK").await;
    }
    state
}

/// What tells a connection from a new one.
async fn mark(engine: Engine, db: &DatabaseConnection) -> Vec<String> {
    match engine {
        // Rows that it ever wrote: none where it is new.
        Engine::Sqlite => {
            ask(db, "SELECT CASE WHEN total_changes() > 0 THEN 'the same' ELSE 'new' END").await
        }
        Engine::Postgres => ask(db, "SELECT CAST(pg_backend_pid() AS BIGINT)").await,
    }
}

async fn the_connection_of_few_rows_is_handed_back_as_it_was(database: TestDatabase) {
    let (engine, db) = (database.engine, one(&database).await);
    let fresh = state(engine, &db).await;
    organization(&db, "EUR").await;
    let before = mark(engine, &db).await;
    import(&db, folder_of(&[("orders.csv", ORDER)]).path()).await.expect("a good order");
    assert_eq!((mark(engine, &db).await, state(engine, &db).await), (before.clone(), fresh.clone()));
    let twice =
        "order_id,placed_at,status,total\no1,2026-04-03,CONFIRMED,11.00\no1,2026-04-03,CONFIRMED,12.00\n";
    import(&db, folder_of(&[("orders.csv", twice)]).path()).await.expect("a good order");
    assert_eq!((mark(engine, &db).await, state(engine, &db).await), (before.clone(), fresh.clone()));
    let nobody = "order_id,customer_id,placed_at,status,total\no2,c9,2026-04-03,CONFIRMED,10.00\n";
    let problems = refused(import(&db, folder_of(&[("orders.csv", nobody)]).path()).await);
    assert!(problems.contains("is no known customer"), "{problems}");
    assert_eq!((mark(engine, &db).await, state(engine, &db).await), (before, fresh));
    assert_eq!(ask(&db, "SELECT order_id, total FROM orders").await, ["o1|1200"]);
    db.close().await.expect("it closes");
}

async fn the_connection_of_many_rows_is_closed(database: TestDatabase) {
    let (engine, db) = (database.engine, one(&database).await);
    let fresh = state(engine, &db).await;
    organization(&db, "EUR").await;
    let before = mark(engine, &db).await;
    let mut orders = "order_id,placed_at,status,total\n".to_owned();
    orders.extend((0..1_000).map(|number| format!("o{number},2026-04-03,CONFIRMED,10.00\n")));
    import(&db, folder_of(&[("orders.csv", &orders)]).path()).await.expect("good orders");
    assert_ne!(mark(engine, &db).await, before);
    assert_eq!(state(engine, &db).await, fresh);
    db.close().await.expect("it closes");
}

async fn an_import_that_is_given_up_leaves_no_trace(database: TestDatabase) {
    let (engine, db) = (database.engine, one(&database).await);
    let fresh = state(engine, &db).await;
    organization(&db, "EUR").await;
    let mut stored = 0;
    for wait in 0.. {
        let folder = folder_of(&[("orders.csv", &ORDER.replace("o1", &format!("o{wait}")))]);
        // Each waits for it a little longer than the one before, until one hears of its end.
        let outcome =
            tokio::time::timeout(Duration::from_micros(wait * 500), import(&db, folder.path())).await;
        assert_eq!(state(engine, &db).await, fresh, "after {wait}");
        if let Ok(summary) = outcome {
            stored += summary.expect("a good order").rows();
        }
        if stored == 3 {
            break;
        }
    }
    db.close().await.expect("it closes");
}
