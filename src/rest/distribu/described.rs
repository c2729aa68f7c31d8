//! What OpenAPI says of `distribu` beyond its handlers and bodies: parameters, refusals, and examples.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use utoipa::openapi::path::{Parameter, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, KnownFormat, Object, Schema, SchemaFormat};
use utoipa::openapi::{OpenApi, RefOr, Response};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use super::PREFIX;
use super::orders::{DEFAULT_LIMIT, FORMATS};
use super::range::PRESETS;
use super::refused::Refused;
use super::rows::Row;
use crate::problem::Problem;
use crate::rest::described::{self, parameter, refusals, refused_by_all, text, whole};

/// The parameters of routes that are about some time.
pub struct Window;

impl IntoParams for Window {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let presets =
            text().enum_values(Some(PRESETS.map(|(name, _)| name))).default(Some("month".into())).build();
        vec![
            parameter(
                "preset",
                "A calendar window in UTC up to the end of today: `week` begins on Monday, `all` on the day of the first \
                 order.",
                presets,
            )
            .example(Some("month".into()))
            .build(),
            moment("from", "2026-04-01", "First day or instant of the range, in place of the preset's."),
            moment(
                "to",
                "2026-04-17",
                "Last day of the range, which counts whole, or its last instant, itself included, in place of the preset's.",
            ),
        ]
    }
}

/// How many rows at most.
pub struct Limit<const MOST: u32>;

impl<const MOST: u32> IntoParams for Limit<MOST> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = parameter("limit", "How many rows at most.", whole(MOST));
        vec![limit.example(Some(10.into())).build()]
    }
}

/// Where a page of orders begins.
pub struct Cursor;

impl IntoParams for Cursor {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = format!(
            "Where the page begins: the `nextCursor` of the page before. Without `limit` a page has {DEFAULT_LIMIT} orders."
        );
        let cursor = text().pattern(Some("^[A-Za-z0-9_-]{32}$")).build();
        // No example: one that fits nobody's list would only be refused.
        vec![parameter("cursor", &description, cursor).build()]
    }
}

/// What orders can be had as.
pub struct Formats;

impl IntoParams for Formats {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let formats =
            text().enum_values(Some(FORMATS.map(|(name, _)| name))).default(Some("json".into())).build();
        let words =
            "A page as JSON, or all orders of the range as CSV, which takes neither `limit` nor `cursor`.";
        vec![parameter("format", words, formats).example(Some("json".into())).build()]
    }
}

/// Which columns rows have.
pub struct Columns<R>(PhantomData<R>);

impl<R: Row> IntoParams for Columns<R> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let names = text().enum_values(Some(R::COLUMNS.iter().copied())).build();
        let list = ArrayBuilder::new().items(names).min_items(Some(1)).unique_items(true).build();
        let example: Vec<&str> = R::COLUMNS.iter().copied().take(2).collect();
        let columns = parameter(
            "fields",
            "The columns of the rows, in that order, parted by commas; all of them where nothing is said.",
            list,
        );
        vec![
            columns
                .style(Some(ParameterStyle::Form))
                .explode(Some(false))
                .example(Some(example.into()))
                .build(),
        ]
    }
}

/// A bound of the range: whatever JavaScript's `new Date()` reads.
fn moment(name: &str, example: &str, description: &str) -> Parameter {
    let of = |format| -> Object { text().format(Some(SchemaFormat::KnownFormat(format))).build() };
    let either = AnyOfBuilder::new()
        .item(of(KnownFormat::Date))
        .item(of(KnownFormat::DateTime))
        .description(Some("A date, or a date and a time."));
    let description = format!(
        "{description} It is read as JavaScript's `new Date()` reads it, without an offset in UTC, and to the millisecond: \
         `2026/04/01`, `April 1, 2026` and RFC 2822 will do as well. Years 0001 to 9999."
    );
    parameter(name, &description, Schema::AnyOf(either.build())).example(Some(example.into())).build()
}

/// What every route may answer instead.
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let no_rate = "no exchange rate from EUR to USD on or before 2024-01-01";
        let preset = "preset must be one of today, week, month, quarter, year, all, not 'decade'";
        let own = [
            (
                Problem::new(400).with_detail(preset),
                "A parameter is unreadable, given twice or out of range, `organizationId` is given, or the range is empty \
                 or too long: a day a row, there are 3660 rows at most.",
            ),
            (
                Problem::new(422).with_detail(no_rate),
                "An amount cannot be converted, and `message` names the currencies and the day; or a sum is larger than 64 \
                 bits of minor units.",
            ),
        ];
        refusals::<Refused>(refused_by_all().into_iter().chain(own))
    }
}

/// Puts examples of bodies into the description, and the body of refusals beside the shapes.
pub fn with_examples(description: OpenApi) -> OpenApi {
    let mut description = described::with_examples(description, PREFIX, &EXAMPLES);
    let components = description.components.get_or_insert_default();
    let mut refusal = vec![(Refused::name().into_owned(), Refused::schema())];
    Refused::schemas(&mut refusal);
    components.schemas.extend(refusal);
    description
}

/// What the API's document shows of `sales`, `customers` and `inventory`; of the others what the shop of the tests answers.
const EXAMPLES: [(&str, &str); 5] = [
    ("/sales", include_str!("examples/sales.json")),
    ("/customers", include_str!("examples/customers.json")),
    ("/inventory", include_str!("examples/inventory.json")),
    ("/products", include_str!("examples/products.json")),
    ("/orders", include_str!("examples/orders.json")),
];
