//! Which answers may be kept whole, and what tells one question from another.

use async_graphql::parser::types::OperationType;
use async_graphql::{Value, Variables};

use super::document::Document;
use super::executor::Call;
use crate::answers::{Key, Question, Salt};
use crate::organizations::AtVersion;
use crate::principal::Principal;

/// Fields at the top whose answers follow from the schema and from what was written to an organization's data, as its version
/// counts. What is told besides of people, or kept by them, is not among them; nor is what tells the instant at which it was
/// worked out.
const KEPT: [&str; 17] = [
    "__typename",
    "affiliates",
    "anomalies",
    "categories",
    "customers",
    "explore",
    "hr",
    "inventory",
    "marketing",
    "metrics",
    "orders",
    "products",
    "revenue",
    "sales",
    "salesReps",
    "subscriptions",
    "support",
];

/// Whether all that a document asks may be kept.
pub fn may_be_kept(document: &Document) -> bool {
    document.operations().all(|operation| {
        operation.ty == OperationType::Query
            && document.roots(operation).iter().all(|field| KEPT.contains(field))
    })
}

/// What the answer to `call` follows from: the document's text, which of its operations, and variables whatever their order.
pub fn key(salt: &Salt, principal: &Principal, at: &AtVersion, call: &Call, media: &str) -> Key {
    let mut variables = Vec::new();
    write_object(call.variables(), &mut variables);
    let question = Question::new(salt, principal, at, "graphql").part(media.as_bytes());
    let question = question.part(call.digest()).part(&variables);
    match call.operation_name() {
        Some(name) => question.part(name.as_bytes()),
        None => question,
    }
    .key()
}

fn write_object(variables: &Variables, text: &mut Vec<u8>) {
    for (name, value) in variables.iter() {
        write_text(name, text);
        write(value, text);
    }
}

/// One text for each value, and no other for it: the members of objects by their names, each text behind its length.
fn write(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Null => text.push(b'n'),
        Value::Boolean(is_so) => text.push(if *is_so { b't' } else { b'f' }),
        Value::Number(number) => {
            text.push(b'd');
            write_text(&number.to_string(), text);
        }
        Value::String(of) => {
            text.push(b's');
            write_text(of, text);
        }
        Value::Enum(name) => {
            text.push(b'e');
            write_text(name, text);
        }
        Value::Binary(bytes) => {
            text.push(b'b');
            text.extend((bytes.len() as u64).to_be_bytes());
            text.extend_from_slice(bytes);
        }
        Value::List(items) => {
            text.push(b'l');
            text.extend((items.len() as u64).to_be_bytes());
            for item in items {
                write(item, text);
            }
        }
        Value::Object(members) => {
            text.push(b'o');
            text.extend((members.len() as u64).to_be_bytes());
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in members {
                write_text(name, text);
                write(value, text);
            }
        }
    }
}

fn write_text(of: &str, text: &mut Vec<u8>) {
    text.extend((of.len() as u64).to_be_bytes());
    text.extend_from_slice(of.as_bytes());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(variables: serde_json::Value) -> Vec<u8> {
        let mut text = Vec::new();
        write_object(&Variables::from_json(variables), &mut text);
        text
    }

    #[test]
    fn variables_are_the_same_in_any_order_and_differ_in_anything_else() {
        let one = json!({ "a": { "x": 1, "y": [true, null] }, "b": "2" });
        assert_eq!(written(one.clone()), written(json!({ "b": "2", "a": { "y": [true, null], "x": 1 } })));
        let others = [
            json!({}),
            json!({ "a": { "x": 1, "y": [true, null] } }),
            json!({ "a": { "x": 1, "y": [true, null] }, "b": 2 }),
            json!({ "a": { "x": 1, "y": [null, true] }, "b": "2" }),
            json!({ "a": { "x": 1, "y": [true] }, "b": "2" }),
            json!({ "a": { "x": 1.0, "y": [true, null] }, "b": "2" }),
            json!({ "a": { "y": [true, null] }, "b": "2", "x": 1 }),
            json!({ "a": { "x": 1, "y": [true, null] }, "b": "2", "c": null }),
        ];
        let all: std::collections::HashSet<_> = others.into_iter().chain([one]).map(written).collect();
        assert_eq!(all.len(), 9);
    }

    #[test]
    fn each_field_at_the_top_is_kept_or_known_not_to_be() {
        // Of people and what they keep, of the instant, of the schema itself.
        let others = ["dashboard", "dashboards", "forecast", "shareLinks", "sharedReport", "viewer"];
        let sdl = super::super::sdl();
        let schema = async_graphql::parser::parse_schema(&sdl).expect("a schema");
        let fields = schema.definitions.into_iter().find_map(|definition| match definition {
            async_graphql::parser::types::TypeSystemDefinition::Type(of) if of.node.name.node == "Query" => {
                match of.node.kind {
                    async_graphql::parser::types::TypeKind::Object(object) => Some(object.fields),
                    _ => None,
                }
            }
            _ => None,
        });
        let mut found: Vec<String> =
            fields.expect("a root").into_iter().map(|field| field.node.name.node.to_string()).collect();
        found.push("__typename".to_owned());
        found.sort_unstable();
        let mut known: Vec<&str> = KEPT.into_iter().chain(others).collect();
        known.sort_unstable();
        assert_eq!(found, known);
    }
}
