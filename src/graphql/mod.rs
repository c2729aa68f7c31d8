//! The GraphQL edge: the schema's root, what a request may cost, and what it comes over. No report logic.

mod apart;
mod calls;
mod completion;
mod document;
mod errors;
mod executor;
mod gate;
mod http;
mod kept;
mod limits;
mod live;
mod mutation;
mod query;
mod records;
mod service;
mod sse;
mod subscription;
mod ws;

use std::sync::Arc;

use async_graphql::{SDLExportOptions, Schema};
use axum::Router;
use axum::routing::{any, post};
use tokio_util::sync::CancellationToken;

pub use document::{Safelist, SafelistError};
pub use executor::Executor;
pub use gate::Gate;
pub use http::description;
pub use limits::{Limit, Limits};
pub use ws::Sockets;

use crate::reports::Gateway;
use crate::throttle::Throttle;
use mutation::Mutation;
use query::Query;
use service::Service;
use subscription::Live;

/// The schema that clients see.
pub type GatewaySchema = Schema<Query, Mutation, Live>;

/// How GraphQL is served.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What a request may cost.
    pub limits: Limits,
    /// The only documents that may be asked, where not every one may.
    pub safelist: Option<Safelist>,
    /// Whether queries may not be sent with GET.
    pub no_get: bool,
    /// What a socket may do.
    pub sockets: Sockets,
    /// What credentials may ask for within a minute.
    pub throttle: Throttle,
    /// Set when the server is about to end.
    pub stopping: CancellationToken,
}

/// Builds the schema; requests bring their own desk, and are held to the limits before they come to it.
pub fn schema(suggests: bool) -> GatewaySchema {
    let schema = Schema::build(Query::default(), Mutation::default(), Live);
    if suggests { schema.finish() } else { schema.disable_suggestions().finish() }
}

/// The schema in GraphQL's own language, as committed in `schema.graphql`.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    schema(true).sdl_with_options(options.include_specified_by())
}

/// `/graphql`, over POST and GET, and `/graphql/ws`, answered by `executor`; `gate` looks again at who is answered for
/// longer.
pub fn router(gateway: Gateway, gate: Arc<dyn Gate>, executor: Arc<Executor>) -> Router {
    let graphql = if executor.options().no_get { post(http::post) } else { post(http::post).get(http::get) };
    // Behind one count of its users: a state is cloned for each request, and more than once.
    let service = Arc::new(Service::new(executor, gateway, gate));
    Router::new().route("/graphql", graphql).route("/graphql/ws", any(ws::upgrade)).with_state(service)
}
