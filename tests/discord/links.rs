//! Links to whole reports.

use std::time::Duration;

use countinghouse::discord::Options;
use countinghouse::reports::shared::{Sharing, Signer};
use entity::share_link;
use sea_orm::EntityTrait;
use serde_json::json;

use super::chat::{Chat, GUILD, NOW, shop};
use crate::shared_reports::shop::dataset;
use crate::support::app::admin;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_link_is_given_again_until_half_its_time_is_over,
    a_link_that_was_taken_back_is_not_given_again,
    a_link_is_of_what_the_card_is_of,
    without_a_place_for_links_reports_are_told_all_the_same,
);

const HOST: &str = "https://books.example";

/// The endpoint at another time.
fn at(database: &TestDatabase, now: &str) -> Chat {
    let public_url = Some(HOST.to_owned());
    let sharing = Sharing { signer: Signer::new(&[[1; 32]]), public_url, ..Sharing::default() };
    Chat::with(&database.connection, now, sharing, "http://127.0.0.1:1", Duration::from_mins(1))
}

/// The last line of the card of a report of last month.
async fn last_line(chat: &Chat, report: &str) -> String {
    last_line_of(chat, report, "last-month").await
}

/// The same of any period.
async fn last_line_of(chat: &Chat, report: &str, period: &str) -> String {
    let told = chat.report(report, json!([{ "name": "period", "type": 3, "value": period }])).await;
    let description = told["data"]["embeds"][0]["description"].as_str().unwrap_or_else(|| panic!("{told}"));
    description.lines().next_back().expect("a line").to_owned()
}

/// The path that a line links to.
fn path(line: &str) -> &str {
    let path = line.strip_prefix("[The whole report](").and_then(|line| line.strip_prefix(HOST));
    path.and_then(|line| line.split_once(')')).unwrap_or_else(|| panic!("{line}")).0
}

async fn count(database: &TestDatabase) -> usize {
    share_link::Entity::find().all(&database.connection).await.expect("asked").len()
}

async fn a_link_is_given_again_until_half_its_time_is_over(database: TestDatabase) {
    let corner = shop(&database.connection, "corner", &dataset(), GUILD).await;
    let chat = at(&database, NOW);
    let first = last_line(&chat, "revenue").await;
    assert!(first.ends_with("), until <t:1712656800:f>"), "{first}");
    let file = chat.page(&format!("{}/csv", path(&first))).await;
    // March: 18, 36, 20, 11 and 5, as well as 20 and 30; in January 10, February nothing.
    assert!(file.body.lines().nth(1).expect("a row").starts_with("Headlines,140.00,"), "{}", file.body);
    // The same question, heard again or asked again.
    assert_eq!(last_line(&chat, "revenue").await, first);
    assert_eq!(last_line(&at(&database, "2024-04-05T22:00:00Z"), "revenue").await, first);
    assert_eq!(count(&database).await, 1);
    let second = last_line(&at(&database, "2024-04-05T22:00:01Z"), "revenue").await;
    assert!(second.ends_with("), until <t:1712959201:f>"), "{second}");
    assert_ne!(last_line(&chat, "refunds").await, first);
    assert_eq!(count(&database).await, 3);
    // What administrators see of it.
    let listed = "{ shareLinks { report createdBy url } }";
    let listed = chat.app.graphql(Ok(admin(&corner)), listed, json!({})).await.json();
    let listed = listed["data"]["shareLinks"].as_array().expect("links").clone();
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|link| link["createdBy"] == format!("discord:{GUILD}")), "{listed:?}");
}

