//! Completes a response as the GraphQL specification has it: fields in the order of the query, and an error's null
//! carried up to the nearest field that may be null. (async-graphql 7 writes fields in the order in which they were
//! resolved, and leaves those that failed out.)

use std::collections::HashMap;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, FragmentDefinition, OperationDefinition, OperationType, Selection,
    SelectionSet, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, PathSegment, Positioned, Response, Value};

/// The type of every field of every object type.
#[derive(Default)]
pub struct FieldTypes(HashMap<String, HashMap<String, Type>>);

impl FieldTypes {
    /// Reads them from the schema's own text.
    pub fn of(sdl: &str) -> Result<Self, String> {
        let document = async_graphql::parser::parse_schema(sdl).map_err(|error| error.to_string())?;
        let objects = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let TypeKind::Object(object) = definition.node.kind else { return None };
            let fields = object.fields.into_iter().map(|field| {
                let field = field.node;
                (field.name.node.to_string(), field.ty.node)
            });
            Some((definition.node.name.node.to_string(), fields.collect()))
        });
        Ok(Self(objects.collect()))
    }

    /// The type that operations of a kind begin at.
    pub fn root(kind: OperationType) -> &'static str {
        match kind {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        }
    }

    /// The type of a field.
    pub fn field(&self, parent: &str, field: &str) -> Option<&Type> {
        self.0.get(parent)?.get(field)
    }

    /// Every field that is a list, with its type's name.
    #[cfg(test)]
    pub fn lists(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(parent, fields)| {
            let lists = fields.iter().filter(|(_, ty)| matches!(ty.base, BaseType::List(_)));
            lists.map(move |(field, _)| (parent.as_str(), field.as_str()))
        })
    }

    /// Completes what `document` was answered with.
    pub fn complete(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        response: &mut Response,
    ) {
        let failed: Vec<_> = response.errors.iter().map(|error| error.path.clone()).collect();
        let data = match std::mem::take(&mut response.data) {
            // Where every field failed, nothing at all was written.
            Value::Null if failed.iter().any(|path| !path.is_empty()) => Value::Object(IndexMap::new()),
            data => data,
        };
        if self.0.is_empty() || data == Value::Null {
            response.data = data;
            return;
        }
        let completion = Completion { types: self, fragments: &document.fragments, failed };
        let mut path = Vec::new();
        response.data = completion
            .object(Self::root(operation.ty), &[&operation.selection_set.node], data, &mut path)
            .unwrap_or(Value::Null);
    }
}

/// A field of the response: its name in the schema, and everything that is selected below it.
struct Asked<'a> {
    field: &'a str,
    below: Vec<&'a SelectionSet>,
}

struct Completion<'a> {
    types: &'a FieldTypes,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    failed: Vec<Vec<PathSegment>>,
}

