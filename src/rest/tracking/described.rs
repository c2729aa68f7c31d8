//! What OpenAPI says of tracking beyond its handlers and shapes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use entity::event::Type;
use serde_json::json;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, Object, ObjectBuilder, Schema, SchemaFormat};
use utoipa::openapi::{OpenApi, Ref, RefOr, Required, Response};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use crate::fault::Fault;
use crate::problem::Problem;
use crate::rest::described::{parameter, problems, text};
use crate::tracking::MOST;

/// Members of an event: name, what it is.
const MEMBERS: [(&str, &str); 11] = [
    ("event_id", "What tells it from others: told twice, it counts once. By default nothing does."),
    ("occurred_at", "When it happened, within the last 24 hours; by default now."),
    ("session_id", "The visit, where the site was made with --client-sessions."),
    ("tracking_code", "The code of the link. One that is not known is left out."),
    ("page_url", "Address of the page; what follows its path is not kept."),
    ("referrer_url", "Address of the page before it; what follows its path is not kept."),
    ("product_id", "The product. One that is not known is left out."),
    ("traffic_source", "What brought the visitor; by default it is worked out."),
    ("order_id", "Of a conversion: the order."),
    ("order_total", "Of a conversion: what the customer pays, in major units."),
    ("currency", "Of a conversion: the currency, ISO 4217; by default the organization's."),
];

/// The key of a site.
pub struct SiteQuery;

impl IntoParams for SiteQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let key = text().pattern(Some("^ts_[A-Za-z0-9]{22}$"));
        let site = parameter("site", "The site's key, which is no secret.", key);
        vec![site.required(Required::True).build()]
    }
}

/// What becomes of good events that come with a wrong one.
pub struct EachQuery;

impl IntoParams for EachQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let words = "Whether each event is taken or refused by itself; by default all are, or none.";
        let flag = ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::Boolean);
        vec![parameter("each", words, flag).build()]
    }
}

/// An event as parameters.
pub struct PixelQuery;

impl IntoParams for PixelQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let kind = parameter("type", "What was done.", types()).required(Required::True);
        let mut parameters = vec![kind.build()];
        let members = MEMBERS.iter().map(|(name, words)| parameter(name, words, text()).build());
        parameters.extend(members);
        parameters
    }
}

/// Where a link leads.
pub struct LinkQuery;

impl IntoParams for LinkQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let address = text().format(Some(SchemaFormat::Custom("uri".to_owned()))).build();
        let words = "Where it leads: a page of one of the site's targets; by default the first one's.";
        vec![parameter("to", words, address).build()]
    }
}

/// An event, or several.
pub struct EventBody;

impl PartialSchema for EventBody {
    fn schema() -> RefOr<Schema> {
        let one = || Ref::from_schema_name("tracking.Event");
        let several = ArrayBuilder::new().items(one()).max_items(Some(MOST)).build();
        let body = AnyOfBuilder::new().item(one()).item(RefOr::T(Schema::Array(several))).examples([json!([
            { "type": "PAGEVIEW", "page_url": "https://shop.example/lamps", "event_id": "e-1" },
            { "type": "ADD_TO_CART", "product_id": "lamp-1", "event_id": "e-2" },
        ])]);
        RefOr::T(Schema::AnyOf(body.build()))
    }
}

impl ToSchema for EventBody {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("tracking.Events")
    }
}

/// Puts the shape of an event beside the others.
pub fn with_events(mut description: OpenApi) -> OpenApi {
    let event = ObjectBuilder::new()
        .description(Some("Something that a visitor did."))
        .property("type", types())
        .required("type");
    let event = MEMBERS
        .iter()
        .fold(event, |event, (name, words)| event.property(*name, text().description(Some(*words)).build()));
    let components = description.components.get_or_insert_default();
    components.schemas.insert("tracking.Event".to_owned(), RefOr::T(Schema::Object(event.build())));
    description
}

fn types() -> Object {
    let names = Type::ALL.iter().map(|kind| kind.name()).chain(["CONVERSION"]);
    text().enum_values(Some(names)).description(Some("What was done.")).build()
}

/// Why nothing is taken.
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([
            (
                Problem::new(400).with_error("to", "links of this site lead to https://shop.example alone"),
                "The link leads elsewhere, or the body broke off.",
            ),
            (
                Problem::new(403)
                    .with_detail("pages of https://shop.example send this site's events, and no others"),
                "The browser says that a page of another origin asks.",
            ),
            (
                Problem::new(404).with_detail("the parameter `site` must be the key of a site"),
                "There is no such site, or it was revoked.",
            ),
            (
                Problem::new(415).with_detail(
                    "the Content-Type must be application/json, or text/plain as sendBeacon sends it",
                ),
                "The body is neither JSON nor text.",
            ),
            (
                Problem::new(422).with_error("events[1].type", "must be one of CLICK, PAGEVIEW, …"),
                "Events are wrong, and none was taken; `errors` says which and why.",
            ),
            (
                Fault::Busy("too many events wait to be written; try again shortly".to_owned()).into(),
                "Too many events wait to be written, or the database is away.",
            ),
        ])
    }
}

/// Why a visitor is to tell of it later.
pub struct OverBudget;

impl IntoResponses for OverBudget {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let words = "1200 events a minute are taken, and they are used up; try again in 21 s";
        problems([(
            Problem::new(429).with_detail(words),
            "So many events came from the visitor's address, or to the site, within a minute: `Retry-After` says when to try again.",
        )])
    }
}
