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
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

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

/// What surrounds every route.
struct Surroundings {
    limits: Limits,
    observed: Observed,
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
    // A layer costs each request two copies of all that is within it: there is one of each kind.
    let apis = apis.layer(from_fn_with_state(Arc::new(credentials), admit));
    Router::new()
        .merge(apis)
        .merge(pages)
        .merge(readiness::routes(readiness))
        .fallback(async || limits::not_found())
        .method_not_allowed_fallback(async || limits::method_not_allowed())
        .layer(from_fn_with_state(Arc::new(Surroundings { limits, observed }), surround))
}

/// Middleware around every route.
async fn surround(State(around): State<Arc<Surroundings>>, request: Request, next: Next) -> Response {
    let Surroundings { limits, observed } = &*around;
    let answer = async |request: Request| {
        let uri = request.uri().clone();
        let response = limits::reword(limits.around(request, next).await);
        headers::complete(in_its_words(&uri, response))
    };
    observed.around(request, answer).await
}

/// Middleware around the APIs.
async fn admit(State(credentials): State<Arc<Credentials>>, request: Request, next: Next) -> Response {
    compressed::compressed(request, |request| credentials.around(request, next)).await
}
