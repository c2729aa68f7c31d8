//! A name for every request, in every line that is logged while it is served, and one line when it is done.
//!
//! Routes are logged as they are declared; paths, query strings and headers are not, since they may hold secrets.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use tracing::Instrument;
use tracing::field::Empty;

use crate::telemetry::timing::{self, Timings};
use crate::telemetry::{Answering, Instruments, spans};

/// The header that carries the name, both ways.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longest name that is taken over from a client or a proxy.
const LONGEST: usize = 128;

/// A request's name, among its extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// The header that tells where an answer's time went.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What is told of requests.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// What counts and times them.
    pub instruments: Instruments,
    /// Whether answers tell where their time went.
    pub server_timing: bool,
}

impl Observed {
    /// Takes over or makes the request's name, logs, counts, times and traces within it what `answer` does, and returns it.
    pub async fn around<F>(&self, mut request: Request, answer: impl FnOnce(Request) -> F) -> Response
    where
        F: Future<Output = Response>,
    {
        let id = taken_over(request.headers()).unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()));
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let method = request.method().clone();
        let mut answering = Answering::new(&self.instruments, path, method.as_str());
        let header = |name: &str| request.headers().get(name)?.to_str().ok();
        let trace = spans::request(method.as_str(), answering.route(), &id, header);
        // Of the error level, so that no filter takes the name off a line.
        let span = trace.in_scope(|| tracing::error_span!("request", request_id = %id, organization = Empty));
        let value = HeaderValue::from_str(&id);
        request.extensions_mut().insert(RequestId(id));
        let timings = self.server_timing.then(Arc::<Timings>::default);
        let answer = answer(request).instrument(span.clone()).instrument(trace.clone());
        let mut response = match &timings {
            Some(timings) => timing::timed(Arc::clone(timings), answer).await,
            None => answer.await,
        };
        let status = response.status().as_u16();
        let took = answering.elapsed();
        answering.answered(status);
        spans::answered(&trace, status);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let route = answering.route();
        span.in_scope(|| {
            if route.starts_with("/health/") {
                tracing::debug!(%method, route, status, ms, "answered");
            } else {
                tracing::info!(%method, route, status, ms, "answered");
            }
        });
        if let Some(Ok(value)) = timings.map(|timings| HeaderValue::from_str(&timings.header(took))) {
            response.headers_mut().insert(SERVER_TIMING, value);
        }
        if let Ok(value) = value {
            response.headers_mut().insert(HEADER, value);
        }
        response
    }
}

/// A client's own name for its request, if it is one that is safe to log and to return.
fn taken_over(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let is_sane = !id.is_empty()
        && id.len() <= LONGEST
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    is_sane.then(|| id.to_owned())
}
