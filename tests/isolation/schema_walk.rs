//! Every field that the schema has, found by introspection: a new one is covered without another line here, or the walk
//! says which argument it does not know how to fill.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse::metrics::catalogue::{Domain, METRICS};
use countinghouse::metrics::{Dimension, Metric};
use countinghouse::principal::Refusal;
use serde_json::{Value, json};

use super::organizations::{Ours, refuse_canaries, sings};
use crate::support::app::{App, admin};
use crate::support::{TestDatabase, both_databases};

both_databases!(every_field_tells_of_ones_own_alone, ids_of_another_find_nothing);

const INTROSPECTION: &str = "{ __schema { types { kind name enumValues { name } \
    fields { name type { ...T } args { name defaultValue type { ...T } } } } } } \
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// Deepest nesting that is walked into.
const DEPTH: usize = 6;

/// The schema as introspection tells it.
struct Walk {
    types: BTreeMap<String, Value>,
}

/// A field to ask for: its call with arguments, and the type of what it gives.
struct Call {
    text: String,
    gives: String,
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The type behind lists and non-nulls.
fn innermost(kind: &Value) -> &Value {
    if kind["ofType"].is_null() { kind } else { innermost(&kind["ofType"]) }
}

impl Walk {
    async fn of(app: &App) -> Self {
        let reply = app.graphql(Err(Refusal::Missing), INTROSPECTION, json!({})).await.json();
        let types = list(&reply["data"]["__schema"]["types"]);
        Self { types: types.iter().map(|part| (text(&part["name"]).to_owned(), part.clone())).collect() }
    }

    fn values(&self, of: &str) -> Vec<&str> {
        list(&self.types[of]["enumValues"]).iter().map(|value| text(&value["name"])).collect()
    }

