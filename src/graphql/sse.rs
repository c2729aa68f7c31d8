//! GraphQL over Server-Sent Events, each operation on a connection of its own (the graphql-sse protocol's "distinct
//! connections mode").

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::Response as Answer;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{FutureExt, Stream, StreamExt, future, stream};

use super::errors;
use super::executor::Call;
use super::gate::Caller;
use super::http::{Media, reply};
use super::limits::Refused;
use super::service::Service;
use crate::principal::Refusal;

/// How often a silent stream shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// What a query is answered with: one `next` event, then `complete`.
pub fn answer(answer: &Answer) -> Response {
    if errors::is_of_request(answer) {
        return reply::answered(Media::EventStream, answer);
    }
    events(stream::iter([next(answer), complete()]))
}

/// One `next` event an answer, as long as the credential is good, the client listens and the server runs. Where the server
/// ends there is no `complete`, so that the client asks again.
pub async fn subscription(service: &Service, media: Media, call: Call, caller: Caller) -> Response {
    if media != Media::EventStream {
        let message = "a subscription is answered as text/event-stream, or over WebSocket at /graphql/ws";
        return reply::refused(media, StatusCode::NOT_ACCEPTABLE, Refused::new("NOT_ACCEPTABLE", message));
    }
    let mut answers = match service.subscribe(call, caller.clone()).await {
        Ok(answers) => Box::pin(answers),
        Err(refused) => return reply::not_begun(media, refused),
    };
    let first = match answers.next().await {
        Some(answer) if errors::is_of_request(&answer) => return reply::answered(media, &answer),
        Some(answer) => answer,
        None => return reply::unauthorized(media, &caller.ended().await),
    };
    let stopping = service.stopping().clone().cancelled_owned();
    let ended = caller.ended().boxed().shared();
    let answers = stream::once(future::ready(next(&first))).chain(answers.map(|answer| next(&answer)));
    // Answers end by themselves where the credential does, but only when the next is due.
    let answers = answers.take_until(ended.clone()).chain(stream::once(async { refused(&ended.await) }));
    events(answers.chain(stream::once(async { complete() })).take_until(stopping))
}

fn next(answer: &Answer) -> Event {
    Event::default().event("next").data(errors::written(answer).unwrap_or_else(str::to_owned))
}

fn refused(refusal: &Refusal) -> Event {
    let error = Refused::new("UNAUTHENTICATED", refusal.to_string()).error();
    next(&Answer::from_errors(vec![error]))
}

fn complete() -> Event {
    // Empty data, on lines of its own: an event without any is none to browsers.
    Event::default().event("complete").data("\n")
}

fn events(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(keep_alive).into_response()
}
