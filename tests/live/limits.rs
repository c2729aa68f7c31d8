//! How much of the server a principal, a socket and a silent client may have.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use countinghouse::clock::Clock;
use countinghouse::graphql::{Executor, Gate, Options, Sockets, router};
use countinghouse::http::Server;
use countinghouse::principal::{Principal, Refusal};
use countinghouse::reports::Gateway;
use countinghouse::telemetry::Instruments;
use futures::StreamExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::server::{Heard, LIVE, Listening, Socket, key, shop, told};
use crate::support::app::admin;
use crate::support::{Engine, TestDatabase, run};

fn refused(id: &str, heard: Heard) -> String {
    let Heard::Said(message) = heard else { panic!("{heard:?}") };
    assert_eq!((&message["id"], &message["type"]), (&json!(id), &json!("error")), "{message}");
    let errors = message["payload"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{message}");
    errors[0]["extensions"]["code"].as_str().expect("a code").to_owned()
}

async fn begun(socket: &mut Socket, id: &str) {
    socket.subscribe(id, LIVE).await;
    assert_eq!(socket.answer(id).await, told(1, "100.00"));
}

#[test]
fn a_principal_has_so_many_subscriptions_and_sockets_and_no_more() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        let acme = shop(db, "acme").await;
        let (one, other) = (key(db, &acme).await, key(db, &acme).await);
        let variables = [("COUNTINGHOUSE_GRAPHQL_MAX_SUBSCRIPTIONS", "3")];
        let server = Listening::start(db, &variables, Clock::System).await;
        let (mut first, mut second) = (server.socket(one.reveal()).await, server.socket(one.reveal()).await);
        begun(&mut first, "1").await;
        begun(&mut first, "2").await;
        begun(&mut second, "1").await;
        second.subscribe("2", LIVE).await;
        assert_eq!(refused("2", second.next().await), "TOO_MANY_SUBSCRIPTIONS");
        // Over HTTP they count as well.
        let mut sse = String::new();
        server.events(one.reveal()).await.read_to_string(&mut sse).await.expect("UTF-8");
        assert!(sse.starts_with("HTTP/1.1 429") && sse.contains("TOO_MANY_SUBSCRIPTIONS"), "{sse}");
        // Another principal of the same organization has its own.
        let mut stranger = server.socket(other.reveal()).await;
        begun(&mut stranger, "1").await;
        // What ends makes room: by the client's word, or with its socket.
        first.say(json!({ "id": "2", "type": "complete" })).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        begun(&mut second, "2").await;
        let third = server.socket(one.reveal()).await;
        let mut fourth = server.connect(&[]).await;
        fourth.init(one.reveal()).await;
        assert_eq!(fourth.next().await, Heard::Closed(1013, "you have too many sockets".to_owned()));
        drop((first, third));
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut again = server.socket(one.reveal()).await;
        begun(&mut again, "1").await;
        assert_eq!(counted(&server.instruments), [("1013", 1), ("TOO_MANY_SUBSCRIPTIONS", 2)].map(refusals));
        server.stop().await;
    });
}

fn refusals((code, count): (&str, u32)) -> String {
    format!("countinghouse_refused_total{{code=\"{code}\"}} {count}")
}

