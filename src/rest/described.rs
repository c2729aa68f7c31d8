//! How parameters and refusals are described in OpenAPI, for every API that has them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{
    ContentBuilder, Header, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
};

use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;
use crate::reports::may_not_read;

/// A text.
pub fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A whole number from 1 to `most`.
pub fn whole(most: u32) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(1))
        .maximum(Some(most))
}

/// A parameter of the query, which may be left out.
pub fn parameter(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
}

/// A refusal that may be answered: what it is such as, and when.
pub type Row = (Problem, &'static str);

/// What the APIs with a body of their own for refusals refuse alike, whatever is asked.
pub fn refused_by_all() -> [Row; 8] {
    [
        (Refusal::Missing.into(), "No credential, or one that does not verify."),
        (may_not_read().into(), "The credential has neither the role Admin nor the scope `reports:read`."),
        (Problem::new(408), "The request's body stalled."),
        (
            Problem::new(413).with_detail("a request body may have 2000000 bytes"),
            "The request's body is larger than this server takes.",
        ),
        over_budget(),
        (Problem::new(500), "Something broke; the server's log says what."),
        (Fault::Unavailable.into(), "The database is away, or the server busy."),
        (Fault::Timeout.into(), "The answer took longer than a request may."),
    ]
}

/// A request for more than a credential's budget has.
pub fn over_budget() -> Row {
    (
        Problem::new(429)
            .with_detail("60 requests a minute are answered, and they are used up; try again in 21 s"),
        "The credential's budget of this API is used up: `Retry-After` says when to try again.",
    )
}

/// Refusals by their status, each as JSON of an API's own form.
pub fn refusals<R: From<Problem> + ToSchema + Serialize>(
    rows: impl IntoIterator<Item = Row>,
) -> BTreeMap<String, RefOr<Response>> {
    by_status::<R>(rows, "application/json")
}

/// Refusals by their status, each as a problem.
pub fn problems(rows: impl IntoIterator<Item = Row>) -> BTreeMap<String, RefOr<Response>> {
    by_status::<Problem>(rows, Problem::MEDIA_TYPE)
}

fn by_status<R: From<Problem> + ToSchema + Serialize>(
    rows: impl IntoIterator<Item = Row>,
    kind: &str,
) -> BTreeMap<String, RefOr<Response>> {
    let described = |(such_as, words): Row| {
        let status = such_as.status;
        (status.to_string(), RefOr::T(refusal(status, &R::from(such_as), kind, words)))
    };
    rows.into_iter().map(described).collect()
}

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
    let text = text().build();
    HeaderBuilder::new().schema(Some(RefOr::T(Schema::Object(text)))).description(Some(description)).build()
}
