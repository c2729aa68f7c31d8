//! The `momentum` API: ten analytics routes for administrators, as documented in docs/momentum.md.

mod parameters;
mod shapes;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use crate::fault::Fault;
use crate::metrics::Metric;
use crate::period::Grain;
use crate::principal::{Access, Principal, Refusal, Role, Scope as Permission};
use crate::problem::Problem;
use crate::reports::window::{ComparisonInput, Previous};
use crate::reports::{Gateway, Ranking, Scope, top};

use parameters::Parameters;
use shapes::{
    ActiveCustomers, AverageOrderValue, CategoryRevenue, CustomerRevenue, MonthOrders, MonthRevenue,
    MonthToDate, ProductRevenue, Revenue, SalesRepRevenue,
};

/// The routes.
pub fn router(gateway: Gateway) -> Router {
    let routes = Router::new()
        .route("/revenue", get(revenue))
        .route("/revenue/trend", get(revenue_trend))
        .route("/orders/trend", get(orders_trend))
        .route("/orders/mtd", get(orders_month_to_date))
        .route("/aov", get(average_order_value))
        .route("/active-customers", get(active_customers))
        .route("/products/top-by-revenue", get(products_top_by_revenue))
        .route("/customers/top-by-revenue", get(customers_top_by_revenue))
        .route("/categories/top-by-revenue", get(categories_top_by_revenue))
        .route("/sales-reps/top-by-revenue", get(sales_reps_top_by_revenue))
        .method_not_allowed_fallback(method_not_allowed);
    Router::new().nest("/api/analytics", routes).with_state(gateway)
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
        let access = parts.extensions.get::<Access>().map(|Access(access)| access.clone());
        let principal = access.unwrap_or(Err(Refusal::Missing))?;
        if !may_ask(&principal) {
            let detail = "this needs the role Admin, or no role and the scope reports:read";
            return Err(Problem::new(403).with_detail(detail));
        }
        let (route, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        let Parameters { period, limit } = Parameters::read(route, query)?;
        Ok(Self { scope: Scope::utc(gateway.desk(principal)?, period), limit })
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

fn json(body: &impl Serialize) -> Answer {
    let text = serde_json::to_string(body).map_err(|error| Fault::Internal(error.to_string()))?;
    let headers =
        [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, text).into_response())
}

fn json_rows<T, S: Serialize>(rows: &[T], shape: impl Fn(&T) -> Result<S, Fault>) -> Answer {
    let shaped: Result<Vec<S>, _> = rows.iter().map(shape).collect();
    json(&shaped?)
}

async fn revenue(Asked { scope, .. }: Asked) -> Answer {
    json(&Revenue::of(&scope.totals(&[Metric::Revenue]).await?)?)
}

async fn revenue_trend(Asked { scope, .. }: Asked) -> Answer {
    json_rows(&scope.series(Grain::Month, &[Metric::Revenue]).await?, MonthRevenue::of)
}

async fn orders_trend(Asked { scope, .. }: Asked) -> Answer {
    json_rows(&scope.series(Grain::Month, &[Metric::Orders]).await?, MonthOrders::of)
}

async fn orders_month_to_date(Asked { scope, .. }: Asked) -> Answer {
    let month_before = ComparisonInput::Previous(Previous::Month);
    json(&MonthToDate::of(&scope.change(&month_before, &[Metric::Orders]).await?)?)
}

async fn average_order_value(Asked { scope, .. }: Asked) -> Answer {
    json(&AverageOrderValue::of(&scope.totals(&[Metric::AverageOrderValue]).await?)?)
}

async fn active_customers(Asked { scope, .. }: Asked) -> Answer {
    let period_before = ComparisonInput::Previous(Previous::Period);
    json(&ActiveCustomers::of(&scope.change(&period_before, &[Metric::ActiveCustomers]).await?)?)
}

async fn products_top_by_revenue(Asked { scope, limit }: Asked) -> Answer {
    let ranking = Ranking::largest(Metric::LineRevenue, limit);
    json_rows(&top(&scope, ranking, &[Metric::LineRevenue, Metric::Units]).await?, ProductRevenue::of)
}

async fn customers_top_by_revenue(Asked { scope, limit }: Asked) -> Answer {
    let ranking = Ranking::largest(Metric::Revenue, limit);
    json_rows(&top(&scope, ranking, &[Metric::Revenue, Metric::Orders]).await?, CustomerRevenue::of)
}

async fn categories_top_by_revenue(Asked { scope, limit }: Asked) -> Answer {
    let ranking = Ranking::largest(Metric::LineRevenue, limit);
    json_rows(&top(&scope, ranking, &[Metric::LineRevenue]).await?, CategoryRevenue::of)
}

async fn sales_reps_top_by_revenue(Asked { scope, limit }: Asked) -> Answer {
    let ranking = Ranking::largest(Metric::Revenue, limit);
    json_rows(&top(&scope, ranking, &[Metric::Revenue, Metric::Orders]).await?, SalesRepRevenue::of)
}

async fn method_not_allowed() -> Problem {
    Problem::new(405).with_detail("reports are read with GET")
}
