//! The route that Discord calls: who may, what it is, and that an answer comes before Discord stops waiting.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::Semaphore;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::Instrument;

use super::answer::{answered, asked};
use super::api::Api;
use super::interaction::{self, Command, Interaction};
use super::message::{Message, Reply};
use super::signature::{self, Unsigned, VerifyingKey};
use crate::fault::Fault;
use crate::problem::Problem;
use crate::reports::Gateway;

/// Most bytes of a question.
const LARGEST: usize = 64 * 1024;
/// How long it may take to know who asks: Discord gives up after 3 s.
const RECOGNISING: Duration = Duration::from_secs(2);
/// How long Discord takes an answer that was put off, less a minute.
const LONGEST: Duration = Duration::from_mins(14);
/// Most reports that are worked out at once.
const MOST: usize = 32;

/// How questions of Discord's are answered.
pub struct Options {
    /// What they are verified with; none where none are answered.
    pub public_key: Option<VerifyingKey>,
    /// Where answers go that take longer than Discord waits.
    pub api: Api,
    /// From when on an answer is put off.
    pub patience: Duration,
    /// What goes on after its request was answered.
    pub tasks: TaskTracker,
}

impl Options {
    /// An answer is put off after two of the three seconds that Discord waits.
    pub const PATIENCE: Duration = Duration::from_secs(2);
}

struct Endpoint {
    gateway: Gateway,
    options: Options,
    slots: Arc<Semaphore>,
}

/// The route.
pub fn router(gateway: Gateway, options: Options) -> Router {
    let endpoint = Endpoint { gateway, options, slots: Arc::new(Semaphore::new(MOST)) };
    Router::new().route("/api/discord/interactions", post(interactions)).with_state(Arc::new(endpoint))
}

async fn interactions(
    State(endpoint): State<Arc<Endpoint>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let began = Instant::now();
    let Some(key) = &endpoint.options.public_key else {
        let words = "Discord is not answered: DISCORD_PUBLIC_KEY is not configured";
        return Err(Fault::NotConfigured(words.to_owned()).into());
    };
    let body = read(body).await?;
    signed(key, &headers, &body, endpoint.gateway.clock.now())
        .map_err(|unsigned| Problem::new(401).with_detail(unsigned.to_string()))?;
    let interaction = interaction::read(&body).map_err(|words| Problem::new(400).with_detail(words))?;
    let reply = match interaction {
        Interaction::Ping => Reply::PONG,
        Interaction::Command(command) => endpoint.reply(*command, began).await,
    };
    let text = serde_json::to_string(&reply).map_err(|error| Fault::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    let read = Limited::new(body, LARGEST).collect().await;
    read.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.is::<LengthLimitError>() {
            Problem::new(413).with_detail(format!("an interaction may have {LARGEST} bytes"))
        } else {
            Problem::new(400).with_detail("the request's body could not be read")
        }
    })
}

/// By its headers, before anything of the body is believed.
fn signed(key: &VerifyingKey, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<(), Unsigned> {
    let once = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let value = values.next().filter(|_| values.next().is_none());
        value.and_then(|value| value.to_str().ok()).ok_or(Unsigned::Headers)
    };
    let (signature, timestamp) = (once("x-signature-ed25519")?, once("x-signature-timestamp")?);
    signature::check(key, signature, timestamp, body, now)
}

/// An answer that is being worked out.
type Working = Pin<Box<dyn Future<Output = Message> + Send>>;

impl Endpoint {
    /// The answer, or that it follows. Refusals come at once, and are seen by whoever asked alone.
    async fn reply(self: &Arc<Self>, command: Command, began: Instant) -> Reply {
        let asked = match tokio::time::timeout(RECOGNISING, asked(&self.gateway, &command)).await {
            Ok(Ok(asked)) => asked,
            Ok(Err(words)) => return Reply::message(Message::refusal(&words)),
            Err(_) => {
                return Reply::message(Message::refusal(
                    "The database is slow right now; try again shortly.",
                ));
            }
        };
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            let words = "Many reports are being worked out right now; try again shortly.";
            return Reply::message(Message::refusal(words));
        };
        let mut working: Working = Box::pin(async move {
            let message = answered(asked).await;
            drop(slot);
            message
        });
        let patience = self.options.patience.saturating_sub(began.elapsed());
        if let Ok(message) = tokio::time::timeout(patience, &mut working).await {
            return Reply::message(message);
        }
        self.follow(command, working);
        Reply::DEFERRED
    }

    /// Sends the answer when it is there. Whatever becomes of it, whoever asked is told.
    fn follow(self: &Arc<Self>, command: Command, working: Working) {
        let endpoint = Arc::clone(self);
        let following = async move {
            // In a task of its own, so that one that breaks is told too.
            let working = AbortOnDropHandle::new(tokio::spawn(working.in_current_span()));
            let message = match tokio::time::timeout(LONGEST, working).await {
                Ok(Ok(message)) => message,
                Ok(Err(_)) => Message::refusal("Something broke; the server's log says what."),
                Err(_) => Message::refusal("The report took too long; ask for a shorter period."),
            };
            let api = &endpoint.options.api;
            if let Err(error) = api.edit(command.application_id, &command.token, &message.for_all()).await {
                tracing::warn!(%error, "an answer could not be sent to Discord");
            }
        };
        self.options.tasks.spawn(following.in_current_span());
    }
}
