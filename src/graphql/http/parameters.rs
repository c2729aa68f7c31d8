//! The parameters of a request, from a JSON body or a query string.

use async_graphql::Variables;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::graphql::document::Asked;
use crate::graphql::executor::Parameters;
use crate::graphql::limits::{Limits, Refused};

/// Whether a body says that it is JSON in UTF-8: browsers send nothing else to another site without asking it first.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = kind.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let mut charsets = parts.filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    is_json && charsets.all(|charset| charset.eq_ignore_ascii_case("utf-8"))
}

/// A body, of which nothing is read yet: two megabytes of small values would be half a gigabyte of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow)]
    query: Option<&'a RawValue>,
    #[serde(borrow)]
    operation_name: Option<&'a RawValue>,
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
    #[serde(borrow)]
    extensions: Option<&'a RawValue>,
}

/// The parameters of a body: what stands beside the query may have as many bytes as the query.
pub fn of_body(body: &[u8], limits: &Limits) -> Result<Parameters, Refused> {
    let no_json = |error: serde_json::Error| Refused::request(format!("the body is not JSON: {error}"));
    match body.trim_ascii_start().first() {
        Some(b'{') => {}
        Some(b'[') => {
            let message =
                "batches are not taken: send one JSON object, with as many fields as you need in its query";
            return Err(Refused::request(message));
        }
        _ => {
            serde_json::from_slice::<IgnoredAny>(body).map_err(no_json)?;
            return Err(Refused::request("the body must be one JSON object with a `query`"));
        }
    }
    let body: Body<'_> = serde_json::from_slice(body).map_err(no_json)?;
    let members = [
        ("operationName", body.operation_name),
        ("variables", body.variables),
        ("extensions", body.extensions),
        // Its own bytes are counted once they are read: JSON may spell each with six.
        ("query", body.query),
    ];
    let mut fields = Map::new();
    for (name, value) in members {
        let Some(value) = value else { continue };
        if name != "query" {
            limits.check_beside(name, value.get().len())?;
        }
        fields.insert(name.to_owned(), serde_json::from_str(value.get()).map_err(no_json)?);
    }
    of_fields(fields)
}

/// The parameters of a query string.
pub fn of_query_string(text: &str) -> Result<Parameters, Refused> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let value = match name.as_ref() {
            "variables" | "extensions" | "operationName" if value.is_empty() => Value::Null,
            "variables" | "extensions" => serde_json::from_str(&value)
                .map_err(|error| Refused::request(format!("`{name}` is not JSON: {error}")))?,
            _ => Value::String(value.into_owned()),
        };
        if fields.insert(name.to_string(), value).is_some() {
            return Err(Refused::request(format!("`{name}` is given twice")));
        }
    }
    of_fields(fields)
}

/// The parameters of a JSON object.
pub fn of_fields(mut fields: Map<String, Value>) -> Result<Parameters, Refused> {
    let mut text = |name: &str| match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refused::request(format!("`{name}` must be a string"))),
    };
    let (query, operation_name) = (text("query")?, text("operationName")?);
    let mut object = |name: &str| match fields.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(Refused::request(format!("`{name}` must be an object"))),
    };
    let (variables, extensions) = (object("variables")?, object("extensions")?);
    let asked = Asked { query, hash: persisted(&extensions)? };
    Ok(Parameters { asked, operation_name, variables: Variables::from_json(Value::Object(variables)) })
}

/// The hash of a persisted query, as Apollo's clients send it.
fn persisted(extensions: &Map<String, Value>) -> Result<Option<String>, Refused> {
    let Some(persisted) = extensions.get("persistedQuery").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let is_known = persisted.get("version").and_then(Value::as_i64) == Some(1);
    let hash = persisted.get("sha256Hash").and_then(Value::as_str).filter(|_| is_known);
    let hash = hash.ok_or_else(|| {
        Refused::request("`extensions.persistedQuery` must be {\"version\": 1, \"sha256Hash\": \"…\"}")
    })?;
    Ok(Some(hash.to_ascii_lowercase()))
}
