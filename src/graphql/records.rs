//! Mutations that store one record each: a field an entity, straight from the import's catalogue, so that what can be written
//! and how it is checked is said once.

mod inputs;

use std::borrow::Cow;
use std::sync::LazyLock;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaField, MetaInputValue, MetaTypeId, Registry};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Enum, Error, ErrorExtensionValues, ErrorExtensions,
    InputType, InputValueError, InputValueResult, Name, ObjectType, OutputType, Positioned, ServerResult,
    SimpleObject, Value,
};
use serde_json::Map;

use inputs::{create_input, input_value};

use super::query::desk;
use crate::fault::Fault;
use crate::ingest::catalogue::{ENTITIES, Entity};
use crate::ingest::{Report, shortened};
use crate::intake::{self, NotStored};
use crate::reports::registered::{field, object};

/// The argument that holds a record.
const ARGUMENT: &str = "input";

/// One mutation an entity.
#[derive(Default)]
pub struct Records;

/// What became of a record.
#[derive(SimpleObject)]
struct Recorded {
    /// Whether it is new, or changes what was there.
    outcome: RecordOutcome,
}

/// What became of a record.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum RecordOutcome {
    /// It is new.
    Inserted,
    /// It was known by its key, and is changed.
    Updated,
    /// It was known by its key, just so.
    Unchanged,
}

impl From<intake::Outcome> for RecordOutcome {
    fn from(outcome: intake::Outcome) -> Self {
        match outcome {
            intake::Outcome::Inserted => Self::Inserted,
            intake::Outcome::Updated => Self::Updated,
            intake::Outcome::Unchanged => Self::Unchanged,
        }
    }
}

/// What GraphQL calls an entity's mutation, its input and its fields.
struct Spelling {
    entity: &'static Entity,
    /// `recordOrderItem`
    mutation: String,
    /// `OrderItemRecordInput`
    input: String,
    /// The entity's columns: `orderId`.
    fields: Vec<String>,
}

static SPELLINGS: LazyLock<Vec<Spelling>> = LazyLock::new(|| ENTITIES.iter().map(Spelling::of).collect());

impl Spelling {
    fn of(entity: &'static Entity) -> Self {
        let one = pascal(&singular(entity.name));
        Self {
            entity,
            mutation: format!("record{one}"),
            input: format!("{one}RecordInput"),
            fields: entity.columns.iter().map(|column| camel(column.name)).collect(),
        }
    }

    /// The record that is meant by an input's value, by the dataset's own names.
    fn record(&self, given: &IndexMap<Name, Value>) -> Map<String, serde_json::Value> {
        let columns = self.entity.columns.iter().zip(&self.fields);
        columns
            .filter_map(|(column, field)| {
                let value = given.get(field.as_str())?.clone().into_json().ok()?;
                Some((column.name.to_owned(), value))
            })
            .collect()
    }

    /// A column as the caller spells it.
    fn path(&self, column: &str) -> String {
        match self.entity.column(column) {
            Some((place, _)) => format!("{ARGUMENT}.{}", self.fields[place]),
            None => ARGUMENT.to_owned(),
        }
    }

    fn error(&self, not_stored: NotStored) -> Error {
        match not_stored {
            NotStored::BadRows(report) => self.bad_record(&report),
            NotStored::TooLarge(_) | NotStored::KeyReused => Fault::Internal(not_stored.to_string()).into(),
            NotStored::Fault(fault) => fault.into(),
        }
    }

    /// The first problem as the message, and all of them for programs.
    fn bad_record(&self, report: &Report) -> Error {
        let problems = report.told.iter().map(|problem| {
            let mut told = IndexMap::new();
            let path = self.path(problem.column.as_deref().unwrap_or_default());
            told.insert(Name::new("argument"), Value::from(path));
            if let Some(value) = &problem.value {
                told.insert(Name::new("value"), Value::from(shortened(value)));
            }
            told.insert(Name::new("reason"), Value::from(problem.reason.as_str()));
            Value::Object(told)
        });
        let problems = Value::List(problems.collect());
        let fault = report.told.first().map_or_else(
            || Fault::Internal("a record was refused without a reason".to_owned()),
            |first| {
                let value =
                    first.value.as_deref().map_or(String::new(), |value| format!("`{}` ", shortened(value)));
                Fault::invalid(
                    self.path(first.column.as_deref().unwrap_or_default()),
                    format!("{value}{}", first.reason),
                )
            },
        );
        Error::from(fault).extend_with(|_, extensions: &mut ErrorExtensionValues| {
            extensions.set("problems", problems.clone());
        })
    }
}

