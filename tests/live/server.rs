//! A whole server in this process, and a client that speaks graphql-transport-ws to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use chrono::DateTime;
use countinghouse::api_keys::{self, ApiKey, NewApiKey};
use countinghouse::clock::Clock;
use countinghouse::config::{Settings, Sources};
use countinghouse::http::{Ending, Readiness, Server, application};
use countinghouse::ingest::{self, ImportOptions, Silent};
use countinghouse::principal::{Organization, Scope};
use countinghouse::quota::Quotas;
use countinghouse::telemetry::Instruments;
use futures::{SinkExt, StreamExt};
use playground::Playground;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

use crate::support::app::{Dataset, organization};

/// The secret of its tokens.
pub const SECRET: &str = "correct horse battery staple, and then some";

/// How long anything may take that is to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Revenue and orders of January 2024.
pub const LIVE: &str = r#"subscription { live { revenue(period: { range: { from: "2024-01-01", to: "2024-01-31" } }) { totals { orders revenue { amount } } } } }"#;

/// What [`LIVE`] is answered with.
pub fn told(orders: u32, amount: &str) -> Value {
    json!({ "data": { "live": { "revenue": { "totals": { "orders": orders, "revenue": { "amount": amount } } } } } })
}

/// An organization in euros with one order of 100.
pub async fn shop(db: &DatabaseConnection, name: &str) -> Organization {
    organization(db, name, "EUR", orders(&[("first", "100.00")]).path()).await
}

/// Orders of January by id and total.
pub fn orders(rows: &[(&str, &str)]) -> Dataset {
    let line = |(id, total): &(&str, &str)| format!("{id},2024-01-15T12:00:00Z,DELIVERED,EUR,{total}\n");
    let lines: String = rows.iter().map(line).collect();
    Dataset::new().file("orders.csv", &format!("order_id,placed_at,status,currency,total\n{lines}"))
}

/// Imports orders.
pub async fn write(db: &DatabaseConnection, organization: &Organization, rows: &[(&str, &str)]) {
    import(db, organization, orders(rows).path()).await;
}

async fn import(db: &DatabaseConnection, organization: &Organization, folder: &Path) {
    let options = ImportOptions::default();
    ingest::import_folder(db, organization, folder, &options, &Silent).await.expect("good data");
}

/// A key that may read reports.
pub async fn key(db: &DatabaseConnection, organization: &Organization) -> ApiKey {
    let key = ApiKey::generate("dk").expect("a prefix");
    let new = NewApiKey {
        organization: organization.id,
        name: "test".to_owned(),
        scopes: [Scope::ReportsRead].into(),
        expires_at: None,
        quotas: Quotas::default(),
    };
    api_keys::store(db, &key, &new, DateTime::UNIX_EPOCH).await.expect("stored");
    key
}

/// A server that listens.
pub struct Listening {
    pub address: SocketAddr,
    /// What counts.
    pub instruments: Instruments,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<usize>,
}

impl Listening {
    /// Over `db`, with the settings that these variables make.
    pub async fn start(db: &DatabaseConnection, variables: &[(&str, &str)], clock: Clock) -> Self {
        let mut all = BTreeMap::from([("JWT_SECRET".to_owned(), SECRET.to_owned())]);
        all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let settings = Settings::load(&Sources { variables: all, ..Sources::default() }).expect("settings");
        let (readiness, stop) = (Readiness::current(db.clone()), CancellationToken::new());
        let (page, instruments) = (Playground::default(), Instruments::default());
        let ending = Ending { stopping: stop.clone(), ..Ending::default() };
        let app = application(&settings, db.clone(), clock, readiness, page, ending, &instruments)
            .expect("settings that fit");
        let server = Server::bind("127.0.0.1:0").await.expect("a port");
        let (address, stopped) = (server.address(), stop.clone().cancelled_owned());
        let running = tokio::spawn(server.run(app, 1000, Duration::from_secs(5), stopped));
        Self { address, instruments, stop, running }
    }

    /// Ends it; how many connections had to be cut.
    pub async fn stop(self) -> usize {
        self.stop.cancel();
        timeout(PATIENCE, self.running).await.expect("it ends").expect("it does not panic")
    }

    /// Sets it to end.
    pub fn begin_to_stop(&self) {
        self.stop.cancel();
    }

    /// A connection on which [`LIVE`] was just asked for as events.
    pub async fn events(&self, key: &str) -> TcpStream {
        let body = json!({ "query": LIVE }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\naccept: text/event-stream\r\n\
             content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.write_all(request.as_bytes()).await.expect("sent");
        stream
    }

    /// A socket with nothing said yet; `headers` beside those of every socket.
    pub async fn connect(&self, headers: &[(&'static str, &str)]) -> Socket {
        let mut request =
            format!("ws://{}/graphql/ws", self.address).into_client_request().expect("a request");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a name"));
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        let (stream, _) = connect_async(request).await.expect("a socket");
        Socket(stream)
    }

    /// A socket whose credential was taken.
    pub async fn socket(&self, credential: &str) -> Socket {
        let mut socket = self.connect(&[]).await;
        socket.init(credential).await;
        assert_eq!(socket.next().await, Heard::Said(json!({ "type": "connection_ack" })));
        socket
    }
}

/// A client's end of a socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What came.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// A message.
    Said(Value),
    /// The end, with its code and reason.
    Closed(u16, String),
    /// The end without a word.
    Gone,
}

impl Socket {
    /// Sends JSON.
    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("sent");
    }

    /// Shows a credential.
    pub async fn init(&mut self, credential: &str) {
        let payload = json!({ "Authorization": format!("Bearer {credential}") });
        self.say(json!({ "type": "connection_init", "payload": payload })).await;
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    /// What comes next; pings apart.
    pub async fn next(&mut self) -> Heard {
        timeout(PATIENCE, self.heard()).await.expect("something comes")
    }

    /// The payload of the next answer of that operation.
    pub async fn answer(&mut self, id: &str) -> Value {
        match self.next().await {
            Heard::Said(mut message) => {
                let payload = message["payload"].take();
                assert_eq!(message, json!({ "id": id, "type": "next", "payload": null }), "{payload}");
                payload
            }
            other => panic!("{other:?}"),
        }
    }

    /// That nothing comes for so long.
    pub async fn is_silent_for(&mut self, time: Duration) {
        if let Ok(heard) = timeout(time, self.heard()).await {
            panic!("{heard:?}");
        }
    }

    async fn heard(&mut self) -> Heard {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Heard::Said(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Heard::Closed(frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => panic!("{other:?}"),
                Some(Err(_)) | None => return Heard::Gone,
            }
        }
    }
}
