//! The documented REST APIs: a folder each with its routes, parameters, shapes and errors, and nothing else. No folder
//! knows another; what they share is here.

pub mod described;
pub mod momentum;
mod problem;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::money::{Money, decimal_text};

/// A JSON number written with exactly its digits: `42150.00`, not `42150`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// Major units with the currency's digits.
    pub fn major(money: Money) -> Self {
        Self(money.to_string())
    }

    /// A whole number of 10^-`digits`.
    pub fn scaled(value: i64, digits: u32) -> Self {
        Self(decimal_text(value, digits))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl PartialSchema for Number {
    fn schema() -> RefOr<Schema> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::Number)
            .format(Some(SchemaFormat::Custom("decimal".to_owned())))
            .description(Some(
                "A JSON number written with exactly its digits: `42150.00`. Read it as a decimal.",
            ));
        RefOr::T(Schema::Object(schema.build()))
    }
}

impl ToSchema for Number {}