/// `order_items` is `order_item`, `categories` is `category`.
fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

/// `order_item` is `OrderItem`.
fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    name.split('_').map(capital).collect()
}

/// `order_id` is `orderId`.
fn camel(name: &str) -> String {
    let pascal = pascal(name);
    let (first, rest) = pascal.split_at(1);
    first.to_ascii_lowercase() + rest
}

/// The fields of a record, of whatever entity: what is what was looked at by the schema's types.
struct Given(IndexMap<Name, Value>);

impl InputType for Given {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        "RecordInput".into()
    }

    /// Never asked for: each entity has a type of its own.
    fn create_type_info(_: &mut Registry) -> String {
        Self::qualified_type_name()
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::Object(fields)) => Ok(Self(fields)),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl OutputType for Records {
    fn type_name() -> Cow<'static, str> {
        "Records".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let recorded = Option::<Recorded>::create_type_info(registry);
            let fields = SPELLINGS.iter().map(|spelling| {
                let input = create_input(registry, spelling);
                let argument = input_value(ARGUMENT, "The record.", format!("{input}!"), None);
                mutation(spelling, argument, recorded.clone())
            });
            let fields: Vec<_> = fields.collect();
            object::<Self>("Records", None, fields)
        })
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        async_graphql::resolver_utils::resolve_container(ctx, self).await
    }
}

impl ContainerType for Records {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        let Some(spelling) = SPELLINGS.iter().find(|spelling| spelling.mutation == name) else {
            return Ok(None);
        };
        let failed = |error: Error| ctx.set_error_path(error.into_server_error(ctx.item.pos));
        let (_, Given(given)) = ctx.param_value::<Given>(ARGUMENT, None)?;
        let stored = async {
            let desk = desk(ctx)?;
            let record = spelling.record(&given);
            let stored = desk.intake().record(desk.principal(), spelling.entity, record, desk.now()).await;
            stored.map_err(|not_stored| spelling.error(not_stored))
        };
        let recorded = Recorded { outcome: stored.await.map_err(failed)?.into() };
        let inner = ctx.with_selection_set(&ctx.item.node.selection_set);
        OutputType::resolve(&recorded, &inner, ctx.item).await.map(Some)
    }
}

impl ObjectType for Records {}

fn mutation(spelling: &Spelling, argument: MetaInputValue, ty: String) -> (String, MetaField) {
    let keys = spelling.entity.key.iter().map(|key| format!("`{}`", camel(key))).collect::<Vec<_>>();
    let description = format!(
        "Stores one {}. One with the same {} is replaced by it: a field that is left out is empty then. Checked as an import \
         is. Needs the role Admin, or the scopes reports:read and data:write.\n\
         Null, with an error that says why, where it cannot be stored.",
        spelling.entity.one,
        keys.join(" and ")
    );
    field(&spelling.mutation, &description, [argument], ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_as_graphql_spells_them() {
        let of = |name: &str| {
            let spelling = SPELLINGS.iter().find(|spelling| spelling.entity.name == name).expect("an entity");
            (spelling.mutation.as_str(), spelling.input.as_str(), spelling.fields[0].as_str())
        };
        assert_eq!(of("order_items"), ("recordOrderItem", "OrderItemRecordInput", "orderId"));
        assert_eq!(of("categories"), ("recordCategory", "CategoryRecordInput", "categoryId"));
        assert_eq!(of("attendance"), ("recordAttendance", "AttendanceRecordInput", "employeeId"));
        assert_eq!(of("exchange_rates"), ("recordExchangeRate", "ExchangeRateRecordInput", "day"));
        assert_eq!(of("tracking_codes"), ("recordTrackingCode", "TrackingCodeRecordInput", "trackingCode"));
    }
}