/// What was refused so far, code by code.
fn counted(instruments: &Instruments) -> Vec<String> {
    let text = instruments.text().expect("text");
    let lines = text.lines().filter(|line| line.starts_with("countinghouse_refused_total"));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn what_a_socket_is_closed_for_or_not_opened_is_counted() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let db = &database.connection;
        let key = key(db, &shop(db, "acme").await).await;
        let server = Listening::start(db, &[], Clock::System).await;
        let mut wordy = server.socket(key.reveal()).await;
        wordy.say(json!({ "type": "ping", "payload": { "x": "x".repeat(70_000) } })).await;
        assert_eq!(wordy.next().await, Heard::Closed(1009, "the message is too large".to_owned()));
        let mut flooding = server.socket(key.reveal()).await;
        for _ in 0..110 {
            flooding.say(json!({ "type": "pong" })).await;
        }
        assert_eq!(flooding.next().await, Heard::Closed(1008, "too many messages".to_owned()));
        let mut request =
            format!("ws://{}/graphql/ws", server.address).into_client_request().expect("a request");
        request.headers_mut().insert("origin", "https://evil.example".parse().expect("an origin"));
        assert!(connect_async(request).await.expect_err("refused").to_string().contains("403"));
        // What breaks the protocol is none of the server's limits.
        let mut wrong = server.socket(key.reveal()).await;
        wrong.say(json!({ "type": "nonsense" })).await;
        assert!(matches!(wrong.next().await, Heard::Closed(4400, _)));
        let told = [("1008", 1), ("1009", 1), ("ORIGIN_NOT_ALLOWED", 1)].map(refusals);
        assert_eq!(counted(&server.instruments), told);
        server.stop().await;
    });
}

/// Lets everybody in as one principal.
struct Everybody(Arc<Principal>);

impl Gate for Everybody {
    fn access<'a>(&'a self, _: &'a HeaderMap) -> BoxFuture<'a, Result<Arc<Principal>, Refusal>> {
        Box::pin(async { Ok(Arc::clone(&self.0)) })
    }
}

#[test]
fn a_silent_client_is_asked_and_then_let_go_and_one_that_answers_stays() {
    run(Engine::Sqlite, async |database: TestDatabase| {
        let acme = shop(&database.connection, "acme").await;
        let sockets = Sockets {
            init_patience: Duration::from_millis(300),
            ping: Duration::from_millis(200),
            ..Sockets::default()
        };
        let gate = Arc::new(Everybody(Arc::new(admin(&acme))));
        let options = Options { sockets, ..Options::default() };
        let gateway = Gateway::new(database.connection.clone());
        let app = router(gateway.clone(), gate, Arc::new(Executor::new(options, &gateway.means.instruments)));
        let server = Server::bind("127.0.0.1:0").await.expect("a port");
        let address = server.address();
        let serving = tokio::spawn(server.run(app, 10, Duration::ZERO, std::future::pending()));
        let connect = async || {
            let mut request = format!("ws://{address}/graphql/ws").into_client_request().expect("a request");
            let protocol = "graphql-transport-ws".parse().expect("a name");
            request.headers_mut().insert("sec-websocket-protocol", protocol);
            connect_async(request).await.expect("a socket").0
        };
        // Nothing is said: it is closed before it is asked twice.
        let mut mute = connect().await;
        let (mut pings, mut end) = (0, None);
        while let Some(Ok(message)) = mute.next().await {
            match message {
                Message::Ping(_) => pings += 1,
                Message::Close(frame) => end = frame.map(|frame| u16::from(frame.code)),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((pings, end), (1, Some(4408)));
        assert_eq!(counted(&gateway.means.instruments), [("4408", 1)].map(refusals));
        // This client answers pings as it reads, and is there after many of them.
        let mut reading = connect().await;
        let init: Value = json!({ "type": "connection_init" });
        futures::SinkExt::send(&mut reading, Message::text(init.to_string())).await.expect("sent");
        let mut seen = 0;
        while seen < 6 {
            match reading.next().await.expect("it goes on").expect("it goes on") {
                Message::Ping(_) => seen += 1,
                Message::Text(text) => assert_eq!(text.as_str(), r#"{"type":"connection_ack"}"#),
                other => panic!("{other:?}"),
            }
        }
        // This one does not read, so that no pong is sent: after two pings the server lets it go.
        let mut deaf = connect().await;
        futures::SinkExt::send(&mut deaf, Message::text(init.to_string())).await.expect("sent");
        tokio::time::sleep(Duration::from_millis(900)).await;
        let mut pings = 0;
        while let Some(Ok(message)) = deaf.next().await {
            pings += u32::from(message.is_ping());
        }
        assert_eq!(pings, 1, "one ping, no answer, and the end");
        serving.abort();
    });
}
