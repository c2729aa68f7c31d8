//! Slow statements in the log, with the database's plan of them and without anything that a client filtered by.

use serde_json::{Value, json};

use super::{YEAR, credential};
use crate::operations::process::Served;
use crate::support::{Engine, TestDatabase, both_databases};

/// Asks a server that takes statements of `threshold` for slow, and returns the lines about slow statements.
async fn logged(database: &TestDatabase, threshold: &str) -> (Vec<Value>, String) {
    let key = credential(database, false).await;
    let slow = [("COUNTINGHOUSE_LOG_SLOW_QUERY", threshold)];
    let server = Served::with(&database.url, &slow, &["--log-format", "json"]).await;
    server.ready_within(200, 10).await;
    let query = format!(
        "{{ customers({YEAR}, where: [{{dimension: COUNTRY, in: [\"Atlantis-of-the-filter\"]}}]) \
         {{ breakdown(by: STATUS) {{ orders revenue {{ amount }} }} }} }}"
    );
    let body = json!({ "query": query }).to_string();
    let answer = server
        .send(&format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nx-request-id: the-slow-one\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
        .await;
    assert!(answer.status == 200 && !answer.body.contains("errors"), "{}", answer.body);
    // The plan is asked for afterwards.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    server.signal("TERM").await;
    let (_, log) = server.ended().await;
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    (lines.filter(|line| line["target"] == "countinghouse::slow_query").collect(), log)
}

async fn a_slow_statement_is_logged_with_its_plan(database: TestDatabase) {
    let (lines, log) = logged(&database, "0s").await;
    let [line] = lines.as_slice() else { panic!("{log}") };
    assert_eq!((line["level"].as_str(), line["message"].as_str()), (Some("WARN"), Some("slow statement")));
    assert_eq!(line["span"]["request_id"], "the-slow-one");
    assert_eq!((line["rows"].as_u64(), line["is_done"].as_bool()), (Some(0), Some(true)));
    assert!(line["ms"].is_u64(), "{line}");
    assert_eq!(line["metrics"], "revenue, orders");
    let asked = "Orders facts from 2024-01-01T00:00:00+00:00 to 2025-01-01T00:00:00+00:00, by status";
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
    let (lines, log) = logged(&database, "5m").await;
    assert_eq!(lines, Vec::<Value>::new(), "{log}");
}

async fn none_is_slow_where_that_is_off(database: TestDatabase) {
    let (lines, log) = logged(&database, "off").await;
    assert_eq!(lines, Vec::<Value>::new(), "{log}");
}

both_databases!(
    a_slow_statement_is_logged_with_its_plan,
    a_quick_statement_is_not_logged,
    none_is_slow_where_that_is_off,
);
