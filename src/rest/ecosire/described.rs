//! What OpenAPI says of `ecosire` beyond its handlers and bodies: parameters, refusals, and examples.

use std::borrow::Cow;
use std::collections::BTreeMap;

use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat};
use utoipa::openapi::{OpenApi, RefOr, Response};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use super::export::request::FORMATS;
use super::parameters::{
    DEFAULT_CURRENCY, DEFAULT_LIMIT, DEFAULT_PERIODS, GRAINS, MAX_LIMIT, SEVERITIES, daily_name,
};
use super::refused::Refused;
use crate::problem::Problem;
use crate::reports::anomalies::daily_metrics;
use crate::reports::dashboards::missing;
use crate::reports::exports::ReportType;
use crate::reports::forecast::MAX_PERIODS;
use crate::rest::analytics::PREFIX;
use crate::rest::described::{self, parameter, refusals, refused_by_all, text};

/// The parameters of every route.
pub struct Window;

impl IntoParams for Window {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let grains = text().enum_values(Some(GRAINS.map(|(name, _)| name))).default(Some("day".into()));
        let currency = text().pattern(Some("^[A-Za-z]{3}$")).default(Some(DEFAULT_CURRENCY.into()));
        let limit = whole(MAX_LIMIT, DEFAULT_LIMIT);
        vec![
            moment(
                "from",
                "2026-01-01",
                "First day or instant of the window; 30 days up to `to` where it is left out.",
            ),
            moment(
                "to",
                "2026-03-31",
                "Last day of the window, which counts whole, or its last instant, itself included; without it 30 days \
                 from `from`, and without either today.",
            ),
            parameter("groupBy", "Length of the rows of a time series, by the UTC calendar.", grains)
                .example(Some("month".into()))
                .build(),
            parameter("currency", "What every amount is converted to (ISO 4217, in either case).", currency)
                .example(Some("usd".into()))
                .build(),
            parameter("limit", "How many rows a ranking has at most.", limit).example(Some(5.into())).build(),
        ]
    }
}

/// The parameters of `/forecast` besides.
pub struct Ahead;

impl IntoParams for Ahead {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let periods = whole(MAX_PERIODS, DEFAULT_PERIODS);
        let grains = text().enum_values(Some(GRAINS.map(|(name, _)| name))).default(Some("month".into()));
        vec![
            parameter("periods", "How many periods ahead.", periods).example(Some(3.into())).build(),
            parameter("granularity", "Length of the periods, by the UTC calendar.", grains)
                .example(Some("month".into()))
                .build(),
        ]
    }
}

/// The parameters of `/anomalies` besides.
pub struct Suspect;

impl IntoParams for Suspect {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let severities =
            text().enum_values(Some(SEVERITIES.map(|(name, _)| name))).default(Some("low".into()));
        let names = text().enum_values(Some(daily_metrics().into_iter().map(daily_name)));
        vec![
            parameter("severity", "How severe at least.", severities).example(Some("high".into())).build(),
            parameter(
                "metric",
                "The only metric to look at; where it is left out all but times between orders.",
                names,
            )
            .example(Some("daily_revenue".into()))
            .build(),
        ]
    }
}

/// A whole number from 1 on.
fn whole(most: u32, default: u32) -> Object {
    described::whole(most).default(Some(default.into())).build()
}

/// A bound of the window: a day or an instant.
fn moment(name: &str, example: &str, description: &str) -> Parameter {
    let description = format!("{description} An instant without offset is UTC. Years 0001 to 9999.");
    parameter(name, &description, bound(&description)).example(Some(example.into())).build()
}

/// A day or an instant.
fn bound(description: &str) -> Schema {
    let of = |format| -> Object { text().format(Some(SchemaFormat::KnownFormat(format))).build() };
    let either = AnyOfBuilder::new().item(of(KnownFormat::Date)).item(of(KnownFormat::DateTime));
    Schema::AnyOf(either.description(Some(description)).build())
}

