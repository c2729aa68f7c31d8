//! Queries that are asked more than once: whole answers are kept until something is written, and not sent again to who names
//! them by their tag.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::{Media, reply};
use crate::answers::{Answer, Ended, Found, Key};
use crate::graphql::apart::apart;
use crate::graphql::executor::Call;
use crate::graphql::service::Service;
use crate::graphql::sse;
use crate::graphql::{errors, kept};
use crate::metrics::Basis;
use crate::principal::{Principal, Scope};

/// How a request was sent: what its answer looks like depends on that, and what is told does not.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    /// What it is answered in.
    pub media: Media,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Whether it came by GET, so that the answer may be held by who asked, and named by its tag.
    pub by_get: bool,
}

/// Answers `call`: with what is known, where that still holds, and else anew.
pub async fn answered(
    service: &Service,
    call: &Call,
    principal: Option<Arc<Principal>>,
    sent: Sent<'_>,
) -> Response {
    let may_be_kept = sent.media != Media::EventStream && service.may_recall(call);
    let principal = match principal {
        Some(principal) if may_be_kept && principal.may(Scope::ReportsRead) => principal,
        principal => return told(call, sent, service.execute(call, service.desk(principal)).await),
    };
    let at = match service.organization(&principal).await {
        Ok(at) => at,
        // It fails where facts are asked for.
        Err(fault) => {
            let desk = service.desk_on(Basis::failed(fault), principal);
            return told(call, sent, service.execute(call, desk).await);
        }
    };
    let key = kept::key(service.answers().salt(), &principal, &at, call, sent.media.content_type());
    if sent.by_get
        && let Some(tag) = key.named_in(sent.headers, service.now())
    {
        service.recalled(call);
        service.answers().named();
        return reply::not_modified(&tag);
    }
    let lead = match service.answers().find(key, || service.now()).await {
        Found::Known(answer) => {
            service.recalled(call);
            return known(service, &principal, sent, key, &answer);
        }
        Found::Lead(lead) => Some(lead),
        Found::Alone => None,
    };
    let basis = Basis::of(at);
    let answer = service.execute(call, service.desk_on(basis.clone(), principal)).await;
    let written = answer.errors.is_empty().then(|| apart(call.is_long(), || errors::written(&answer)));
    let Some(Ok(body)) = written else {
        service.answers().end(key, lead, Ended::Failed);
        return told(call, sent, answer);
    };
    apart(call.is_long(), move || drop(answer));
    let body = Bytes::from(body);
    let Some(until) = basis.holds.told() else {
        service.answers().end(key, lead, Ended::Passes);
        return reply::whole(sent.media, body, None);
    };
    service.answers().end(key, lead, Ended::Told(Answer { body: body.clone(), until }));
    reply::whole(sent.media, body, Some(key.tag(until)))
}

/// What was worked out for this request alone. A large answer takes long to be let go as well.
fn told(call: &Call, sent: Sent<'_>, answer: async_graphql::Response) -> Response {
    apart(call.is_long(), move || match sent.media {
        Media::EventStream => sse::answer(&answer),
        Media::GraphQl | Media::Json => reply::answered(sent.media, &answer),
    })
}

/// What is known already.
fn known(service: &Service, principal: &Principal, sent: Sent<'_>, key: Key, answer: &Answer) -> Response {
    let (body, coding) = service.answers().coded(key, answer, principal, sent.headers);
    let tag = sent.by_get.then(|| key.tag(answer.until));
    let mut response = reply::whole(sent.media, body, tag);
    if let Some(name) = coding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}
