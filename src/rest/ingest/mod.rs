//! The ingest API: rows of the dataset's entities, written by requests, as documented in docs/ingest.md.

mod described;
mod refused;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::fault::Fault;
use crate::ingest::catalogue::ENTITIES;
use crate::ingest::{Bytes, Entity, Form, Incoming, Packing};
use crate::intake::{Rows, Stored, may_not_write};
use crate::principal::Scope;
use crate::problem::Problem;
use crate::reports::Gateway;
use crate::rest::answer::{JSON, json};
use crate::rest::caller;
use crate::rest::query::shown;

use described::{EntityName, Key, Refusals, RowList, SummaryShape};
use refused::Refused;

/// Where the routes are.
pub const PREFIX: &str = "/ingest/v1";
/// What the description gathers the route under.
const TAG: &str = "ingest";
/// The sender's name for a request that is to be carried out once.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is that of the same request before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key.
const LONGEST_KEY: usize = 255;

/// Whether a path is this API's, there or not.
pub fn has(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with('/'))
}

/// The route.
pub fn router(gateway: Gateway) -> Router {
    let (router, _) = routes().split_for_parts();
    router.method_not_allowed_fallback(method_not_allowed).with_state(gateway)
}

/// What the route takes and answers.
pub fn description() -> OpenApi {
    described::with_rows(routes().into_openapi())
}

fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(store))
}

/// Stores rows of one entity, whole or not at all.
#[utoipa::path(
    post,
    path = "/ingest/v1/{entity}",
    tag = TAG,
    params(("entity" = inline(EntityName), Path, description = "What the rows are."), Key),
    request_body(
        description = "The rows, in the columns of the dataset folder. Also packed, as `Content-Encoding: gzip` or `zstd`.",
        content((RowList = "application/json"), (String = "application/x-ndjson")),
    ),
    responses((status = 200, description = "What became of the rows.", body = SummaryShape), Refusals),
)]
async fn store(
    State(gateway): State<Gateway>,
    entity: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let principal = caller(&parts)?;
    // Asked before a body is taken in, and again where it is stored.
    if !principal.may(Scope::DataWrite) {
        return Err(may_not_write().into());
    }
    let entity = known(&entity.map_or_else(|_| "\u{FFFD}".to_owned(), |Path(name)| name))?;
    let (form, packing) = (form(&parts.headers)?, packing(&parts.headers)?);
    let key = key(&parts.headers)?;
    let bytes = received(body, gateway.intake.bounds().body).await?;
    let rows = Rows { entity, form, packing, bytes };
    match gateway.intake.store(&principal, rows, key, gateway.clock.now()).await? {
        Stored::Now(summary) => Ok(json::<Fault>(&summary)?),
        Stored::Before(answer) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(JSON)),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (REPLAYED, HeaderValue::from_static("true")),
            ];
            Ok((headers, answer).into_response())
        }
    }
}

fn known(name: &str) -> Result<&'static Entity, Problem> {
    Entity::named(name).ok_or_else(|| {
        let names: Vec<&str> = ENTITIES.iter().map(|entity| entity.name).collect();
        let words = format!("`{}` is not an entity; these are: {}", shown(name), names.join(", "));
        Problem::new(404).with_detail(words)
    })
}

/// How the rows are written. Parameters of the type change nothing: JSON is UTF-8.
fn form(headers: &HeaderMap) -> Result<Form, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/x-ndjson" => Ok(Form::Ndjson),
        "application/json" => Ok(Form::Array),
        _ => {
            let words = "the Content-Type must be application/x-ndjson, one object a line, or application/json, an array of objects";
            Err(Problem::new(415).with_detail(words))
        }
    }
}

fn packing(headers: &HeaderMap) -> Result<Packing, Refused> {
    let mut lines = headers.get_all(header::CONTENT_ENCODING).iter();
    let coding = lines.next().map_or("identity", |line| line.to_str().unwrap_or_default()).trim();
    let coding = if lines.next().is_some() { String::new() } else { coding.to_ascii_lowercase() };
    match coding.as_str() {
        "identity" => Ok(Packing::None),
        "gzip" | "x-gzip" => Ok(Packing::Gzip),
        "zstd" => Ok(Packing::Zstandard),
        _ => Err(Refused::Packing),
    }
}

/// The sender's name for this request, if it has one.
fn key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut lines = headers.get_all(KEY).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    let key = line.to_str().ok().filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    let key = key.filter(|_| lines.next().is_none()).ok_or_else(|| {
        let words = format!("must be one text of 1 to {LONGEST_KEY} ASCII characters, such as a UUID");
        Problem::new(400).with_error("Idempotency-Key", words)
    });
    key.map(Some)
}

/// The body, all of it.
async fn received(mut body: Body, most: u64) -> Result<Bytes, Problem> {
    let mut incoming = Incoming::default();
    let kept = |error: std::io::Error| Problem::from(Fault::Internal(error.to_string()));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(&error, most))?;
        if let Some(piece) = frame.data_ref() {
            incoming.push(piece).await.map_err(kept)?;
        }
    }
    incoming.complete().await.map_err(kept)
}

/// A body that does not come to its end: it is larger than it may be, or its sender is gone or pauses.
fn broken(error: &axum::Error, most: u64) -> Problem {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return too_large(most);
        }
        cause = error.source();
    }
    Problem::new(400).with_detail("the body broke off before its end")
}

fn too_large(most: u64) -> Problem {
    let words =
        format!("a body may have {most} bytes, also once it is unpacked; send the rows in several requests");
    Problem::new(413).with_detail(words)
}

async fn method_not_allowed() -> Problem {
    Problem::new(405).with_detail("rows are stored with POST")
}
