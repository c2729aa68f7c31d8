//! Orders one by one: pages that hold still while others come in, through either API, and files that are sent as they are
//! read.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::Extension;
use axum::body::Body;
use axum::http::Request;
use countinghouse::ingest::{ImportOptions, Silent, import_folder};
use countinghouse::principal::{Access, Organization, Scope};
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::corner_shop::Shop;
use crate::support::app::{App, Dataset, key, organization};
use crate::support::{TestDatabase, both_databases};

const NOW: &str = "2024-05-06T09:00:00Z";

async fn an_order_as_it_is(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = shop.body("orders?from=2024-05-02&to=2024-05-03").await;
    let expected = concat!(
        r#"{"data":{"range":{"from":"2024-05-02T00:00:00.000Z","to":"2024-05-03T23:59:59.999Z","preset":"custom","label":"2024-05-02 → 2024-05-03"},"rows":["#,
        r#"{"orderId":"o3","placedAt":"2024-05-03T12:00:00.000Z","status":"SHIPPED","customerId":null,"customerName":null,"customerEmail":null,"itemCount":0,"currency":"USD","total":5.00,"discount":0.00,"shipping":0.00,"tax":0.00,"channel":null,"couponCode":null,"country":null,"region":null,"city":null},"#,
        r#"{"orderId":"o2","placedAt":"2024-05-02T23:59:59.999Z","status":"DRAFT","customerId":"c2","customerName":"Bob","customerEmail":null,"itemCount":1,"currency":"USD","total":20.00,"discount":0.00,"shipping":0.00,"tax":0.00,"channel":null,"couponCode":null,"country":null,"region":null,"city":null},"#,
        r#"{"orderId":"o1","placedAt":"2024-05-02T00:00:00.000Z","status":"DELIVERED","customerId":"c1","customerName":"Ann","customerEmail":"ann@shop.example","itemCount":2,"currency":"USD","total":10.00,"discount":1.00,"shipping":2.00,"tax":0.50,"channel":"web","couponCode":"MAY","country":"DE","region":"BE","city":"Berlin"}],"#,
        r#""nextCursor":null}}"#,
    );
    assert_eq!(body, expected);
    // Its amounts are its own: nothing of it is converted.
    let some = shop.body("orders?from=2024-05-05&to=2024-05-05&fields=total,currency,orderId").await;
    let rows = r#""rows":[{"total":0.00,"currency":"USD","orderId":"o5"},{"total":10.00,"currency":"EUR","orderId":"o4"}]"#;
    assert!(some.contains(rows), "{some}");
}

