//! What a query may cost: every field counts one, fields of a list as often as the list may have rows, fields that read
//! facts a thousand, and each item of a list among their arguments ten.

use std::collections::HashMap;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::{ConstValue, Value};

use crate::graphql::completion::FieldTypes;

/// What an operation, or a part of one, costs at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// All of it, in points.
    pub points: u64,
    /// Its fields alone, as often as there may be of each: what it takes to tell what was read.
    pub fields: u64,
}

impl Cost {
    fn and(self, other: Self) -> Self {
        Self {
            points: self.points.saturating_add(other.points),
            fields: self.fields.saturating_add(other.fields),
        }
    }

    fn times(self, rows: u64) -> Self {
        Self { points: self.points.saturating_mul(rows), fields: self.fields.saturating_mul(rows) }
    }
}

/// What a field costs that asks the database for facts.
const READING: u64 = 1000;
/// What a search through more than a year of every metric costs.
const SEARCH: u64 = 20 * READING;
/// What a shared report costs: it is made of a dozen questions or so.
const SHARED: u64 = 15 * READING;
/// What an item of a list in an argument costs: it is read, checked and bound for each field that is given it.
const ITEM: u64 = 10;

/// How many rows a list has at most, or most likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rows {
    /// As many as that argument says, else so many.
    Argument(&'static str, u64),
    /// As many as that argument of the field above says, else so many.
    Above(&'static str, u64),
    /// As many as there are buckets of the argument `grain` in the time that such series are asked for.
    Buckets,
    /// About so many.
    About(u64),
}

/// Fields that read facts.
const READINGS: [&str; 27] = [
    "totals",
    "series",
    "change",
    "breakdown",
    "top",
    "byHourOfWeek",
    "funnel",
    "pairs",
    "cohorts",
    "stock",
    "stockHealth",
    "forecast",
    "anomalies",
    "contributions",
    "launched",
    "fading",
    "places",
    "buyers",
    "lifetimes",
    "sharedReport",
    "list",
    "topPages",
    "topTrackingCodes",
    "topAffiliates",
    "topProducts",
    "events",
    "conversions",
];

/// Every list of the schema.
const LISTS: &[(&str, &str, Rows)] = &[
    ("*", "series", Rows::Buckets),
    ("*", "breakdown", Rows::Argument("first", 100)),
    ("*", "top", Rows::Argument("first", 10)),
    ("Orders", "byHourOfWeek", Rows::About(168)),
    ("OrderConnection", "edges", Rows::Above("first", 50)),
    ("Sales", "funnel", Rows::About(5)),
    ("Products", "pairs", Rows::Argument("first", 10)),
    ("Customers", "cohorts", Rows::About(12)),
    ("Cohort", "months", Rows::About(12)),
    ("Inventory", "stock", Rows::Argument("first", 100)),
    ("Query", "metrics", Rows::About(200)),
    ("MetricInfo", "dimensions", Rows::About(20)),
    ("MetricInfo", "sources", Rows::About(4)),
    ("ExploreResult", "rows", Rows::Above("limit", 1000)),
    ("ExploreResult", "dimensions", Rows::About(5)),
    ("ExploreResult", "metrics", Rows::About(10)),
    ("ExploreResult", "totals", Rows::About(10)),
    ("ExploreResult", "explain", Rows::About(10)),
    ("ExploreRow", "keys", Rows::About(5)),
    ("ExploreRow", "values", Rows::About(10)),
    ("Viewer", "scopes", Rows::About(5)),
    ("Query", "dashboards", Rows::About(20)),
    ("Query", "shareLinks", Rows::About(100)),
    ("Dashboard", "tiles", Rows::About(10)),
    ("Forecast", "points", Rows::Above("periods", 3)),
    ("Query", "anomalies", Rows::About(20)),
    ("Anomaly", "contributions", Rows::Argument("first", 5)),
    ("Products", "fading", Rows::Argument("first", 10)),
    ("LaunchedProducts", "products", Rows::Above("first", 10)),
    ("Revenue", "places", Rows::Argument("first", 100)),
    ("Customers", "buyers", Rows::About(3)),
    ("Customers", "lifetimes", Rows::About(10)),
    ("SharedReportResult", "headlines", Rows::About(8)),
    ("SharedReportResult", "sections", Rows::About(6)),
    ("SharedSection", "columns", Rows::About(8)),
    ("SharedSection", "views", Rows::About(2)),
    ("SharedView", "rows", Rows::About(60)),
    ("SharedRow", "cells", Rows::About(8)),
    ("SharedChart", "values", Rows::About(2)),
    ("Affiliates", "topPages", Rows::Argument("first", 10)),
    ("Affiliates", "topTrackingCodes", Rows::Argument("first", 10)),
    ("Affiliates", "topAffiliates", Rows::Argument("first", 10)),
    ("Affiliates", "topProducts", Rows::Argument("first", 10)),
    ("TrackedEventConnection", "edges", Rows::Above("first", 50)),
    ("ConversionConnection", "edges", Rows::Above("first", 50)),
];

fn rows_of(parent: &str, field: &str) -> Option<Rows> {
    let known = LISTS.iter().find(|(of, name, _)| *name == field && (*of == parent || *of == "*"));
    known.map(|(_, _, rows)| *rows)
}

/// Whether the field asks the database for facts.
fn reads(parent: &str, field: &str) -> bool {
    // `totals` of an exploration are part of its reading.
    (READINGS.contains(&field) && parent != "ExploreResult")
        || field == "explore"
        // To store a record takes as long as to read some.
        || parent == "Mutation" && field.starts_with("record")
}

/// What `operation` of `document` costs at most.
pub fn of(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    types: &FieldTypes,
) -> Cost {
    let root = FieldTypes::root(operation.ty);
    let mut pricing =
        Pricing { fragments: &document.fragments, operation, variables, types, known: HashMap::new() };
    pricing.set(&operation.selection_set.node, root, None)
}

struct Pricing<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    types: &'a FieldTypes,
    /// Fragments by name and the field that they are spread in, which may say how many rows there are.
    known: HashMap<(&'a str, Option<*const Field>), Cost>,
}

impl<'a> Pricing<'a> {
    /// Fields below `above`, whose type is `parent`. The document has no circles: they were refused before.
    fn set(&mut self, set: &'a SelectionSet, parent: &str, above: Option<&'a Field>) -> Cost {
        set.items.iter().fold(Cost::default(), |sum, selection| {
            sum.and(match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent, above),
                Selection::InlineFragment(fragment) => {
                    self.set(&fragment.node.selection_set.node, parent, above)
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, parent, above)
                }
            })
        })
    }

    fn fragment(&mut self, name: &str, parent: &str, above: Option<&'a Field>) -> Cost {
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            return Cost::default();
        };
        let place = (name.as_str(), above.map(std::ptr::from_ref));
        if let Some(cost) = self.known.get(&place) {
            return *cost;
        }
        let cost = self.set(&fragment.node.selection_set.node, parent, above);
        self.known.insert(place, cost);
        cost
    }

    fn field(&mut self, field: &'a Field, parent: &str, above: Option<&'a Field>) -> Cost {
        let name = field.name.node.as_str();
        let items: u64 = field.arguments.iter().map(|(_, value)| self.items(&value.node)).sum();
        let own = match (reads(parent, name), name) {
            (true, "anomalies") => SEARCH,
            (true, "sharedReport") => SHARED,
            (true, _) => READING,
            (false, _) => 1,
        };
        let own = Cost { points: own.saturating_add(items.saturating_mul(ITEM)), fields: 1 };
        // The schema's description has a limit of its own.
        let Some(ty) = self.types.field(parent, name) else { return own };
        let rows = match &ty.base {
            BaseType::Named(_) => 1,
            BaseType::List(_) => self.rows(rows_of(parent, name), field, above),
        };
        let below = self.set(&field.selection_set.node, innermost(&ty.base), Some(field));
        let is_leaf = field.selection_set.node.items.is_empty();
        let each = if is_leaf { Cost { points: 1, fields: 1 } } else { below };
        own.and(if matches!(ty.base, BaseType::List(_)) { each.times(rows) } else { below })
    }

    /// Items of lists within an argument, however deep.
    fn items(&self, value: &Value) -> u64 {
        match value {
            Value::List(items) => items.len() as u64 + items.iter().map(|item| self.items(item)).sum::<u64>(),
            Value::Object(fields) => fields.values().map(|field| self.items(field)).sum(),
            Value::Variable(name) => match self.variables.get(name) {
                Some(given) => items_of(given),
                None => self.default_of(name).map_or(0, items_of),
            },
            _ => 0,
        }
    }

    fn rows(&self, rows: Option<Rows>, field: &Field, above: Option<&Field>) -> u64 {
        match rows {
            // A list that nobody declared; a test holds that there is none.
            None => 100,
            Some(Rows::About(rows)) => rows,
            Some(Rows::Argument(name, rows)) => self.number(field, name).unwrap_or(rows),
            Some(Rows::Above(name, rows)) => above.and_then(|above| self.number(above, name)).unwrap_or(rows),
            Some(Rows::Buckets) => match self.value(field, "grain") {
                Some(ConstValue::Enum(grain)) => buckets(&grain),
                Some(ConstValue::String(grain)) => buckets(&grain),
                _ => buckets("HOUR"),
            },
        }
    }

    fn number(&self, field: &Field, argument: &str) -> Option<u64> {
        let ConstValue::Number(number) = self.value(field, argument)? else { return None };
        // What is no such number is refused before it is used.
        number.as_u64()
    }

    /// What an argument comes to.
    fn value(&self, field: &Field, argument: &str) -> Option<ConstValue> {
        field.get_argument(argument)?.node.clone().into_const_with(|name| self.variable(&name).ok_or(())).ok()
    }

    fn variable(&self, name: &Name) -> Option<ConstValue> {
        self.variables.get(name).or_else(|| self.default_of(name)).cloned()
    }

    fn default_of(&self, name: &Name) -> Option<&ConstValue> {
        let mut all = self.operation.variable_definitions.iter();
        all.find(|declared| declared.node.name.node == *name)?.node.default_value()
    }
}

