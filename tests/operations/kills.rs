//! Servers and commands that are killed in the midst of it, while orders are written and rollups are kept: whoever asks
//! afterwards is told what the facts say.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Datelike};
use countinghouse::api_keys::{self, ApiKey, NewApiKey};
use countinghouse::principal::{Organization, Scope};
use countinghouse::quota::Quotas;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::process::{Served, command, killed_after};
use crate::import::ask;
use crate::support::app::{Dataset, organization};
use crate::support::{TestDatabase, both_databases};

both_databases!(what_is_killed_leaves_reports_as_facts_are);

const REPORTS: &str = "{ revenue(period: {range: {from: \"2025-01-01\", to: \"2025-12-31\"}}) \
    { totals { revenue { amount } } series(grain: MONTH) { date revenue { amount } } } \
    orders(period: {range: {from: \"2025-01-01\", to: \"2025-12-31\"}}) { series(grain: MONTH) { orders } } \
    customers(period: {range: {from: \"2025-01-01\", to: \"2025-12-31\"}}) \
    { totals { activeCustomers } top(first: 3) { customer { id } revenue { amount } } } }";

async fn what_is_killed_leaves_reports_as_facts_are(database: TestDatabase) {
    let db = &database.connection;
    let mut draw = ChaCha8Rng::seed_from_u64(9);
    let customers: String = (0..5).map(|number| format!("c{number},C\n")).collect();
    let orders: String = (0..400).map(|number| format!("{}\n", row(&mut draw, number).join(","))).collect();
    let files = Dataset::new()
        .file("customers.csv", &format!("customer_id,name\n{customers}"))
        .file("orders.csv", &format!("order_id,customer_id,placed_at,status,total\n{orders}"));
    let shop = organization(db, "shop", "EUR", files.path()).await;
    let key = key(db, &shop).await;
    let key = key.reveal();
    // What an order may be: as it was acknowledged last, or as it was sent since.
    let mut written: HashMap<String, Vec<String>> = HashMap::new();
    let mut acknowledged = 0;
    for round in 0..8 {
        let servers =
            [Served::start(&database.url, &[]).await, Served::start(&database.url, &[]).await].map(Arc::new);
        let is_over = Arc::new(AtomicBool::new(false));
        let writers = [0, 1].map(|which| {
            let (server, key, is_over) = (Arc::clone(&servers[which]), key.to_owned(), Arc::clone(&is_over));
            let mut draw = ChaCha8Rng::seed_from_u64(round * 2 + which as u64);
            tokio::spawn(async move {
                let mut told = Vec::new();
                while !is_over.load(Ordering::SeqCst) {
                    // Each writer has orders of its own: which of two writes to one came last is not known.
                    let number = 2 * draw.random_range(0..300) + which;
                    let order = row(&mut draw, number);
                    let is_acknowledged = write(&server, &key, &order).await == Some(200);
                    told.push((order, is_acknowledged));
                }
                told
            })
        });
        for server in &servers {
            tokio::time::sleep(Duration::from_millis(draw.random_range(20..700))).await;
            server.signal("KILL").await;
        }
        is_over.store(true, Ordering::SeqCst);
        for writer in writers {
            for ([id, _, _, _, total], is_acknowledged) in writer.await.expect("it wrote") {
                if is_acknowledged {
                    acknowledged += 1;
                    written.insert(id, vec![total.replace('.', "")]);
                } else if let Some(may_be) = written.get_mut(&id) {
                    may_be.push(total.replace('.', ""));
                }
            }
        }
        drop(servers);
        if round % 3 == 2 {
            let delay = Duration::from_millis(draw.random_range(5..400));
            killed_after(&database.url, &["rollup", "--rebuild", "--org", "shop"], delay).await;
        }
        let server = Served::start(&database.url, &[]).await;
        assert_eq!(told(&server, key).await, of_facts(db).await, "round {round}");
        // Also once all of it is added up.
        tokio::time::sleep(Duration::from_millis(draw.random_range(0..1500))).await;
        assert_eq!(told(&server, key).await, of_facts(db).await, "round {round}");
    }
    assert!(acknowledged > 40, "{acknowledged}");
    let stored: HashMap<String, String> = ask(db, "SELECT order_id, total FROM orders")
        .await
        .into_iter()
        .filter_map(|row| row.split_once('|').map(|(id, total)| (id.to_owned(), total.to_owned())))
        .collect();
    for (id, may_be) in &written {
        assert!(stored.get(id).is_some_and(|total| may_be.contains(total)), "{id}: {may_be:?}");
    }
    let rebuilt = command(&database.url, &[], &["rollup", "--rebuild", "--org", "shop"]).await;
    assert_eq!(rebuilt.code, 0, "{rebuilt:?}");
    let verified = command(&database.url, &[], &["rollup", "--verify"]).await;
    assert_eq!(verified.code, 0, "{verified:?}");
    let server = Served::start(&database.url, &[]).await;
    assert_eq!(told(&server, key).await, of_facts(db).await);
}

