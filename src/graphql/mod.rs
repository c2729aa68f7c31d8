//! The GraphQL edge: the schema's root, what a request may cost, and what it comes over. No report logic.

mod completion;
mod document;
mod errors;
mod http;
mod limits;
mod query;
mod service;
mod sse;

use async_graphql::{EmptyMutation, EmptySubscription, SDLExportOptions, Schema};
use axum::Router;
use axum::routing::post;

pub use document::{Safelist, SafelistError};
pub use http::description;
pub use limits::{Limit, Limits};

use crate::reports::Gateway;
use query::Query;
use service::Service;

/// The schema that clients see.
pub type GatewaySchema = Schema<Query, EmptyMutation, EmptySubscription>;

/// How GraphQL is served.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What a request may cost.
    pub limits: Limits,
    /// The only documents that may be asked, where not every one may.
    pub safelist: Option<Safelist>,
    /// Whether queries may be sent with GET.
    pub no_get: bool,
}

/// Builds the schema; requests bring their own desk, and are held to the limits before they come to it.
pub fn schema(suggests: bool) -> GatewaySchema {
    let schema = Schema::build(Query::default(), EmptyMutation, EmptySubscription);
    if suggests { schema.finish() } else { schema.disable_suggestions().finish() }
}

/// The schema in GraphQL's own language, as committed in `schema.graphql`.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    schema(true).sdl_with_options(options.include_specified_by())
}

/// `/graphql`, over POST and GET.
pub fn router(gateway: Gateway, options: Options) -> Router {
    let Options { limits, safelist, no_get } = options;
    let service = Service::new(schema(limits.introspects), gateway, limits, safelist);
    let graphql = if no_get { post(http::post) } else { post(http::post).get(http::get) };
    Router::new().route("/graphql", graphql).with_state(service)
}
