//! How problems are described in OpenAPI, for every API that answers them.

use utoipa::ToSchema;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Header, Ref, RefOr, Response, ResponseBuilder, Schema};

use crate::problem::Problem;

/// A response with a problem as its body; those of some statuses carry a header that says more.
pub fn problem(status: u16, description: &str) -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(description).content(Problem::MEDIA_TYPE, content);
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
