//! Signing in and out: `/sign-in`, `/sign-out` and `/admin` for people, `/api/admin/session` for programs. Who is signed in
//! is found out with all other credentials, in `http/auth`.

mod door;
mod form;
mod json;
mod next;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::routing::{get, post};
use chrono::Duration;
use http_body_util::{BodyExt, LengthLimitError, Limited};

pub use self::door::Door;
use crate::problem::Problem;

/// Most bytes of a request to sign in.
const LARGEST: usize = 16 * 1024;

/// The routes.
pub fn router(door: Door) -> Router {
    let session = get(json::tell).post(json::begin).delete(json::end);
    Router::new()
        .route("/api/admin/session", session)
        .route("/sign-in", get(form::show).post(form::sign_in))
        .route("/sign-out", post(form::sign_out))
        .route("/admin", get(form::admin))
        .with_state(Arc::new(door))
}

/// The body of a request that says it is of that kind.
async fn body(headers: &HeaderMap, body: Body, kind: &str) -> Result<Bytes, Problem> {
    let told = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
    let is_of_kind = told.is_some_and(|told| told.is_ok_and(|told| is(told, kind)));
    if !is_of_kind || headers.get_all(header::CONTENT_TYPE).iter().count() != 1 {
        return Err(Problem::new(415).with_detail(format!("the body must be {kind}, in UTF-8")));
    }
    let read = Limited::new(body, LARGEST).collect().await;
    read.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.is::<LengthLimitError>() {
            Problem::new(413).with_detail(format!("a request to sign in may have {LARGEST} bytes"))
        } else {
            Problem::new(400).with_detail("the request's body could not be read")
        }
    })
}

/// Whole seconds, a part of one being one.
fn seconds(time: Duration) -> u64 {
    u64::try_from(time.num_milliseconds()).unwrap_or(0).div_ceil(1000).max(1)
}

/// Whether a media type is `kind`, in UTF-8 where it says in what.
fn is(told: &str, kind: &str) -> bool {
    let mut parts = told.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let is_utf8 = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    };
    essence.eq_ignore_ascii_case(kind) && parts.all(is_utf8)
}
