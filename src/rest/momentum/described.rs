//! What OpenAPI says of `momentum` beyond its handlers and shapes: parameters, refusals, and the documented examples.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
use utoipa::openapi::{OpenApi, RefOr, Required, Response};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::forbidden;
use super::parameters::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::fault::Fault;
use crate::principal::Refusal;
use crate::problem::Problem;
use crate::rest::analytics::PREFIX;
use crate::rest::described::{self, over_budget, parameter, problems, text, whole};

/// The parameters of every route.
pub struct Window;

impl IntoParams for Window {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            bound("startDate", "2024-01-01T00:00:00Z", "First instant of the window."),
            bound("endDate", "2024-01-31T23:59:59Z", "Last instant of the window, itself included."),
        ]
    }
}

/// The parameters of rankings.
pub struct Ranked;

impl IntoParams for Ranked {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = whole(MAX_LIMIT).default(Some(DEFAULT_LIMIT.into()));
        let mut parameters = Window::into_params(parameter_in);
        parameters.push(parameter("limit", "How many rows at most.", limit).build());
        parameters
    }
}

/// A bound of the window.
fn bound(name: &str, example: &str, description: &str) -> Parameter {
    let schema = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
    let words = format!(
        "{description} An offset moves it; months are UTC months all the same. A date alone is its midnight, and \
         a time without offset is UTC. Years 0001 to 9999."
    );
    parameter(name, &words, schema).required(Required::True).example(Some(example.into())).build()
}

/// What every route may answer instead.
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let invalid = "The endDate field is required, such as endDate=2024-01-01T00:00:00Z.";
        let no_rate = "no exchange rate from EUR to USD on or before 2024-01-01";
        problems([
            (
                Problem::new(400).with_error("endDate", invalid),
                "A parameter is missing, unreadable, given twice or out of range, the window's start lies after its \
                 end, or the window or what it is compared with reaches beyond the calendar; a trend has 3660 months \
                 at most. `errors` says what is wrong with which.",
            ),
            (Refusal::Missing.into(), "No credential, or one that does not verify."),
            (forbidden(), "A role other than Admin; or no role, and not the scope `reports:read`."),
            (
                Problem::new(422).with_detail(no_rate),
                "An amount cannot be converted, and `detail` names the currencies and the day; or a sum is larger than \
                 64 bits of minor units.",
            ),
            over_budget(),
            (Fault::Unavailable.into(), "The database is away, or the server busy."),
        ])
    }
}

/// Puts the bodies that the API's document shows into the description, and the body of refusals beside the shapes.
pub fn with_examples(description: OpenApi) -> OpenApi {
    let mut description = described::with_examples(description, PREFIX, &EXAMPLES);
    let components = description.components.get_or_insert_default();
    components.schemas.insert(Problem::name().into_owned(), <Problem as utoipa::PartialSchema>::schema());
    description
}

/// What the API's document shows.
const EXAMPLES: [(&str, &str); 10] = [
    ("/revenue", r#"{"totalRevenue": 128450.75, "currencyCode": "USD"}"#),
    (
        "/revenue/trend",
        r#"[
            {"date": "2024-01-01T00:00:00Z", "revenue": 42150.00},
            {"date": "2024-02-01T00:00:00Z", "revenue": 38900.50},
            {"date": "2024-03-01T00:00:00Z", "revenue": 47400.25}
        ]"#,
    ),
    (
        "/orders/trend",
        r#"[
            {"date": "2024-01-01T00:00:00Z", "orderCount": 312},
            {"date": "2024-02-01T00:00:00Z", "orderCount": 289},
            {"date": "2024-03-01T00:00:00Z", "orderCount": 347}
        ]"#,
    ),
    ("/orders/mtd", r#"{"count": 142, "previousMonthCount": 128, "percentChange": 10.94}"#),
    ("/aov", r#"{"averageOrderValue": 412.50, "currencyCode": "USD"}"#),
    ("/active-customers", r#"{"activeCustomers": 87, "percentChange": 5.48}"#),
    (
        "/products/top-by-revenue",
        r#"[
            {"productId": "prod_abc123", "sku": "WDG-001", "name": "Premium Widget", "revenue": 18450.00, "unitsOrdered": 246},
            {"productId": "prod_def456", "sku": "GDG-002", "name": "Standard Gadget", "revenue": 12300.50, "unitsOrdered": 410}
        ]"#,
    ),
    (
        "/customers/top-by-revenue",
        r#"[
            {"customerNumber": "CUST-0042", "companyName": "Acme Corp", "revenue": 24800.00, "orderCount": 18},
            {"customerNumber": "CUST-0017", "companyName": "Globex Industries", "revenue": 19100.75, "orderCount": 12}
        ]"#,
    ),
    (
        "/categories/top-by-revenue",
        r#"[
            {"categoryId": "cat_001", "name": "Widgets", "revenue": 52300.00},
            {"categoryId": "cat_002", "name": "Gadgets", "revenue": 38700.50}
        ]"#,
    ),
    (
        "/sales-reps/top-by-revenue",
        r#"[
            {"salesRepNumber": "REP-001", "name": "Jane Smith", "revenue": 31200.00, "orderCount": 54},
            {"salesRepNumber": "REP-002", "name": "Bob Johnson", "revenue": 27400.50, "orderCount": 41}
        ]"#,
    ),
];
