//! GraphQL over HTTP: one JSON object in, one out.

use std::sync::Arc;

use async_graphql::{Request, Response as Answer, ServerError};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::completion::FieldTypes;
use super::{GatewaySchema, errors};
use crate::fault::Fault;
use crate::principal::{Access, Refusal};
use crate::reports::{Desk, Gateway};

/// How soon a client may try again when the database is away.
const RETRY_AFTER_SECONDS: &str = "2";

/// What the route works with.
#[derive(Clone)]
pub struct Service {
    schema: GatewaySchema,
    field_types: Arc<FieldTypes>,
    gateway: Gateway,
}

impl Service {
    /// Answers by `schema` about what `gateway` reaches.
    pub fn new(schema: GatewaySchema, gateway: Gateway) -> Self {
        // The schema's own text is always readable; if it were not, fields would only lose their order.
        let field_types = FieldTypes::of(&schema.sdl()).unwrap_or_else(|error| {
            tracing::error!(error, "the schema cannot be read back");
            FieldTypes::default()
        });
        Self { schema, field_types: Arc::new(field_types), gateway }
    }
}

/// Answers one request.
pub async fn graphql(
    State(service): State<Service>,
    access: Option<Extension<Access>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_json(&headers) {
        let message = "send the query as application/json: {\"query\": \"…\", \"variables\": {…}}";
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    let request = match read(&body) {
        Ok(request) => request,
        Err(message) => return refuse(StatusCode::BAD_REQUEST, "INVALID_REQUEST", &message),
    };
    let refusal = match access.map(|Extension(Access(access))| access) {
        Some(Ok(principal)) => return run(&service, request, service.gateway.desk(principal)).await,
        Some(Err(refusal)) => refusal,
        None => Refusal::Missing,
    };
    let message = refusal.to_string();
    match refusal {
        // The schema and the catalogue are for everybody; the fields of an organization say what they need.
        Refusal::Missing => run(&service, request, Err(Fault::Unauthenticated(message))).await,
        Refusal::Invalid(_) => refuse(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", &message),
        Refusal::Forbidden(_) => refuse(StatusCode::FORBIDDEN, "FORBIDDEN", &message),
        Refusal::Unavailable => refuse(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", &message),
    }
}

async fn run(service: &Service, mut request: Request, desk: Result<Desk, Fault>) -> Response {
    let document = request.parsed_query().ok().cloned();
    let operation = request.operation_name.clone();
    let mut answer = service.schema.execute(request.data(desk)).await;
    if let Some(document) = document {
        service.field_types.complete(&document, operation.as_deref(), &mut answer);
    }
    errors::finish(&mut answer);
    let status = if errors::all_are(&answer, "UNAUTHENTICATED") {
        StatusCode::UNAUTHORIZED
    } else if errors::all_are(&answer, "UNAVAILABLE") {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    reply(status, &answer)
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn read(body: &[u8]) -> Result<Request, String> {
    let value: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
    if !value.is_object() {
        return Err("the body must be one JSON object with a `query`; batches are not taken".to_owned());
    }
    serde_json::from_value(value).map_err(|error| format!("the body is not a GraphQL request: {error}"))
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code } }] });
    with_headers(status, body.to_string())
}

fn reply(status: StatusCode, answer: &Answer) -> Response {
    match serde_json::to_string(answer) {
        Ok(body) => with_headers(status, body),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            let answer = Answer::from_errors(vec![ServerError::new("internal error", None)]);
            with_headers(StatusCode::INTERNAL_SERVER_ERROR, json!({ "errors": answer.errors }).to_string())
        }
    }
}

fn with_headers(status: StatusCode, body: String) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
