//! Answers and refusals as HTTP responses: status, headers, body.

use async_graphql::{Response as Answer, ServerError};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Media;
use crate::graphql::errors;
use crate::graphql::limits::Refused;
use crate::principal::Refusal;
use crate::throttle::Verdict;

/// How soon a client may try again when the database is away.
const RETRY_AFTER_SECONDS: &str = "2";

/// A request error: nothing was executed, so that there is no `data`.
#[derive(Serialize)]
struct RequestErrors<'a> {
    errors: &'a [ServerError],
}

/// Marks an answer in which no field failed: what may be held and asked for by its tag.
#[derive(Clone, Copy)]
struct Whole;

/// What was executed.
pub fn answered(media: Media, answer: &Answer) -> Response {
    if errors::is_of_request(answer) {
        let status = if media == Media::Json { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        return json(media, status, &RequestErrors { errors: &answer.errors });
    }
    let status = if errors::all_are(answer, "UNAUTHENTICATED") {
        StatusCode::UNAUTHORIZED
    } else if errors::all_are(answer, "UNAVAILABLE") {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    let mut response = json(media, status, answer);
    if answer.errors.is_empty() {
        response.extensions_mut().insert(Whole);
    }
    response
}

/// A request that was not executed. Clients of `application/json` take 200 for what is wrong with a query's text, and
/// 400 for all else but a budget that is used up.
pub fn request_error(media: Media, refused: Refused) -> Response {
    let is_of_text = matches!(refused.code, "INVALID_QUERY" | "PERSISTED_QUERY_NOT_FOUND");
    let status = if refused.budget.is_some() {
        StatusCode::TOO_MANY_REQUESTS
    } else if media == Media::Json && is_of_text {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    self::refused(media, status, refused)
}

/// A subscription that does not begin.
pub fn not_begun(media: Media, refused: Refused) -> Response {
    let status = match refused.code {
        "TOO_MANY_SUBSCRIPTIONS" | "RATE_LIMITED" => StatusCode::TOO_MANY_REQUESTS,
        "TOO_COSTLY" => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    self::refused(media, status, refused)
}

/// A refusal with its status.
pub fn refused(media: Media, status: StatusCode, refused: Refused) -> Response {
    let budget = refused.budget.clone();
    let mut response = json(media, status, &RequestErrors { errors: &[refused.error()] });
    tell_budget(&mut response, budget.as_deref());
    response
}

/// Puts what is left of a budget into an answer's headers, and when to try again where nothing is.
pub fn tell_budget(response: &mut Response, verdict: Option<&Verdict>) {
    if let Some(verdict) = verdict {
        response.headers_mut().extend(verdict.headers());
    }
}

/// A credential that opens nothing.
pub fn unauthorized(media: Media, refusal: &Refusal) -> Response {
    let (status, code) = match refusal {
        Refusal::Missing | Refusal::Invalid(_) => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
        Refusal::Forbidden(_) => (StatusCode::FORBIDDEN, "FORBIDDEN"),
        Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
    };
    self::refused(media, status, Refused::new(code, refusal.to_string()))
}

/// No media type that the client takes.
pub fn not_acceptable() -> Response {
    let message = "answers come as application/graphql-response+json, application/json or text/event-stream";
    refused(Media::Json, StatusCode::NOT_ACCEPTABLE, Refused::new("NOT_ACCEPTABLE", message))
}

fn json(media: Media, status: StatusCode, body: &impl Serialize) -> Response {
    // Who asked for events is told in JSON what kept them from coming.
    let media = if media == Media::EventStream { Media::Json } else { media };
    match errors::written(body) {
        Ok(body) => with_headers(media, status, body),
        Err(body) => with_headers(media, StatusCode::INTERNAL_SERVER_ERROR, body.to_owned()),
    }
}

fn with_headers(media: Media, status: StatusCode, body: String) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, media.content_type())], body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Names a whole answer by its content, and leaves the content out for who has it already. What failed may be well the
/// next time, and events have no end to be named by.
pub async fn with_etag(response: Response, asked: &HeaderMap) -> Response {
    if response.status() != StatusCode::OK || response.extensions().get::<Whole>().is_none() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The body is in memory already.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // Weak: the same answer may be sent compressed or not.
    let tag = format!("W/\"{}\"", hex::encode(&Sha256::digest(&body)[..16]));
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|value| value.split(',')).any(|known| is_same(known.trim(), &tag));
    let headers = &mut parts.headers;
    // It may be kept by its reader alone, and must be asked for anew each time.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

fn is_same(known: &str, tag: &str) -> bool {
    known == "*" || known.trim_start_matches("W/") == tag.trim_start_matches("W/")
}
