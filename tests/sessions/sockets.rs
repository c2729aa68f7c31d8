//! Sockets and streams that a session opens: from this server's pages alone, and no longer than it lasts.

use chrono::Utc;
use countinghouse::clock::Clock;
use countinghouse::sessions::{self, Lifespan};
use countinghouse::ticket::Ticket;
use countinghouse::users::{self, Email, NewUser};
use sea_orm::DatabaseConnection;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::browser::{ADA, HASH, PLAIN};
use crate::live::server::{Heard, LIVE, Listening, key, shop, told};
use crate::support::{TestDatabase, both_databases};

both_databases!(
    a_page_of_this_server_opens_one,
    others_open_none,
    a_session_that_ends_takes_its_sockets_along
);

/// The cookie of an administrator of `acme` who is signed in, and their number.
async fn cookie(db: &DatabaseConnection) -> (String, i64) {
    let acme = countinghouse::organizations::find(db, "acme").await.expect("asked").expect("found");
    let new = NewUser {
        organization: acme.id,
        email: Email::parse(ADA).expect("an address"),
        name: "Ada".to_owned(),
        role: "Admin".to_owned(),
        scopes: [].into(),
        password: HASH.clone(),
    };
    let id = users::add(db, &new, Utc::now()).await.expect("asked").expect("added");
    let ticket = Ticket::generate(acme.id);
    let lifespan = Lifespan { idle: chrono::Duration::hours(1), whole: chrono::Duration::hours(1) };
    sessions::begin(db, &ticket, id, Utc::now(), lifespan).await.expect("begun");
    (format!("{PLAIN}={}", ticket.reveal()), id)
}

async fn a_page_of_this_server_opens_one(database: TestDatabase) {
    let db = &database.connection;
    shop(db, "acme").await;
    let (cookie, _) = cookie(db).await;
    let server = Listening::start(db, &[], Clock::System).await;
    let own = format!("http://{}", server.address);
    let mut socket = server.connect(&[("origin", &own), ("cookie", &cookie)]).await;
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.next().await, Heard::Said(json!({ "type": "connection_ack" })));
    socket.subscribe("1", LIVE).await;
    assert_eq!(socket.answer("1").await, told(1, "100.00"));
    socket.subscribe("2", "{ viewer { subject credential } }").await;
    assert_eq!(
        socket.answer("2").await,
        json!({ "data": { "viewer": { "subject": "user:1", "credential": "SESSION" } } })
    );
    server.stop().await;
}

async fn others_open_none(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let (cookie, _) = cookie(db).await;
    let key = key(db, &acme).await;
    let variables = [("COUNTINGHOUSE_GRAPHQL_ORIGINS", "https://friend.example")];
    let server = Listening::start(db, &variables, Clock::System).await;
    // A stranger's page opens none at all.
    let mut request = format!("ws://{}/graphql/ws", server.address).into_client_request().expect("a request");
    for (name, value) in [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("origin", "https://evil.example"),
        ("cookie", &cookie),
    ] {
        request.headers_mut().insert(name, value.parse().expect("a header"));
    }
    let Err(Error::Http(refused)) = connect_async(request).await else { panic!("it opens") };
    assert_eq!(refused.status(), 403);
    // Where it may open one, and where nobody says who asks, the cookie does not count.
    let stranger =
        "Forbidden: a page of another origin asks; if the page is this server's own, set `public_url` to";
    let unknown =
        "Forbidden: a socket that is opened with a session needs the `Origin` of the page that opens it";
    for (headers, words) in [
        (vec![("origin", "https://friend.example"), ("cookie", cookie.as_str())], stranger),
        (vec![("sec-fetch-site", "cross-site"), ("cookie", &cookie)], stranger),
        (vec![("cookie", &cookie)], unknown),
    ] {
        let mut socket = server.connect(&headers).await;
        socket.say(json!({ "type": "connection_init" })).await;
        let Heard::Closed(4403, reason) = socket.next().await else { panic!("it is let in: {headers:?}") };
        assert!(reason.starts_with(words), "{reason}");
        // A credential that the page itself has does, whatever the browser sends along.
        let mut socket = server.connect(&headers).await;
        socket.init(key.reveal()).await;
        assert_eq!(socket.next().await, Heard::Said(json!({ "type": "connection_ack" })), "{headers:?}");
        socket.subscribe("1", "{ viewer { credential } }").await;
        assert_eq!(socket.answer("1").await, json!({ "data": { "viewer": { "credential": "API_KEY" } } }));
    }
    // Nor is a cookie taken from a message: a page cannot read it, so that none has it to send.
    let own = format!("http://{}", server.address);
    let mut socket = server.connect(&[("origin", &own)]).await;
    socket.say(json!({ "type": "connection_init", "payload": { "Cookie": cookie } })).await;
    let Heard::Closed(4403, reason) = socket.next().await else { panic!("it is let in") };
    assert!(reason.starts_with("Forbidden: no credential was sent"), "{reason}");
    server.stop().await;
}

async fn a_session_that_ends_takes_its_sockets_along(database: TestDatabase) {
    let db = &database.connection;
    let acme = shop(db, "acme").await;
    let (cookie, user) = cookie(db).await;
    let server = Listening::start(db, &[], Clock::System).await;
    let own = format!("http://{}", server.address);
    let mut socket = server.connect(&[("origin", &own), ("cookie", &cookie)]).await;
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.next().await, Heard::Said(json!({ "type": "connection_ack" })));
    socket.subscribe("1", LIVE).await;
    assert_eq!(socket.answer("1").await, told(1, "100.00"));
    // And a stream of events, which is asked for by POST and so brings the token.
    let token = countinghouse::http::auth::csrf::token(cookie.split_once('=').expect("a value").1);
    let body = json!({ "query": LIVE }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\norigin: {own}\r\ncookie: {cookie}\r\nx-csrf-token: {token}\r\n\
         accept: text/event-stream\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    );
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut events = [0; 4096];
    let read = stream.read(&mut events).await.expect("it answers");
    assert!(events[..read].starts_with(b"HTTP/1.1 200 OK"), "{}", String::from_utf8_lossy(&events[..read]));
    assert_eq!(sessions::end_all(db, acme.id, user).await, Ok(1));
    let words = "Forbidden: the session is over; sign in again".to_owned();
    assert_eq!(socket.next().await, Heard::Closed(4403, words));
    let mut rest = String::new();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(5), stream.read_to_string(&mut rest));
    ended.await.expect("it ends").expect("text");
    assert!(
        rest.contains("the session is over; sign in again") && rest.contains("event: complete"),
        "{rest}"
    );
    server.stop().await;
}
