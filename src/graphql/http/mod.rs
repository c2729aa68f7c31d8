//! GraphQL over HTTP, as its specification has it: POST with JSON, GET for queries, the answer in the media type that
//! was asked for.

mod described;
mod negotiate;
pub mod parameters;
mod recalled;
pub mod reply;

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

pub use self::described::description;
pub use self::negotiate::Media;
use self::recalled::{Sent, answered};
use super::executor::Call;
use super::limits::Refused;
use super::service::Service;
use super::sse;
use crate::principal::{Access, Principal, Refusal};

/// `POST /graphql`
pub async fn post(State(service): State<Arc<Service>>, mut request: Request) -> Response {
    let access = request.extensions_mut().remove::<Access>();
    let headers = std::mem::take(request.headers_mut());
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    let Some(media) = Media::accepted(&headers) else { return reply::not_acceptable() };
    if !parameters::is_json(&headers) {
        let message = "send the query as application/json: {\"query\": \"…\", \"variables\": {…}}";
        return reply::refused(
            media,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refused::new("UNSUPPORTED_MEDIA_TYPE", message),
        );
    }
    let sent = Sent { media, headers: &headers, by_get: false };
    answer(&service, access, sent, || service.read_body(&body), |_| None).await
}

/// `GET /graphql`: queries alone, which change nothing, and may be answered from what a client or proxy holds.
pub async fn get(State(service): State<Arc<Service>>, mut request: Request) -> Response {
    let access = request.extensions_mut().remove::<Access>();
    let headers = std::mem::take(request.headers_mut());
    let Some(media) = Media::accepted(&headers) else { return reply::not_acceptable() };
    let query = request.uri().query().unwrap_or_default();
    let queries_alone = |call: &Call| {
        (call.kind() == OperationType::Mutation).then(|| {
            let refused = Refused::new("METHOD_NOT_ALLOWED", "a mutation must be sent with POST");
            let response = reply::refused(media, StatusCode::METHOD_NOT_ALLOWED, refused);
            ([(header::ALLOW, "POST")], response).into_response()
        })
    };
    let sent = Sent { media, headers: &headers, by_get: true };
    let read = || service.read_query_string(query);
    let response = answer(&service, access, sent, read, queries_alone).await;
    reply::with_etag(response, &headers).await
}

async fn answer(
    service: &Service,
    access: Option<Access>,
    sent: Sent<'_>,
    read: impl FnOnce() -> Result<Arc<Call>, Refused>,
    refuse: impl FnOnce(&Call) -> Option<Response>,
) -> Response {
    let Sent { media, headers, .. } = sent;
    let principal = match credential(access) {
        Ok(principal) => principal,
        Err(refusal) => return reply::unauthorized(media, &refusal),
    };
    let call = match read() {
        Ok(call) => call,
        Err(refused) => return reply::request_error(media, refused),
    };
    if let Some(response) = refuse(&call) {
        return response;
    }
    if call.kind() == OperationType::Subscription {
        let Some(principal) = principal else { return reply::unauthorized(media, &Refusal::Missing) };
        let call = Arc::unwrap_or_clone(call);
        return sse::subscription(service, media, call, service.known(headers, principal)).await;
    }
    let verdict = match &principal {
        Some(principal) => service.charge(&call, principal).await,
        None => Ok(None),
    };
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(refused) => return reply::request_error(media, refused),
    };
    let mut response = answered(service, &call, principal, sent).await;
    reply::tell_budget(&mut response, verdict.as_ref());
    response
}

/// Who asks: nobody, or somebody. A credential that is bad is refused whatever is asked.
fn credential(access: Option<Access>) -> Result<Option<Arc<Principal>>, Refusal> {
    match access.map_or(Err(Refusal::Missing), |Access(access)| access) {
        // The schema and the catalogue are for everybody; the fields of an organization say what they need.
        Err(Refusal::Missing) => Ok(None),
        access => access.map(Some),
    }
}
