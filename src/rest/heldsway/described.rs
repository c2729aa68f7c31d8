//! What OpenAPI says of `heldsway` beyond its handler and bodies: parameters, refusals, and examples.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{Parameter, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{OpenApi, RefOr, Required, Response};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use super::parameters::{MOST_PER_PAGE, MOST_TOP_LIMIT, Section};
use super::refused::Refused;
use super::{PATH, charts, stats, tables, trends};
use crate::rest::described::{parameter, refusal, refusals, refused_by_all, text, whole};

/// The parameters.
pub struct Asks;

impl IntoParams for Asks {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let sections = text().enum_values(Some(Section::ALL.map(Section::name))).build();
        let date = || text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).build();
        let page = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).default(Some(1.into()));
        let whole = |most: u32, default: u32| {
            let whole = whole(most).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
            whole.default(Some(default.into())).build()
        };
        vec![
            parameter("section", "Which part to tell.", sections)
                .required(Required::True)
                .example(Some("stats".into()))
                .build(),
            parameter("from", "The first day, in UTC; 30 days ago where nothing is said.", date()).build(),
            parameter(
                "to",
                "The last day, which counts whole; today where nothing is said, and not later.",
                date(),
            )
            .build(),
            metrics(),
            parameter("page", "Which page of a feed; those behind the last are empty.", page).build(),
            parameter("per_page", "How many rows a page of a feed has.", whole(MOST_PER_PAGE, 15)).build(),
            parameter("top_limit", "How many rows a ranking has at most.", whole(MOST_TOP_LIMIT, 10)).build(),
        ]
    }
}

/// Names of a section's metrics.
fn metrics() -> Parameter {
    let all = stats::METRICS.iter().chain(&trends::METRICS).chain(&charts::METRICS).chain(&tables::METRICS);
    let names = text().enum_values(Some(all.copied())).build();
    let list = ArrayBuilder::new().items(names).unique_items(true).build();
    let description = "Which metrics of the section to tell, parted by commas; all of them where nothing is said. Feeds have none and \
                       ignore it.";
    parameter("metrics", description, list)
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .example(Some(vec!["total_clicks", "total_revenue"].into()))
        .build()
}

/// What may be answered instead.
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let wrong = BTreeMap::from([(
            "metrics".to_owned(),
            vec![format!("Invalid metric(s) for stats: clicks. Allowed: {}", stats::METRICS.join(", "))],
        )]);
        let words = "Parameters are missing, unknown, unreadable or out of range: `details` says what is wrong with which. Or, as \
                     `UNPROCESSABLE_CONTENT`, an amount cannot be converted, and `message` names the currencies and the day.";
        let invalid = refusal(422, &Refused::invalid(wrong), "application/json", words);
        let mut all = refusals::<Refused>(refused_by_all());
        all.insert("422".to_owned(), RefOr::T(invalid));
        all
    }
}

/// Puts the bodies that the API's document shows into the description, and the body of refusals beside the shapes.
pub fn with_examples(mut description: OpenApi) -> OpenApi {
    let answer = description
        .paths
        .paths
        .get_mut(PATH)
        .and_then(|item| item.get.as_mut())
        .and_then(|operation| operation.responses.responses.get_mut("200"));
    if let Some(RefOr::T(answer)) = answer
        && let Some(RefOr::T(content)) = answer.content.get_mut("application/json")
    {
        for (section, example) in EXAMPLES {
            // Read from its text, so that numbers keep their digits.
            let example = ExampleBuilder::new().value(serde_json::from_str::<Value>(example).ok()).build();
            content.examples.insert(section.name().to_owned(), RefOr::T(example));
        }
    }
    let components = description.components.get_or_insert_default();
    let mut refusal = vec![(Refused::name().into_owned(), Refused::schema())];
    Refused::schemas(&mut refusal);
    components.schemas.extend(refusal);
    description
}

/// What the API's document shows.
const EXAMPLES: [(Section, &str); 6] = [
    (Section::Stats, include_str!("examples/stats.json")),
    (Section::Trends, include_str!("examples/trends.json")),
    (Section::Charts, include_str!("examples/charts.json")),
    (Section::Tables, include_str!("examples/tables.json")),
    (Section::RecentClicks, include_str!("examples/recent_clicks.json")),
    (Section::RecentConversions, include_str!("examples/recent_conversions.json")),
];
