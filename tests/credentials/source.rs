//! A server of key sets on loopback that does what a test tells it to, and counts who comes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What is answered.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub delay: Duration,
}

impl Answer {
    /// A set of these keys.
    pub fn keys(keys: &[Value]) -> Self {
        Self::text(json!({ "keys": keys }).to_string())
    }

    /// Any text.
    pub fn text(body: impl Into<String>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), delay: Duration::ZERO }
    }

    /// With one more header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

#[derive(Clone)]
struct Desk {
    answer: Arc<Mutex<Answer>>,
    hits: Arc<AtomicUsize>,
}

/// The server.
pub struct Source {
    address: SocketAddr,
    desk: Desk,
    serving: JoinHandle<()>,
}

impl Source {
    /// Serves that answer at any path of a free port.
    pub async fn serve(answer: Answer) -> Self {
        Self::serve_at("127.0.0.1:0".parse().expect("an address"), answer).await
    }

    /// Serves at that address.
    pub async fn serve_at(address: SocketAddr, answer: Answer) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let desk = Desk { answer: Arc::new(Mutex::new(answer)), hits: Arc::default() };
        let app = Router::new().fallback(tell).with_state(desk.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { address, desk, serving }
    }

    /// The address of its key set.
    pub fn url(&self) -> String {
        format!("http://{}/jwks.json?v=1", self.address)
    }

    /// Answers otherwise from now on.
    pub fn answer(&self, answer: Answer) {
        *self.desk.answer.lock().expect("unpoisoned") = answer;
    }

    /// How many asked so far.
    pub fn hits(&self) -> usize {
        self.desk.hits.load(Ordering::SeqCst)
    }

    /// Ends it; its port refuses connections.
    pub async fn stop(self) -> SocketAddr {
        self.serving.abort();
        let _ = self.serving.await;
        self.address
    }
}

async fn tell(State(desk): State<Desk>) -> Response<Body> {
    desk.hits.fetch_add(1, Ordering::SeqCst);
    let answer = desk.answer.lock().expect("unpoisoned").clone();
    tokio::time::sleep(answer.delay).await;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).expect("a response")
}

/// A listener that nobody should find: counts connections.
pub struct Trap {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Trap {
    /// Listens on a free port.
    pub async fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { address, connections }
    }

    /// An address on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Fails if anybody came, also a moment later. A connection of the test's own shows that the trap works.
    pub async fn is_untouched(&self) {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(self.connections.load(Ordering::SeqCst), 0, "somebody connected");
        tokio::net::TcpStream::connect(self.address).await.expect("it listens");
        for _ in 0..100 {
            if self.connections.load(Ordering::SeqCst) == 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the trap does not count");
    }
}
