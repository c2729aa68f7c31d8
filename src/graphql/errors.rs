//! Errors as GraphQL tells them: a message and a code that programs can rely on.

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use serde::Serialize;

use super::limits::{LONGEST_MESSAGE, shortened};
use crate::fault::Fault;

/// The code of a fault, as clients find it in `extensions.code`.
pub fn code(fault: &Fault) -> &'static str {
    match fault {
        Fault::Invalid { .. } => "INVALID_ARGUMENT",
        Fault::Unauthenticated(_) => "UNAUTHENTICATED",
        Fault::Forbidden(_) => "FORBIDDEN",
        Fault::NotFound(_) => "NOT_FOUND",
        Fault::Conflict(_) => "CONFLICT",
        Fault::MissingRate { .. } => "MISSING_EXCHANGE_RATE",
        Fault::Overflow | Fault::Unforeseeable => "OVERFLOW",
        Fault::Timeout => "TIMEOUT",
        Fault::Unavailable | Fault::Busy(_) => "UNAVAILABLE",
        Fault::NotConfigured(_) => "NOT_CONFIGURED",
        Fault::Internal(_) => "INTERNAL",
    }
}

/// What the executor says of a number that is below zero where none may be.
const NO_COUNT: &str = "Failed to parse \"Int\": Invalid number";
/// What is said instead.
const NEEDS_A_COUNT: &str = "a whole number from 0 on is needed here";

/// Gives every error its code, logs what is ours, and tells no more than `most` of them: what is sent back stays in
/// proportion to what was asked.
pub fn finish(response: &mut Response, most: usize) {
    let mut told: Vec<ServerError> = Vec::new();
    for error in response.errors.drain(..) {
        // The executor tells some of what is wrong with a query once by each of its rules.
        let is_told = told.iter().any(|other| {
            (&other.message, &other.locations, &other.path) == (&error.message, &error.locations, &error.path)
        });
        if told.len() < most && !is_told {
            told.push(error);
        }
    }
    response.errors = told;
    for error in &mut response.errors {
        let code = match error.source::<Fault>() {
            Some(fault) => {
                if let Fault::Internal(text) = fault {
                    tracing::error!(error = text, path = ?error.path, "a resolver failed");
                }
                code(fault)
            }
            // A value that its scalar refuses, found when the field was about to be answered.
            None if !error.path.is_empty() => "INVALID_ARGUMENT",
            // Without a source the query itself is wrong: it does not parse, or does not fit the schema.
            None => "INVALID_QUERY",
        };
        if error.message == NO_COUNT {
            NEEDS_A_COUNT.clone_into(&mut error.message);
        }
        // What a field says lists what would be right; what is wrong with a query need only be recognised.
        let longest = if error.path.is_empty() { LONGEST_MESSAGE } else { 5 * LONGEST_MESSAGE };
        error.message = shortened(std::mem::take(&mut error.message), longest);
        set_code(error, code);
    }
}

/// What is sent, as text; where it cannot be written, an error that says no more than that.
pub fn written(answer: &impl Serialize) -> Result<String, &'static str> {
    serde_json::to_string(answer).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        r#"{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}"#
    })
}

/// Says by what programs tell an error.
pub fn set_code(error: &mut ServerError, code: &str) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
}

/// Whether the query did not fit the schema, or its variables did not fit it: nothing was executed.
pub fn is_of_request(answer: &Response) -> bool {
    answer.data == Value::Null
        && !answer.errors.is_empty()
        && answer.errors.iter().all(|error| error.path.is_empty())
}

/// Whether something failed that may be well a little later.
pub fn may_pass(answer: &Response) -> bool {
    answer.errors.iter().any(|error| ["TIMEOUT", "UNAVAILABLE"].iter().any(|code| has_code(error, code)))
}

/// Whether nothing could be answered, for that reason alone.
pub fn all_are(response: &Response, wanted: &str) -> bool {
    let is_empty = match &response.data {
        Value::Null => true,
        Value::Object(fields) => fields.values().all(|value| *value == Value::Null),
        _ => false,
    };
    is_empty && !response.errors.is_empty() && response.errors.iter().all(|error| has_code(error, wanted))
}

fn has_code(error: &ServerError, wanted: &str) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code == Some(&Value::from(wanted))
}
