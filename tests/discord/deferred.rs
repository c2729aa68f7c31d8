//! Answers that take longer than Discord waits: they follow, whatever becomes of them, also of a server that stops.

use std::time::{Duration, Instant};

use chrono::Utc;
use countinghouse::discord::Options;
use countinghouse::reports::shared::Sharing;
use ed25519_dalek::Signer as _;
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::chat::{APPLICATION, Chat, GUILD, NOW, key, shop, typed};
use super::fake::{Fake, Heard};
use crate::operations::process::{Served, answer};
use crate::shared_reports::shop::dataset;
use crate::support::app::Dataset;
use crate::support::{Engine, TestDatabase, both_databases, run};

both_databases!(
    an_answer_that_takes_longer_follows,
    a_report_that_cannot_be_told_is_told_to_be_so,
    who_may_not_ask_is_refused_at_once_all_the_same,
);

/// With no patience at all: every report that asks the database follows.
fn impatient(database: &TestDatabase, api: &Fake) -> Chat {
    Chat::with(&database.connection, NOW, Sharing::default(), &api.url, Duration::ZERO)
}

fn is_the_edit(heard: &Heard, message: &Value) {
    let path = format!("/api/v10/webhooks/{APPLICATION}/aW50ZXJhY3Rpb24.x_y-z/messages/@original");
    assert_eq!((heard.method.as_str(), heard.path.as_str(), &heard.body), ("PATCH", path.as_str(), message));
    // The token in the path is all that it takes: no credential of ours goes along.
    assert!(!heard.headers.contains_key("authorization"));
    assert_eq!(heard.headers["content-type"], "application/json");
    let name = heard.headers["user-agent"].to_str().expect("text");
    assert!(name.starts_with("DiscordBot (") && name.ends_with(')'), "{name}");
}

