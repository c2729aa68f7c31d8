//! The `ecosire` API: business figures by domain, as documented in docs/ecosire.md. A file for each route has its handler
//! and its body.

#![allow(clippy::struct_field_names, reason = "bodies have the names that their clients read")]

mod anomalies;
mod customers;
mod dashboards;
mod described;
mod export;
mod figures;
mod forecast;
mod hr;
mod inventory;
mod marketing;
mod parameters;
mod products;
mod refused;
mod revenue;
mod sales;
mod support;
mod tabled;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::period::{Calendar, Grain};
use crate::reports::{Gateway, Scope};
use crate::rest::analytics::PREFIX;
use crate::rest::answer::{admitted, json};

use parameters::Parameters;
pub use refused::Refused;

/// What the description gathers the routes under.
const TAG: &str = "ecosire";

/// The routes of this API alone.
const ROUTES: [&str; 10] = [
    "/sales",
    "/products",
    "/customers",
    "/inventory",
    "/hr",
    "/support",
    "/marketing",
    "/forecast",
    "/anomalies",
    "/dashboards",
];

/// What begins the others.
const BELOW: [&str; 2] = ["/dashboards/", "/reports/"];

/// Whether `route`, below the prefix of the routes, is one of this API alone.
pub fn has(route: &str) -> bool {
    ROUTES.contains(&route) || BELOW.iter().any(|start| route.starts_with(start))
}

/// Whether `route`, below the prefix of the routes, tells of more than an organization's data: of dashboards, which are saved
/// without being counted as a write, or of files.
pub fn tells_what_is_saved(route: &str) -> bool {
    route == "/dashboards" || BELOW.iter().any(|start| route.starts_with(start))
}

/// The routes but the one that has another owner too.
pub fn router(gateway: Gateway) -> Router {
    let (router, _) = OpenApiRouter::new().nest(PREFIX, routes()).split_for_parts();
    router.method_not_allowed_fallback(method_not_allowed).with_state(gateway)
}

/// The route that has another owner too: who it is for is told before it is asked.
pub fn shared_route() -> MethodRouter<Gateway> {
    get(revenue::revenue).fallback(method_not_allowed)
}

/// What the routes take and answer, the shared one among them.
pub fn description() -> OpenApi {
    let all = OpenApiRouter::new().nest(PREFIX, routes().routes(routes!(revenue::revenue)));
    described::with_examples(all.into_openapi())
}

/// Every route of this API alone with its description, each from the attribute of its handler.
fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(sales::sales))
        .routes(routes!(products::products))
        .routes(routes!(customers::customers))
        .routes(routes!(inventory::inventory))
        .routes(routes!(hr::hr))
        .routes(routes!(support::support))
        .routes(routes!(marketing::marketing))
        .routes(routes!(forecast::forecast))
        .routes(routes!(anomalies::anomalies))
        .routes(routes!(dashboards::dashboards))
        .routes(routes!(dashboards::dashboard))
        .routes(routes!(export::export))
        .routes(routes!(export::download))
}

/// A request of this API: who asks, over which window and in which currency; how long a time series' rows are, and how
/// many a ranking has.
struct Asked {
    scope: Scope,
    grain: Grain,
    limit: u32,
}

impl FromRequestParts<Gateway> for Asked {
    type Rejection = Refused;

    /// Refuses in this order: who asks, whether they may, then what is asked.
    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refused> {
        let desk = admitted::<Refused>(parts, gateway)?;
        let today = desk.today(&Calendar::UTC);
        let Parameters { period, grain, currency, limit } =
            Parameters::read(parts.uri.query().unwrap_or_default(), today)?;
        Ok(Self { scope: Scope { currency, ..Scope::utc(desk, period) }, grain, limit })
    }
}

/// What a route answers: a body, or a refusal.
type Answer = Result<Response, Refused>;

async fn method_not_allowed(uri: Uri) -> Refused {
    let is_export = uri.path().ends_with("/reports/export");
    Refused::new(405, if is_export { "reports are exported with POST" } else { "reports are read with GET" })
}
