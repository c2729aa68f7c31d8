//! Each API refuses in its own words, and every one of them can be given a limit.

use serde_json::json;

use super::{INVENTORY, Stand, header, key, shop};
use crate::support::{TestDatabase, both_databases};

both_databases!(each_api_refuses_in_its_own_words);

async fn each_api_refuses_in_its_own_words(database: TestDatabase) {
    let db = &database.connection;
    let key = key(db, &shop(db, "acme").await, "1").await;
    let stand = Stand::open(db, &[]);
    let words = |after: &str| {
        format!("1 requests a minute are answered, and they are used up; try again in {after} s")
    };
    let problem = |after: &str| json!({ "type": "about:blank", "title": "Too Many Requests", "status": 429, "detail": words(after) });
    let window = "startDate=2024-01-01&endDate=2024-01-31";
    for (api, path) in [
        ("momentum", format!("/api/analytics/aov?{window}")),
        ("ecosire", "/api/analytics/hr".to_owned()),
        ("share_links", "/api/admin/analytics/revenue-overview/share".to_owned()),
        ("distribu", INVENTORY.to_owned()),
    ] {
        let first = stand.get(&key, &path).await;
        assert_ne!(first.status, 429, "{api}");
        assert_eq!(header(&first, "ratelimit"), Some(format!("\"{api}\";r=0;t=60").as_str()), "{api}");
        let refused = stand.get(&key, &path).await;
        let after = header(&refused, "retry-after").unwrap_or_else(|| panic!("{api}: {}", refused.body));
        let body = match api {
            "distribu" => json!({ "error": { "code": "RATE_LIMITED", "message": words(after) } }),
            "ecosire" => {
                json!({ "statusCode": 429, "error": "Too Many Requests", "message": words(after) })
            }
            _ => problem(after),
        };
        assert_eq!((refused.status.as_u16(), refused.json()), (429, body), "{api}");
    }
    // The route that two APIs share belongs to whom the parameters say, and uses up that one's budget.
    for (path, api) in [
        (format!("/api/analytics/revenue?{window}"), "momentum"),
        ("/api/analytics/revenue?from=2024-01-01".to_owned(), "ecosire"),
    ] {
        let refused = stand.get(&key, &path).await;
        assert_eq!(refused.status, 429, "{api}");
        assert_eq!(header(&refused, "ratelimit-policy"), Some(format!("\"{api}\";q=1;w=60").as_str()));
    }
}
