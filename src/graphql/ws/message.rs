//! The protocol's messages, and the codes that sockets are closed with.

use std::borrow::Cow;

use axum::extract::ws::{CloseFrame, Message};
use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use crate::graphql::executor::Parameters;
use crate::graphql::gate::CREDENTIALS;
use crate::graphql::http::parameters;

/// Longest reason of a close frame.
const LONGEST_REASON: usize = 123;

/// Why a socket is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    code: u16,
    reason: Cow<'static, str>,
}

impl Close {
    /// The server ends.
    pub const STOPPING: Self = Self::new(1001, "the server ends");
    /// More messages than anybody sends.
    pub const FLOOD: Self = Self::new(1008, "too many messages");
    /// A message is too large.
    pub const TOO_LARGE: Self = Self::new(1009, "the message is too large");
    /// The principal has too many sockets.
    pub const TOO_MANY: Self = Self::new(1013, "you have too many sockets");
    /// Something was asked before the connection was initialised.
    pub const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    /// None of the client's subprotocols is spoken here.
    pub const PROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    /// The connection was not initialised in time.
    pub const NOT_INITIALISED: Self = Self::new(4408, "Connection initialisation timeout");
    /// The connection is initialised already.
    pub const INITIALISED_TWICE: Self = Self::new(4429, "Too many initialisation requests");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// A message that is none.
    pub fn invalid(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code: 4400, reason: reason.into() }
    }

    /// A credential that opens nothing, or no more.
    pub fn forbidden(reason: String) -> Self {
        Self { code: 4403, reason: reason.into() }
    }

    /// An operation of this id is there already.
    pub fn exists(id: &str) -> Self {
        Self { code: 4409, reason: format!("Subscriber for {id} already exists").into() }
    }

    /// What it is counted as, where a limit was broken; what breaks the protocol is the client's own affair.
    pub fn limit(&self) -> Option<&'static str> {
        match self.code {
            1008 => Some("1008"),
            1009 => Some("1009"),
            1013 => Some("1013"),
            4408 => Some("4408"),
            _ => None,
        }
    }

    /// As it is sent.
    pub fn message(self) -> Message {
        let mut reason = self.reason.into_owned();
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
        Message::Close(Some(CloseFrame { code: self.code, reason: reason.into() }))
    }
}

/// What a client says.
#[derive(Debug)]
pub enum FromClient {
    /// The connection begins; its credential.
    Init(HeaderMap),
    /// An operation begins.
    Subscribe(String, Parameters),
    /// An operation is not wanted any more.
    Complete(String),
    /// Are you there?
    Ping,
    /// I am.
    Pong,
}

/// Reads a message.
pub fn read(text: &str) -> Result<FromClient, Close> {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
        return Err(Close::invalid("a message must be a JSON object"));
    };
    let Some(Value::String(kind)) = fields.remove("type") else {
        return Err(Close::invalid("a message needs a `type`"));
    };
    match kind.as_str() {
        "connection_init" => Ok(FromClient::Init(credential(&payload(&mut fields)?)?)),
        "subscribe" => {
            let id = id(&mut fields)?;
            let parameters = parameters::of_fields(payload(&mut fields)?);
            let parameters = parameters.map_err(|refused| Close::invalid(refused.message))?;
            if parameters.asked.query.is_none() && parameters.asked.hash.is_none() {
                return Err(Close::invalid("`subscribe` needs a `query` in its payload"));
            }
            Ok(FromClient::Subscribe(id, parameters))
        }
        "complete" => Ok(FromClient::Complete(id(&mut fields)?)),
        "ping" => payload(&mut fields).map(|_| FromClient::Ping),
        "pong" => payload(&mut fields).map(|_| FromClient::Pong),
        _ => Err(Close::invalid("a message of this `type` is not known")),
    }
}

fn id(fields: &mut Map<String, Value>) -> Result<String, Close> {
    match fields.remove("id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id),
        _ => Err(Close::invalid("the message needs an `id`, a text that is not empty")),
    }
}

fn payload(fields: &mut Map<String, Value>) -> Result<Map<String, Value>, Close> {
    match fields.remove("payload") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(payload)) => Ok(payload),
        Some(_) => Err(Close::invalid("a `payload` must be an object")),
    }
}

/// The headers that a browser cannot send with a socket, from the payload, in any case.
fn credential(payload: &Map<String, Value>) -> Result<HeaderMap, Close> {
    let mut headers = HeaderMap::new();
    for (name, value) in payload {
        let Some(name) = CREDENTIALS.iter().find(|known| name.eq_ignore_ascii_case(known.as_str())) else {
            continue;
        };
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        let value = value.ok_or_else(|| Close::invalid(format!("`{name}` in the payload must be a text")))?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// `{"type": …}` alone.
pub fn plain(kind: &str) -> Message {
    Message::text(format!(r#"{{"type":"{kind}"}}"#))
}

/// A message of an operation; `payload` is JSON.
pub fn of(id: &str, kind: &str, payload: Option<&str>) -> Message {
    let payload = payload.map(|payload| format!(r#","payload":{payload}"#)).unwrap_or_default();
    Message::text(format!(r#"{{"id":{},"type":"{kind}"{payload}}}"#, Value::from(id)))
}
