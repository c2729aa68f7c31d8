//! What Discord is told of its own accord: the commands that there are, and answers that took longer than it waits.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::message::Message;
use crate::guilds::Snowflake;
use crate::outward::Peer;

/// What programs are to call themselves there.
const NAME: &str = concat!("DiscordBot (countinghouse, ", env!("CARGO_PKG_VERSION"), ")");
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most bytes of an answer that are read.
const LARGEST: usize = 256 * 1024;
/// Longest that a command waits where Discord asks it to.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How long to wait before an answer is sent again: it may have come before Discord knew that it was put off.
const AGAIN: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(10)];
/// Most of what Discord says that is told on.
const LONGEST_WORDS: usize = 500;

/// Why Discord did not take something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// It was not reached, or its answer is none.
    #[error("Discord cannot be reached: {0}")]
    Unreachable(String),
    /// It asks to be left alone for a while.
    #[error("Discord takes no more requests for {} s", .0.as_secs_f64().ceil())]
    Limited(Duration),
    /// It refused, in its own words.
    #[error("Discord refuses ({status}): {words}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it says.
        words: String,
    },
}

/// Discord's API.
pub struct Api {
    peer: Peer,
    base: Url,
}

/// What Discord says when it refuses.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    message: String,
    errors: Option<Value>,
    retry_after: Option<f64>,
}

impl Api {
    /// At that address, which ends with its version.
    pub fn new(base: &Url) -> Result<Self, String> {
        Ok(Self { peer: Peer::new(base, None)?, base: base.clone() })
    }

    /// Makes `definitions` the commands of an application, everywhere or in one server; those that it had there are
    /// forgotten. Where Discord asks to wait up to a minute, it is asked once more. Returns how many it has then.
    pub async fn register(
        &self,
        application: Snowflake,
        bot_token: &str,
        guild: Option<Snowflake>,
        definitions: &Value,
    ) -> Result<usize, ApiError> {
        let (application, guild) = (application.to_string(), guild.map(|guild| guild.to_string()));
        let path: Vec<&str> = match &guild {
            Some(guild) => vec!["applications", &application, "guilds", guild, "commands"],
            None => vec!["applications", &application, "commands"],
        };
        let body = definitions.to_string();
        let send = || self.send(Method::PUT, &path, Some(bot_token), body.clone());
        let answer = match send().await {
            Err(ApiError::Limited(wait)) if wait <= LONGEST_WAIT => {
                tokio::time::sleep(wait).await;
                send().await?
            }
            answer => answer?,
        };
        let commands: Vec<Value> = serde_json::from_slice(&answer)
            .map_err(|error| ApiError::Unreachable(format!("its answer is no list of commands: {error}")))?;
        Ok(commands.len())
    }

    /// Puts a message in the place of an answer that was put off.
    pub async fn edit(&self, application: Snowflake, token: &str, message: &Message) -> Result<(), ApiError> {
        let application = application.to_string();
        let path = ["webhooks", &application, token, "messages", "@original"];
        let body =
            serde_json::to_string(message).map_err(|error| ApiError::Unreachable(error.to_string()))?;
        let mut waits = AGAIN.into_iter();
        loop {
            let sent = self.send(Method::PATCH, &path, None, body.clone()).await;
            let Err(error) = sent else { return Ok(()) };
            let may_pass = match &error {
                ApiError::Unreachable(_) | ApiError::Limited(_) => true,
                ApiError::Refused { status, .. } => *status == 404 || *status >= 500,
            };
            let Some(wait) = waits.next().filter(|_| may_pass) else { return Err(error) };
            let asked = if let ApiError::Limited(asked) = error { asked.min(LONGEST_WAIT) } else { wait };
            tokio::time::sleep(asked.max(wait)).await;
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &[&str],
        bot_token: Option<&str>,
        body: String,
    ) -> Result<Bytes, ApiError> {
        let mut request = Request::builder()
            .method(method)
            .uri(self.target(path))
            .header(USER_AGENT, NAME)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = bot_token {
            request = request.header(AUTHORIZATION, format!("Bot {token}"));
        }
        let request = request.body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| ApiError::Unreachable(error.to_string()))?;
        let exchange = self.peer.exchange(request, async |answer: Response<Incoming>| {
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, LARGEST).collect().await.map_err(|error| error.to_string())?;
            Ok(Response::from_parts(head, body.to_bytes()))
        });
        let slow = || Err(format!("no answer within {} s", PATIENCE.as_secs()));
        let answer = tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(|_| slow());
        let answer = answer.map_err(ApiError::Unreachable)?;
        if answer.status().is_success() { Ok(answer.into_body()) } else { Err(refused(&answer)) }
    }

    /// The path of the API's address and these parts of one, whatever is in them.
    fn target(&self, path: &[&str]) -> String {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.path().to_owned()
    }
}

fn refused(answer: &Response<Bytes>) -> ApiError {
    let status = answer.status();
    let said = serde_json::from_slice::<Refusal>(answer.body()).ok();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let header = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let seconds = said.and_then(|said| said.retry_after).or(header).unwrap_or(1.0);
        return ApiError::Limited(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    }
    let words = match said {
        Some(Refusal { message, errors: Some(errors), .. }) => format!("{message} {errors}"),
        Some(Refusal { message, .. }) if !message.is_empty() => message,
        _ => "it does not say why".to_owned(),
    };
    ApiError::Refused { status: status.as_u16(), words: words.chars().take(LONGEST_WORDS).collect() }
}
