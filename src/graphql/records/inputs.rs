//! What a record is given as: an input for each entity, a field for each column of the import's catalogue.

use async_graphql::InputType;
use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{Deprecation, MetaEnumValue, MetaInputValue, MetaType, Registry};

use super::{Spelling, camel, pascal};
use crate::ingest::catalogue::{Column, Entity, Kind, Need};
use crate::scalars::{CurrencyCode, Date, Decimal, Instant, Long};

/// Puts an entity's input into the registry; returns its name.
pub fn create_input(registry: &mut Registry, spelling: &Spelling) -> String {
    let columns = spelling.entity.columns.iter().zip(&spelling.fields);
    let fields = columns.map(|(column, field)| {
        let (ty, words) = described(registry, spelling, column);
        let words = match column.need {
            Need::Or(default) => format!("{words} By default {default}."),
            Need::Required | Need::Optional => words,
        };
        let ty = if column.need == Need::Required { format!("{ty}!") } else { ty };
        (field.clone(), input_value(field, &words, ty, None))
    });
    let fields: IndexMap<String, MetaInputValue> = fields.collect();
    let input = MetaType::InputObject {
        name: spelling.input.clone(),
        description: Some(format!("A record to store: one {}.", spelling.entity.one)),
        input_fields: fields,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        oneof: false,
        directive_invocations: Vec::new(),
    };
    registry.types.insert(spelling.input.clone(), input);
    spelling.input.clone()
}

/// The type of a column, without a word on whether it must be there, and what it holds.
fn described(registry: &mut Registry, spelling: &Spelling, column: &Column) -> (String, String) {
    let (ty, words) = match column.kind {
        Kind::Identifier => (type_of::<String>(registry), "An id of the source's own."),
        Kind::Reference(to) => {
            let one = Entity::named(to).map_or("row", |entity| entity.one);
            return (type_of::<String>(registry), format!("The id of the {one}."));
        }
        Kind::Text => (type_of::<String>(registry), "A text."),
        Kind::Integer(least, most) => {
            let is_small = i32::try_from(least).is_ok() && i32::try_from(most).is_ok();
            let ty = if is_small { type_of::<i32>(registry) } else { type_of::<Long>(registry) };
            return (ty, format!("A whole number from {least} to {most}."));
        }
        Kind::Boolean => (type_of::<bool>(registry), "Whether it holds."),
        Kind::Choice(names) => (create_choice(registry, spelling, column, names), "One of these."),
        Kind::Instant => (type_of::<Instant>(registry), "An instant."),
        Kind::Day => (type_of::<Date>(registry), "A day."),
        Kind::Currency => (
            type_of::<CurrencyCode>(registry),
            "The currency of the record's amounts; by default the organization's.",
        ),
        Kind::CurrencyCode => (type_of::<CurrencyCode>(registry), "A currency."),
        Kind::Amount | Kind::ForeignAmount(_) => {
            (type_of::<Decimal>(registry), "An amount in major units, exact to the digits of its currency.")
        }
        Kind::Price => {
            (type_of::<Decimal>(registry), "A price in major units, with at most six digits after the point.")
        }
        Kind::Hours => (type_of::<Decimal>(registry), "Hours of a day."),
        Kind::Share => (type_of::<Decimal>(registry), "A share from 0 to 1, such as 0.15."),
        Kind::Rate => (type_of::<Decimal>(registry), "How much one of `from` is worth in `to`."),
    };
    (ty, words.to_owned())
}

/// The name of a type, which is in the registry then.
fn type_of<T: InputType>(registry: &mut Registry) -> String {
    T::create_type_info(registry).trim_end_matches('!').to_owned()
}

/// Puts the names that a column may hold into the registry; returns the type's name.
fn create_choice(
    registry: &mut Registry,
    spelling: &Spelling,
    column: &Column,
    names: &[(&'static str, i64)],
) -> String {
    let name = spelling.input.trim_end_matches("Input").to_owned() + &pascal(column.name);
    let values = names.iter().map(|(name, _)| {
        let value = MetaEnumValue {
            name: (*name).to_owned(),
            description: Some(sentence(name)),
            deprecation: Deprecation::NoDeprecated,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            directive_invocations: Vec::new(),
        };
        ((*name).to_owned(), value)
    });
    let choice = MetaType::Enum {
        name: name.clone(),
        description: Some(format!("What `{}` of one {} may be.", camel(column.name), spelling.entity.one)),
        enum_values: values.collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    };
    registry.types.insert(name.clone(), choice);
    name
}

/// A name of an import in words: `PRODUCT_VIEW` is `Product view.`
fn sentence(name: &str) -> String {
    let words = name.replace('_', " ").to_lowercase();
    let (first, rest) = words.split_at_checked(1).unwrap_or_default();
    format!("{}{rest}.", first.to_uppercase())
}

/// An argument or a field of an input.
pub fn input_value(
    name: &str,
    description: &str,
    ty: String,
    default_value: Option<String>,
) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        ty,
        deprecation: Deprecation::NoDeprecated,
        default_value,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}
