//! How problems are described in OpenAPI, for every API that answers them.

use utoipa::ToSchema;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Header, Ref, RefOr, Response, ResponseBuilder, Schema};

use crate::problem::Problem;

/// A response with a problem as its body, such as this one; those of some statuses carry a header that says more.
pub fn problem(such_as: &Problem, description: &str) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Problem::name())))
        .example(serde_json::to_value(such_as).ok())
        .build();
    let response = ResponseBuilder::new().description(description).content(Problem::MEDIA_TYPE, content);
    match such_as.status {
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
