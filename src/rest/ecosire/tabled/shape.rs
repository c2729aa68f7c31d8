//! What a body consists of, by its type: the names of its values in their order, and what each is. It is read from the
//! same schema that OpenAPI shows, and so is known also of lists that are empty.

use std::collections::HashMap;

use utoipa::ToSchema;
use utoipa::openapi::schema::{
    AllOf, ArrayItems, KnownFormat, Object, OneOf, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};

/// What a type consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A value.
    Leaf(Sort),
    /// Any number of these.
    List(Box<Shape>),
    /// Named ones, in their order.
    Fields(Vec<(String, Shape)>),
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Text.
    Text,
    /// An instant, as text.
    Instant,
    /// A count.
    Integer,
    /// An amount in minor units.
    Minor,
    /// A part of one.
    Share,
    /// A number that may be an amount, a part of one, or another.
    Figure,
    /// Another number.
    Decimal,
    /// True or false.
    Boolean,
}

impl Shape {
    /// That of `T`.
    pub fn of<T: ToSchema>() -> Self {
        let mut all = Vec::new();
        T::schemas(&mut all);
        Known(all.into_iter().collect()).resolve(&T::schema())
    }
}

/// Schemas by name.
struct Known(HashMap<String, RefOr<Schema>>);

impl Known {
    fn resolve(&self, schema: &RefOr<Schema>) -> Shape {
        match schema {
            RefOr::Ref(reference) => self.referred(reference),
            RefOr::T(Schema::Object(object)) => self.object(object),
            RefOr::T(Schema::Array(array)) => match &array.items {
                ArrayItems::RefOrSchema(items) => Shape::List(Box::new(self.resolve(items))),
                ArrayItems::False => Shape::List(Box::new(Shape::Leaf(Sort::Text))),
            },
            RefOr::T(Schema::AllOf(AllOf { items, .. })) => self.flattened(items),
            // Something, or null.
            RefOr::T(Schema::OneOf(OneOf { items, .. })) => {
                let something = items.iter().find(|item| !is_null(item));
                something.map_or(Shape::Leaf(Sort::Text), |item| self.resolve(item))
            }
            RefOr::T(_) => Shape::Leaf(Sort::Text),
        }
    }

    /// What has been taken apart for JSON alone. The schema has a type's own values last, JSON has them first: they say what
    /// the others are of.
    fn flattened(&self, items: &[RefOr<Schema>]) -> Shape {
        let (own, others): (Vec<_>, Vec<_>) = items.iter().partition(|item| matches!(item, RefOr::T(_)));
        let fields = own.into_iter().chain(others).flat_map(|item| match self.resolve(item) {
            Shape::Fields(fields) => fields,
            Shape::Leaf(_) | Shape::List(_) => Vec::new(),
        });
        Shape::Fields(fields.collect())
    }

    fn referred(&self, reference: &Ref) -> Shape {
        let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
        match name {
            "Minor" => Shape::Leaf(Sort::Minor),
            "Share" => Shape::Leaf(Sort::Share),
            "Figure" => Shape::Leaf(Sort::Figure),
            name => self.0.get(name).map_or(Shape::Leaf(Sort::Text), |schema| self.resolve(schema)),
        }
    }

    fn object(&self, object: &Object) -> Shape {
        if !object.properties.is_empty() {
            let fields = object.properties.iter();
            return Shape::Fields(
                fields.map(|(name, schema)| (name.clone(), self.resolve(schema))).collect(),
            );
        }
        let is = |wanted: Type| match &object.schema_type {
            SchemaType::Type(one) => *one == wanted,
            SchemaType::Array(several) => several.contains(&wanted),
            SchemaType::AnyValue => false,
        };
        Shape::Leaf(match &object.format {
            Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)) => Sort::Instant,
            _ if is(Type::Integer) => Sort::Integer,
            _ if is(Type::Number) => Sort::Decimal,
            _ if is(Type::Boolean) => Sort::Boolean,
            _ => Sort::Text,
        })
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}
