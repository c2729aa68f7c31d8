//! Discord's API on this machine: it writes down what it is asked, and answers as it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What was asked.
#[derive(Clone, Debug)]
pub struct Heard {
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

#[derive(Clone, Default)]
struct Memory {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
}

/// It answers until it is dropped.
pub struct Fake {
    pub url: String,
    memory: Memory,
    _serving: JoinSet<()>,
}

impl Fake {
    /// Answers so, in this order, and then with 200 and nothing.
    pub async fn start(answers: &[(u16, Value)]) -> Self {
        let memory = Memory::default();
        memory.answers.lock().expect("unbroken").extend(answers.iter().cloned());
        let app = Router::new().fallback(answer).with_state(memory.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/api/v10", listener.local_addr().expect("a port"));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { url, memory, _serving: serving }
    }

    /// What was asked so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.memory.heard.lock().expect("unbroken").clone()
    }

    /// Waits until it was asked so often.
    pub async fn hears(&self, count: usize) -> Vec<Heard> {
        for _ in 0..1200 {
            if self.heard().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let heard = self.heard();
        assert_eq!(heard.len(), count, "{heard:?}");
        heard
    }
}

async fn answer(
    State(memory): State<Memory>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let heard = Heard { method: method.to_string(), path: uri.to_string(), headers, body };
    memory.heard.lock().expect("unbroken").push(heard);
    let (status, body) = memory.answers.lock().expect("unbroken").pop_front().unwrap_or((200, json!({})));
    (StatusCode::from_u16(status).expect("a status"), body.to_string())
}
