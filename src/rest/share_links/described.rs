//! What OpenAPI says of `share-links` beyond its handlers and shapes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use super::forbidden;
use super::request::{DEFAULT_PERIOD, PERIODS};
use crate::fault::Fault;
use crate::problem::Problem;
use crate::reports::shared::{LONGEST, SharedReport};
use crate::rest::described::{over_budget, problem, problems, text, whole};

/// A report, as addresses name it.
pub struct ReportName;

impl PartialSchema for ReportName {
    fn schema() -> RefOr<Schema> {
        let names = SharedReport::ALL.map(SharedReport::name);
        let schema = text().enum_values(Some(names));
        RefOr::T(Schema::Object(schema.build()))
    }
}

impl ToSchema for ReportName {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("share_links.ReportName")
    }
}

/// The body of a request for a link.
pub struct LinkRequest;

impl PartialSchema for LinkRequest {
    fn schema() -> RefOr<Schema> {
        let period = text()
            .enum_values(Some(PERIODS.map(|(name, _)| name)))
            .default(Some(DEFAULT_PERIOD.into()))
            .description(Some("The days up to now that the report is about."));
        let words =
            "In how many seconds the link opens nothing any more; by default as the server is set up.";
        let seconds = whole(LONGEST).description(Some(words));
        let schema = ObjectBuilder::new()
            .description(Some("The link that is wanted."))
            .property("period", period)
            .property("expiresInSeconds", seconds)
            .examples([serde_json::json!({ "period": "30d", "expiresInSeconds": 86400 })]);
        RefOr::T(Schema::Object(schema.build()))
    }
}

impl ToSchema for LinkRequest {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("share_links.LinkRequest")
    }
}

/// Why no link is made.
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let wrong = "must be one of 7d, 30d, 90d, not \"1d\"";
        let secret = "links cannot be made: ANALYTICS_SHARE_SIGNING_SECRET is not configured";
        let full = "there are 1000 good links, the most that there may be: take some back";
        problems([
            (
                Problem::new(400).with_error("period", wrong),
                "There is no such report, or the body is not what it should be; `errors` says what is wrong with which.",
            ),
            (
                forbidden("nobody is signed in, and no other credential was sent"),
                "Nobody is signed in, or they may not make links.",
            ),
            (
                Problem::new(409).with_detail(full),
                "The organization has as many good links as it may have at once.",
            ),
            over_budget(),
            (
                Problem::from(Fault::NotConfigured(secret.to_owned())),
                "The server has no secret to sign links with, or the database is away.",
            ),
        ])
    }
}

/// What a token that opens nothing is answered.
pub struct Unopened;

impl IntoResponses for Unopened {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let page = |words: &str| ResponseBuilder::new().description(words).build();
        let no_rate =
            Problem::new(422).with_detail("no exchange rate from EUR to USD on or before 2024-01-01");
        let away = Problem::from(Fault::Unavailable);
        [
            (
                "400".to_owned(),
                RefOr::T(page("The address lacks the token: a page, or a problem for who asks for JSON.")),
            ),
            (
                "403".to_owned(),
                RefOr::T(page(
                    "The token is not, or no longer, good: a page, or a problem for who asks for JSON.",
                )),
            ),
            (
                "422".to_owned(),
                RefOr::T(problem(
                    &no_rate,
                    "A figure cannot be told: a page, or a problem that says why for who asks for JSON.",
                )),
            ),
            (
                "503".to_owned(),
                RefOr::T(problem(&away, "The database is away: a page, or a problem for who asks for JSON.")),
            ),
        ]
        .into()
    }
}
