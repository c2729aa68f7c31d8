//! The `distribu` API: sales, customers and inventory, and beyond its document orders and products, as documented in
//! docs/distribu.md. A file for each route has its handler and its body.

mod customers;
mod dates;
mod described;
mod file;
mod inventory;
mod orders;
mod parameters;
mod products;
mod range;
mod refused;
mod rows;
mod sales;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::period::{Calendar, Period};
use crate::reports::window::{PeriodInput, PeriodPreset};
use crate::reports::{Gateway, Scope};
use crate::rest::answer::{admitted, json};
use crate::rest::kept::kept;

use parameters::Parameters;
use range::Range;
pub use refused::Refused;

/// Where the routes are.
pub const PREFIX: &str = "/api/v1/reports";
/// What the description gathers the routes under.
const TAG: &str = "distribu";

/// Whether a path is this API's, there or not.
pub fn has(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The routes.
pub fn router(gateway: &Gateway) -> Router {
    let (router, _) = OpenApiRouter::new().nest(PREFIX, routes()).split_for_parts();
    kept(router.method_not_allowed_fallback(method_not_allowed).with_state(gateway.clone()), gateway, |_| {
        true
    })
}

/// What the routes take and answer.
pub fn description() -> OpenApi {
    described::with_examples(OpenApiRouter::new().nest(PREFIX, routes()).into_openapi())
}

fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(sales::sales))
        .routes(routes!(customers::customers))
        .routes(routes!(inventory::inventory))
        .routes(routes!(products::products))
        .routes(routes!(orders::orders))
}

/// A request about some time: who asks, over which range, and with which parameters.
struct Asked {
    scope: Scope,
    range: Range,
    query: String,
}

impl Asked {
    fn parameters(&self) -> Result<Parameters<'_>, Refused> {
        Parameters::read(&self.query)
    }
}

impl FromRequestParts<Gateway> for Asked {
    type Rejection = Refused;

    /// Refuses in this order: who asks, whether they may, then what is asked.
    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refused> {
        let desk = admitted::<Refused>(parts, gateway)?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let (period, range) = range::window(&desk, &Parameters::read(&query)?).await?;
        Ok(Self { scope: Scope::utc(desk, period), range, query })
    }
}

/// A request about what there is now.
struct AskedNow {
    scope: Scope,
    query: String,
}

impl AskedNow {
    fn parameters(&self) -> Result<Parameters<'_>, Refused> {
        Parameters::read(&self.query)
    }
}

impl FromRequestParts<Gateway> for AskedNow {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refused> {
        let desk = admitted::<Refused>(parts, gateway)?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let today: Period = desk.period(&PeriodInput::Preset(PeriodPreset::Today), &Calendar::UTC)?;
        Ok(Self { scope: Scope::utc(desk, today), query })
    }
}

/// What a route answers: a body, or a refusal.
type Answer = Result<Response, Refused>;

async fn method_not_allowed() -> Refused {
    Refused::new(405, "reports are read with GET")
}
