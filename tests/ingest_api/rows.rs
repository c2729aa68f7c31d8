//! Rows that are stored: of every entity, in every form, as an import would store them.

use countinghouse::ingest::catalogue::ENTITIES;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{EVERYTHING, Shop, gzip, lines, objects, order, posted, stored};
use crate::import::{ask, counts, dump, folder_of, import};
use crate::support::app::{App, admin};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    an_import_of_the_same_rows_changes_nothing,
    rows_are_told_as_an_import_tells_them,
    forms_and_packings_say_the_same,
    writers_of_one_organization_wait_for_each_other,
    nobody_writes_for_others,
    reports_are_told_of_writes,
);

async fn an_import_of_the_same_rows_changes_nothing(database: TestDatabase) {
    let names: Vec<&str> = EVERYTHING.iter().map(|(name, _)| *name).collect();
    let declared: Vec<&str> = ENTITIES.iter().map(|entity| entity.name).collect();
    assert_eq!(names, declared);
    let shop = Shop::open(&database).await;
    for (place, (entity, text)) in EVERYTHING.iter().enumerate() {
        let rows: Vec<Value> = objects(text).into_iter().map(Value::Object).collect();
        let count = rows.len() as u64;
        let reply = if place % 2 == 0 {
            shop.lines(entity, &rows).await
        } else {
            shop.send(posted(entity, "application/json"), Value::Array(rows).to_string()).await
        };
        assert_eq!(
            (reply.status.as_u16(), reply.json()),
            (200, stored(entity, [count, 0, 0, 0])),
            "{entity}"
        );
    }
    let before = dump(&database.connection).await;
    let files: Vec<(String, &str)> =
        EVERYTHING.iter().map(|(name, text)| (format!("{name}.csv"), *text)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let summary = import(&database.connection, folder_of(&files).path()).await.expect("good rows");
    let unchanged: Vec<(&str, [u64; 4])> =
        EVERYTHING.iter().map(|(name, text)| (*name, [0, 0, objects(text).len() as u64, 0])).collect();
    assert_eq!(counts(&summary), unchanged);
    assert_eq!(dump(&database.connection).await, before);
}

async fn rows_are_told_as_an_import_tells_them(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let reply = shop.lines("orders", &[order("o1", "10.00"), order("o2", "20.00")]).await;
    assert_eq!(reply.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(reply.json(), stored("orders", [2, 0, 0, 0]));
    let again = [order("o1", "10.00"), order("o2", "21.00"), order("o3", "1"), order("o3", "30.00")];
    assert_eq!(shop.lines("orders", &again).await.json(), stored("orders", [1, 1, 1, 1]));
    let totals = "SELECT order_id, total FROM orders ORDER BY order_key";
    assert_eq!(ask(&database.connection, totals).await, ["o1|1000", "o2|2100", "o3|3000"]);
    for (kind, nothing) in
        [("application/x-ndjson", ""), ("application/x-ndjson", "\n \n"), ("application/json", "[]")]
    {
        let reply = shop.send(posted("orders", kind), nothing).await;
        assert_eq!(
            (reply.status.as_u16(), reply.json()),
            (200, stored("orders", [0, 0, 0, 0])),
            "{nothing:?}"
        );
    }
    // 3 × 0.333333 − 0 is 0.999999, which is rounded to a whole cent.
    shop.lines("products", &[json!({ "product_id": 7, "sku": "s", "name": "Lamp" })]).await;
    let line = json!({ "order_id": "o1", "line_number": 1, "product_id": 7, "quantity": 3, "unit_price": "0.333333" });
    assert_eq!(shop.lines("order_items", &[line]).await.json()["rounded_lines"], 1);
    assert_eq!(ask(&database.connection, "SELECT line_total FROM order_items").await, ["100"]);
}

async fn forms_and_packings_say_the_same(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let rows = [order("o1", "10.00"), order("o2", "20.00")];
    let (ndjson, array) = (lines(&rows), json!(rows).to_string());
    let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 3).expect("packed");
    let mut wanted = [2, 0, 0, 0];
    for (kind, coding, body) in [
        ("application/x-ndjson", "identity", ndjson.clone().into_bytes()),
        ("Application/X-NDJSON; charset=utf-8", "gzip", gzip(&ndjson)),
        ("application/x-ndjson", "zstd", zstd(&ndjson)),
        ("application/json", "", array.clone().into_bytes()),
        ("application/json;charset=UTF-8", "GZIP", gzip(&array)),
        ("application/json", "zstd", zstd(&array)),
    ] {
        let request = posted("orders", kind);
        let request = if coding.is_empty() { request } else { request.header("content-encoding", coding) };
        let reply = shop.send(request, body).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (200, stored("orders", wanted)), "{kind} {coding}");
        wanted = [0, 0, 2, 0];
    }
}

