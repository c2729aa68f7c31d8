//! Facts one by one: newest first, ties by what came in last, by page for documented APIs, by cursor in GraphQL.

use countinghouse::reports::affiliates::feeds::{Part, conversions, events};
use entity::event::Type;
use serde_json::{Value, json};

use super::{JANUARY, Shop};
use crate::support::app::admin;
use crate::support::{TestDatabase, both_databases};

both_databases!(pages_by_number, pages_by_cursor, a_conversion_is_told_in_its_own_currency);

async fn pages_by_number(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let scope = shop.scope();
    let mut ids = Vec::new();
    for page in 0..5 {
        let feed = events(&scope, None, Part { skip: page * 3, most: 3 }).await.expect("an answer");
        assert_eq!(feed.total, 13);
        ids.push(feed.rows.iter().map(|row| row.event.event_id.clone()).collect::<Vec<_>>().join(" "));
    }
    // e7 and e8 are of the same instant: e8 came in later.
    assert_eq!(ids, ["e13 e11 e10", "e9 e8 e7", "e12 e6 e5", "e4 e3 e2", "e1"]);
    let beyond = events(&scope, None, Part { skip: 1_000_000, most: 100 }).await.expect("an answer");
    assert_eq!((beyond.rows.len(), beyond.total), (0, 13));
    let clicks = events(&scope, Some(Type::Click), Part { skip: 1, most: 15 }).await.expect("an answer");
    assert_eq!(clicks.total, 3);
    let told: Vec<_> = clicks
        .rows
        .iter()
        .map(|row| (row.event.event_key, row.tracking_code.as_deref(), row.event.referrer_url.as_deref()))
        .collect();
    // Keys are given in the order of the file, which begins with e0.
    assert_eq!(told, [(4, Some("BOB"), None), (2, Some("JANE"), Some("https://blog.example/"))]);
    let views = events(&scope, Some(Type::ProductView), Part { skip: 0, most: 15 }).await.expect("an answer");
    let products: Vec<_> = views.rows.iter().map(|row| row.product_id.as_deref()).collect();
    assert_eq!(products, [Some("p2"), Some("p1")]);
    let bought = conversions(&scope, Part { skip: 1, most: 2 }).await.expect("an answer");
    let told: Vec<_> = bought
        .rows
        .iter()
        .map(|row| {
            let commission = row.commission.map(|money| money.to_string());
            (
                row.record.conversion_key,
                row.record.tracking_code.as_deref(),
                row.total.to_string(),
                commission,
            )
        })
        .collect();
    assert_eq!(bought.total, 5);
    assert_eq!(
        told,
        [(4, None, "30.00".to_owned(), None), (3, Some("JANE"), "0.10".to_owned(), Some("0.02".to_owned())),]
    );
}

async fn pages_by_cursor(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for (list, name) in
        [("events", "eventId"), ("conversions", "conversionId"), ("events(type: PAGEVIEW)", "eventId")]
    {
        for oldest_first in [false, true] {
            let (mut seen, mut after) = (Vec::new(), Value::Null);
            loop {
                let open =
                    list.strip_suffix(')').map_or_else(|| format!("{list}("), |list| format!("{list}, "));
                let fields = format!(
                    "{open}first: 2, after: {after}, oldestFirst: {oldest_first}) {{ edges {{ cursor node {{ id {name} }} }}
                     pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}"
                );
                let mut told = shop.january("", &fields).await;
                let told = told[list.split('(').next().expect("a name")].take();
                let edges = told["edges"].as_array().expect("a list");
                seen.extend(edges.iter().map(|edge| edge["node"][name].as_str().expect("an id").to_owned()));
                let info = &told["pageInfo"];
                assert_eq!(info["hasPreviousPage"], json!(!after.is_null()));
                assert_eq!(info["startCursor"], edges[0]["cursor"]);
                assert_eq!(info["endCursor"], edges[edges.len() - 1]["cursor"]);
                after = info["endCursor"].clone();
                if info["hasNextPage"] == json!(false) {
                    break;
                }
            }
            if oldest_first {
                seen.reverse();
            }
            let expected: &[&str] = match list {
                "events" => {
                    &["e13", "e11", "e10", "e9", "e8", "e7", "e12", "e6", "e5", "e4", "e3", "e2", "e1"]
                }
                "conversions" => &["x5", "x4", "x3", "x2", "x1"],
                _ => &["e13", "e8", "e4", "e2"],
            };
            assert_eq!(seen, expected, "{list}");
        }
    }
    // A cursor of one list opens no other.
    let told = shop.january("", "events(first: 1) { pageInfo { endCursor } }").await;
    let cursor = &told["events"]["pageInfo"]["endCursor"];
    let query =
        format!("{{ affiliates({JANUARY}) {{ conversions(after: {cursor}) {{ edges {{ cursor }} }} }} }}");
    let reply = shop.app.graphql(Ok(admin(&shop.organization)), &query, json!({})).await.json();
    assert_eq!(
        reply["errors"][0]["message"],
        "after: is no cursor of this list: pass on what a page before it gave"
    );
}

async fn a_conversion_is_told_in_its_own_currency(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let told = shop
        .january(
            "",
            "conversions { edges { node { id conversionId orderId convertedAt sessionId trackingCode
               orderTotal { amount currency } commission { amount currency } } } }",
        )
        .await;
    let nodes = told["conversions"]["edges"].as_array().expect("a list");
    // In euros, as it came in.
    assert_eq!(
        nodes[0]["node"],
        json!({ "id": "5", "conversionId": "x5", "orderId": "o5", "convertedAt": "2024-01-21T00:00:00+00:00",
                "sessionId": null, "trackingCode": "FREE", "orderTotal": { "amount": "20.00", "currency": "EUR" },
                "commission": { "amount": "9.99", "currency": "EUR" } })
    );
    // Four euros of the day, in dollars.
    assert_eq!(
        nodes[3]["node"],
        json!({ "id": "2", "conversionId": "x2", "orderId": "o2", "convertedAt": "2024-01-15T10:00:00+00:00",
                "sessionId": "s2", "trackingCode": "EURO", "orderTotal": { "amount": "50.00", "currency": "USD" },
                "commission": { "amount": "4.40", "currency": "USD" } })
    );
}
