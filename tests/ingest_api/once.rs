//! Requests with a key are carried out once.

use countinghouse::clock::Clock;
use countinghouse::principal::Scope;
use countinghouse::reports::Gateway;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{NOW, Shop, lines, order, posted, stored};
use crate::import::{ask, other_organization};
use crate::support::app::{App, Reply, key};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    the_same_request_again_is_answered_as_before,
    a_key_belongs_to_one_request,
    what_was_refused_may_be_sent_again,
    of_requests_at_the_same_time_one_is_carried_out,
    keys_are_each_organizations_own_and_not_kept_for_ever,
);

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

async fn keyed(shop: &Shop, key: &str, rows: &[Value]) -> Reply {
    let request = posted("orders", "application/x-ndjson").header("idempotency-key", key);
    shop.send(request, lines(rows)).await
}

async fn the_same_request_again_is_answered_as_before(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let rows = [order("o1", "10.00"), order("o2", "20.00")];
    let first = keyed(&shop, KEY, &rows).await;
    assert_eq!((first.status.as_u16(), first.json()), (200, stored("orders", [2, 0, 0, 0])));
    assert_eq!(first.headers.get("idempotency-replayed"), None);
    // What happened in between changes nothing: an answer is what it was.
    shop.lines("orders", &[order("o1", "11.00")]).await;
    let again = keyed(&shop, KEY, &rows).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["content-type"], first.headers["content-type"]);
    let totals = "SELECT order_id, total FROM orders ORDER BY order_key";
    assert_eq!(ask(&database.connection, totals).await, ["o1|1100", "o2|2000"]);
    // Neither the key nor the rows are kept: 64 hexadecimal digits each.
    let kept = ask(&database.connection, "SELECT key_hash, request_hash FROM ingest_answers").await;
    let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(kept.len() == 1 && kept[0].split('|').all(is_hash), "{kept:?}");
}

async fn a_key_belongs_to_one_request(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    keyed(&shop, KEY, &[order("o1", "10.00")]).await;
    let words = "this Idempotency-Key came before with another request; a new request needs a new key";
    let body = lines(&[order("o1", "10.00")]);
    let again = posted("orders", "application/x-ndjson").header("idempotency-key", KEY);
    for (request, body) in [
        (again, lines(&[order("o1", "10.01")])),
        (posted("refunds", "application/x-ndjson").header("idempotency-key", KEY), body.clone()),
        (posted("orders", "application/json").header("idempotency-key", KEY), format!("[{body}]")),
        // It is told before rows are looked at.
        (posted("orders", "application/x-ndjson").header("idempotency-key", KEY), "{}".to_owned()),
    ] {
        let reply = shop.send(request, body).await;
        assert_eq!((reply.status.as_u16(), reply.json()["detail"].clone()), (409, json!(words)));
    }
    assert_eq!(ask(&database.connection, "SELECT total FROM orders").await, ["1000"]);
    let another = keyed(&shop, "another", &[order("o1", "10.01")]).await;
    assert_eq!(another.json(), stored("orders", [0, 1, 0, 0]));
}

async fn what_was_refused_may_be_sent_again(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let mut of_ada = order("o1", "10.00");
    of_ada["customer_id"] = json!("ada");
    assert_eq!(keyed(&shop, KEY, &[of_ada.clone()]).await.status, 422);
    shop.lines("customers", &[json!({ "customer_id": "ada", "name": "Ada" })]).await;
    let reply = keyed(&shop, KEY, &[of_ada]).await;
    assert_eq!(
        (reply.json(), reply.headers.get("idempotency-replayed")),
        (stored("orders", [1, 0, 0, 0]), None)
    );
}

async fn of_requests_at_the_same_time_one_is_carried_out(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let rows: Vec<Value> = (0..50).map(|row| order(&format!("o{row}"), "1.00")).collect();
    let replies = join_all((0..8).map(|_| keyed(&shop, KEY, &rows))).await;
    let replayed = replies.iter().filter(|reply| reply.headers.contains_key("idempotency-replayed")).count();
    assert_eq!(replayed, 7);
    for reply in replies {
        assert_eq!((reply.status.as_u16(), reply.json()), (200, stored("orders", [50, 0, 0, 0])));
    }
}

async fn keys_are_each_organizations_own_and_not_kept_for_ever(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let other = other_organization(&database.connection, "EUR").await;
    let theirs = Shop { app: shop.app.clone(), organization: other.clone() };
    let rows = [order("o1", "10.00")];
    keyed(&shop, KEY, &rows).await;
    let reply = keyed(&theirs, KEY, &[order("o9", "9.00")]).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["organization"]), (200, &json!("other")));
    assert!(!reply.headers.contains_key("idempotency-replayed"));
    let at = |now: &str| {
        let clock = Clock::Fixed(now.parse().expect("an instant"));
        App::over(Gateway { clock, ..Gateway::new(database.connection.clone()) })
    };
    let again = async |now: &str| {
        let request = posted("orders", "application/x-ndjson").header("idempotency-key", KEY);
        let request = request.body(lines(&rows).into()).expect("a request");
        let reply = at(now).send(Ok(key(&shop.organization, &[Scope::DataWrite])), request).await;
        (reply.json()["entities"][0]["inserted"].clone(), reply.headers.contains_key("idempotency-replayed"))
    };
    assert!(NOW.starts_with("2026-04-25T00:00:00"));
    assert_eq!(again("2026-04-25T23:59:59Z").await, (json!(1), true));
    assert_eq!(again("2026-04-26T00:00:00Z").await, (json!(0), false));
    assert_eq!(again("2026-04-26T00:00:01Z").await, (json!(0), true));
    let kept = "SELECT organization_id, COUNT(*) FROM ingest_answers GROUP BY organization_id ORDER BY 1";
    assert_eq!(ask(&database.connection, kept).await, ["1|1", "2|1"]);
}
