//! The REST APIs' budgets: a request of a known caller takes one turn of its API's, whatever it asks, and is told what is
//! left. Who shows no good credential has none to use up, and nobody else's is touched. What then happens is timed.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use crate::principal::Access;
use crate::problem::Problem;
use crate::quota::Api;
use crate::telemetry::timing::{Phase, phase};
use crate::throttle::Throttle;

/// Which API a request is for.
type Owner = fn(&Request) -> Api;

/// Routes of the APIs that `owner` tells.
pub fn throttled(routes: Router, throttle: &Throttle, owner: Owner) -> Router {
    routes.layer(from_fn_with_state((Arc::new(throttle.clone()), owner), turn))
}

async fn turn(
    State((throttle, owner)): State<(Arc<Throttle>, Owner)>,
    request: Request,
    next: Next,
) -> Response {
    let verdict = match request.extensions().get::<Access>() {
        Some(Access(Ok(principal))) => throttle.turn(owner(&request), principal, 1).await,
        _ => None,
    };
    let _phase = phase(Phase::Execute);
    let Some(verdict) = verdict else { return next.run(request).await };
    let mut response = if verdict.is_granted() {
        next.run(request).await
    } else {
        Problem::new(429).with_detail(verdict.words()).into_response()
    };
    response.headers_mut().extend(verdict.headers());
    response
}