fn items_of(value: &ConstValue) -> u64 {
    match value {
        ConstValue::List(items) => items.len() as u64 + items.iter().map(items_of).sum::<u64>(),
        ConstValue::Object(fields) => fields.values().map(items_of).sum(),
        _ => 0,
    }
}

/// How many values there are in `value`, itself among them.
pub fn values(value: &ConstValue) -> u64 {
    1 + match value {
        ConstValue::List(items) => items.iter().map(values).sum(),
        ConstValue::Object(fields) => fields.values().map(values).sum(),
        _ => 0,
    }
}

/// Buckets of a long series: a month of hours, a year of days, longer times for longer buckets.
fn buckets(grain: &str) -> u64 {
    match grain {
        "HOUR" => 744,
        "DAY" => 366,
        "WEEK" => 106,
        "MONTH" => 60,
        "QUARTER" => 20,
        _ => 10,
    }
}

fn innermost(base: &BaseType) -> &str {
    match base {
        BaseType::Named(name) => name,
        BaseType::List(item) => innermost(&item.base),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDL: &str = include_str!("../../../schema.graphql");

    fn cost(query: &str, variables: serde_json::Value) -> u64 {
        let document = async_graphql::parser::parse_query(query).expect("a query");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let types = FieldTypes::of(SDL).expect("the schema");
        of(&document, &operation.node, &Variables::from_json(variables), &types).points
    }

    const DAY: &str = "period: { preset: TODAY }";

    #[test]
    fn fields_count_one_rows_multiply_and_readings_cost_a_thousand() {
        let none = serde_json::json!({});
        assert_eq!(cost("{ viewer { subject organization { id } } }", none.clone()), 4);
        // revenue, totals with two figures of which one is an object of one field.
        let totals = format!("{{ revenue({DAY}) {{ totals {{ orders revenue {{ amount }} }} }} }}");
        assert_eq!(cost(&totals, none.clone()), 1 + 1000 + 1 + 2);
        let top =
            |first: &str| format!("{{ products({DAY}) {{ top{first} {{ rank product {{ name }} }} }} }}");
        assert_eq!(cost(&top(""), none.clone()), 1 + 1000 + 10 * 3);
        assert_eq!(cost(&top("(first: 99999999)"), none.clone()), 1 + 1000 + 99_999_999 * 3);
        let series = format!("{{ orders({DAY}) {{ series(grain: DAY) {{ date orders }} }} }}");
        assert_eq!(cost(&series, none.clone()), 1 + 1000 + 366 * 2);
        let explore =
            format!("{{ explore({DAY}, metrics: [ORDERS], limit: 50) {{ rows {{ values }} totals }} }}");
        // One metric in a list.
        assert_eq!(cost(&explore, none), 1000 + 10 + (1 + 50 * (1 + 10)) + (1 + 10));
    }

    #[test]
    fn variables_their_defaults_aliases_and_fragments_count() {
        let query = format!(
            "query A($n: Int = 7) {{ a: customers({DAY}) {{ ...T }} b: customers({DAY}) {{ ... {{ ...T }} }} }} \
             fragment T on Customers {{ top(first: $n) {{ rank }} }}"
        );
        assert_eq!(cost(&query, serde_json::json!({})), 2 * (1 + 1000 + 7));
        assert_eq!(cost(&query, serde_json::json!({ "n": 500 })), 2 * (1 + 1000 + 500));
        assert_eq!(cost(&query, serde_json::json!({ "n": -1 })), 2 * (1 + 1000 + 10));
    }

    #[test]
    fn items_of_lists_in_arguments_cost_ten_each_time_that_they_are_used() {
        let query = "query A($w: [FilterInput!] = [{ dimension: CHANNEL, in: [\"a\"] }]) { \
             a: revenue(period: { preset: TODAY }, where: $w) { period { start } } \
             b: revenue(period: { preset: TODAY }, where: $w) { period { start } } }";
        let fields = 2 * (1 + 1 + 1);
        assert_eq!(cost(query, serde_json::json!({})), fields + 2 * 2 * 10);
        let given = serde_json::json!({ "w": [
            { "dimension": "CHANNEL", "in": ["a", "b", "c"] }, { "dimension": "CITY", "in": [] },
        ] });
        assert_eq!(cost(query, given), fields + 2 * (2 + 3) * 10);
        let spelt = "{ revenue(period: { preset: TODAY }, where: [{ dimension: CITY, in: [\"a\", \"b\"] }]) { __typename } }";
        assert_eq!(cost(spelt, serde_json::json!({})), 1 + 1 + 3 * 10);
    }

    #[test]
    fn every_list_of_the_schema_says_how_long_it_is() {
        let types = FieldTypes::of(SDL).expect("the schema");
        let undeclared: Vec<_> =
            types.lists().filter(|(parent, field)| rows_of(parent, field).is_none()).collect();
        assert_eq!(undeclared, Vec::<(&str, &str)>::new());
    }
}