    /// Values to try for an argument that must be given: several where they lead elsewhere.
    fn arguments(&self, field: &str, argument: &Value) -> Vec<String> {
        let kind = text(&innermost(&argument["type"])["name"]);
        let must = argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null();
        match (field, text(&argument["name"]), kind) {
            // Long enough to hold everything.
            (_, _, "PeriodInput") => {
                vec![r#"{ range: { from: "2024-01-01", to: "2024-12-31" } }"#.to_owned()]
            }
            // Of breakdowns there are many: what rows are compared with is asked for with rankings.
            ("breakdown", "against", _) => Vec::new(),
            (_, _, "ComparisonInput") => vec!["{ previous: QUARTER }".to_owned()],
            ("explore", "metrics", _) => vec!["[LINE_REVENUE, UNITS, REFUNDS, ORDERS_WITH_LINES]".to_owned()],
            ("explore", "dimensions", _) => {
                vec!["[PRODUCT, CATEGORY, CUSTOMER, SALES_REP, CHANNEL, COUNTRY, CITY, COUPON]".to_owned()]
            }
            ("explore", "totals", _) => vec!["true".to_owned()],
            ("sharedReport", "report", _) => self.values(kind).into_iter().map(str::to_owned).collect(),
            ("dashboard", "id", _) => vec![r#""kept""#.to_owned()],
            ("forecast", "metric", _) => vec!["REVENUE".to_owned()],
            (_, _, "Grain") if must => vec!["MONTH".to_owned()],
            (_, _, "Dimension") if must => self.values(kind).into_iter().map(str::to_owned).collect(),
            (_, name, _) if must => panic!("`{field}({name}:)` is new: say here what to ask it with"),
            _ => Vec::new(),
        }
    }

    /// The ways to ask for a field of the type `at`.
    fn calls(&self, at: &str, field: &Value) -> Vec<Call> {
        let name = text(&field["name"]);
        let gives = text(&innermost(&field["type"])["name"]).to_owned();
        if name == "breakdown" {
            let ways = breakdowns(at).into_iter();
            return ways.map(|text| Call { text, gives: gives.clone() }).collect();
        }
        let mut ways = vec![Vec::new()];
        for argument in list(&field["args"]) {
            let values = self.arguments(name, argument);
            if values.is_empty() {
                continue;
            }
            let with = |way: &Vec<String>, value: &String| {
                let mut way = way.clone();
                way.push(format!("{}: {value}", text(&argument["name"])));
                way
            };
            ways = ways
                .iter()
                .flat_map(|way| values.iter().map(|value| with(way, value)).collect::<Vec<_>>())
                .collect();
        }
        let call = |way: Vec<String>| {
            let arguments = if way.is_empty() { String::new() } else { format!("({})", way.join(", ")) };
            Call { text: format!("{name}{arguments}"), gives: gives.clone() }
        };
        ways.into_iter().map(call).collect()
    }

    fn is_leaf(&self, kind: &str) -> bool {
        self.types[kind]["kind"] != "OBJECT"
    }

    /// Every path to an object, as calls from the root, with the leaves that it has.
    fn paths(&self, at: &str, path: &[String], found: &mut Vec<(Vec<String>, String, Vec<String>)>) {
        let mut leaves = Vec::new();
        for field in list(&self.types[at]["fields"]) {
            for call in self.calls(at, field) {
                if self.is_leaf(&call.gives) {
                    leaves.push(call.text);
                } else if let Some(inner) = self.small(&call.gives) {
                    leaves.push(format!("{} {{ {inner} }}", call.text));
                } else if path.len() < DEPTH {
                    let mut path = path.to_vec();
                    path.push(call.text);
                    self.paths(&call.gives, &path, found);
                }
            }
        }
        if !leaves.is_empty() {
            found.push((path.to_vec(), at.to_owned(), leaves));
        }
    }

    /// The leaves of an object that has nothing else and takes no arguments, such as money.
    fn small(&self, kind: &str) -> Option<String> {
        let fields = list(&self.types[kind]["fields"]);
        let is_plain = |field: &&Value| {
            list(&field["args"]).is_empty() && self.is_leaf(text(&innermost(&field["type"])["name"]))
        };
        let plain: Vec<&str> = fields.iter().filter(is_plain).map(|field| text(&field["name"])).collect();
        (plain.len() == fields.len() && plain.len() < 10).then(|| plain.join(" "))
    }
}

/// Breakdowns of a report by everything that any of its figures can be told by, ordered by one that can.
fn breakdowns(report: &str) -> Vec<String> {
    let domain = match report {
        "Sales" => Domain::Sales,
        "Subscriptions" => Domain::Subscriptions,
        "Inventory" => Domain::Inventory,
        "Hr" => Domain::Hr,
        "Support" => Domain::Support,
        "Marketing" => Domain::Marketing,
        "Affiliates" => Domain::Affiliates,
        _ => Domain::Commerce,
    };
    let theirs: Vec<Metric> = match report {
        "Products" | "Categories" => vec![Metric::Refunds],
        _ => METRICS.iter().filter(|entry| entry.domain == domain).map(|entry| entry.metric).collect(),
    };
    let ways = Dimension::ALL.into_iter().filter_map(|dimension| {
        let metric = theirs.iter().find(|metric| metric.fits(dimension))?;
        let order = async_graphql::InputType::to_value(metric);
        Some(format!("breakdown(by: {}, orderBy: {order})", dimension.name()))
    });
    ways.collect()
}

/// Whether the catalogue says that a figure cannot be told by what a breakdown is by: a question less to ask.
fn is_misfit(path: &[String], leaf: &str) -> bool {
    let renames =
        ["products", "categories"].iter().any(|report| path.iter().any(|call| call.starts_with(report)));
    let by = path.last().and_then(|call| call.strip_prefix("breakdown(by: ")?.split([',', ')']).next());
    let dimension = Dimension::ALL.into_iter().find(|dimension| Some(dimension.name()) == by);
    let name = leaf.split([' ', '(']).next().unwrap_or_default();
    let metric = METRICS.iter().find(|entry| entry.name == name).map(|entry| entry.metric);
    !renames && dimension.zip(metric).is_some_and(|(dimension, metric)| !metric.fits(dimension))
}

fn query(path: &[String], leaves: &[String]) -> String {
    let inner = format!("{{ {} }}", leaves.join(" "));
    path.iter().rev().fold(inner, |inner, call| format!("{{ {call} {inner} }}"))
}

/// Figures that were refused, beside the call that they do not fit.
type Misfits = BTreeSet<(String, String)>;

/// Answers for a path by query: figures that do not fit are left out by halves until the others are answered.
async fn answers(
    ours: &Ours,
    path: &[String],
    leaves: &[String],
    told: &mut BTreeMap<String, String>,
    misfits: &mut Misfits,
) {
    let call = path.last().cloned().unwrap_or_default();
    let known =
        |leaf: &&String| !misfits.contains(&(call.clone(), (*leaf).clone())) && !is_misfit(path, leaf);
    let mut left = vec![leaves.iter().filter(known).cloned().collect::<Vec<_>>()];
    left.retain(|leaves| !leaves.is_empty());
    while let Some(leaves) = left.pop() {
        let query = query(path, &leaves);
        let reply = ours.graphql(&query).await;
        if reply.json().get("errors").is_none() {
            told.insert(query, reply.body);
        } else if leaves.len() > 1 {
            let (one, other) = leaves.split_at(leaves.len() / 2);
            left.extend([one.to_vec(), other.to_vec()]);
        } else {
            assert!(reply.body.contains("INVALID_ARGUMENT"), "{query}: {}", reply.body);
            misfits.insert((call.clone(), leaves[0].clone()));
        }
    }
}

async fn all_answers(ours: &Ours) -> BTreeMap<String, String> {
    let walk = Walk::of(&ours.app).await;
    let mut paths = Vec::new();
    walk.paths("Query", &[], &mut paths);
    let (mut told, mut misfits) = (BTreeMap::new(), Misfits::new());
    let mut answered: BTreeSet<String> = BTreeSet::new();
    for (path, kind, leaves) in &paths {
        let before = told.len();
        answers(ours, path, leaves, &mut told, &mut misfits).await;
        if told.len() > before {
            answered.insert(kind.clone());
        }
    }
    let kinds: BTreeSet<String> = paths.into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(answered, kinds, "objects that were never answered");
    assert!(told.len() > 100, "{} questions", told.len());
    told
}

async fn every_field_tells_of_ones_own_alone(database: TestDatabase) {
    let ours = Ours::open(&database).await;
    let before = all_answers(&ours).await;
    let other = Ours::let_the_other_in(&database).await;
    for (query, body) in &before {
        let after = ours.graphql(query).await.body;
        refuse_canaries(&after, query);
        assert_eq!(after, *body, "{query}");
    }
    // The same questions as the other do tell of it: the canaries are there to be heard.
    let theirs = Ours { app: ours.app.clone(), organization: other };
    let mut singing = 0;
    for query in before.keys().filter(|query| !query.contains("explain")).step_by(7) {
        let reply = theirs.app.graphql(Ok(admin(&theirs.organization)), query, json!({})).await;
        singing += u32::from(sings(&reply.body));
    }
    assert!(singing > 20, "{singing} answers of the other tell of it");
}

async fn ids_of_another_find_nothing(database: TestDatabase) {
    let ours = Ours::open(&database).await;
    Ours::let_the_other_in(&database).await;
    for (dimension, metric) in [
        ("CUSTOMER", "orders"),
        ("SALES_REP", "orders"),
        ("PRODUCT", "units"),
        ("CATEGORY", "units"),
        ("CHANNEL", "orders"),
    ] {
        for value in ["extra", "Canaryextra"] {
            let filter = format!("where: [{{ dimension: {dimension}, in: [\"{value}\"] }}]");
            let period = r#"period: { range: { from: "2024-01-01", to: "2024-12-31" } }"#;
            let query = format!("{{ revenue({period}, {filter}) {{ totals {{ {metric} }} }} }}");
            let body = ours.graphql(&query).await.json();
            assert_eq!(body, json!({ "data": { "revenue": { "totals": { metric: 0 } } } }), "{query}");
        }
    }
}
