//! One socket, from its first message to its last.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response as Answer, ServerError};
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use axum::http::HeaderMap;
use futures::StreamExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval_at};
use tokio_util::task::AbortOnDropHandle;

use super::message::{self, Close, FromClient};
use crate::graphql::errors;
use crate::graphql::executor::{Call, Parameters};
use crate::graphql::gate::{Caller, Place};
use crate::graphql::limits::Refused;
use crate::graphql::service::Service;
use crate::principal::Refusal;

/// Answers that wait to be sent.
const WAITING: usize = 16;
/// How long the client may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// A socket's state.
pub struct Session {
    service: Arc<Service>,
    /// Headers that the socket was asked for with: a client that is no browser may show its credential there.
    headers: HeaderMap,
    /// Why it may not show it there.
    forbidden: Option<Refusal>,
    /// Who it is, once that is known.
    caller: Option<Caller>,
    /// One of the principal's sockets.
    place: Option<Place>,
    /// Done when the socket must end for its credential's sake, or because none came.
    overdue: BoxFuture<'static, Close>,
    operations: HashMap<String, Operation>,
    /// How many operations there were; tells one apart from another of the same id.
    number: u64,
    events: (mpsc::Sender<Event>, mpsc::Receiver<Event>),
    /// When the current second of messages began, and how many came in it.
    burst: (Instant, u32),
}

struct Operation {
    number: u64,
    _running: AbortOnDropHandle<()>,
}

/// What an operation came to.
struct Event {
    id: String,
    number: u64,
    told: Told,
}

enum Told {
    /// An answer, as JSON.
    Next(String),
    /// Nothing is executed: errors, as JSON.
    Error(String),
    Complete,
}

impl Session {
    /// Of a socket that was asked for with these headers, whose credential may be `forbidden` here.
    pub fn new(service: Arc<Service>, headers: HeaderMap, forbidden: Option<Refusal>) -> Self {
        let patience = service.options().sockets.init_patience;
        let overdue = Box::pin(async move {
            tokio::time::sleep(patience).await;
            Close::NOT_INITIALISED
        });
        Self {
            service,
            headers,
            forbidden,
            caller: None,
            place: None,
            overdue,
            operations: HashMap::new(),
            number: 0,
            events: mpsc::channel(WAITING),
            burst: (Instant::now(), 0),
        }
    }

    /// Speaks until either side ends it.
    pub async fn run(mut self, mut socket: WebSocket) {
        let is_understood = socket.protocol().is_some();
        let close = if is_understood { self.speak(&mut socket).await } else { Some(Close::PROTOCOL) };
        if let Some(limit) = close.as_ref().and_then(Close::limit) {
            self.service.instruments().refused(limit);
        }
        // Operations end before the goodbye.
        drop(self);
        let Some(close) = close else { return };
        if socket.send(close.message()).await.is_ok() {
            // What is on its way is read, or at least waited for: who hangs up on it takes the close frame back.
            let goodbye = async {
                loop {
                    match socket.recv().await {
                        Some(Ok(Message::Close(_))) => return,
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => std::future::pending().await,
                    }
                }
            };
            let _ = tokio::time::timeout(GOODBYE, goodbye).await;
        }
    }

    /// Until the socket is to be closed, or is gone.
    async fn speak(&mut self, socket: &mut WebSocket) -> Option<Close> {
        let stopping = self.service.stopping().clone();
        let mut ping = pings(self.service.options().sockets.ping);
        let mut is_silent = false;
        loop {
            let message = tokio::select! {
                received = socket.recv() => {
                    is_silent = false;
                    match received? {
                        Ok(message) => match self.hear(message).await {
                            Ok(answer) => answer,
                            Err(close) => return Some(close),
                        },
                        Err(error) => return too_large(error),
                    }
                }
                Some(event) = self.events.1.recv() => self.tell(event),
                close = &mut self.overdue => return Some(close),
                () = stopping.cancelled() => return Some(Close::STOPPING),
                _ = ping.tick() => {
                    if std::mem::replace(&mut is_silent, true) {
                        return None;
                    }
                    Some(Message::Ping(Bytes::new()))
                }
            };
            if let Some(message) = message {
                socket.send(message).await.ok()?;
            }
        }
    }