async fn writers_of_one_organization_wait_for_each_other(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let write = |writer: usize| {
        let rows: Vec<Value> = (0..5).map(|row| order(&format!("o{writer}-{row}"), "1.00")).collect();
        let shop = &shop;
        async move { shop.lines("orders", &rows).await }
    };
    let replies = join_all((0..12).map(write)).await;
    for reply in &replies {
        assert_eq!((reply.status.as_u16(), reply.json()), (200, stored("orders", [5, 0, 0, 0])));
    }
    let found =
        "SELECT COUNT(*), COUNT(DISTINCT order_key), MAX(order_key), COUNT(DISTINCT order_id) FROM orders";
    assert_eq!(ask(&database.connection, found).await, ["60|60|60|60"]);
}

async fn nobody_writes_for_others(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let other = crate::import::other_organization(&database.connection, "USD").await;
    let theirs = crate::support::app::key(&other, &[countinghouse::principal::Scope::DataWrite]);
    shop.lines("orders", &[order("o1", "10.00")]).await;
    // The same id is another order, in the writer's own currency, whatever the row or the address would have.
    let request = posted("orders?organizationId=acme", "application/json").header("x-organization", "acme");
    let request = request.body(json!([order("o1", "99.00")]).to_string().into()).expect("a request");
    let reply = shop.app.send(Ok(theirs.clone()), request).await;
    assert_eq!(reply.json()["organization"], "other");
    let named = json!([{ "organization_id": 1, "order_id": "o2", "placed_at": "2026-01-01", "status": "DRAFT", "total": 1 }]);
    let request = posted("orders", "application/json").body(named.to_string().into()).expect("a request");
    assert_eq!(shop.app.send(Ok(theirs.clone()), request).await.status, 422);
    // What another has cannot be pointed to.
    let refund = json!([{ "refund_id": "r1", "order_id": "o2", "refunded_at": "2026-04-02", "amount": 1 }]);
    shop.lines("orders", &[order("o2", "5.00")]).await;
    let request = posted("refunds", "application/json").body(refund.to_string().into()).expect("a request");
    let reply = shop.app.send(Ok(theirs), request).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["problems"][0]["column"]), (422, &json!("order_id")));
    let orders = "SELECT external_id, order_id, total, o.currency FROM orders o \
                  JOIN organizations g ON g.id = o.organization_id ORDER BY g.id, order_key";
    let wanted = ["acme|o1|1000|EUR", "acme|o2|500|EUR", "other|o1|9900|USD"];
    assert_eq!(ask(&database.connection, orders).await, wanted);
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM refunds").await, ["0"]);
}

async fn reports_are_told_of_writes(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let version = async || ask(&database.connection, "SELECT version FROM organizations").await.concat();
    assert_eq!(version().await, "0");
    shop.lines("orders", &[order("o1", "10.00")]).await;
    assert_eq!(version().await, "1");
    // What changes nothing, or is refused, is no write.
    shop.lines("orders", &[order("o1", "10.00")]).await;
    shop.lines("orders", &[order("o1", "ten")]).await;
    assert_eq!(version().await, "1");
    let query = "{ revenue(period: { range: { from: \"2026-04-01\", to: \"2026-04-30\" } }) { totals { revenue { amount } } } }";
    let told = async || shop.app.graphql(Ok(admin(&shop.organization)), query, Value::Null).await.json();
    assert_eq!(told().await["data"]["revenue"]["totals"]["revenue"]["amount"], "10.00");
    shop.lines("orders", &[order("o2", "5.50")]).await;
    assert_eq!(told().await["data"]["revenue"]["totals"]["revenue"]["amount"], "15.50");
    // A currency that no fact had before needs a rate from then on.
    let mut foreign = order("o3", "1.00");
    foreign["currency"] = json!("USD");
    shop.lines("orders", &[foreign]).await;
    let codes = ask(&database.connection, "SELECT fact_currencies FROM organizations").await;
    assert_eq!(codes, ["EUR,USD"]);
    let fresh = crate::import::organization(&database.connection, "EUR").await;
    let app = App::new(&database.connection, super::NOW);
    let told = app.graphql(Ok(admin(&fresh)), query, Value::Null).await.json();
    assert_eq!(told["errors"][0]["extensions"]["code"], "MISSING_EXCHANGE_RATE");
    let rate = json!({ "day": "2026-04-01", "from": "USD", "to": "EUR", "rate": 0.5 });
    shop.lines("exchange_rates", &[rate]).await;
    let told = app.graphql(Ok(admin(&fresh)), query, Value::Null).await.json();
    assert_eq!(told["data"]["revenue"]["totals"]["revenue"]["amount"], "16.00");
}
