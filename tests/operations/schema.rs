//! Migration: one of many, all or nothing, on both databases.

use std::time::Duration;

use futures::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::process::{Served, command, killed_after};
use crate::support::{Engine, TestDatabase, both_databases, open};

/// An empty database beside or instead of the test's own: its address.
pub async fn empty(database: &TestDatabase) -> String {
    match database.engine {
        Engine::Sqlite => database.url.replace("test.db", "empty.db"),
        Engine::Postgres => {
            let wipe = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
            database.connection.execute_unprepared(wipe).await.expect("wiped");
            database.url.clone()
        }
    }
}

/// Names of all tables there are.
async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let names = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        _ => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    };
    let rows =
        db.query_all_raw(Statement::from_string(db.get_database_backend(), names)).await.expect("asked");
    rows.iter().map(|row| row.try_get("", "name").expect("a name")).collect()
}

async fn many_that_migrate_at_once_all_succeed(database: TestDatabase) {
    let url = empty(&database).await;
    let outcomes = join_all((0..6).map(|_| command(&url, &[], &["migrate"]))).await;
    for done in outcomes {
        assert_eq!((done.code, done.stdout.as_str()), (0, ""), "{done:?}");
    }
    let status = command(&url, &[], &["migrate", "--status"]).await;
    let expected: String = migration::steps().iter().map(|step| format!("applied  {step}\n")).collect();
    assert_eq!((status.code, status.stdout), (0, expected));
    let again = command(&url, &[], &["migrate"]).await;
    assert_eq!(again.code, 0);
    assert!(again.stderr.starts_with("nothing to do"), "{again:?}");
}

async fn servers_that_start_at_once_are_both_ready(database: TestDatabase) {
    let url = empty(&database).await;
    let servers = join_all((0..3).map(|_| Served::start(&url, &[]))).await;
    for server in &servers {
        assert_eq!(server.ready_within(200, 20).await.body, r#"{"status":"ready"}"#);
    }
}

async fn a_step_that_fails_leaves_nothing_behind(database: TestDatabase) {
    let url = empty(&database).await;
    let db = open(&url).await;
    // The second step makes a table of this name, after others.
    db.execute_unprepared("CREATE TABLE refunds (mine integer)").await.expect("made");
    for arguments in [vec!["migrate"], vec!["serve", "--listen", "127.0.0.1:0"]] {
        let done = command(&url, &[], &arguments).await;
        assert_eq!(done.code, 3, "{done:?}");
        assert!(done.stderr.contains("refunds") && done.stderr.contains("already exists"), "{done:?}");
        assert_eq!(tables(&db).await, ["refunds"]);
    }
    db.execute_unprepared("DROP TABLE refunds").await.expect("dropped");
    assert_eq!(command(&url, &[], &["migrate"]).await.code, 0);
    assert!(tables(&db).await.contains(&"refunds".to_owned()));
    db.close().await.expect("closed");
}

async fn a_migration_that_is_killed_is_done_or_was_never_begun(database: TestDatabase) {
    let url = empty(&database).await;
    let db = open(&url).await;
    let mut seen_empty = 0;
    for delay in (0..90).step_by(3) {
        killed_after(&url, &["migrate"], Duration::from_millis(delay)).await;
        let pending = migration::pending(&db).await.expect("asked");
        if pending.is_empty() {
            continue;
        }
        assert_eq!(pending, migration::steps());
        assert_eq!(tables(&db).await, Vec::<String>::new(), "after {delay} ms");
        seen_empty += 1;
    }
    assert!(seen_empty > 0, "nothing was killed in time");
    assert_eq!(command(&url, &[], &["migrate"]).await.code, 0);
    assert_eq!(migration::pending(&db).await, Ok(vec![]));
    db.close().await.expect("closed");
}

async fn steps_can_be_taken_back(database: TestDatabase) {
    let all = migration::steps().len().to_string();
    let down = command(&database.url, &[], &["migrate", "--down", &all]).await;
    assert_eq!(down.code, 0, "{down:?}");
    assert_eq!(tables(&database.connection).await, ["seaql_migrations"]);
    assert_eq!(command(&database.url, &[], &["migrate"]).await.code, 0);
    assert_eq!(migration::pending(&database.connection).await, Ok(vec![]));
}

async fn a_database_that_lacks_steps_is_not_upgraded_in_passing(database: TestDatabase) {
    assert_eq!(command(&database.url, &[], &["migrate", "--down", "1"]).await.code, 0);
    let done = command(&database.url, &[], &["organization", "list"]).await;
    assert_eq!((done.code, done.stdout.as_str()), (3, ""), "{done:?}");
    assert_eq!(done.stderr, "error: the database lacks 1 of its steps; run `countinghouse migrate` first\n");
}

async fn without_migrating_a_server_waits_for_someone_who_does(database: TestDatabase) {
    let url = empty(&database).await;
    let server = Served::start(&url, &["--no-migrate"]).await;
    let waiting = server.get("/health/ready").await;
    assert_eq!((waiting.status, waiting.header("retry-after")), (503, Some("2")), "{waiting:?}");
    assert!(waiting.body.contains("of its migration steps"), "{waiting:?}");
    assert_eq!(server.get("/health/live").await.status, 200);
    assert_eq!(command(&url, &[], &["migrate"]).await.code, 0);
    server.ready_within(200, 5).await;
}

both_databases!(
    many_that_migrate_at_once_all_succeed,
    servers_that_start_at_once_are_both_ready,
    a_step_that_fails_leaves_nothing_behind,
    a_migration_that_is_killed_is_done_or_was_never_begun,
    steps_can_be_taken_back,
    a_database_that_lacks_steps_is_not_upgraded_in_passing,
    without_migrating_a_server_waits_for_someone_who_does,
);
