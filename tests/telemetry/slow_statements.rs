//! Slow statements in the log, with the database's plan of them and without anything that a client filtered by.

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use super::{YEAR, credential};
use crate::operations::process::{Answer, Served};
use crate::support::{Engine, TestDatabase, both_databases, run};

const SLOW: &str = "COUNTINGHOUSE_LOG_SLOW_QUERY";

/// What is asked: a filter by what must not be logged.
fn filtered() -> String {
    format!(
        "{{ customers({YEAR}, where: [{{dimension: COUNTRY, in: [\"Atlantis-of-the-filter\"]}}]) \
         {{ breakdown(by: STATUS) {{ orders revenue {{ amount }} }} }} }}"
    )
}

async fn asked(server: &Served, key: &str, query: &str) -> Answer {
    let body = json!({ "query": query }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nx-request-id: the-slow-one\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    server.send(&request).await
}

/// The lines about slow statements, and all, once the server has ended.
async fn ended(server: Served) -> (Vec<Value>, String) {
    // The plan is asked for afterwards.
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.signal("TERM").await;
    let (_, log) = server.ended().await;
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    (lines.filter(|line| line["target"] == "countinghouse::slow_query").collect(), log)
}

/// Asks a server that takes statements of `threshold` for slow, and returns the lines about slow statements.
async fn logged(database: &TestDatabase, threshold: &str, query: &str) -> (Vec<Value>, String) {
    let key = credential(database, false).await;
    let server = Served::with(&database.url, &[(SLOW, threshold)], &["--log-format", "json"]).await;
    server.ready_within(200, 10).await;
    let answer = asked(&server, &key, query).await;
    assert!(answer.status == 200 && !answer.body.contains("errors"), "{}", answer.body);
    ended(server).await
}

async fn a_slow_statement_is_logged_with_its_plan(database: TestDatabase) {
    let (lines, log) = logged(&database, "0s", &filtered()).await;
    let [line] = lines.as_slice() else { panic!("{log}") };
    assert_eq!((line["level"].as_str(), line["message"].as_str()), (Some("WARN"), Some("slow statement")));
    assert_eq!(line["span"]["request_id"], "the-slow-one");
    assert_eq!((line["rows"].as_u64(), line["is_done"].as_bool()), (Some(0), Some(true)));
    assert!(line["ms"].is_u64(), "{line}");
    assert_eq!(line["metrics"], "revenue, orders");
    let asked = "Orders facts from 2024-01-01T00:00:00+00:00 to 2025-01-01T00:00:00+00:00, by STATUS";
    assert_eq!(line["asked"], asked);
    let sql = line["sql"].as_str().expect("a text");
    assert!(sql.starts_with("SELECT ") || sql.starts_with("WITH "), "{sql}");
    let plan = line["plan"].as_str().expect("a text");
    match database.engine {
        Engine::Sqlite => assert!(plan.contains("SEARCH orders USING ") && plan.contains("=?"), "{plan}"),
        Engine::Postgres => {
            assert!(plan.contains("on orders (cost ") && plan.contains('>'), "{plan}");
        }
    }
    for hidden in ["Atlantis", "1704067200", "unspeakable"] {
        assert!(
            !line.to_string().replace("\"organization\":\"unspeakable-ltd\"", "").contains(hidden),
            "{line}"
        );
    }
    assert!(!log.contains("Atlantis"), "{log}");
}

async fn a_quick_statement_is_not_logged(database: TestDatabase) {
    let (lines, log) = logged(&database, "5m", &filtered()).await;
    assert_eq!(lines, Vec::<Value>::new(), "{log}");
}

async fn none_is_slow_where_that_is_off(database: TestDatabase) {
    let (lines, log) = logged(&database, "off", &filtered()).await;
    assert_eq!(lines, Vec::<Value>::new(), "{log}");
}

async fn each_of_several_has_a_line_and_plans_are_asked_for_one_at_a_time(database: TestDatabase) {
    let months = (1..=9).map(|month| {
        format!("m{month}: orders(period: {{range: {{from: \"2024-0{month}-01\", to: \"2024-0{month}-28\"}}}}) {{ totals {{ orders }} }}")
    });
    let query = format!("{{ {} }}", months.collect::<Vec<_>>().join(" "));
    let (lines, log) = logged(&database, "0s", &query).await;
    assert_eq!(lines.len(), 9, "{log}");
    let has_plan = |line: &&Value| line["plan"].as_str().is_some_and(|plan| plan.contains("orders"));
    let has_none = |line: &&Value| line["plan"] == "not asked for: that of another statement was";
    let planned = lines.iter().filter(has_plan).count();
    assert_eq!(planned + lines.iter().filter(has_none).count(), 9, "{log}");
    assert!(planned >= 1, "{log}");
}

#[test]
fn a_statement_that_was_given_up_is_logged() {
    run(Engine::Postgres, async |database: TestDatabase| {
        let key = credential(&database, false).await;
        let arguments = ["--log-format", "json", "--request-deadline", "500ms"];
        let server = Served::with(&database.url, &[(SLOW, "300ms")], &arguments).await;
        server.ready_within(200, 10).await;
        let lock = database.connection.begin().await.expect("a transaction");
        lock.execute_unprepared("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await.expect("a lock");
        let answer = asked(&server, &key, &filtered()).await;
        assert!(answer.body.contains("TIMEOUT"), "{}", answer.body);
        lock.rollback().await.expect("released");
        let (lines, log) = ended(server).await;
        let [line] = lines.as_slice() else { panic!("{log}") };
        assert_eq!((line["is_done"].as_bool(), line["rows"].as_u64()), (Some(false), Some(0)));
        assert!(line["ms"].as_u64().is_some_and(|ms| (300..5000).contains(&ms)), "{line}");
        assert!(line["plan"].as_str().is_some_and(|plan| plan.contains("on orders")), "{line}");
    });
}

both_databases!(
    each_of_several_has_a_line_and_plans_are_asked_for_one_at_a_time,
    a_slow_statement_is_logged_with_its_plan,
    a_quick_statement_is_not_logged,
    none_is_slow_where_that_is_off,
);
