//! The GraphQL edge: the schema's root and its transport. No report logic.

mod completion;
mod errors;
mod query;
mod transport;

use async_graphql::{EmptyMutation, EmptySubscription, SDLExportOptions, Schema};
use axum::Router;
use axum::routing::post;

use crate::reports::Gateway;
use query::Query;

/// The schema that clients see.
pub type GatewaySchema = Schema<Query, EmptyMutation, EmptySubscription>;

/// Deepest nesting of a query; the question for the schema, as GraphiQL asks it, is 15 deep.
const MAX_DEPTH: usize = 16;

/// Builds the schema; requests bring their own desk.
pub fn schema() -> GatewaySchema {
    Schema::build(Query::default(), EmptyMutation, EmptySubscription).limit_depth(MAX_DEPTH).finish()
}

/// The schema in GraphQL's own language, as committed in `schema.graphql`.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    schema().sdl_with_options(options.include_specified_by())
}

/// `POST /graphql`.
pub fn router(gateway: Gateway) -> Router {
    let state = transport::Service::new(schema(), gateway);
    Router::new().route("/graphql", post(transport::graphql)).with_state(state)
}
