//! The server: everything around the APIs. Who asks, what a request may cost, what is logged, how it starts and ends.
//!
//! It computes nothing and knows no API's inside: [`router`] takes them as they are.

mod application;
pub mod auth;
mod client;
mod compressed;
mod description;
mod ending;
mod headers;
mod limits;
mod metrics;
mod observe;
mod patient;
mod readiness;
mod server;
mod sign_in;
mod throttled;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::intake::IntakeBounds;
use crate::rest::{in_its_words, ingest};

pub use self::application::application;
pub use self::auth::Credentials;
pub use self::client::Peer;
pub use self::ending::Ending;
pub use self::metrics::MetricsReader;
pub use self::observe::{Observed, RequestId};
pub use self::readiness::Readiness;
pub use self::server::Server;

/// How much later than a handler's own deadline the server gives up on it.
const BACKSTOP: Duration = Duration::from_secs(2);
/// How long a client may pause while it sends a body.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// What a request may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest body in bytes.
    pub body: usize,
    /// How long a handler may take by its own count.
    pub deadline: Duration,
    /// What a request that brings rows may cost instead.
    pub intake: IntakeBounds,
}

impl Limits {
    /// Most bytes of a body sent to that path, and how long its handler may take.
    fn of(&self, path: &str) -> (usize, Duration) {
        if ingest::has(path) {
            (usize::try_from(self.intake.body).unwrap_or(usize::MAX), self.intake.deadline)
        } else {
            (self.body, self.deadline)
        }
    }
}

/// The whole application: `apis` behind the credential layer, `pages` in front of it, health, and all that surrounds
/// them, `observed` by whom that is to be told.
pub fn router(
    apis: Router,
    pages: Router,
    credentials: Credentials,
    readiness: Readiness,
    limits: Limits,
    observed: Observed,
) -> Router {
    let apis = compressed::compressed(apis.layer(from_fn_with_state(Arc::new(credentials), auth::resolve)));
    Router::new()
        .merge(apis)
        .merge(pages)
        .merge(readiness::routes(readiness))
        .fallback(limits::not_found)
        .method_not_allowed_fallback(limits::method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(limits, limits::body))
        .layer(RequestBodyTimeoutLayer::new(BODY_PATIENCE))
        .layer(CatchPanicLayer::custom(limits::panicked))
        .layer(from_fn_with_state(limits, limits::deadline))
        .layer(map_response(limits::reword))
        .layer(from_fn(in_its_words))
        .layer(map_response(headers::complete))
        .layer(from_fn_with_state(observed, observe::observe))
}
