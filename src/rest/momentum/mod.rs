//! The `momentum` API: ten analytics routes for administrators, as documented in docs/momentum.md.

mod described;
mod parameters;
mod shapes;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::fault::Fault;
use crate::metrics::Metric;
use crate::period::Grain;
use crate::principal::{Principal, Role, Scope as Permission};
use crate::problem::Problem;
use crate::reports::window::{ComparisonInput, Previous};
use crate::reports::{Gateway, Ranking, Scope, top};
use crate::rest::analytics::PREFIX;
use crate::rest::answer::json;
use crate::rest::{caller, kept};

use described::{Ranked, Refusals, Window};
use parameters::Parameters;
use shapes::{
    ActiveCustomers, AverageOrderValue, CategoryRevenue, CustomerRevenue, MonthOrders, MonthRevenue,
    MonthToDate, ProductRevenue, Revenue, SalesRepRevenue,
};

/// What the description gathers them under.
const TAG: &str = "momentum";

/// The routes but the one that has another owner too.
pub fn router(gateway: Gateway) -> Router {
    let (router, _) = OpenApiRouter::new().nest(PREFIX, routes()).split_for_parts();
    router.method_not_allowed_fallback(method_not_allowed).with_state(gateway)
}

/// The route that has another owner too: who it is for is told before it is asked.
pub fn shared_route() -> MethodRouter<Gateway> {
    get(revenue).fallback(method_not_allowed)
}

/// What the routes take and answer, the shared one among them.
pub fn description() -> OpenApi {
    let all = OpenApiRouter::new().nest(PREFIX, routes().routes(routes!(revenue)));
    described::with_examples(all.into_openapi())
}

/// Every route of this API alone with its description, each from the attribute of its handler.
fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(revenue_trend))
        .routes(routes!(orders_trend))
        .routes(routes!(orders_month_to_date))
        .routes(routes!(average_order_value))
        .routes(routes!(active_customers))
        .routes(routes!(products_top_by_revenue))
        .routes(routes!(customers_top_by_revenue))
        .routes(routes!(categories_top_by_revenue))
        .routes(routes!(sales_reps_top_by_revenue))
}

/// A request of this API: who asks, over which window, and how many rows.
struct Asked {
    scope: Scope,
    limit: u32,
}

impl FromRequestParts<Gateway> for Asked {
    type Rejection = Problem;

    /// Refuses in the order of the API's document: who asks, whether they may, then what is asked.
    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let principal = caller(parts)?;
        if !may_ask(&principal) {
            return Err(forbidden());
        }
        let (route, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        let Parameters { period, limit } = Parameters::read(route, query)?;
        Ok(Self { scope: Scope::utc(kept::desk(parts, gateway, principal)?, period), limit })
    }
}

/// The document asks for the role Admin, and refuses any other. Credentials without a role, as keys are, are held to
/// their scopes.
fn may_ask(principal: &Principal) -> bool {
    match principal.role {
        Role::Admin => true,
        Role::Other => false,
        Role::Unnamed => principal.may(Permission::ReportsRead),
    }
}

fn forbidden() -> Problem {
    Problem::new(403).with_detail("this needs the role Admin, or no role and the scope reports:read")
}

/// What a route answers: a body, or a problem.
type Answer = Result<Response, Unanswered>;

/// A problem with a question whose parameters were each in order.
struct Unanswered(Problem);

impl From<Fault> for Unanswered {
    /// Whatever is wrong with the time that is asked for is told of the parameter that says it.
    fn from(fault: Fault) -> Self {
        Self(match fault {
            Fault::Invalid { message, .. } => {
                Problem::new(400).with_error("startDate", format!("The window cannot be told: {message}."))
            }
            fault => Problem::from(fault),
        })
    }
}

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

fn json_rows<T, S: Serialize>(rows: &[T], shape: impl Fn(&T) -> Result<S, Fault>) -> Answer {
    let shaped: Result<Vec<S>, _> = rows.iter().map(shape).collect();
    json(&shaped?)
}

/// Total revenue of the window.
#[utoipa::path(
    get,
    path = "/revenue",
    tag = TAG,
    params(Window),
    responses((status = 200, description = "The figures.", body = Revenue), Refusals),
)]
async fn revenue(Asked { scope, .. }: Asked) -> Answer {
    json(&Revenue::of(&scope.totals(&[Metric::Revenue]).await?)?)
}

