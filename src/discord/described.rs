//! What OpenAPI says of `/api/discord/interactions`: the envelope alone, since Discord's own documentation says the rest.

use serde_json::Value;

/// The route with what it takes and answers.
pub fn description() -> Value {
    // The text is part of the binary, and a test reads it.
    serde_json::from_str(include_str!("openapi.json")).unwrap_or_default()
}
