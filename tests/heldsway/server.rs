//! The route as a whole server has it: a real key, the example of curl as it is written, its rate limit, and what the server
//! itself refuses, in this API's words.

use crate::limits::{Stand, header, key, shop, statuses};
use crate::operations::process::{Served, command};
use crate::support::broken::{asked, broken};
use crate::support::{Engine, TestDatabase, both_databases, mistyped, run};

both_databases!(
    the_example_of_curl_works_as_it_is_written,
    a_hundred_and_twenty_a_minute_at_all_of_its_addresses
);

async fn the_example_of_curl_works_as_it_is_written(database: TestDatabase) {
    let url = &database.url;
    assert_eq!(command(url, &[], &["organization", "create", "--org", "acme"]).await.code, 0);
    let create = ["key", "create", "--org", "acme", "--scope", "reports:read"];
    let key = command(url, &[], &create).await.stdout.trim().to_owned();
    let served = Served::start(url, &[]).await;
    let ask = async |line: &str, key: &str| {
        let request =
            format!("{line} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n");
        let answer = served.send(&request).await;
        let kind = answer.header("content-type").map(str::to_owned);
        (answer.status, kind.unwrap_or_default(), answer.body)
    };
    let json = "application/json; charset=utf-8".to_owned();
    let query =
        "section=stats&from=2024-01-01&to=2024-01-31&metrics=total_clicks,total_conversions,total_revenue";
    let body = r#"{"success":true,"message":"OK","data":{"filters":{"from":"2024-01-01","to":"2024-01-31"},"section":"stats","stats":{"total_clicks":0,"total_conversions":0,"total_revenue":0.00}}}"#;
    for path in super::PATHS {
        let told = ask(&format!("GET {path}?{query}"), &key).await;
        assert_eq!(told, (200, json.clone(), body.to_owned()), "{path}");
    }
    let refused = |status: u16, code: &str, message: &str| {
        let body = format!(r#"{{"success":false,"error":{{"code":"{code}","message":"{message}"}}}}"#);
        (status, json.clone(), body)
    };
    let line = format!("GET /api//v1/affiliate/analytics?{query}");
    assert_eq!(ask(&line, &mistyped(&key)).await, refused(401, "UNAUTHORIZED", "Unauthorized"));
    for path in super::PATHS {
        let nothing = refused(404, "NOT_FOUND", "there is nothing at this path");
        assert_eq!(ask(&format!("GET {path}/more?{query}"), &key).await, nothing);
        let other = refused(405, "METHOD_NOT_ALLOWED", "Method Not Allowed");
        assert_eq!(ask(&format!("DELETE {path}?{query}"), &key).await, other);
    }
    // Elsewhere the server speaks for itself.
    assert_eq!(ask("GET /v1/affiliates", &key).await.1, "application/problem+json");
}

async fn a_hundred_and_twenty_a_minute_at_all_of_its_addresses(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let (one, other) = (key(db, &acme, "").await, key(db, &acme, "").await);
    let stand = Stand::open(db, &[]);
    let [first, second, third] =
        super::PATHS.map(|path| format!("{path}?section=stats&metrics=total_clicks"));
    let (a, b, c) = tokio::join!(
        stand.at_once(400, &one, &first),
        stand.at_once(300, &one, &second),
        stand.at_once(300, &one, &third),
    );
    let replies: Vec<_> = a.into_iter().chain(b).chain(c).collect();
    assert_eq!(statuses(&replies), [(200, 120), (429, 880)].into());
    let refused = replies.iter().find(|reply| reply.status == 429).expect("most are");
    let after = header(refused, "retry-after").expect("told");
    let words = format!("120 requests a minute are answered, and they are used up; try again in {after} s");
    let body = format!(r#"{{"success":false,"error":{{"code":"TOO_MANY_REQUESTS","message":"{words}"}}}}"#);
    assert_eq!(refused.body, body);
    assert_eq!(header(refused, "ratelimit-policy"), Some("\"heldsway\";q=120;w=60"));
    assert_eq!(stand.get(&other, &first).await.status, 200);
}

#[test]
fn what_the_server_refuses_is_told_in_the_words_of_the_api() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let app = broken(&database, "/v1/affiliate/analytics", "/api/v1/affiliate/analytics");
        let refused =
            |status: u16, error: &str| (status, format!(r#"{{"success":false,"error":{{{error}}}}}"#));
        // Of its own mistakes the document has words and no code.
        let broke = refused(500, r#""message":"Internal server error while building analytics data""#);
        assert_eq!(asked(&app, "/v1/affiliate/analytics", "").await, broke);
        let late = refused(504, r#""code":"GATEWAY_TIMEOUT","message":"the answer took too long""#);
        assert_eq!(asked(&app, "/api/v1/affiliate/analytics", "").await, late);
        let large =
            refused(413, r#""code":"CONTENT_TOO_LARGE","message":"a request body may have 10 bytes""#);
        assert_eq!(asked(&app, "/v1/affiliate/analytics", "more than ten bytes").await, large);
    });
}