/// An order as a folder has it, of a customer and a day by chance.
fn row(draw: &mut ChaCha8Rng, number: usize) -> [String; 5] {
    let (month, day) = (draw.random_range(1..=12), draw.random_range(1..=28));
    let (customer, cents) = (draw.random_range(0..5), draw.random_range(100..99_999));
    [
        format!("o{number}"),
        format!("c{customer}"),
        format!("2025-{month:02}-{day:02}T12:00:00Z"),
        "DELIVERED".to_owned(),
        format!("{}.{:02}", cents / 100, cents % 100),
    ]
}

/// A key that may write and read.
async fn key(db: &DatabaseConnection, shop: &Organization) -> ApiKey {
    let key = ApiKey::generate("dk").expect("a prefix");
    let new = NewApiKey {
        organization: shop.id,
        name: "till".to_owned(),
        scopes: [Scope::DataWrite, Scope::ReportsRead].into(),
        expires_at: None,
        quotas: Quotas::default(),
    };
    api_keys::store(db, &key, &new, DateTime::UNIX_EPOCH).await.expect("stored");
    key
}

/// Writes an order; nothing where the server is gone before it answers.
async fn write(
    server: &Served,
    key: &str,
    [id, customer, placed_at, status, total]: &[String; 5],
) -> Option<u16> {
    let body = json!([{ "order_id": id, "customer_id": customer, "placed_at": placed_at, "status": status, "total": total }]);
    let body = body.to_string();
    let request = format!(
        "POST /ingest/v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut answer = Vec::new();
    let sent = async {
        let mut stream = TcpStream::connect(server.address).await?;
        stream.write_all(request.as_bytes()).await?;
        stream.read_to_end(&mut answer).await
    };
    if sent.await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    String::from_utf8(answer).ok()?.split(' ').nth(1)?.parse().ok()
}

/// What the server tells: revenue, by month, orders by month, active customers, and the best of them.
async fn told(server: &Served, key: &str) -> Value {
    let body = json!({ "query": REPORTS }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = server.send(&request).await;
    serde_json::from_str::<Value>(&answer.body).expect("JSON")["data"].take()
}

/// The same, from the rows themselves.
async fn of_facts(db: &DatabaseConnection) -> Value {
    let rows = ask(
        db,
        "SELECT o.placed_at, o.total, c.customer_id FROM orders o JOIN customers c \
         ON c.organization_id = o.organization_id AND c.customer_key = o.customer_key",
    );
    let (mut months, mut customers) = (BTreeMap::<u32, (i64, i64)>::new(), BTreeMap::<String, i64>::new());
    for row in rows.await {
        let [at, total, customer] = row.split('|').collect::<Vec<_>>().try_into().expect("three");
        let at = DateTime::from_timestamp_micros(at.parse().expect("a number")).expect("an instant");
        let total: i64 = total.parse().expect("a number");
        let month = months.entry(at.month()).or_default();
        *month = (month.0 + total, month.1 + 1);
        *customers.entry(customer.to_owned()).or_default() += total;
    }
    let amount = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
    let all: i64 = customers.values().sum();
    let of = |month: u32| months.get(&month).copied().unwrap_or_default();
    let revenue: Vec<Value> = (1..=12)
        .map(|month| json!({ "date": format!("2025-{month:02}-01"), "revenue": { "amount": amount(of(month).0) } }))
        .collect();
    let orders: Vec<Value> = (1..=12).map(|month| json!({ "orders": of(month).1 })).collect();
    let mut best: Vec<(&String, &i64)> = customers.iter().collect();
    best.sort_by_key(|(id, total)| (std::cmp::Reverse(**total), (*id).clone()));
    let best: Vec<Value> = best
        .into_iter()
        .take(3)
        .map(|(id, total)| json!({ "customer": { "id": id }, "revenue": { "amount": amount(*total) } }))
        .collect();
    json!({
        "revenue": { "totals": { "revenue": { "amount": amount(all) } }, "series": revenue },
        "orders": { "series": orders },
        "customers": { "totals": { "activeCustomers": customers.len() }, "top": best },
    })
}
