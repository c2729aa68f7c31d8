//! What a request may cost: bytes, and others' turns.

use std::io::Read;
use std::time::Duration;

use chrono::DateTime;
use countinghouse::api_keys::{self, ApiKey, NewApiKey};
use countinghouse::clock::Clock;
use countinghouse::ingest::{Bytes, Entity, Form, Packing};
use countinghouse::intake::{Intake, IntakeBounds, NotStored, Rows};
use countinghouse::principal::{Organization, Scope};
use countinghouse::quota::Quotas;
use countinghouse::reports::Gateway;
use futures::future::join_all;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

use super::{Shop, lines, order, posted, stored};
use crate::import::{ask, organization};
use crate::live::server::Listening;
use crate::operations::process::{Answer, answer};
use crate::support::app::App;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    rows_have_a_limit_of_their_own,
    what_unpacks_to_too_much_is_refused,
    who_waits_too_long_is_told_to_come_back,
    a_larger_body_is_stored_whole,
);

/// A key that may write.
async fn writer(db: &DatabaseConnection, organization: &Organization) -> ApiKey {
    let key = ApiKey::generate("dk").expect("a prefix");
    let new = NewApiKey {
        organization: organization.id,
        name: "till".to_owned(),
        scopes: [Scope::DataWrite].into(),
        expires_at: None,
        quotas: Quotas::default(),
    };
    api_keys::store(db, &key, &new, DateTime::UNIX_EPOCH).await.expect("stored");
    key
}

async fn sent(server: &Listening, key: &str, framing: &str, body: &[u8]) -> Answer {
    let head = format!(
        "POST /ingest/v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
         content-type: application/x-ndjson\r\nconnection: close\r\n{framing}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    stream.write_all(head.as_bytes()).await.expect("sent");
    // It may be answered before all of it was sent.
    let _ = stream.write_all(body).await;
    answer(&mut stream).await
}

async fn rows_have_a_limit_of_their_own(database: TestDatabase) {
    let db = &database.connection;
    let shop = organization(db, "EUR").await;
    let key = writer(db, &shop).await;
    let key = key.reveal();
    let limits = [("COUNTINGHOUSE_BODY_LIMIT", "1000"), ("COUNTINGHOUSE_INGEST_BODY_LIMIT", "10000")];
    let server = Listening::start(db, &limits, Clock::System).await;
    let rows: Vec<Value> = (10..60).map(|row| order(&format!("o{row}"), "1.00")).collect();
    let body = lines(&rows);
    assert!((2000..10_000).contains(&body.len()), "{}", body.len());
    let told = sent(&server, key, &format!("content-length: {}", body.len()), body.as_bytes()).await;
    assert_eq!(
        (told.status, serde_json::from_str(&told.body).ok()),
        (200, Some(stored("orders", [50, 0, 0, 0])))
    );
    let refused = "a body may have 10000 bytes, also once it is unpacked; send the rows in several requests";
    let long = lines(&[order("x", &"1".repeat(10_000))]);
    let told = sent(&server, key, &format!("content-length: {}", long.len()), b"").await;
    assert_eq!(told.status, 413, "{}", told.body);
    let chunked = format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len());
    let told = sent(&server, key, "transfer-encoding: chunked", chunked.as_bytes()).await;
    assert_eq!(told.status, 413, "{}", told.body);
    let told: Value = serde_json::from_str(&told.body).expect("JSON");
    assert_eq!(told["detail"], refused);
    // Other routes keep theirs.
    let graphql = json!({ "query": "{ __typename }", "variables": { "long": "x".repeat(2000) } }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{graphql}",
        graphql.len()
    );
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    let _ = stream.write_all(request.as_bytes()).await;
    assert_eq!(answer(&mut stream).await.status, 413);
    assert_eq!(ask(db, "SELECT COUNT(*) FROM orders").await, ["50"]);
    server.stop().await;
}

