//! GraphQL over Server-Sent Events, each operation on a connection of its own (the graphql-sse protocol's "distinct
//! connections mode").

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};

use super::errors;
use super::service::{Call, Service};
use crate::fault::Fault;
use crate::reports::Desk;

/// How often a silent stream shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// One `next` event an answer, `complete` in the end.
pub fn stream(service: &Service, call: Call, desk: Result<Desk, Fault>) -> Response {
    let answers = service.stream(call, desk).map(|answer| {
        let text = errors::written(&answer).unwrap_or_else(str::to_owned);
        Event::default().event("next").data(text)
    });
    let events = answers.chain(stream::once(async { Event::default().event("complete").data("") }));
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(keep_alive).into_response()
}
