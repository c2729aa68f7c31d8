//! Mutations that store one record each.

use std::collections::BTreeMap;

use countinghouse::principal::{Refusal, Scope};
use serde_json::{Map, Value, json};

use super::{EVERYTHING, Shop, objects, order};
use crate::import::{ask, counts, dump, folder_of, import, other_organization};
use crate::support::app::{admin, key};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    records_are_rows_of_an_import,
    what_became_of_a_record_is_told,
    bad_records_are_told_by_their_fields,
    records_are_their_writers_own,
);

const INPUTS: &str = "{ __schema { mutationType { fields { name args { name type { ofType { name } } } } } \
    types { kind name inputFields { name type { kind name ofType { name } } } } } }";

/// Each mutation that takes a record: the type of its input, and that of each of the input's fields.
async fn mutations(shop: &Shop) -> BTreeMap<String, (String, BTreeMap<String, String>)> {
    let reply = shop.app.graphql(Err(Refusal::Missing), INPUTS, json!({})).await.json();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let schema = &reply["data"]["__schema"];
    let fields_of = |input: &str| {
        let types = list(&schema["types"]);
        let input = types.into_iter().find(|kind| kind["name"] == input).expect("a type");
        let fields = list(&input["inputFields"]).into_iter().map(|field| {
            let named =
                if field["type"]["name"].is_null() { &field["type"]["ofType"] } else { &field["type"] };
            (text(&field["name"]), text(&named["name"]))
        });
        fields.collect()
    };
    let all = list(&schema["mutationType"]["fields"]).into_iter();
    all.filter(|field| field["name"].as_str().is_some_and(|name| name.starts_with("record")))
        .map(|field| {
            let input = text(&field["args"][0]["type"]["ofType"]["name"]);
            (text(&field["name"]), (input.clone(), fields_of(&input)))
        })
        .collect()
}

/// `order_id` is `orderId`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

/// A row's texts as the values that GraphQL wants.
fn input(row: &Map<String, Value>, fields: &BTreeMap<String, String>) -> Value {
    let value = |(name, text): (&String, &Value)| {
        let name = camel(name);
        let text = text.as_str().expect("a text");
        let value = match fields[&name].as_str() {
            "Int" | "Long" => text.parse::<i64>().expect("a number").into(),
            "Boolean" => (text == "true").into(),
            // A dataset's instant may be a day alone.
            "DateTime" if text.len() == 10 => format!("{text}T00:00:00Z").into(),
            _ => text.into(),
        };
        (name, value)
    };
    Value::Object(row.iter().map(value).collect())
}

