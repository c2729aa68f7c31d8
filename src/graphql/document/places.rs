//! What may stand in one place: directives that are known, each once, and no more arguments than any field takes. The
//! executor's own checks leave out directives of `__typename` and say nothing of their repetition, and tell of each argument
//! once for each field of the same name.

use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value;

use crate::graphql::limits::Refused;

/// What a query may say of its parts.
const KNOWN: [&str; 2] = ["include", "skip"];

/// More arguments than any field takes.
const MOST_ARGUMENTS: usize = 20;

/// Refuses the first directive that is unknown, stands twice or has a condition that is none, and the first field with
/// more arguments than there are.
pub fn check(document: &ExecutableDocument) -> Result<(), Refused> {
    for (_, operation) in document.operations.iter() {
        of_one_place(&operation.node.directives)?;
        within(&operation.node.selection_set.node)?;
    }
    for fragment in document.fragments.values() {
        of_one_place(&fragment.node.directives)?;
        within(&fragment.node.selection_set.node)?;
    }
    Ok(())
}

/// How deep selections may lie within each other is held before.
fn within(set: &SelectionSet) -> Result<(), Refused> {
    set.items.iter().try_for_each(|selection| match &selection.node {
        Selection::Field(field) => {
            few(&field.node.arguments)?;
            of_one_place(&field.node.directives)?;
            within(&field.node.selection_set.node)
        }
        Selection::FragmentSpread(spread) => of_one_place(&spread.node.directives),
        Selection::InlineFragment(fragment) => {
            of_one_place(&fragment.node.directives)?;
            within(&fragment.node.selection_set.node)
        }
    })
}

fn of_one_place(directives: &[Positioned<Directive>]) -> Result<(), Refused> {
    for (at, directive) in directives.iter().enumerate() {
        let name = directive.node.name.node.as_str();
        let refused = |message: String| Refused { place: Some(directive.pos), ..Refused::query(message) };
        if !KNOWN.contains(&name) {
            return Err(refused(format!("Unknown directive \"{name}\"")));
        }
        few(&directive.node.arguments)?;
        if directive.node.get_argument("if").is_some_and(|condition| !may_be_true(&condition.node)) {
            return Err(refused(format!("The condition of \"@{name}\" must be a Boolean")));
        }
        if directives[..at].iter().any(|other| other.node.name.node == name) {
            return Err(refused(format!("The directive \"@{name}\" can only be used once in one place")));
        }
    }
    Ok(())
}

/// Whether it is a condition. What type a variable has is checked with the other variables.
fn may_be_true(condition: &Value) -> bool {
    matches!(condition, Value::Boolean(_) | Value::Variable(_))
}

fn few(arguments: &[(Positioned<Name>, Positioned<Value>)]) -> Result<(), Refused> {
    let Some((first_above, _)) = arguments.get(MOST_ARGUMENTS) else { return Ok(()) };
    let message = format!(
        "there are {} arguments in one place; no field takes more than {MOST_ARGUMENTS}",
        arguments.len()
    );
    Err(Refused { place: Some(first_above.pos), ..Refused::query(message) })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};

    use super::*;

    #[test]
    fn each_directive_is_known_and_stands_once() {
        for (query, told) in [
            ("{ a @skip(if: false) @include(if: true) b @skip(if: true) }", None),
            ("{ __typename @aa@aa }", Some("Unknown directive \"aa\"")),
            ("query @cached { a }", Some("Unknown directive \"cached\"")),
            ("{ ... @x { a } }", Some("Unknown directive \"x\"")),
            ("{ ...F @y } fragment F on Query { a }", Some("Unknown directive \"y\"")),
            ("{ a } fragment F on Query @z { a }", Some("Unknown directive \"z\"")),
            ("{ __typename @skip(if: \"text\") }", Some("The condition of \"@skip\" must be a Boolean")),
            (
                "{ ...F @include(if: 1) } fragment F on Query { a }",
                Some("The condition of \"@include\" must be a Boolean"),
            ),
            ("query ($if: Boolean!) { a @include(if: $if) }", None),
            (
                "{ a { b @skip(if: true) @skip(if: true) } }",
                Some("The directive \"@skip\" can only be used once in one place"),
            ),
        ] {
            let document = async_graphql::parser::parse_query(query).expect("a document");
            let refused = check(&document).err();
            assert_eq!(refused.as_ref().map(|refused| refused.message.as_str()), told, "{query}");
            assert!(refused.is_none_or(|refused| refused.code == "INVALID_QUERY" && refused.place.is_some()));
        }
    }

    #[test]
    fn no_field_has_more_arguments_than_there_are() {
        let asked = |field: &str, count: usize| {
            let arguments = (0..count).map(|number| format!("a{number}: 1")).collect::<Vec<_>>().join(" ");
            let document = async_graphql::parser::parse_query(field.replace('#', &arguments));
            check(&document.expect("a document")).err().map(|refused| refused.message)
        };
        for field in ["{ a(#) }", "{ a { b(#) } }", "{ a } fragment F on A { b(#) }", "{ a @skip(#) }"] {
            assert_eq!(asked(field, MOST_ARGUMENTS), None, "{field}");
            let told = "there are 21 arguments in one place; no field takes more than 20";
            assert_eq!(asked(field, MOST_ARGUMENTS + 1).as_deref(), Some(told), "{field}");
        }
        let schema = crate::graphql::sdl();
        let document = async_graphql::parser::parse_schema(&schema).expect("the schema");
        let fields = document.definitions.iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(kind) => match &kind.node.kind {
                TypeKind::Object(object) => Some(&object.fields),
                _ => None,
            },
            _ => None,
        });
        let most = fields.flatten().map(|field| field.node.arguments.len()).max();
        assert!(most.is_some_and(|most| most <= MOST_ARGUMENTS), "{most:?}");
    }
}
