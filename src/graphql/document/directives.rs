//! Directives that the schema does not know, or that stand twice in one place. The executor's own checks leave out those
//! of `__typename` and say nothing of repetition.

use async_graphql::Positioned;
use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};

use crate::graphql::limits::Refused;

/// What a query may say of its parts.
const KNOWN: [&str; 2] = ["include", "skip"];

/// Refuses the first directive that is unknown or stands twice.
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
        if directives[..at].iter().any(|other| other.node.name.node == name) {
            return Err(refused(format!("The directive \"@{name}\" can only be used once in one place")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
}
