//! What is logged, and what never is.

use serde_json::Value;

use super::process::{SECRET, Served, command};
use crate::support::{TestDatabase, both_databases};

async fn credentials_and_paths_are_never_logged(database: TestDatabase) {
    let url = &database.url;
    assert_eq!(command(url, &[], &["organization", "create", "--org", "acme"]).await.code, 0);
    let printed = async |arguments: &[&str]| command(url, &[], arguments).await.stdout.trim().to_owned();
    let key = printed(&["key", "create", "--org", "acme", "--scope", "reports:read"]).await;
    let token = printed(&["token", "--org", "acme", "--role", "Admin"]).await;
    // All that can be logged: even what asks by name for the span that holds the database's password.
    let level = "trace,sea_orm::database=trace,sea_orm::driver::sqlx_postgres=trace";
    let server = Served::start(url, &["--log-format", "json", "--log-level", level]).await;
    server.ready_within(200, 10).await;
    for credential in [&key, &token, &token[..token.len() - 2], &key[..key.len() - 2]] {
        for path in ["/graphql", "/api/analytics/revenue", "/nowhere", "/health/ready"] {
            let request = format!(
                "GET {path}?token={credential} HTTP/1.1\r\nhost: x\r\nx-request-id: mine\r\n\
                 authorization: Bearer {credential}\r\nconnection: close\r\n\r\n"
            );
            server.send(&request).await;
        }
    }
    server.signal("TERM").await;
    let (_, log) = server.ended().await;
    let secret = key.rsplit_once('_').expect("a secret").1;
    let signature = token.rsplit_once('.').expect("a signature").1;
    for hidden in [SECRET, &secret[..20], &signature[..20], "token=", "postgres@"] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let answered: Vec<&Value> = lines.iter().filter(|line| line["message"] == "answered").collect();
    let mine = |route: &str| {
        answered.iter().filter(|line| line["route"] == route && line["span"]["request_id"] == "mine").count()
    };
    assert_eq!(mine("/health/ready"), 4, "{log}");
    assert!(mine("-") >= 4, "an unknown path is not told: {log}");
    for line in answered {
        assert!(line["method"].is_string() && line["status"].is_u64() && line["ms"].is_u64(), "{line}");
    }
}

both_databases!(credentials_and_paths_are_never_logged);