/// What every route may answer instead.
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let no_rate = "no exchange rate from EUR to USD on or before 2024-01-01";
        let grain = "groupBy must be one of day, week, month, quarter, not 'hour'";
        let own = [
            (
                Problem::new(400).with_detail(grain),
                "A parameter is unreadable, given twice or out of range, `organizationId` is given, the window or what it \
                 is compared with reaches beyond the calendar, or a time series would have more than 3660 rows.",
            ),
            (
                Problem::new(422).with_detail(no_rate),
                "`from` lies after `to`; an amount cannot be converted, and `message` names the currencies and the day; or \
                 a sum is larger than 64 bits of minor units.",
            ),
        ];
        refusals::<Refused>(refused_by_all().into_iter().chain(own))
    }
}

/// What a route answers that names something which may not be there.
pub struct NotFound;

impl IntoResponses for NotFound {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let such_as = missing("Hn3kV0fTq8RbZx2L").into();
        refusals::<Refused>([(such_as, "There is nothing of that name, or nothing that may be seen.")])
    }
}

/// The body of an export's request.
pub struct ExportRequest;

impl PartialSchema for ExportRequest {
    fn schema() -> RefOr<Schema> {
        let reports = ReportType::ALL.map(ReportType::name).join(", ");
        let grains = text().enum_values(Some(GRAINS.map(|(name, _)| name))).default(Some("day".into()));
        let currency = text().pattern(Some("^[A-Za-z]{3}$")).default(Some(DEFAULT_CURRENCY.into()));
        let schema = ObjectBuilder::new()
            .description(Some("What is to be exported."))
            .property("reportType", text().description(Some(format!("Which report: {reports}."))))
            .property("from", bound("First day or instant of the window; 30 days up to `to` where it is left out."))
            .property("to", bound("Last day or instant of the window, itself included; today where it is left out."))
            .property("format", text().enum_values(Some(FORMATS.map(|(name, _)| name))))
            .property("groupBy", grains.description(Some("Length of the rows of a time series.")))
            .property("currency", currency.description(Some("What every amount is converted to (ISO 4217).")))
            .property("periods", whole(MAX_PERIODS, DEFAULT_PERIODS))
            .property(
                "granularity",
                text()
                    .enum_values(Some(GRAINS.map(|(name, _)| name)))
                    .description(Some("Length of a forecast's periods; without it `groupBy`, without both months.")),
            )
            .property(
                "severity",
                text()
                    .enum_values(Some(SEVERITIES.map(|(name, _)| name)))
                    .description(Some("How severe anomalies are at least.")),
            )
            .property("metric", text()
                    .enum_values(Some(daily_metrics().into_iter().map(daily_name)))
                    .description(Some("The only metric that is searched for anomalies.")))
            .required("reportType")
            .required("format")
            .examples([serde_json::json!({
                "reportType": "revenue", "from": "2026-01-01", "to": "2026-03-31", "format": "xlsx", "groupBy": "month",
            })]);
        RefOr::T(Schema::Object(schema.build()))
    }
}

impl ToSchema for ExportRequest {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ecosire.ExportRequest")
    }
}

/// What a route answers that makes files.
pub struct NoReport;

impl IntoResponses for NoReport {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let unknown = Problem::new(404).with_detail("there is no report 'profits'");
        let other =
            Problem::new(415).with_detail("the body must be JSON, sent with Content-Type: application/json");
        refusals::<Refused>([
            (unknown, "There is no such report, or no such file any more."),
            (other, "The body is not JSON."),
        ])
    }
}

/// Puts examples of bodies into the description, and the body of refusals beside the shapes.
pub fn with_examples(description: OpenApi) -> OpenApi {
    let mut description = described::with_examples(description, PREFIX, &EXAMPLES);
    let components = description.components.get_or_insert_default();
    components.schemas.insert(Refused::name().into_owned(), Refused::schema());
    components.schemas.insert(ExportRequest::name().into_owned(), ExportRequest::schema());
    description
}

/// What the API's document shows of `revenue`, `sales` and `customers`; of the others what the shop of the tests answers.
const EXAMPLES: [(&str, &str); 8] = [
    ("/revenue", include_str!("examples/revenue.json")),
    ("/sales", include_str!("examples/sales.json")),
    ("/products", include_str!("examples/products.json")),
    ("/customers", include_str!("examples/customers.json")),
    ("/inventory", include_str!("examples/inventory.json")),
    ("/hr", include_str!("examples/hr.json")),
    ("/support", include_str!("examples/support.json")),
    ("/marketing", include_str!("examples/marketing.json")),
];
