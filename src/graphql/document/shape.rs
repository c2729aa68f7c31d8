//! How large a document is once its fragments are put in: counted without putting them in.
//!
//! Twenty fragments that spread the next one twice stand for a million fields in 700 bytes. Each fragment is measured
//! once, so that this costs what reading the document costs.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned};

/// What a selection comes to with its fragments put in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Fields and fragments.
    pub selections: u64,
    /// Fields that are given another name.
    pub aliases: u64,
    /// Directives.
    pub directives: u64,
    /// Levels of fields below each other, outside introspection.
    pub depth: u64,
    /// Levels of lists of the schema's description below each other.
    pub introspection: u64,
    /// Fields at the top.
    pub roots: u64,
    /// Whether the schema's description is asked for.
    pub introspects: bool,
}

impl Shape {
    fn and(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            introspection: self.introspection.max(other.introspection),
            roots: self.roots.saturating_add(other.roots),
            introspects: self.introspects || other.introspects,
        }
    }
}

/// Why a document cannot be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endless {
    /// A fragment of this name spreads itself.
    Circle(String),
    /// Selections and fragments lie deeper within each other than [`MOST_LEVELS`].
    TooDeep,
}

/// Deepest that selections and fragments may lie within each other: as deep as the executor follows.
pub const MOST_LEVELS: usize = 32;

/// What is said of such.
pub const TOO_DEEP: &str = "selections and fragments lie more than 32 levels deep within each other";

/// The largest of a document's operations.
pub fn measure(document: &ExecutableDocument) -> Result<Shape, Endless> {
    let mut measure = Measure { fragments: &document.fragments, known: HashMap::new(), level: 0 };
    let mut largest = Shape::default();
    for (_, operation) in document.operations.iter() {
        let mut shape = measure.set(&operation.node.selection_set.node)?;
        shape.directives += operation.node.directives.len() as u64;
        let larger = largest.and(shape);
        largest = Shape {
            selections: largest.selections.max(shape.selections),
            aliases: largest.aliases.max(shape.aliases),
            directives: largest.directives.max(shape.directives),
            roots: largest.roots.max(shape.roots),
            ..larger
        };
    }
    // Fragments that nothing spreads are read and checked as well.
    for name in document.fragments.keys() {
        measure.fragment(name)?;
    }
    Ok(largest)
}

struct Measure<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Nothing while a fragment is being measured.
    known: HashMap<&'a str, Option<Shape>>,
    level: usize,
}

/// Fields of the schema's description that lead from types to types.
const TYPE_LISTS: [&str; 5] = ["types", "fields", "inputFields", "interfaces", "possibleTypes"];

impl<'a> Measure<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<Shape, Endless> {
        if set.items.is_empty() {
            return Ok(Shape::default());
        }
        if self.level == MOST_LEVELS {
            return Err(Endless::TooDeep);
        }
        self.level += 1;
        let shape = self.items(set);
        self.level -= 1;
        shape
    }

    fn items(&mut self, set: &'a SelectionSet) -> Result<Shape, Endless> {
        set.items.iter().try_fold(Shape::default(), |whole, selection| {
            Ok(whole.and(match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    let below = self.set(&field.selection_set.node)?;
                    let introspects = matches!(name, "__schema" | "__type");
                    Shape {
                        selections: below.selections.saturating_add(1),
                        aliases: below.aliases.saturating_add(u64::from(field.alias.is_some())),
                        directives: below.directives.saturating_add(field.directives.len() as u64),
                        depth: if introspects { 1 } else { below.depth.saturating_add(1) },
                        introspection: below.introspection + u64::from(TYPE_LISTS.contains(&name)),
                        roots: 1,
                        introspects: introspects || below.introspects,
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let within = self.set(&fragment.node.selection_set.node)?;
                    spread(within, fragment.node.directives.len())
                }
                Selection::FragmentSpread(fragment) => {
                    let within = self.fragment(&fragment.node.fragment_name.node)?;
                    spread(within, fragment.node.directives.len())
                }
            }))
        })
    }

    fn fragment(&mut self, name: &str) -> Result<Shape, Endless> {
        // One that is not there adds nothing; the schema's own checks refuse it.
        let Some((name, fragment)) = self.fragments.get_key_value(name) else { return Ok(Shape::default()) };
        match self.known.get(name.as_str()) {
            Some(Some(shape)) => return Ok(*shape),
            Some(None) => return Err(Endless::Circle(name.to_string())),
            None => {}
        }
        self.known.insert(name, None);
        let shape = self.set(&fragment.node.selection_set.node)?;
        let directives = shape.directives.saturating_add(fragment.node.directives.len() as u64);
        let shape = Shape { directives, ..shape };
        self.known.insert(name, Some(shape));
        Ok(shape)
    }
}

fn spread(within: Shape, directives: usize) -> Shape {
    Shape {
        selections: within.selections.saturating_add(1),
        directives: within.directives.saturating_add(directives as u64),
        ..within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(query: &str) -> Result<Shape, Endless> {
        measure(&async_graphql::parser::parse_query(query).expect("a query"))
    }

    #[test]
    fn fragments_count_where_they_are_spread() {
        let told = shape(
            "query A @x { a: viewer { subject ...F } ... @include(if: true) { metrics { ...M } } } \
             query B { viewer { subject } } \
             fragment F on Viewer { organization { id ...N } } \
             fragment N on Organization { other: name @skip(if: false) } fragment M on MetricInfo { name }",
        );
        let expected = Shape {
            // viewer, subject, F, organization, id, N, name; the inline fragment, metrics, M, name.
            selections: 11,
            aliases: 2,
            directives: 3,
            depth: 3,
            introspection: 0,
            roots: 2,
            introspects: false,
        };
        assert_eq!(told, Ok(expected));
    }

    fn bomb(stages: usize) -> String {
        let stage = |n: usize| format!("fragment F{n} on Q {{ ...F{m} ...F{m} }} ", m = n + 1);
        let fragments: Vec<String> = (0..stages).map(stage).collect();
        format!("{{ ...F0 }} {} fragment F{stages} on Q {{ x }}", fragments.concat())
    }

    #[test]
    fn a_bomb_is_counted_without_going_off() {
        assert_eq!(shape(&bomb(60)), Err(Endless::TooDeep));
        assert!(shape(&bomb(25)).is_ok_and(|shape| shape.selections > 1 << 25));
    }

    #[test]
    fn circles_are_found_also_where_nothing_spreads_them() {
        assert_eq!(shape("{ a } fragment F on Q { b { ...F } }"), Err(Endless::Circle("F".to_owned())));
        assert!(matches!(
            shape("{ ...F } fragment F on Q { ...G } fragment G on Q { ...F }"),
            Err(Endless::Circle(_))
        ));
    }

    #[test]
    fn the_schemas_description_has_a_depth_of_its_own() {
        let told = shape("{ __schema { types { fields { type { fields { name } } } } } }").expect("a shape");
        assert_eq!((told.depth, told.introspection, told.introspects), (1, 3, true));
        assert!(!shape("{ __typename }").expect("a shape").introspects);
    }
}
