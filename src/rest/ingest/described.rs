//! What OpenAPI says of the ingest API: every entity's columns, from the catalogue that rows are checked by.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{
    AnyOfBuilder, ArrayBuilder, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{OpenApi, Ref, RefOr, Response};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use super::refused::BadRows;
use super::{LONGEST_KEY, may_not_write};
use crate::fault::Fault;
use crate::ingest::catalogue::{Column, ENTITIES, Entity, Kind, Need};
use crate::ingest::{Problem as BadField, Report};
use crate::intake::NotStored;
use crate::principal::Refusal;
use crate::problem::Problem;
use crate::rest::described::{over_budget, parameter, problems, refusal, text};

/// An entity, as the address names it.
pub struct EntityName;

impl PartialSchema for EntityName {
    fn schema() -> RefOr<Schema> {
        let names = ENTITIES.iter().map(|entity| entity.name);
        let schema = text().enum_values(Some(names));
        RefOr::T(Schema::Object(schema.build()))
    }
}

impl ToSchema for EntityName {}

/// The header that makes a request one that is carried out once.
pub struct Key;

impl IntoParams for Key {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let name = text().min_length(Some(1)).max_length(Some(LONGEST_KEY)).pattern(Some("^[!-~]+$"));
        let words = "A name for this request, such as a UUID. Within 24 hours a request with the same key and the same body \
                     is answered as the first one was, with `Idempotency-Replayed: true`, and stores nothing.";
        let key = parameter("Idempotency-Key", words, name);
        vec![key.parameter_in(ParameterIn::Header).build()]
    }
}

/// Rows of one entity.
pub struct RowList;

impl PartialSchema for RowList {
    fn schema() -> RefOr<Schema> {
        let any = ENTITIES
            .iter()
            .fold(AnyOfBuilder::new(), |any, entity| any.item(Ref::from_schema_name(name_of(entity))));
        let list = ArrayBuilder::new()
            .items(RefOr::T(Schema::AnyOf(any.build())))
            .description(Some("Rows of the entity that the address names."))
            .examples([json!([{
                "order_id": "o-1001", "placed_at": "2026-04-01T09:30:00Z", "status": "CONFIRMED", "total": "149.99",
            }])]);
        RefOr::T(Schema::Array(list.build()))
    }
}

impl ToSchema for RowList {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ingest.Rows")
    }
}

/// What became of the rows: the summary of an import.
pub struct SummaryShape;

impl PartialSchema for SummaryShape {
    fn schema() -> RefOr<Schema> {
        let count =
            |words: &str| ObjectBuilder::new().schema_type(Type::Integer).description(Some(words)).build();
        let text = |words: &str| text().description(Some(words)).build();
        let counts = [
            ("rows", "Rows that came."),
            ("inserted", "Of them, new ones."),
            ("updated", "Of them, known ones that changed."),
            ("unchanged", "Of them, known ones that were just so already."),
            ("replaced", "Of them, those that a later row with the same key replaced."),
        ];
        let entity = ObjectBuilder::new().property("entity", text("Its name.")).required("entity");
        let entity = counts
            .iter()
            .fold(entity, |entity, (name, words)| entity.property(*name, count(words)).required(*name));
        let filtered =
            ObjectBuilder::new().property("reason", text("Why.")).property("rows", count("How many."));
        let list =
            |items: Object, words: &str| ArrayBuilder::new().items(items).description(Some(words)).build();
        let summary = ObjectBuilder::new()
            .property("organization", text("Whose rows they are."))
            .property("entities", list(entity.build(), "What came of the entity."))
            .property("rounded_lines", count("Order lines whose total was rounded to the currency's digits."))
            .property("rejected_rows", count("Rows left out because they were bad: none, since all are stored or none."))
            .property("filtered_rows", list(filtered.build(), "Rows left out on purpose: none."))
            .required("organization")
            .required("entities")
            .required("rounded_lines")
            .examples([json!({
                "organization": "acme",
                "entities": [
                    { "entity": "orders", "rows": 2, "inserted": 1, "updated": 1, "unchanged": 0, "replaced": 0 },
                ],
                "rounded_lines": 0,
                "rejected_rows": 0,
                "filtered_rows": [],
            })]);
        RefOr::T(Schema::Object(summary.build()))
    }
}

impl ToSchema for SummaryShape {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ingest.Summary")
    }
}

/// Puts a schema of each entity's rows beside the others, and those of refusals.
pub fn with_rows(mut description: OpenApi) -> OpenApi {
    let components = description.components.get_or_insert_default();
    let rows = ENTITIES.iter().map(|entity| (name_of(entity), row(entity)));
    components.schemas.extend(rows);
    let mut refusal = vec![(BadRows::name().into_owned(), BadRows::schema())];
    BadRows::schemas(&mut refusal);
    components.schemas.extend(refusal);
    description
}

fn name_of(entity: &Entity) -> String {
    format!("ingest.{}", entity.name)
}