/// Revenue of each UTC month that the window touches.
#[utoipa::path(
    get,
    path = "/revenue/trend",
    tag = TAG,
    params(Window),
    responses((status = 200, description = "The rows.", body = Vec<MonthRevenue>), Refusals),
)]
async fn revenue_trend(Asked { scope, .. }: Asked) -> Answer {
    json_rows(&scope.series(Grain::Month, &[Metric::Revenue]).await?, MonthRevenue::of)
}

/// Orders of each UTC month that the window touches.
#[utoipa::path(
    get,
    path = "/orders/trend",
    tag = TAG,
    params(Window),
    responses((status = 200, description = "The rows.", body = Vec<MonthOrders>), Refusals),
)]
async fn orders_trend(Asked { scope, .. }: Asked) -> Answer {
    json_rows(&scope.series(Grain::Month, &[Metric::Orders]).await?, MonthOrders::of)
}

/// Orders of the window beside those of the same window one calendar month before.
#[utoipa::path(
    get,
    path = "/orders/mtd",
    tag = TAG,
    params(Window),
    responses((status = 200, description = "The figures.", body = MonthToDate), Refusals),
)]
async fn orders_month_to_date(Asked { scope, .. }: Asked) -> Answer {
    let month_before = ComparisonInput::Previous(Previous::Month);
    json(&MonthToDate::of(&scope.change(&month_before, &[Metric::Orders]).await?)?)
}

/// Revenue divided by orders.
#[utoipa::path(
    get,
    path = "/aov",
    tag = TAG,
    params(Window),
    responses((status = 200, description = "The figures.", body = AverageOrderValue), Refusals),
)]
async fn average_order_value(Asked { scope, .. }: Asked) -> Answer {
    json(&AverageOrderValue::of(&scope.totals(&[Metric::AverageOrderValue]).await?)?)
}

/// Customers with an order, beside those of the window of the same length just before.
#[utoipa::path(
    get,
    path = "/active-customers",
    tag = TAG,
    params(Window),
    responses((status = 200, description = "The figures.", body = ActiveCustomers), Refusals),
)]
async fn active_customers(Asked { scope, .. }: Asked) -> Answer {
    let period_before = ComparisonInput::Previous(Previous::Period);
    json(&ActiveCustomers::of(&scope.change(&period_before, &[Metric::ActiveCustomers]).await?)?)
}

/// Products by revenue, largest first; ties by id.
#[utoipa::path(
    get,
    path = "/products/top-by-revenue",
    tag = TAG,
    params(Ranked),
    responses((status = 200, description = "The rows.", body = Vec<ProductRevenue>), Refusals),
)]
async fn products_top_by_revenue(Asked { scope, limit }: Asked) -> Answer {
    let ranking = Ranking::largest(Metric::LineRevenue, limit);
    json_rows(&top(&scope, ranking, &[Metric::LineRevenue, Metric::Units]).await?, ProductRevenue::of)
}

/// Customers by revenue, largest first; ties by id. Guests have no place in it.
#[utoipa::path(
    get,
    path = "/customers/top-by-revenue",
    tag = TAG,
    params(Ranked),
    responses((status = 200, description = "The rows.", body = Vec<CustomerRevenue>), Refusals),
)]
async fn customers_top_by_revenue(Asked { scope, limit }: Asked) -> Answer {
    let ranking = Ranking::largest(Metric::Revenue, limit);
    json_rows(&top(&scope, ranking, &[Metric::Revenue, Metric::Orders]).await?, CustomerRevenue::of)
}

/// Categories of products by revenue, largest first; ties by id.
#[utoipa::path(
    get,
    path = "/categories/top-by-revenue",
    tag = TAG,
    params(Ranked),
    responses((status = 200, description = "The rows.", body = Vec<CategoryRevenue>), Refusals),
)]
async fn categories_top_by_revenue(Asked { scope, limit }: Asked) -> Answer {
    let ranking = Ranking::largest(Metric::LineRevenue, limit);
    json_rows(&top(&scope, ranking, &[Metric::LineRevenue]).await?, CategoryRevenue::of)
}

/// Sales representatives by revenue, largest first; ties by number.
#[utoipa::path(
    get,
    path = "/sales-reps/top-by-revenue",
    tag = TAG,
    params(Ranked),
    responses((status = 200, description = "The rows.", body = Vec<SalesRepRevenue>), Refusals),
)]
async fn sales_reps_top_by_revenue(Asked { scope, limit }: Asked) -> Answer {
    let ranking = Ranking::largest(Metric::Revenue, limit);
    json_rows(&top(&scope, ranking, &[Metric::Revenue, Metric::Orders]).await?, SalesRepRevenue::of)
}

async fn method_not_allowed() -> Problem {
    Problem::new(405).with_detail("reports are read with GET")
}