/// Of what still goes on: up to the minute, for all who ask within it.
async fn a_link_is_of_what_the_card_is_of(database: TestDatabase) {
    shop(&database.connection, "corner", &dataset(), GUILD).await;
    let first = last_line_of(&at(&database, "2024-04-02T10:01:00Z"), "revenue", "today").await;
    let page = at(&database, "2024-04-03T00:00:00Z").page(path(&first)).await;
    // o8, of a second before noon, and o9 of noon.
    assert!(page.body.contains("2 April 2024, 12:01") && page.body.contains("€110.00"), "{}", page.body);
    assert_eq!(last_line_of(&at(&database, "2024-04-02T10:01:59.9Z"), "revenue", "today").await, first);
    assert_eq!(count(&database).await, 1);
    assert_ne!(last_line_of(&at(&database, "2024-04-02T10:02:00Z"), "revenue", "today").await, first);
    // In the first minute of a day, and the first thousandth of a second of a year, which links cannot tell from nothing.
    let none = "No link to the whole report: has not begun yet";
    for (now, period, start) in [
        ("2024-04-01T22:00:20Z", "today", "[The whole report]("),
        ("2023-12-31T23:00:00.001Z", "this-year", "[The whole report]("),
        ("2023-12-31T23:00:00.000001Z", "this-year", none),
    ] {
        let line = last_line_of(&at(&database, now), "revenue", period).await;
        assert!(line.starts_with(start), "{now}: {line}");
    }
}

async fn a_link_that_was_taken_back_is_not_given_again(database: TestDatabase) {
    let corner = shop(&database.connection, "corner", &dataset(), GUILD).await;
    let chat = at(&database, NOW);
    let first = last_line(&chat, "revenue").await;
    let id = share_link::Entity::find().one(&database.connection).await.expect("asked").expect("one").link_id;
    let revoke = "mutation R($id: ID!) { revokeShareLink(id: $id) { id } }";
    let told = chat.app.graphql(Ok(admin(&corner)), revoke, json!({ "id": id })).await.json();
    assert_eq!(told["data"]["revokeShareLink"]["id"], json!(id), "{told}");
    assert_eq!(chat.page(path(&first)).await.status, 403);
    let second = last_line(&chat, "revenue").await;
    assert_ne!(second, first);
    assert_eq!(chat.page(path(&second)).await.status, 200);
}

async fn without_a_place_for_links_reports_are_told_all_the_same(database: TestDatabase) {
    let corner = shop(&database.connection, "corner", &dataset(), GUILD).await;
    let signer = Signer::new(&[[1; 32]]);
    let public_url = Some(HOST.to_owned());
    for sharing in [
        Sharing { signer, public_url: None, ..Sharing::default() },
        Sharing { signer: None, public_url, ..Sharing::default() },
    ] {
        let chat = Chat::with(&database.connection, NOW, sharing, "http://127.0.0.1:1", Options::PATIENCE);
        let line = last_line(&chat, "revenue").await;
        assert!(line.starts_with("```Revenue by day, at most "), "{line}");
    }
    assert_eq!(count(&database).await, 0);
    let (now, later) =
        (NOW.parse().expect("an instant"), "2024-05-01T00:00:00Z".parse().expect("an instant"));
    let instant = |at: chrono::DateTime<chrono::Utc>| sea_orm::ActiveValue::Set(entity::Timestamp::from(at));
    let rows = (0..1000).map(|number| share_link::ActiveModel {
        organization_id: sea_orm::ActiveValue::Set(corner.id.0),
        link_id: sea_orm::ActiveValue::Set(format!("{number:012}")),
        report: sea_orm::ActiveValue::Set("coupon-impact".to_owned()),
        created_by: sea_orm::ActiveValue::Set("somebody".to_owned()),
        period_start: instant(now),
        period_end: instant(later),
        created_at: instant(now),
        expires_at: instant(later),
        opens: sea_orm::ActiveValue::Set(0),
        revoked_at: sea_orm::ActiveValue::Set(None),
        opened_at: sea_orm::ActiveValue::Set(None),
    });
    share_link::Entity::insert_many(rows).exec_without_returning(&database.connection).await.expect("kept");
    assert_eq!(
        last_line(&at(&database, NOW), "revenue").await,
        "No link to the whole report: there are 1000 good links, the most that there may be: take some back"
    );
}