fn row(entity: &Entity) -> RefOr<Schema> {
    let words = format!("A row of `{}`. Its key: {}.", entity.name, entity.key.join(", "));
    let object = ObjectBuilder::new().description(Some(words)).title(Some(entity.name));
    let object = entity.columns.iter().fold(object, |object, column| {
        let object = object.property(column.name, value(column));
        if column.need == Need::Required { object.required(column.name) } else { object }
    });
    let mut object = object.build();
    object.additional_properties =
        Some(Box::new(utoipa::openapi::schema::AdditionalProperties::FreeForm(false)));
    RefOr::T(Schema::Object(object))
}

/// What a column holds. Numbers may be written as numbers or as texts.
fn value(column: &Column) -> Object {
    let number = [Type::String, Type::Number];
    let (types, words): (&[Type], String) = match column.kind {
        Kind::Identifier => (&[Type::String, Type::Integer], "An id of the source's own.".to_owned()),
        Kind::Reference(to) => (&[Type::String, Type::Integer], format!("The id of one of `{to}`.")),
        Kind::Text => (&[Type::String], "A text.".to_owned()),
        Kind::Integer(least, most) => {
            (&[Type::Integer, Type::String], format!("A whole number from {least} to {most}."))
        }
        Kind::Boolean => (&[Type::Boolean, Type::String], "Whether it holds.".to_owned()),
        Kind::Choice(_) => (&[Type::String], "One of these.".to_owned()),
        Kind::Instant => (&[Type::String], "An instant; without an offset UTC.".to_owned()),
        Kind::Day => (&[Type::String], "A day.".to_owned()),
        Kind::Currency => (
            &[Type::String],
            "The currency of the row's amounts, ISO 4217; by default the organization's.".to_owned(),
        ),
        Kind::CurrencyCode => (&[Type::String], "A currency, ISO 4217.".to_owned()),
        Kind::Amount => (&number, "An amount in major units, exact to its currency's digits.".to_owned()),
        Kind::Price => {
            (&number, "A price in major units, with at most six digits after the point.".to_owned())
        }
        Kind::Hours => (&number, "Hours of a day.".to_owned()),
        Kind::Share => (&number, "A share from 0 to 1, with at most six digits after the point.".to_owned()),
        Kind::ForeignAmount(_) => {
            (&number, "An amount in the currency of the row that this one belongs to.".to_owned())
        }
        Kind::Rate => (&number, "How much of `to` one of `from` is worth.".to_owned()),
    };
    let mut types = types.to_vec();
    let words = match column.need {
        Need::Required => words,
        Need::Optional => format!("{words} May be left out."),
        Need::Or(default) => format!("{words} By default {default}."),
    };
    if column.need != Need::Required {
        types.push(Type::Null);
    }
    let object = ObjectBuilder::new().schema_type(SchemaType::from_iter(types)).description(Some(words));
    match column.kind {
        Kind::Choice(names) if column.need == Need::Required => {
            object.enum_values(Some(names.iter().map(|(name, _)| *name))).build()
        }
        Kind::Instant => object.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).build(),
        Kind::Day => object.format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).build(),
        _ => object.build(),
    }
}

/// Why nothing is stored.
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let bad = BadField {
            file: String::new(),
            line: Some(2),
            column: Some("total".to_owned()),
            value: Some("12,50".to_owned()),
            reason: "is not an amount such as 149.99".to_owned(),
        };
        let bad = refusal(
            422,
            &BadRows::of(Report::of(bad)),
            Problem::MEDIA_TYPE,
            "Rows are bad, and `problems` says which and why.",
        );
        let kinds = "the Content-Type must be application/x-ndjson, one object a line, or application/json, an array of objects";
        let others = [
            (
                Problem::new(400).with_error(
                    "Idempotency-Key",
                    "must be one text of 1 to 255 ASCII characters, such as a UUID",
                ),
                "The key is none, or the body broke off before its end.",
            ),
            (Refusal::Missing.into(), "No credential, or one that does not verify."),
            (may_not_write().into(), "Neither the role Admin nor the scope `data:write`."),
            (
                Problem::new(404).with_detail("`order` is not an entity; these are: customers, …"),
                "There is no such entity.",
            ),
            (
                Problem::new(409).with_detail(NotStored::KeyReused.to_string()),
                "The Idempotency-Key came before with another request.",
            ),
            (
                Problem::new(413).with_detail(NotStored::TooLarge(50_000_000).to_string()),
                "The body is larger than this server takes, as it is or once it is unpacked.",
            ),
            (
                Problem::new(415).with_detail(kinds),
                "The body is neither of the two forms, or packed otherwise than by gzip or zstd.",
            ),
            over_budget(),
            (
                Fault::Busy(
                    "too many requests of this organization wait to be stored; try again shortly".to_owned(),
                )
                .into(),
                "Too many requests wait for their turn, or the database is away.",
            ),
        ];
        let mut all = problems(others);
        all.insert("422".to_owned(), RefOr::T(bad));
        all
    }
}
