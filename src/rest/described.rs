//! How problems are described in OpenAPI, for every API that answers them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Header, OpenApi, Ref, RefOr, Response, ResponseBuilder, Schema};

use crate::problem::Problem;

/// When a request is refused for asking too often.
pub const OVER_BUDGET: &str =
    "The credential's budget of this API is used up: `Retry-After` says when to try again.";
/// What is said then.
pub const OVER_BUDGET_SUCH_AS: &str =
    "60 requests a minute are answered, and they are used up; try again in 21 s";

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

/// Puts an example of its body beside each of these routes below `prefix`.
pub fn with_examples(mut description: OpenApi, prefix: &str, examples: &[(&str, &str)]) -> OpenApi {
    for (path, example) in examples {
        let item = description.paths.paths.get_mut(&format!("{prefix}{path}"));
        let answer = item
            .and_then(|item| item.get.as_mut())
            .and_then(|operation| operation.responses.responses.get_mut("200"));
        if let Some(RefOr::T(answer)) = answer
            && let Some(RefOr::T(content)) = answer.content.get_mut("application/json")
        {
            // Read from its text, so that numbers keep their digits.
            content.example = serde_json::from_str::<Value>(example).ok();
        }
    }
    description
}

fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new().schema(Some(RefOr::T(Schema::Object(text)))).description(Some(description)).build()
}
