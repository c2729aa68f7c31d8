//! The documented REST APIs: a folder each with its routes, parameters, shapes and errors, and nothing else. No folder
//! knows another; what they share is here.

pub mod analytics;
mod answer;
pub mod described;
pub mod distribu;
pub mod ecosire;
pub mod heldsway;
pub mod ingest;
mod kept;
pub mod members;
pub mod moment;
pub mod momentum;
mod problem;
pub mod query;
pub mod share_links;
pub mod tracking;

use std::sync::Arc;

use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::Response;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::money::{Money, decimal_text};
use crate::principal::{Access, Principal, Refusal};
use crate::problem::Problem;

/// What the server itself refuses at `uri`, on an API's routes, in that API's form.
pub fn in_its_words(uri: &Uri, response: Response) -> Response {
    let status = response.status().as_u16();
    match response.extensions().get::<Problem>().cloned() {
        Some(problem) if distribu::has(uri.path()) => {
            answer::in_place_of(response, distribu::Refused::from(problem))
        }
        Some(problem) if heldsway::has(uri.path()) => {
            answer::in_place_of(response, heldsway::Refused::from(problem))
        }
        Some(problem) if analytics::speaks_ecosire(uri.path(), uri.query().unwrap_or_default(), status) => {
            answer::in_place_of(response, ecosire::Refused::from(problem))
        }
        _ => response,
    }
}

/// Who asks, as the server found out.
fn caller(parts: &Parts) -> Result<Arc<Principal>, Refusal> {
    parts.extensions.get::<Access>().map_or(Err(Refusal::Missing), |Access(access)| access.clone())
}

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

    /// A whole number of 10^-`digits`, without zeros at its end: (940, 3) is `0.94`.
    pub fn plain(value: i64, digits: u32) -> Self {
        Self::at_least(value, digits, 0)
    }

    /// The same with so many decimals at least: (8500, 3, 2) is `8.50`.
    pub fn at_least(value: i64, digits: u32, decimals: u32) -> Self {
        let mut text = decimal_text(value, digits);
        let idle = text.bytes().rev().take_while(|digit| *digit == b'0').count();
        let kept = idle.min(digits.saturating_sub(decimals) as usize);
        text.truncate(text.len() - kept);
        Self(text.trim_end_matches('.').to_owned())
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