async fn records_are_rows_of_an_import(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let mutations = mutations(&shop).await;
    assert_eq!(mutations.len(), EVERYTHING.len());
    for (entity, text) in EVERYTHING {
        // The first column tells which of them is the entity's.
        let header: Vec<String> = text.lines().next().expect("a header").split(',').map(camel).collect();
        let is_its = |fields: &BTreeMap<String, String>| {
            fields.len() == header.len() && header.iter().all(|name| fields.contains_key(name))
        };
        let found: Vec<_> = mutations.iter().filter(|(_, (_, fields))| is_its(fields)).collect();
        let [(name, (kind, fields))] = found.as_slice() else { panic!("{entity}: {found:?}") };
        for row in objects(text) {
            let query = format!("mutation Store($input: {kind}!) {{ {name}(input: $input) {{ outcome }} }}");
            let reply = shop.app.graphql(
                Ok(admin(&shop.organization)),
                &query,
                json!({ "input": input(&row, fields) }),
            );
            let wanted = json!({ "data": { (name.as_str()): { "outcome": "INSERTED" } } });
            assert_eq!(reply.await.json(), wanted, "{entity}");
        }
    }
    let before = dump(&database.connection).await;
    let files: Vec<(String, &str)> =
        EVERYTHING.iter().map(|(name, text)| (format!("{name}.csv"), *text)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let summary = import(&database.connection, folder_of(&files).path()).await.expect("good rows");
    assert!(
        counts(&summary).iter().all(|(_, [new, changed, _, _])| (*new, *changed) == (0, 0)),
        "{summary:?}"
    );
    assert_eq!(dump(&database.connection).await, before);
}

/// A mutation by who may read and write.
async fn mutate(shop: &Shop, text: &str) -> Value {
    let caller = key(&shop.organization, &[Scope::ReportsRead, Scope::DataWrite]);
    shop.app.graphql(Ok(caller), &format!("mutation {{ {text} }}"), json!({})).await.json()
}

fn recorded(id: &str, status: &str, total: &str) -> String {
    format!(
        "recordOrder(input: {{ orderId: \"{id}\", placedAt: \"2026-04-01T09:30:00Z\", status: {status}, total: \"{total}\" }}) \
         {{ outcome }}"
    )
}

async fn what_became_of_a_record_is_told(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let outcome = |outcome: &str| json!({ "data": { "recordOrder": { "outcome": outcome } } });
    for (total, wanted) in
        [("10.00", "INSERTED"), ("10", "UNCHANGED"), ("11.00", "UPDATED"), ("11.00", "UNCHANGED")]
    {
        assert_eq!(mutate(&shop, &recorded("o1", "CONFIRMED", total)).await, outcome(wanted), "{total}");
    }
    assert_eq!(ask(&database.connection, "SELECT version FROM organizations").await, ["2"]);
    // Fields of a mutation are carried out one after another: a line finds its order and its product.
    let text = format!(
        "{} recordProduct(input: {{ productId: \"p1\", sku: \"s\", name: \"Lamp\" }}) {{ outcome }} \
         recordOrderItem(input: {{ orderId: \"o2\", lineNumber: 1, productId: \"p1\", quantity: 2, unitPrice: \"0.125\" }}) \
         {{ outcome }}",
        recorded("o2", "SHIPPED", "0.25")
    );
    let all = mutate(&shop, &text).await;
    assert_eq!(all["data"]["recordOrderItem"], json!({ "outcome": "INSERTED" }), "{all}");
    assert_eq!(ask(&database.connection, "SELECT line_total FROM order_items").await, ["25"]);
    // The same as by the ingest API.
    let reply = shop.lines("orders", &[order("o1", "11.00")]).await;
    assert_eq!(reply.json()["entities"][0]["unchanged"], 1);
}

async fn bad_records_are_told_by_their_fields(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let told = mutate(&shop, &recorded("o1", "CONFIRMED", "12.505")).await;
    let reason = "has more digits than EUR, which has 2";
    let wanted = json!({
        "data": { "recordOrder": null },
        "errors": [{
            "message": format!("input.total: `12.505` {reason}"),
            "locations": [{ "line": 1, "column": 12 }],
            "path": ["recordOrder"],
            "extensions": {
                "code": "INVALID_ARGUMENT",
                "problems": [{ "argument": "input.total", "value": "12.505", "reason": reason }],
            },
        }],
    });
    assert_eq!(told, wanted);
    let told = mutate(
        &shop,
        "recordRefund(input: { refundId: \"r1\", orderId: \"nothing\", refundedAt: \"2026-04-01T00:00:00Z\", amount: \"1\" }) \
         { outcome }",
    )
    .await;
    let error = &told["errors"][0];
    assert_eq!(error["extensions"]["problems"][0]["argument"], "input.orderId", "{told}");
    assert_eq!(
        error["message"],
        "input.orderId: `nothing` is no known order: neither this import nor the database has it"
    );
    // What no instant is, its scalar refuses, as in any other argument.
    let text = "recordOrder(input: { orderId: \"o1\", placedAt: \"today\", status: DRAFT, total: \"1\" }) { outcome }";
    assert_eq!(mutate(&shop, text).await["errors"][0]["extensions"]["code"], "INVALID_ARGUMENT");
    // What the schema itself refuses is not even looked at.
    for text in [
        "recordOrder(input: { orderId: \"o1\" }) { outcome }",
        "recordOrder(input: { orderId: \"o1\", placedAt: \"2026-04-01T00:00:00Z\", status: PAID, total: \"1\" }) { outcome }",
        "recordOrder(input: { orderId: \"o1\", placedAt: \"2026-04-01T00:00:00Z\", status: DRAFT, total: \"1\", colour: 1 }) { outcome }",
    ] {
        assert_eq!(mutate(&shop, text).await["errors"][0]["extensions"]["code"], "INVALID_QUERY", "{text}");
    }
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM orders").await, ["0"]);
}

async fn records_are_their_writers_own(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let other = other_organization(&database.connection, "USD").await;
    let text = format!("mutation {{ {} }}", recorded("o1", "DRAFT", "1.00"));
    let code = async |caller| {
        let reply = shop.app.graphql(caller, &text, json!({})).await.json();
        (reply["errors"][0]["extensions"]["code"].clone(), reply["errors"][0]["message"].clone())
    };
    assert_eq!(code(Err(Refusal::Missing)).await.0, "UNAUTHENTICATED");
    let reader = key(&shop.organization, &[Scope::ReportsRead]);
    let refused = (json!("FORBIDDEN"), json!("this needs the role Admin or the scope data:write"));
    assert_eq!(code(Ok(reader)).await, refused);
    assert_eq!(code(Ok(admin(&other))).await, (Value::Null, Value::Null));
    let orders = "SELECT organization_id, order_id, currency FROM orders";
    assert_eq!(ask(&database.connection, orders).await, [format!("{}|o1|USD", other.id.0)]);
}