async fn the_same_as_a_file(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let reply = shop.ask("orders?from=2024-05-02&to=2024-05-05&format=csv").await;
    let header = |name: &str| reply.headers[name].to_str().expect("text").to_owned();
    assert_eq!((reply.status.as_u16(), header("cache-control")), (200, "no-store".to_owned()));
    assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
    assert!(header("content-disposition").contains(r#"filename="orders_2024-05-02_2024-05-05.csv""#));
    let expected = concat!(
        "orderId,placedAt,status,customerId,customerName,customerEmail,itemCount,currency,total,discount,shipping,tax,channel,couponCode,country,region,city\r\n",
        "o5,2024-05-05T13:00:00.000Z,SUBMITTED,c3,\"Cy, Inc.\",cy@shop.example,0,USD,0.00,0.00,0.00,0.00,,,,,\r\n",
        "o4,2024-05-05T12:00:00.123Z,CANCELLED,c1,Ann,ann@shop.example,2,EUR,10.00,0.00,0.00,0.00,,,,,\r\n",
        "o3,2024-05-03T12:00:00.000Z,SHIPPED,,,,0,USD,5.00,0.00,0.00,0.00,,,,,\r\n",
        "o2,2024-05-02T23:59:59.999Z,DRAFT,c2,Bob,,1,USD,20.00,0.00,0.00,0.00,,,,,\r\n",
        "o1,2024-05-02T00:00:00.000Z,DELIVERED,c1,Ann,ann@shop.example,2,USD,10.00,1.00,2.00,0.50,web,MAY,DE,BE,Berlin\r\n",
    );
    assert_eq!(reply.body, expected);
    let some = shop.ask("orders?from=2024-05-03&to=2024-05-03&format=csv&fields=total,orderId").await;
    assert_eq!(some.body, "total,orderId\r\n5.00,o3\r\n");
    let none = shop.ask("orders?from=2020-05-03&to=2020-05-03&format=csv&fields=total,orderId").await;
    assert_eq!(none.body, "total,orderId\r\n");
}

/// Orders named by their number, four at each instant.
fn many(numbers: impl Iterator<Item = usize>) -> String {
    let mut text = "order_id,customer_id,placed_at,status,total,city\n".to_owned();
    for number in numbers {
        let (minute, second) = (number / 4 / 60, number / 4 % 60);
        let at = format!("2024-05-01T{:02}:{:02}:{second:02}Z", minute / 60, minute % 60);
        writeln!(text, "n{number},c{},{at},SHIPPED,{number}.05,\"=cmd|' /C calc'!A0\"", number % 3)
            .expect("text");
    }
    text
}

async fn shop_of_many(database: &TestDatabase, count: usize) -> Organization {
    let data = Dataset::new()
        .file("customers.csv", "customer_id,name\nc0,+Zero\nc1,-One\nc2,@Two\n")
        .file("orders.csv", &many((0..count).map(|number| number * 2)));
    organization(&database.connection, "many", "USD", data.path()).await
}

/// More of them come in.
async fn import(database: &TestDatabase, shop: &Organization, orders: &str) {
    let data = Dataset::new().file("orders.csv", orders);
    let done =
        import_folder(&database.connection, shop, data.path(), &ImportOptions::default(), &Silent).await;
    done.expect("the data is good");
}

/// Who comes in between is never the reason that somebody comes twice, or not at all.
async fn pages_hold_still_while_others_come_in(database: TestDatabase) {
    let shop = shop_of_many(&database, 60).await;
    let app = App::new(&database.connection, NOW);
    let reader = || Ok(key(&shop, &[Scope::ReportsRead]));
    let mut seen: Vec<String> = Vec::new();
    let mut path = "/api/v1/reports/orders?preset=all&limit=7&fields=orderId".to_owned();
    let mut number = 119;
    loop {
        let page = app.get(reader(), &path).await.json();
        let rows = page["data"]["rows"].as_array().expect("rows");
        assert!((1..=7).contains(&rows.len()), "{page}");
        seen.extend(rows.iter().map(|row| row["orderId"].as_str().expect("an id").to_owned()));
        // One that is placed before, at and after the place that was reached.
        let others = BTreeSet::from([number, (number / 2) | 1, 1]);
        import(&database, &shop, &many(others.into_iter())).await;
        number = number.saturating_sub(14);
        let Some(cursor) = page["data"]["nextCursor"].as_str() else { break };
        path = format!("/api/v1/reports/orders?preset=all&limit=7&fields=orderId&cursor={cursor}");
    }
    let mut once = seen.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "{seen:?}");
    let was_there = |number: usize| seen.contains(&format!("n{}", number * 2));
    assert!((0..60).all(was_there), "{seen:?}");
    assert!(seen.len() > 60, "some that came in behind the page are among them: {seen:?}");
    // Last placed first; of one instant the one first that came in last.
    let places: Vec<usize> = seen.iter().map(|id| id[1..].parse::<usize>().expect("a number") / 4).collect();
    assert!(places.is_sorted_by(|a, b| a >= b), "{seen:?}");
}

/// The pages of GraphQL's connection, in either direction, are those of the route.
async fn graphql_lists_the_same(database: TestDatabase) {
    let shop = shop_of_many(&database, 25).await;
    let app = App::new(&database.connection, NOW);
    let reader = || Ok(key(&shop, &[Scope::ReportsRead]));
    let query = "query ($after: String, $oldest: Boolean!) { \
        orders(period: { range: { from: \"2024-05-01\", to: \"2024-05-01\" } }) { \
        list(first: 10, after: $after, oldestFirst: $oldest) { edges { cursor node { id placedAt status \
        total { amount currency } lines city customer { id name email } } } \
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";
    let mut lists = [Vec::new(), Vec::new()];
    for (list, oldest) in lists.iter_mut().zip([false, true]) {
        let mut after = Value::Null;
        for page in 0..3 {
            let reply =
                app.graphql(reader(), query, json!({ "after": after, "oldest": oldest })).await.json();
            let found = &reply["data"]["orders"]["list"];
            let edges = found["edges"].as_array().expect("edges");
            assert_eq!(edges.len(), if page < 2 { 10 } else { 5 }, "{reply}");
            let info = json!({
                "hasNextPage": page < 2, "hasPreviousPage": page > 0,
                "startCursor": edges[0]["cursor"], "endCursor": edges[edges.len() - 1]["cursor"],
            });
            assert_eq!(found["pageInfo"], info);
            after = info["endCursor"].clone();
            list.extend(edges.iter().map(|edge| edge["node"].clone()));
        }
        // A cursor of the other direction is none of this list.
        let turned = app.graphql(reader(), query, json!({ "after": after, "oldest": !oldest })).await.json();
        assert_eq!(turned["data"]["orders"], Value::Null, "{turned}");
    }
    let [newest, mut oldest] = lists;
    oldest.reverse();
    assert_eq!(newest, oldest);
    let path = "/api/v1/reports/orders?from=2024-05-01&to=2024-05-01&limit=25";
    let told = app.get(reader(), path).await.json();
    let rows = told["data"]["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 25);
    for (row, node) in rows.iter().zip(&newest) {
        let amount: Value =
            serde_json::from_str(node["total"]["amount"].as_str().expect("digits")).expect("a number");
        let same = json!({
            "orderId": node["id"], "status": node["status"], "customerId": node["customer"]["id"],
            "customerName": node["customer"]["name"], "customerEmail": node["customer"]["email"],
            "itemCount": node["lines"], "currency": node["total"]["currency"], "total": amount, "city": node["city"],
        });
        for (name, value) in same.as_object().expect("values") {
            assert_eq!(&row[name], value, "{name}");
        }
        assert_eq!(
            row["placedAt"].as_str().map(|at| &at[..19]),
            node["placedAt"].as_str().map(|at| &at[..19])
        );
    }
    // Conditions hold for lists as for figures, and what is none of orders is refused.
    let of_one = "{ orders(period: { range: { from: \"2024-05-01\", to: \"2024-05-01\" } }, \
        where: [{ dimension: CUSTOMER, in: [\"c1\"] }]) { totals { grossOrders } \
        list(first: 1000) { edges { node { customer { id } } } } } }";
    let reply = app.graphql(reader(), of_one, json!({})).await.json();
    let edges = reply["data"]["orders"]["list"]["edges"].as_array().expect("edges");
    assert!(edges.iter().all(|edge| edge["node"]["customer"]["id"] == "c1"), "{reply}");
    assert_eq!(reply["data"]["orders"]["totals"]["grossOrders"], edges.len());
    for wrong in ["first: 0", "first: 1001", "after: \"nothing\""] {
        let query =
            format!("{{ orders(period: {{ preset: TODAY }}) {{ list({wrong}) {{ edges {{ cursor }} }} }} }}");
        let reply = app.graphql(reader(), &query, json!({})).await.json();
        let name = wrong.split(':').next().expect("a name");
        let message = reply["errors"][0]["message"].as_str().expect("words");
        assert!(message.starts_with(&format!("{name}: ")), "{reply}");
    }
}

/// Nothing is read ahead of who reads: two statements a page, whatever there is in all.
async fn a_file_is_read_page_by_page_and_is_no_formula(database: TestDatabase) {
    let shop = shop_of_many(&database, 2500).await;
    let app = App::new(&database.connection, NOW);
    let gateway = app.gateway.clone();
    let statements = || gateway.means.instruments.statements();
    let routes = countinghouse::rest::distribu::router(&gateway).layer(Extension(Access(Ok(key(
        &shop,
        &[Scope::ReportsRead],
    )
    .into()))));
    let path = "/api/v1/reports/orders?from=2024-05-01&to=2024-05-01&format=csv&fields=orderId,customerName,city,total";
    let before = statements();
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let mut body = routes.oneshot(request).await.expect("an answer").into_body().into_data_stream();
    assert_eq!(statements() - before, 2);
    let mut text = body.next().await.expect("a chunk").expect("bytes").to_vec();
    tokio::task::yield_now().await;
    assert_eq!(statements() - before, 2);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.expect("bytes");
        assert!(!chunk.is_empty() && chunk.len() < 100_000, "{}", chunk.len());
        text.extend(chunk);
    }
    assert_eq!(statements() - before, 6);
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let records: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("a record")).collect();
    assert_eq!(records.len(), 2500);
    for (record, number) in records.iter().zip((0..2500).rev().map(|number| number * 2)) {
        let name = ["'+Zero", "'-One", "'@Two"][number % 3];
        let expected =
            [format!("n{number}"), name.to_owned(), "'=cmd|' /C calc'!A0".to_owned(), format!("{number}.05")];
        assert_eq!(record.iter().collect::<Vec<_>>(), expected);
    }
}

both_databases!(
    an_order_as_it_is,
    the_same_as_a_file,
    pages_hold_still_while_others_come_in,
    graphql_lists_the_same,
    a_file_is_read_page_by_page_and_is_no_formula,
);