impl<'a> Completion<'a> {
    /// An object with its fields in order; nothing where a field that may not be null failed.
    fn object(
        &self,
        name: &str,
        selections: &[&'a SelectionSet],
        value: Value,
        path: &mut Vec<PathSegment>,
    ) -> Option<Value> {
        let (Value::Object(mut given), Some(types)) = (value, self.types.0.get(name)) else { return None };
        let mut asked = IndexMap::new();
        for selection in selections {
            self.collect(selection, &mut asked);
        }
        let mut ordered = IndexMap::with_capacity(given.len());
        for (key, Asked { field, below }) in asked {
            path.push(PathSegment::Field(key.to_string()));
            let value = match (given.swap_remove(key), self.failed.contains(path)) {
                (Some(value), _) => Some(value),
                (None, true) => Some(Value::Null),
                // Neither answered nor failed: a directive left it out.
                (None, false) => None,
            };
            if let Some(value) = value {
                let value = match types.get(field) {
                    Some(ty) => self.value(ty, &below, value, path)?,
                    None => value,
                };
                ordered.insert(key.clone(), value);
            }
            path.pop();
        }
        Some(Value::Object(ordered))
    }

    /// A value of type `ty`; nothing where it had to be there and is not.
    fn value(
        &self,
        ty: &Type,
        below: &[&'a SelectionSet],
        value: Value,
        path: &mut Vec<PathSegment>,
    ) -> Option<Value> {
        let depth = path.len();
        let completed = match (&ty.base, value) {
            (BaseType::List(item), Value::List(items)) => {
                let items = items.into_iter().enumerate().map(|(index, value)| {
                    path.push(PathSegment::Index(index));
                    let value = self.value(item, below, value, path)?;
                    path.pop();
                    Some(value)
                });
                items.collect::<Option<Vec<_>>>().map(Value::List)
            }
            (BaseType::Named(name), value) if !below.is_empty() => {
                let empty = || Value::Object(IndexMap::new());
                // Where every field below failed, nothing at all was written.
                let value = if value == Value::Null && self.failed_below(path) { empty() } else { value };
                if value == Value::Null { None } else { self.object(name, below, value, path) }
            }
            (_, Value::Null) => None,
            (_, value) => Some(value),
        };
        path.truncate(depth);
        completed.or_else(|| ty.nullable.then_some(Value::Null))
    }

    fn failed_below(&self, path: &[PathSegment]) -> bool {
        self.failed.iter().any(|failed| failed.len() > path.len() && failed.starts_with(path))
    }

    /// Response keys in the order in which the query first names them.
    fn collect(&self, selections: &'a SelectionSet, asked: &mut IndexMap<&'a Name, Asked<'a>>) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let entry = asked
                        .entry(&field.response_key().node)
                        .or_insert_with(|| Asked { field: &field.name.node, below: Vec::new() });
                    if !field.selection_set.node.items.is_empty() {
                        entry.below.push(&field.selection_set.node);
                    }
                }
                // The schema has neither interfaces nor unions: every fragment applies.
                Selection::InlineFragment(fragment) => self.collect(&fragment.node.selection_set.node, asked),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) {
                        self.collect(&fragment.node.selection_set.node, asked);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, value};

    use super::*;

    const SDL: &str = "type Query { a: Box, b: Box!, n: Int } type Box { x: Int!, y: Int, list: [Box!]! }";

    fn completed(query: &str, data: Value, failed: &[&[PathSegment]]) -> String {
        let document = async_graphql::parser::parse_query(query).expect("a query");
        let mut response = Response::new(data);
        for path in failed {
            response.errors.push(ServerError { path: path.to_vec(), ..ServerError::new("no", None) });
        }
        let (_, operation) = document.operations.iter().next().expect("an operation");
        FieldTypes::of(SDL).expect("a schema").complete(&document, &operation.node, &mut response);
        serde_json::to_string(&response.data).expect("json")
    }

    fn at(name: &str) -> PathSegment {
        PathSegment::Field(name.to_owned())
    }

    #[test]
    fn fields_stand_in_the_order_of_the_query() {
        let data = value!({ "n": 1, "two": { "x": 3, "y": 2 }, "a": { "y": 4, "x": 5 } });
        let query = "query { ...first two: a { y ... { x } } n @include(if: true) } fragment first on Query { a { x y } }";
        let told = completed(query, data, &[]);
        assert_eq!(told, r#"{"a":{"x":5,"y":4},"two":{"y":2,"x":3},"n":1}"#);
    }

    #[test]
    fn a_failed_field_is_null_and_carries_its_null_up_to_where_one_may_stand() {
        // `y` may be null; `x` may not, nor may an entry of `list`, nor `list` itself: `a` may.
        let path = [at("a"), at("list"), PathSegment::Index(1), at("x")];
        let data = value!({ "n": 1, "a": { "list": [{ "x": 1 }, null] } });
        assert_eq!(completed("{ a { list { x } } n }", data, &[&path]), r#"{"a":null,"n":1}"#);
        let data = value!({ "a": { "x": 1 } });
        assert_eq!(completed("{ a { y x } }", data, &[&[at("a"), at("y")]]), r#"{"a":{"y":null,"x":1}}"#);
        // `b` may not be null either, so that nothing is left.
        assert_eq!(completed("{ n b { x } }", value!({ "n": 1, "b": null }), &[&[at("b"), at("x")]]), "null");
        assert_eq!(completed("{ n b { x } }", value!({ "n": 1 }), &[&[at("b")]]), "null");
        assert_eq!(
            completed("{ one: n two: n }", value!(null), &[&[at("one")], &[at("two")]]),
            r#"{"one":null,"two":null}"#
        );
    }

    #[test]
    fn what_a_directive_left_out_stays_out() {
        assert_eq!(completed("{ n a @skip(if: true) { x } }", value!({ "n": 1 }), &[]), r#"{"n":1}"#);
    }
}
