//! `/openapi.json`: it is OpenAPI 3.1, has every route and no other, shows what its documents show, and schemathesis finds
//! no answer that it does not describe.

mod document;
mod examples;
mod routes;
mod schemathesis;
