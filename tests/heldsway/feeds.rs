//! Pages of feeds: the newest first, stable where instants are one, and empty behind the last.

use countinghouse::principal::Scope;
use serde_json::{Value, json};

use crate::affiliates::dataset;
use crate::support::app::{App, key, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(rows_are_told_whole, pages_hold_every_fact_once);

const JANUARY: &str = "from=2024-01-01&to=2024-01-31";

async fn rows_are_told_whole(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-01T12:00:00Z");
    let page = async |query: &str| {
        let path = format!("/v1/affiliate/analytics?{JANUARY}&{query}");
        app.get(Ok(key(&shop, &[Scope::ReportsRead])), &path).await.body
    };
    let clicks = page("section=recent_clicks&per_page=2&page=2").await;
    let expected = concat!(
        r#"{"success":true,"message":"OK","data":{"filters":{"from":"2024-01-01","to":"2024-01-31"},"section":"recent_clicks","#,
        r#""recent_clicks":{"data":[{"id":2,"tracking_code":"JANE","referrer_url":"https://blog.example/","page_url":"/a","#,
        r#""device":"mobile","country":"US","created_at":"2024-01-10T10:00:00Z"}],"#,
        r#""pagination":{"current_page":2,"last_page":2,"per_page":2,"total":3}}}}"#,
    );
    assert_eq!(clicks, expected);
    // e8 came in after e7, of the same instant. `metrics` is not for feeds.
    let events = page("section=recent_events&per_page=2&page=3&metrics=anything").await;
    let expected = concat!(
        r#""recent_events":{"data":["#,
        r#"{"id":9,"type":"PAGEVIEW","tracking_code":null,"referrer_url":null,"page_url":"/a","device":"desktop","country":"DE","created_at":"2024-01-15T09:00:00Z"},"#,
        r#"{"id":8,"type":"CLICK","tracking_code":"EURO","referrer_url":null,"page_url":"/a","device":"unknown","country":"DE","created_at":"2024-01-15T09:00:00Z"}],"#,
        r#""pagination":{"current_page":3,"last_page":7,"per_page":2,"total":13}}}}"#,
    );
    assert!(events.ends_with(expected), "{events}");
    // In its own currency; a fixed commission of 4 EUR is 4.40 of its dollars.
    let conversions = page("section=recent_conversions&per_page=4").await;
    let expected = concat!(
        r#""recent_conversions":{"data":["#,
        r#"{"id":5,"order_id":"o5","order_total":"20.00","commission":"9.99","tracking_code":"FREE","currency":"EUR","created_at":"2024-01-21T00:00:00Z"},"#,
        r#"{"id":4,"order_id":"o4","order_total":"30.00","commission":null,"tracking_code":null,"currency":"USD","created_at":"2024-01-20T00:00:00Z"},"#,
        r#"{"id":3,"order_id":null,"order_total":"0.10","commission":"0.02","tracking_code":"JANE","currency":"USD","created_at":"2024-01-16T00:00:00Z"},"#,
        r#"{"id":2,"order_id":"o2","order_total":"50.00","commission":"4.40","tracking_code":"EURO","currency":"USD","created_at":"2024-01-15T10:00:00Z"}],"#,
        r#""pagination":{"current_page":1,"last_page":2,"per_page":4,"total":5}}}}"#,
    );
    assert!(conversions.ends_with(expected), "{conversions}");
}

async fn pages_hold_every_fact_once(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-01T12:00:00Z");
    let page = async |section: &str, page: u64, per_page: u64| -> Value {
        let query = format!("section={section}&{JANUARY}&page={page}&per_page={per_page}");
        let path = format!("/v1/affiliate/analytics?{query}");
        let mut body = app.get(Ok(key(&shop, &[Scope::ReportsRead])), &path).await.json();
        body["data"][section].take()
    };
    for (section, total) in [("recent_clicks", 3), ("recent_conversions", 5), ("recent_events", 13)] {
        let whole = page(section, 1, 100).await;
        let rows = whole["data"].as_array().expect("rows").clone();
        assert_eq!(rows.len(), total, "{section}");
        for per_page in [1, 2, 3, 5, 100] {
            let last = (total as u64).div_ceil(per_page);
            let mut seen = Vec::new();
            for number in 1..=last {
                let told = page(section, number, per_page).await;
                let about = json!({ "current_page": number, "last_page": last, "per_page": per_page, "total": total });
                assert_eq!(told["pagination"], about, "{section}");
                seen.extend(told["data"].as_array().expect("rows").clone());
            }
            assert_eq!(seen, rows, "{section} by {per_page}");
        }
        for beyond in [2, 1000, u64::from(u32::MAX), 99_999_999_999, i64::MAX as u64 / 100] {
            let told = page(section, beyond, 100).await;
            let about = json!({ "current_page": beyond, "last_page": 1, "per_page": 100, "total": total });
            assert_eq!(told, json!({ "data": [], "pagination": about }), "{section}");
        }
        // More than anybody counts: as the last that is told apart.
        assert_eq!(page(section, u64::MAX, 100).await, page(section, i64::MAX as u64 / 100, 100).await);
    }
}
