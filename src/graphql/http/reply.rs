//! Answers and refusals as HTTP responses: status, headers, body.

use async_graphql::{Response as Answer, ServerError};
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Media;
use crate::answers::{is_named, tag_of_body};
use crate::graphql::errors;
use crate::graphql::limits::Refused;
use crate::principal::Refusal;
use crate::throttle::Verdict;

/// How many headers an answer has, about.
const HEADERS: usize = 12;
/// How soon a client may try again when the database is away.
const RETRY_AFTER_SECONDS: &str = "2";

/// A request error: nothing was executed, so that there is no `data`.
#[derive(Serialize)]
struct RequestErrors<'a> {
    errors: &'a [ServerError],
}

/// Marks an answer in which no field failed: what may be held and asked for by its tag, which is its content's where nothing
/// else names it.
#[derive(Clone)]
struct Whole(Option<String>);

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
        response.extensions_mut().insert(Whole(None));
    }
    response
}

/// An answer in which no field failed, written already, with the tag that names it, if there is one.
pub fn whole(media: Media, body: Bytes, tag: Option<String>) -> Response {
    let mut response = with_headers(media, StatusCode::OK, body);
    response.extensions_mut().insert(Whole(tag));
    response
}

/// What the tag names is with the client already.
pub fn not_modified(tag: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    put_tag(response.headers_mut(), tag);
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

fn with_headers(media: Media, status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    // All that will come to stand there.
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    *response.headers_mut() = headers;
    response
}

/// Names a whole answer, and leaves the content out for who has it already. What failed may be well the next time, and events
/// have no end to be named by.
pub async fn with_etag(response: Response, asked: &HeaderMap) -> Response {
    let Some(Whole(tag)) = response.extensions().get::<Whole>().cloned() else { return response };
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The body is in memory already.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = tag.unwrap_or_else(|| tag_of_body(&body));
    put_tag(&mut parts.headers, &tag);
    if is_named(&tag, asked) {
        parts.status = StatusCode::NOT_MODIFIED;
        for of_content in [header::CONTENT_TYPE, header::CONTENT_ENCODING] {
            parts.headers.remove(of_content);
        }
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

fn put_tag(headers: &mut HeaderMap, tag: &str) {
    // It may be kept by its reader alone, and must be asked for anew each time.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
}
