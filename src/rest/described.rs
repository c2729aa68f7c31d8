//! How problems are described in OpenAPI, for every API that answers them.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Header, Ref, RefOr, Response, ResponseBuilder, Schema};

use crate::problem::Problem;

/// A response with a problem as its body, such as this one; those of some statuses carry a header that says more.
pub fn problem(such_as: &Problem, description: &str) -> Response {
    refusal::<Problem>(such_as.status, such_as, Problem::MEDIA_TYPE, description)
}

/// The same with a body of an API's own form.
pub fn refusal<T: ToSchema + Serialize>(status: u16, such_as: &T, kind: &str, description: &str) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(T::name())))
        .example(serde_json::to_value(such_as).ok())
        .build();
    let response = ResponseBuilder::new().description(description).content(kind, content);
    match status {
        401 => response.header("WWW-Authenticate", header("How to show who asks: `Bearer`.")),
        503 => response.header("Retry-After", header("In how many seconds to try again.")),
        _ => response,
    }
    .build()
}

fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new().schema(Some(RefOr::T(Schema::Object(text)))).description(Some(description)).build()
}
