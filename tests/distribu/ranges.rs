//! The time that is meant: every preset at the ends of days, weeks, months and years, and ranges of one's own.

use chrono::DateTime;
use countinghouse::organizations::{self, NewOrganization};
use countinghouse::principal::Scope;
use serde_json::{Value, json};

use crate::support::app::{App, Dataset, key, organization};
use crate::support::{TestDatabase, both_databases};

/// The range of an answer at `now`.
async fn range(database: &TestDatabase, name: &str, now: &str, query: &str) -> Value {
    let found = organizations::find(&database.connection, name).await.expect("the database answers");
    let reader = key(&found.expect("it was made"), &[Scope::ReportsRead]);
    let app = App::new(&database.connection, now);
    let reply = app.get(Ok(reader), &format!("/api/v1/reports/customers?{query}")).await;
    assert_eq!(reply.status, 200, "{now} {query}: {}", reply.body);
    reply.json()["data"]["range"].take()
}

fn told(from: &str, to: &str, preset: &str, label: &str) -> Value {
    json!({
        "from": format!("{from}T00:00:00.000Z"), "to": format!("{to}T23:59:59.999Z"), "preset": preset, "label": label,
    })
}

/// A shop far east of Greenwich, where clocks change: presets are cut by UTC all the same.
async fn shop_in_auckland(database: &TestDatabase) {
    let new = NewOrganization {
        external_id: "shop".to_owned(),
        name: "shop".to_owned(),
        currency: "NZD".parse().expect("a currency"),
        time_zone: chrono_tz::Tz::Pacific__Auckland,
    };
    let made = organizations::find_or_create(&database.connection, new, DateTime::UNIX_EPOCH).await;
    made.expect("an organization");
    let data = Dataset::new()
        .file("orders.csv", "order_id,placed_at,status,total\no1,2023-11-05T11:30:00Z,DRAFT,1.00\no2,2027-01-01T00:00:00Z,DRAFT,1.00\n");
    organization(&database.connection, "shop", "NZD", data.path()).await;
}

async fn presets(database: TestDatabase) {
    shop_in_auckland(&database).await;
    // A Sunday, the last day of a leap year's February; Auckland has Monday already.
    let cases = [
        ("2024-02-29T23:59:59.999999Z", "today", "2024-02-29", "Today"),
        ("2024-03-01T00:00:00Z", "today", "2024-03-01", "Today"),
        // Weeks begin on Monday: the third of March was a Sunday.
        ("2024-03-03T23:00:00Z", "week", "2024-02-26", "This week"),
        ("2024-03-04T00:00:00Z", "week", "2024-03-04", "This week"),
        ("2025-01-01T12:00:00Z", "week", "2024-12-30", "This week"),
        ("2024-02-29T12:00:00Z", "month", "2024-02-01", "February 2024"),
        ("2024-03-31T01:00:00Z", "month", "2024-03-01", "March 2024"),
        ("2024-03-31T23:59:59Z", "quarter", "2024-01-01", "Q1 2024"),
        ("2024-04-01T00:00:00Z", "quarter", "2024-04-01", "Q2 2024"),
        ("2024-12-31T23:59:59Z", "quarter", "2024-10-01", "Q4 2024"),
        ("2024-12-31T23:59:59Z", "year", "2024-01-01", "2024"),
        ("2025-01-01T00:00:00Z", "year", "2025-01-01", "2025"),
        // From the day of the first order; one of days to come is not in it.
        ("2024-04-07T02:30:00Z", "all", "2023-11-05", "All time"),
        // Before there was any.
        ("2022-04-07T02:30:00Z", "all", "2022-04-07", "All time"),
    ];
    for (now, preset, from, label) in cases {
        let to = &now[..10];
        let expected = told(from, to, preset, label);
        assert_eq!(
            range(&database, "shop", now, &format!("preset={preset}")).await,
            expected,
            "{now} {preset}"
        );
    }
    let month = told("2024-04-01", "2024-04-17", "month", "April 2024");
    assert_eq!(range(&database, "shop", "2024-04-17T12:00:00Z", "").await, month);
    let empty = Dataset::new().file("orders.csv", "order_id,placed_at,status,total\n");
    organization(&database.connection, "empty", "USD", empty.path()).await;
    let today = told("2024-04-17", "2024-04-17", "all", "All time");
    assert_eq!(range(&database, "empty", "2024-04-17T12:00:00Z", "preset=all").await, today);
}

async fn either_end_of_ones_own(database: TestDatabase) {
    shop_in_auckland(&database).await;
    let now = "2024-04-17T12:00:00Z";
    for (query, from, to) in [
        ("from=2024-04-01&to=2024-04-10", "2024-04-01", "2024-04-10"),
        ("preset=today&from=2024-04-01&to=2024-04-10", "2024-04-01", "2024-04-10"),
        // The other end is the preset's.
        ("from=2024-02-10", "2024-02-10", "2024-04-17"),
        ("preset=year&to=2024-02-10", "2024-01-01", "2024-02-10"),
        ("preset=all&to=2024-02-10", "2023-11-05", "2024-02-10"),
        ("from=2024/02/10&to=March%2010,%202024", "2024-02-10", "2024-03-10"),
        // What was told may be asked again.
        ("from=2024-02-10T00:00:00.000Z&to=2024-03-10T23:59:59.999Z", "2024-02-10", "2024-03-10"),
        ("FROM=2024-02-10&To=2024-02-10", "2024-02-10", "2024-02-10"),
    ] {
        let expected = told(from, to, "custom", &format!("{from} → {to}"));
        assert_eq!(range(&database, "shop", now, query).await, expected, "{query}");
    }
    // Offsets move the ends; a plus that was not escaped arrives as a space.
    let moved = json!({
        "from": "2024-02-09T22:00:00.000Z", "to": "2024-02-10T17:00:00.000Z",
        "preset": "custom", "label": "2024-02-09 → 2024-02-10",
    });
    let query = "from=2024-02-10T00:00:00+02:00&to=2024-02-10T12:00:00-05:00";
    assert_eq!(range(&database, "shop", now, query).await, moved);
}

both_databases!(presets, either_end_of_ones_own);
