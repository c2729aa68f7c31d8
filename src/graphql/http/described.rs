//! What OpenAPI says of `/graphql`: the envelope that GraphQL comes in. What can be asked is the schema's to say.

use serde_json::Value;

/// `/graphql` with what it takes and answers, with or without GET.
pub fn description(takes_get: bool) -> Value {
    // The text is part of the binary, and a test reads it.
    let mut description: Value = serde_json::from_str(include_str!("openapi.json")).unwrap_or_default();
    if !takes_get && let Some(methods) = description["paths"]["/graphql"].as_object_mut() {
        methods.remove("get");
    }
    description
}
