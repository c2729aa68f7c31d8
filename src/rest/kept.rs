//! Reports that are read more than once: whole answers are kept until something is written, named by a tag, and not sent again
//! to who has them.
//!
//! A handler knows nothing of it: its desk puts down for how long what it tells holds.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use super::answer::JSON;
use super::caller;
use crate::answers::{Answer, Answers, Ended, Found, Key, Question, is_named, tag_of_body};
use crate::fault::Fault;
use crate::metrics::Basis;
use crate::organizations::AtVersion;
use crate::principal::{Principal, Scope};
use crate::reports::{Desk, Gateway};

/// It may be kept by its reader alone, and must be asked for anew each time.
const CACHE: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Whose answer it is, the credential says.
const VARY: HeaderValue = HeaderValue::from_static("Authorization");

/// Which routes tell of nothing but what was written to an organization's data, by their path.
type Keeps = fn(&str) -> bool;

/// What the answer to a request rests on, among its extensions.
#[derive(Clone)]
struct Rests(Basis);

/// These routes of an API, with answers kept for those that `keeps` names, and tags for all.
pub fn kept(routes: Router, gateway: &Gateway, keeps: Keeps) -> Router {
    routes.layer(from_fn_with_state((Arc::new(gateway.clone()), keeps), answer))
}

/// The desk for a request, on what its answer is to rest on.
pub fn desk(parts: &Parts, gateway: &Gateway, principal: Arc<Principal>) -> Result<Desk, Fault> {
    match parts.extensions.get::<Rests>() {
        Some(Rests(basis)) => gateway.desk_on(basis.clone(), principal),
        None => gateway.desk(principal),
    }
}

async fn answer(
    State((gateway, keeps)): State<(Arc<Gateway>, Keeps)>,
    mut request: Request,
    next: Next,
) -> Response {
    match *request.method() {
        Method::GET => read(gateway, keeps, request, next).await,
        // Whoever asks for the head alone is told the head of the whole.
        Method::HEAD => {
            *request.method_mut() = Method::GET;
            let mut whole = read(gateway, keeps, request, next).await;
            let length = whole.body().size_hint().exact().filter(|_| whole.status() == StatusCode::OK);
            if let Some(length) = length {
                whole.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length.into());
            }
            whole.map(|_| Body::empty())
        }
        _ => next.run(request).await,
    }
}

async fn read(gateway: Arc<Gateway>, keeps: Keeps, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asks = keeps(parts.uri.path()) && gateway.answers.keeps_anything();
    let principal = caller(&parts).ok().filter(|principal| asks && principal.may(Scope::ReportsRead));
    let Some(principal) = principal else {
        let headers = parts.headers.clone();
        return tagged(next.run(Request::from_parts(parts, body)).await, &headers).await;
    };
    match gateway.means.organization(principal.organization.id).await {
        Ok(at) => {
            let key = key(&gateway.answers, &principal, &at, &parts);
            let one = One { gateway: &gateway, basis: Basis::of(at), key, principal: &principal };
            one.answer(parts, body, next).await
        }
        // In the API's own words.
        Err(fault) => {
            let mut request = Request::from_parts(parts, body);
            request.extensions_mut().insert(Rests(Basis::failed(fault)));
            next.run(request).await
        }
    }
}

/// Path and query as they were sent: what they mean is each route's matter.
fn key(answers: &Answers, principal: &Principal, at: &AtVersion, parts: &Parts) -> Key {
    let question = Question::new(answers.salt(), principal, at, "rest");
    let query = parts.uri.query().unwrap_or_default();
    question.part(parts.uri.path().as_bytes()).part(query.as_bytes()).key()
}

/// One request whose answer may be known.
struct One<'a> {
    gateway: &'a Gateway,
    basis: Basis,
    key: Key,
    principal: &'a Principal,
}

impl One<'_> {
    async fn answer(self, parts: Parts, body: Body, next: Next) -> Response {
        let answers = &self.gateway.answers;
        let now = || self.gateway.clock.now();
        if let Some(tag) = self.key.named_in(&parts.headers, now()) {
            answers.named();
            return not_modified(&tag);
        }
        let lead = match answers.find(self.key, now).await {
            Found::Known(answer) => return self.whole(&parts.headers, &answer),
            Found::Lead(lead) => Some(lead),
            Found::Alone => None,
        };
        let headers = parts.headers.clone();
        let mut request = Request::from_parts(parts, body);
        request.extensions_mut().insert(Rests(self.basis.clone()));
        let (head, body) = match finished(next.run(request).await).await {
            Ok(whole) => whole,
            Err(response) => {
                answers.end(self.key, lead, Ended::Failed);
                return response;
            }
        };
        let Some(until) = self.basis.holds.told() else {
            answers.end(self.key, lead, Ended::Passes);
            let tag = tag_of_body(&body);
            return with_tag(Response::from_parts(head, Body::from(body)), &tag, &headers);
        };
        answers.end(self.key, lead, Ended::Told(Answer { body: body.clone(), until }));
        with_tag(Response::from_parts(head, Body::from(body)), &self.key.tag(until), &headers)
    }

    /// What is known already.
    fn whole(&self, headers: &HeaderMap, answer: &Answer) -> Response {
        let (body, coding) = self.gateway.answers.coded(self.key, answer, self.principal, headers);
        let mut response = ([(header::CONTENT_TYPE, JSON)], body).into_response();
        if let Some(name) = coding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        put_tag(&mut response, &self.key.tag(answer.until));
        response
    }
}

/// An answer that names itself by its content, where it is a whole report.
async fn tagged(response: Response, asked: &HeaderMap) -> Response {
    match finished(response).await {
        Ok((head, body)) => {
            let tag = tag_of_body(&body);
            with_tag(Response::from_parts(head, Body::from(body)), &tag, asked)
        }
        Err(response) => response,
    }
}

/// The parts of a report that is in memory already; the response itself where it is none, or a file that is still written.
async fn finished(response: Response) -> Result<(axum::http::response::Parts, Bytes), Response> {
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == JSON);
    let is_in_memory = response.body().size_hint().exact().is_some();
    if response.status() != StatusCode::OK || !is_json || !is_in_memory {
        return Err(response);
    }
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await;
    body.map(|body| (head, body)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn with_tag(mut response: Response, tag: &str, asked: &HeaderMap) -> Response {
    if is_named(tag, asked) {
        return not_modified(tag);
    }
    put_tag(&mut response, tag);
    response
}

fn not_modified(tag: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    put_tag(&mut response, tag);
    response
}

fn put_tag(response: &mut Response, tag: &str) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHE);
    headers.insert(header::VARY, VARY);
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
}