/// A shop whose requests may cost no more than that.
async fn bound(database: &TestDatabase, bounds: IntakeBounds) -> Shop {
    let shop = Shop::open(database).await;
    let db = database.connection.clone();
    let intake = Intake::new(db.clone(), bounds, TaskTracker::new());
    Shop { app: App::over(Gateway { intake, ..Gateway::new(db) }), ..shop }
}

async fn what_unpacks_to_too_much_is_refused(database: TestDatabase) {
    let shop = bound(&database, IntakeBounds { body: 100_000, ..IntakeBounds::default() }).await;
    // Blank lines are no rows, and good ones stand before them.
    let mut text = lines(&[order("o1", "10.00")]).into_bytes();
    std::io::repeat(b'\n').take(20_000_000).read_to_end(&mut text).expect("it is read");
    let packed = zstd::encode_all(text.as_slice(), 3).expect("packed");
    assert!(packed.len() < 10_000, "{}", packed.len());
    let request = posted("orders", "application/x-ndjson").header("content-encoding", "zstd");
    let reply = shop.send(request, packed).await;
    let words = "a body may have 100000 bytes, also once it is unpacked; send the rows in several requests";
    assert_eq!((reply.status.as_u16(), &reply.json()["detail"]), (413, &json!(words)));
    assert_eq!(ask(&database.connection, "SELECT COUNT(*) FROM orders").await, ["0"]);
}

async fn who_waits_too_long_is_told_to_come_back(database: TestDatabase) {
    // Nothing can be stored in no time: all that get a turn are given up, and nothing is left of them.
    let shop = bound(&database, IntakeBounds { deadline: Duration::ZERO, ..IntakeBounds::default() }).await;
    let reply = shop.lines("orders", &[order("o1", "10.00")]).await;
    assert_eq!(reply.status, 504, "{}", reply.body);
    // One at a time, and sixteen that wait; of forty at once some are turned away.
    let shop = bound(&database, IntakeBounds { at_once: 1, ..IntakeBounds::default() }).await;
    let replies = join_all((0..40).map(|row| {
        let shop = &shop;
        async move { shop.lines("orders", &[order(&format!("o{row}"), "1.00")]).await }
    }))
    .await;
    let (good, turned_away): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    assert!(good.len() >= 17 && !turned_away.is_empty(), "{} of 40", good.len());
    for reply in turned_away {
        let words = "too many requests of this organization wait to be stored; try again shortly";
        assert_eq!((reply.status.as_u16(), &reply.json()["detail"]), (503, &json!(words)));
        assert_eq!(reply.headers["retry-after"], "2");
    }
    let found = ask(&database.connection, "SELECT COUNT(*) FROM orders").await;
    assert_eq!(found, [good.len().to_string()]);
    // Who is not waited for any more holds nothing.
    assert_eq!(shop.lines("orders", &[order("last", "1.00")]).await.status, 200);
}

async fn a_larger_body_is_stored_whole(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let rows: Vec<Value> = (0..20_000).map(|row| order(&format!("order-{row:06}"), "1.00")).collect();
    let body = lines(&rows);
    // Beyond a mebibyte it waits on the disk for its turn.
    assert!(body.len() > 1 << 20, "{}", body.len());
    let reply = shop.send(posted("orders", "application/x-ndjson"), body.clone()).await;
    assert_eq!(reply.json(), stored("orders", [20_000, 0, 0, 0]));
    let reply = shop.send(posted("orders", "application/json"), json!(rows).to_string()).await;
    assert_eq!(reply.json(), stored("orders", [0, 0, 20_000, 0]));
    // The resolver itself asks who may, whoever calls it.
    let intake = shop.app.gateway.intake.clone();
    let reader = crate::support::app::key(&shop.organization, &[Scope::ReportsRead]);
    let entity = Entity::named("orders").expect("an entity");
    let rows =
        Rows { entity, form: Form::Ndjson, packing: Packing::None, bytes: Bytes::from(body.into_bytes()) };
    let refused = intake.store(&reader, rows, None, DateTime::UNIX_EPOCH).await;
    assert!(matches!(refused, Err(NotStored::Fault(_))), "{refused:?}");
}
