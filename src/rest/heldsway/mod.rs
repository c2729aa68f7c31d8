//! The `heldsway` API: what visitors did and what affiliates brought, in one route whose parameter `section` says which part,
//! as documented in docs/heldsway.md. A file a section has its figures and their shapes.

mod charts;
mod chosen;
mod described;
mod feeds;
mod parameters;
mod refused;
mod stats;
mod tables;
mod trends;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::period::Calendar;
use crate::reports::{Gateway, Scope};
use crate::rest::answer::{admitted, json};
use crate::rest::kept::kept;

use charts::Charts;
use described::{Asks, Refusals};
use feeds::{Click, Conversion, Event, Page};
use parameters::{Question, Section};
pub use refused::Refused;
use stats::Stats;
use tables::Tables;
use trends::Trends;

/// Where the route is.
pub const PATH: &str = "/v1/affiliate/analytics";
/// Where its document says that it is as well: once among other APIs, and once as its example of curl has it.
pub const ALIASES: [&str; 2] = ["/api/v1/affiliate/analytics", "/api//v1/affiliate/analytics"];
/// What the description gathers the route under.
const TAG: &str = "heldsway";

/// Whether a path is this API's, there or not.
pub fn has(path: &str) -> bool {
    ["/v1/affiliate", "/api/v1/affiliate", "/api//v1/affiliate"]
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The route, wherever it is.
pub fn router(gateway: &Gateway) -> Router {
    let (router, _) = OpenApiRouter::new().routes(routes!(analytics)).split_for_parts();
    let router = ALIASES.iter().fold(router, |router, alias| router.route(alias, get(analytics)));
    kept(router.method_not_allowed_fallback(method_not_allowed).with_state(gateway.clone()), gateway, |_| {
        true
    })
}

/// What the route takes and answers.
pub fn description() -> OpenApi {
    described::with_examples(OpenApiRouter::new().routes(routes!(analytics)).into_openapi())
}

/// What visitors did and what affiliates brought.
///
/// The same is answered at `/api/v1/affiliate/analytics` and `/api//v1/affiliate/analytics`.
#[utoipa::path(
    get,
    path = "/v1/affiliate/analytics",
    tag = TAG,
    operation_id = "heldsway_analytics",
    params(Asks),
    responses((status = 200, description = "The section.", body = Analytics), Refusals),
)]
async fn analytics(asked: Asked) -> Result<Response, Refused> {
    let Asked { scope, question } = &asked;
    let mut data = Data::of(question);
    match question.section {
        Section::Stats => data.stats = Some(Stats::of(scope, &question.chosen).await?),
        Section::Trends => data.trends = Some(Trends::of(scope, &question.chosen).await?),
        Section::Charts => data.charts = Some(Box::pin(Charts::of(scope, &question.chosen)).await?),
        Section::Tables => {
            data.tables = Some(Box::pin(Tables::of(scope, &question.chosen, question.top_limit)).await?);
        }
        Section::RecentClicks => data.recent_clicks = Some(feeds::clicks(scope, question.page).await?),
        Section::RecentConversions => {
            data.recent_conversions = Some(feeds::conversions(scope, question.page).await?);
        }
        Section::RecentEvents => data.recent_events = Some(feeds::events(scope, question.page).await?),
    }
    json(&Analytics { success: true, message: "OK", data })
}

/// A question, and who asks it.
struct Asked {
    scope: Scope,
    question: Question,
}

impl FromRequestParts<Gateway> for Asked {
    type Rejection = Refused;

    /// Refuses in this order: who asks, whether they may, then what is asked.
    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refused> {
        let desk = admitted::<Refused>(parts, gateway)?;
        let today = desk.today(&Calendar::UTC);
        let question = Question::read(parts.uri.query().unwrap_or_default(), today)?;
        Ok(Self { scope: Scope::utc(desk, question.period()?), question })
    }
}

async fn method_not_allowed() -> Refused {
    Refused::new(405, "Method Not Allowed")
}

/// What is answered.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Analytics)]
struct Analytics {
    /// Always true.
    success: bool,
    /// Always `OK`.
    #[schema(example = "OK")]
    message: &'static str,
    /// The section.
    data: Data,
}

/// A section: of the members below `section` only the one of its name is there.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = heldsway::Data)]
struct Data {
    /// The days that it is about.
    filters: Filters,
    /// Its name.
    section: &'static str,
    /// Totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    stats: Option<Stats>,
    /// How much figures changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    trends: Option<Trends>,
    /// Day by day, and parts of a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    charts: Option<Charts>,
    /// Rankings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    tables: Option<Tables>,
    /// A page of clicks, the newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    recent_clicks: Option<Page<Click>>,
    /// A page of conversions, the newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    recent_conversions: Option<Page<Conversion>>,
    /// A page of all that visitors did, the newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    recent_events: Option<Page<Event>>,
}

impl Data {
    fn of(question: &Question) -> Self {
        let filters = Filters { from: question.from.to_string(), to: question.to.to_string() };
        Self { filters, section: question.section.name(), ..Self::default() }
    }
}

/// The days that a section is about.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = heldsway::Filters)]
struct Filters {
    /// The first.
    #[schema(format = Date)]
    from: String,
    /// The last.
    #[schema(format = Date)]
    to: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_paths_are_those_of_its_document() {
        for path in
            [PATH, ALIASES[0], ALIASES[1], "/v1/affiliate", "/v1/affiliate/other", "/api//v1/affiliate/"]
        {
            assert!(has(path), "{path}");
        }
        for path in
            ["/v1/affiliates", "/v2/affiliate/analytics", "/api/v1/reports/sales", "/", "//v1/affiliate"]
        {
            assert!(!has(path), "{path}");
        }
    }
}