async fn an_answer_that_takes_longer_follows(database: TestDatabase) {
    shop(&database.connection, "corner", &dataset(), GUILD).await;
    // It may not know the answer yet that was put off; then it has too much to do.
    let unknown = json!({ "message": "Unknown Webhook", "code": 10015 });
    let limited = json!({ "message": "You are being rate limited.", "retry_after": 0.01, "global": false });
    let api = Fake::start(&[(404, unknown), (429, limited)]).await;
    let at_once = Chat::with(&database.connection, NOW, Sharing::default(), &api.url, Options::PATIENCE);
    let question = typed("revenue", json!([]));
    let mut told = at_once.ask(&question).await;
    let chat = impatient(&database, &api);
    assert_eq!(chat.post(&question.to_string()).await.body, r#"{"type":5}"#);
    chat.tasks.close();
    chat.tasks.wait().await;
    let message = told["data"].take();
    assert_eq!(message["embeds"][0]["title"], "Revenue overview");
    for heard in api.hears(3).await {
        is_the_edit(&heard, &message);
    }
}

async fn a_report_that_cannot_be_told_is_told_to_be_so(database: TestDatabase) {
    let without_rate = Dataset::new().file(
        "orders.csv",
        "order_id,placed_at,status,currency,total\no1,2024-03-28T09:00:00Z,DELIVERED,USD,1.00\n",
    );
    shop(&database.connection, "corner", &without_rate, GUILD).await;
    let words = "No exchange rate from USD to EUR on or before 2024-03-28.";
    let at_once = Chat::over(&database.connection).report("revenue", json!([])).await;
    let alone = json!({ "content": words, "allowed_mentions": { "parse": [] }, "flags": 64 });
    assert_eq!(at_once, json!({ "type": 4, "data": alone }));
    let api = Fake::start(&[]).await;
    let chat = impatient(&database, &api);
    assert_eq!(chat.report("revenue", json!([])).await, json!({ "type": 5 }));
    // All see that an answer is to come, and so all see that there is none.
    is_the_edit(&api.hears(1).await[0], &json!({ "content": words, "allowed_mentions": { "parse": [] } }));
}

async fn who_may_not_ask_is_refused_at_once_all_the_same(database: TestDatabase) {
    shop(&database.connection, "corner", &dataset(), GUILD).await;
    let api = Fake::start(&[]).await;
    let chat = impatient(&database, &api);
    let mut question = typed("revenue", json!([]));
    question["member"]["roles"] = json!([]);
    let reply = chat.ask(&question).await;
    assert_eq!((&reply["type"], &reply["data"]["flags"]), (&json!(4), &json!(64)), "{reply}");
    assert_eq!(chat.report("profits", json!([])).await["data"]["flags"], 64);
    chat.tasks.close();
    chat.tasks.wait().await;
    assert_eq!(api.heard().len(), 0);
}

/// A real server, whose report waits for a table that this test holds: it puts the answer off within Discord's three
/// seconds, is told to stop, and ends when the answer was sent.
#[test]
fn a_server_that_stops_sends_what_it_put_off() {
    run(Engine::Postgres, async |database: TestDatabase| {
        shop(&database.connection, "corner", &dataset(), GUILD).await;
        let api = Fake::start(&[]).await;
        let public_key = hex::encode(key().verifying_key().as_bytes());
        let set = [("DISCORD_PUBLIC_KEY", public_key.as_str()), ("DISCORD_API_URL", api.url.as_str())];
        let server = Served::with(&database.url, &set, &[]).await;
        server.ready_within(200, 20).await;
        let held = held(&database, "orders").await;
        let body = typed("revenue", json!([])).to_string();
        let timestamp = Utc::now().timestamp();
        let signature = hex::encode(key().sign(format!("{timestamp}{body}").as_bytes()).to_bytes());
        let asked = Instant::now();
        let mut stream = server.connect().await;
        let request = format!(
            "POST /api/discord/interactions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\
             x-signature-ed25519: {signature}\r\nx-signature-timestamp: {timestamp}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let reply = answer(&mut stream).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"type":5}"#));
        let took = asked.elapsed();
        assert!((2000..3000).contains(&took.as_millis()), "{took:?}");
        server.signal("TERM").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(api.heard().len(), 0);
        held.rollback().await.expect("let go");
        let (code, log) = server.ended().await;
        assert_eq!(code, Some(0), "{log}");
        let heard = api.heard();
        assert_eq!(heard.len(), 1, "{log}");
        assert_eq!(heard[0].body["embeds"][0]["author"]["name"], "The corner", "{heard:?}");
        // Neither what was asked nor what answers it is written down.
        assert!(!log.contains("aW50ZXJhY3Rpb24") && !log.contains(&signature), "{log}");
    });
}

/// While this test holds that table, nobody reads it.
async fn held(database: &TestDatabase, table: &str) -> DatabaseTransaction {
    let held = database.connection.begin().await.expect("a transaction");
    let lock = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
    held.execute_unprepared(&lock).await.expect("held");
    held
}

#[test]
fn more_reports_at_once_than_a_server_works_out_are_refused() {
    run(Engine::Postgres, async |database: TestDatabase| {
        shop(&database.connection, "corner", &dataset(), GUILD).await;
        let api = Fake::start(&[]).await;
        let chat = impatient(&database, &api);
        let held = held(&database, "orders").await;
        for _ in 0..32 {
            assert_eq!(chat.report("revenue", json!([])).await, json!({ "type": 5 }));
        }
        let words = "Many reports are being worked out right now; try again shortly.";
        let refused = json!({ "content": words, "allowed_mentions": { "parse": [] }, "flags": 64 });
        assert_eq!(chat.report("revenue", json!([])).await, json!({ "type": 4, "data": refused }));
        held.rollback().await.expect("let go");
        let heard = api.hears(32).await;
        assert!(heard.iter().all(|heard| heard.body["embeds"][0]["title"] == "Revenue overview"));
        chat.tasks.close();
        chat.tasks.wait().await;
        assert_eq!(chat.report("revenue", json!([])).await, json!({ "type": 5 }));
    });
}

#[test]
fn a_database_that_does_not_say_who_asks_is_not_waited_for() {
    run(Engine::Postgres, async |database: TestDatabase| {
        shop(&database.connection, "corner", &dataset(), GUILD).await;
        let chat = Chat::over(&database.connection);
        let held = held(&database, "discord_guilds").await;
        let asked = Instant::now();
        let reply = chat.report("revenue", json!([])).await;
        assert!((2000..2900).contains(&asked.elapsed().as_millis()), "{:?}", asked.elapsed());
        let words = "The database is slow right now; try again shortly.";
        let refused = json!({ "content": words, "allowed_mentions": { "parse": [] }, "flags": 64 });
        assert_eq!(reply, json!({ "type": 4, "data": refused }));
        held.rollback().await.expect("let go");
    });
}
