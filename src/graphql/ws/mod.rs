//! GraphQL over WebSocket: the protocol `graphql-transport-ws` of npm's graphql-ws, at `/graphql/ws`.

mod message;
mod origin;
mod session;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use self::session::Session;
use super::http::{Media, reply};
use super::limits::Refused;
use super::service::Service;
use crate::principal::{Access, Refusal};

/// The subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// What a socket may do.
#[derive(Clone, Debug)]
pub struct Sockets {
    /// Origins of pages, beside the server's own, that may open one: `https://app.example`.
    pub origins: Vec<String>,
    /// Sockets, and subscriptions over whatever, that a principal may have at once on this server.
    pub most_subscriptions: usize,
    /// How soon the client must show its credential.
    pub init_patience: Duration,
    /// How often a silent client is asked whether it is there; it is gone when it says nothing twice.
    pub ping: Duration,
    /// Largest message in bytes.
    pub largest_message: usize,
    /// Most messages within a second.
    pub most_messages: u32,
}

impl Default for Sockets {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            most_subscriptions: 100,
            init_patience: Duration::from_secs(5),
            ping: Duration::from_secs(15),
            largest_message: 64 * 1024,
            most_messages: 100,
        }
    }
}

/// `GET /graphql/ws`
pub async fn upgrade(
    State(service): State<Arc<Service>>,
    access: Option<Extension<Access>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => {
            let status = rejection.into_response().status();
            let message =
                "this address speaks GraphQL over WebSocket (graphql-transport-ws); /graphql speaks HTTP";
            return reply::refused(Media::Json, status, Refused::request(message));
        }
    };
    let sockets = &service.options().sockets;
    if !origin::is_allowed(&headers, &sockets.origins) {
        let message = "pages of another origin may not open a socket here, unless `graphql.origins` names it";
        let refused = Refused::new("ORIGIN_NOT_ALLOWED", message);
        service.instruments().refused(refused.code);
        return reply::refused(Media::Json, StatusCode::FORBIDDEN, refused);
    }
    // What may not be used here, such as a session whose page is not known to be this server's, may not be used later.
    let forbidden = match access {
        Some(Extension(Access(Err(refusal @ Refusal::Forbidden(_))))) => Some(refusal),
        _ => None,
    };
    // Past twice the largest message nothing is read at all; what is a little too large is told so properly.
    let unread = sockets.largest_message * 2;
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(unread)
        .max_frame_size(unread)
        .on_upgrade(move |socket| Session::new(service, headers, forbidden).run(socket))
}
