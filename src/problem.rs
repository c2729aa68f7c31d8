//! RFC 9457 problem details: the form in which every route without a form of its own tells what went wrong.
//!
//! Plain data; each edge writes it with its own web types.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// One problem. Members that say nothing are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says it all.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: &'static str,
    /// The status in words.
    #[schema(example = "Bad Request")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 400)]
    pub status: u16,
    /// What was wrong and what would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What was wrong with each parameter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, Vec<String>>,
}

impl Problem {
    /// The media type of [`Problem::body`].
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem that its status names.
    pub fn new(status: u16) -> Self {
        Self { kind: "about:blank", title: title(status), status, detail: None, errors: BTreeMap::new() }
    }

    /// Says what was wrong and what would be right.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says what was wrong with one parameter.
    #[must_use]
    pub fn with_error(mut self, parameter: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.entry(parameter.into()).or_default().push(message.into());
        self
    }

    /// The JSON that goes on the wire.
    pub fn body(&self) -> Vec<u8> {
        // Strings, numbers and a map of strings cannot fail to serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// RFC 9110's phrase for the statuses that this server gives.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_say_nothing_are_left_out() {
        let text = |problem: &Problem| String::from_utf8(problem.body()).expect("JSON");
        assert_eq!(text(&Problem::new(404)), r#"{"type":"about:blank","title":"Not Found","status":404}"#);
        assert_eq!(
            text(&Problem::new(400).with_detail("no").with_error("limit", "1 to 100")),
            r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"no","errors":{"limit":["1 to 100"]}}"#
        );
    }
}