    /// Takes a message; returns what is to be said to it.
    async fn hear(&mut self, message: Message) -> Result<Option<Message>, Close> {
        self.count_message()?;
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Close::invalid("a message must be text")),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(None),
        };
        if text.len() > self.service.options().sockets.largest_message {
            return Err(Close::TOO_LARGE);
        }
        match message::read(&text)? {
            FromClient::Init(credential) => self.initialise(credential).await.map(Some),
            FromClient::Subscribe(id, parameters) => self.begin(id, parameters).map(|()| None),
            FromClient::Complete(id) => {
                self.operations.remove(&id);
                Ok(None)
            }
            FromClient::Ping => Ok(Some(message::plain("pong"))),
            FromClient::Pong => Ok(None),
        }
    }

    fn count_message(&mut self) -> Result<(), Close> {
        let (since, count) = &mut self.burst;
        if since.elapsed() >= Duration::from_secs(1) {
            (*since, *count) = (Instant::now(), 0);
        }
        *count += 1;
        let is_flood = *count > self.service.options().sockets.most_messages;
        if is_flood { Err(Close::FLOOD) } else { Ok(()) }
    }

    /// Finds out who it is.
    async fn initialise(&mut self, credential: HeaderMap) -> Result<Message, Close> {
        if self.caller.is_some() {
            return Err(Close::INITIALISED_TWICE);
        }
        let headers = if credential.is_empty() {
            if let Some(refusal) = &self.forbidden {
                return Err(forbidden(refusal));
            }
            &self.headers
        } else {
            &credential
        };
        let caller = self.service.admit(headers).await.map_err(|refusal| forbidden(&refusal))?;
        self.place = Some(self.service.sockets.take(&caller.principal).ok_or(Close::TOO_MANY)?);
        let ended = caller.clone().ended();
        self.overdue = Box::pin(async move { forbidden(&ended.await) });
        self.caller = Some(caller);
        Ok(message::plain("connection_ack"))
    }

    /// Begins an operation.
    fn begin(&mut self, id: String, parameters: Parameters) -> Result<(), Close> {
        let caller = self.caller.clone().ok_or(Close::UNAUTHORIZED)?;
        if self.operations.contains_key(&id) {
            return Err(Close::exists(&id));
        }
        self.number += 1;
        let telling = Telling { id: id.clone(), number: self.number, events: self.events.0.clone() };
        let is_full = self.operations.len() >= self.service.options().sockets.most_subscriptions;
        let service = Arc::clone(&self.service);
        let running = tokio::spawn(async move {
            let executed = if is_full {
                let message = "this socket has too many operations at once";
                Err(Refused::new("TOO_MANY_SUBSCRIPTIONS", message))
                    .inspect_err(|refused| service.refused(None, refused))
            } else {
                telling.execute(&service, caller, parameters).await
            };
            match executed {
                Ok(()) => telling.tell(Told::Complete).await,
                Err(refused) => telling.refuse(&[refused.error()]).await,
            }
        });
        let operation = Operation { number: self.number, _running: AbortOnDropHandle::new(running) };
        self.operations.insert(id, operation);
        Ok(())
    }

    /// What is sent of it; nothing where the client wants no more.
    fn tell(&mut self, event: Event) -> Option<Message> {
        let Event { id, number, told } = event;
        self.operations.get(&id).filter(|operation| operation.number == number)?;
        if !matches!(told, Told::Next(_)) {
            self.operations.remove(&id);
        }
        Some(match told {
            Told::Next(answer) => message::of(&id, "next", Some(&answer)),
            Told::Error(errors) => message::of(&id, "error", Some(&errors)),
            Told::Complete => message::of(&id, "complete", None),
        })
    }
}

/// What an operation tells its socket.
struct Telling {
    id: String,
    number: u64,
    events: mpsc::Sender<Event>,
}

impl Telling {
    async fn execute(
        &self,
        service: &Service,
        caller: Caller,
        parameters: Parameters,
    ) -> Result<(), Refused> {
        let call: Call = service.read(parameters)?;
        if call.kind() == OperationType::Subscription {
            let mut answers = Box::pin(service.subscribe(call, caller).await?);
            while let Some(answer) = answers.next().await {
                self.answer(&answer).await;
            }
        } else {
            let principal = caller.again().await;
            let principal =
                principal.map_err(|refusal| Refused::new("UNAUTHENTICATED", refusal.to_string()))?;
            service.charge(&call, &principal).await?;
            self.answer(&service.execute(&call, service.desk(Some(principal))).await).await;
        }
        Ok(())
    }

    async fn answer(&self, answer: &Answer) {
        if errors::is_of_request(answer) {
            self.refuse(&answer.errors).await;
        } else {
            self.tell(Told::Next(errors::written(answer).unwrap_or_else(str::to_owned))).await;
        }
    }

    async fn refuse(&self, errors: &[ServerError]) {
        let errors = serde_json::to_string(errors).unwrap_or_else(|_| "[]".to_owned());
        self.tell(Told::Error(errors)).await;
    }

    async fn tell(&self, told: Told) {
        // The socket may be gone.
        let _ = self.events.send(Event { id: self.id.clone(), number: self.number, told }).await;
    }
}

fn forbidden(refusal: &Refusal) -> Close {
    Close::forbidden(format!("Forbidden: {refusal}"))
}

/// What could not be read at all is too large, or the socket is gone.
fn too_large(error: axum::Error) -> Option<Close> {
    let error = error.into_inner();
    let is_too_large = error.to_string().starts_with("Space limit exceeded");
    is_too_large.then_some(Close::TOO_LARGE)
}

fn pings(each: Duration) -> Interval {
    interval_at(Instant::now() + each, each)
}
