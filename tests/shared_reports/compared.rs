//! A shared report beside the domain fields that tell the same, in one GraphQL answer.

use std::cell::RefCell;
use std::collections::BTreeSet;

use countinghouse::money::decimal_text;
use countinghouse::principal::Organization;
use serde_json::{Value, json};

use crate::support::app::{App, admin};

/// What a report told, and which parts of it were compared.
pub struct Compared {
    report: Value,
    /// What the domain fields say.
    pub domain: Value,
    seen: RefCell<BTreeSet<String>>,
}

impl Compared {
    /// Asks for `report` and for `domain` at once; both are about `period`, which the domain's fields name PERIOD.
    pub async fn ask(
        app: &App,
        organization: &Organization,
        report: &str,
        period: &str,
        domain: &str,
    ) -> Self {
        let domain = domain.replace("PERIOD", period).replace("BEFORE", "against: { previous: PERIOD }");
        let query = format!(
            "{{ sharedReport(report: {report}, period: {period}) {{
                headlines {{ name value previous growth }}
                sections {{ name columns {{ heading }} views {{ grain rows {{ cells }} }} }} }} {domain} }}"
        );
        let mut body = app.graphql(Ok(admin(organization)), &query, json!({})).await.json();
        assert_eq!(body.get("errors"), None, "{report}");
        let report = body["data"]["sharedReport"].take();
        Self { report, domain: body["data"].take(), seen: RefCell::default() }
    }

    /// Headlines of metrics, as `change` of the domain tells them: each by its own name.
    pub fn headlines(&self, change: &Value, figures: &[&str]) {
        for path in figures {
            let name = path.split('.').next().expect("a name");
            self.headline(
                name,
                &json!([
                    at(&change["current"], path),
                    at(&change["previous"], path),
                    ratio(&change["percent"][name]),
                ]),
            );
        }
    }

    /// A headline: its value, what it was before, how much it grew.
    pub fn headline(&self, name: &str, expected: &Value) {
        let all = self.report["headlines"].as_array().expect("headlines");
        let found = all.iter().find(|headline| headline["name"] == name);
        let found = found.unwrap_or_else(|| panic!("no headline {name}"));
        assert_eq!(json!([found["value"], found["previous"], found["growth"]]), *expected, "{name}");
        self.seen.borrow_mut().insert(name.to_owned());
    }

    /// The rows of a section's view.
    pub fn rows(&self, section: &str, view: usize, expected: &[Vec<Value>]) {
        let all = self.report["sections"].as_array().expect("sections");
        let found = all.iter().find(|found| found["name"] == section);
        let found = found.unwrap_or_else(|| panic!("no section {section}"));
        let rows = found["views"][view]["rows"].as_array().expect("rows");
        let told: Vec<&Value> = rows.iter().map(|row| &row["cells"]).collect();
        for (place, (told, expected)) in told.iter().zip(expected).enumerate() {
            assert_eq!(**told, json!(expected), "row {place} of {section}");
        }
        assert_eq!(told.len(), expected.len(), "rows of {section}");
        self.seen.borrow_mut().insert(format!("{section} {view}"));
    }

    /// Fails where a headline or a view was not compared, or all that was told is nothing.
    pub fn finish(self) {
        let names = self.report["headlines"].as_array().expect("headlines");
        let mut all: BTreeSet<String> =
            names.iter().map(|found| found["name"].as_str().expect("a name").to_owned()).collect();
        for section in self.report["sections"].as_array().expect("sections") {
            let name = section["name"].as_str().expect("a name");
            for (view, told) in section["views"].as_array().expect("views").iter().enumerate() {
                assert_ne!(told["rows"], json!([]), "{name} tells nothing");
                all.insert(format!("{name} {view}"));
            }
        }
        assert_eq!(*self.seen.borrow(), all);
    }
}

/// The rows of a list, by the paths of their cells: `share`, `revenue.amount`; `percent.revenue%` is a change as a part of
/// one; `name|Unknown` stands in for null; `#` is the row's place; `=text` is that text.
pub fn table(list: &Value, columns: &[&str]) -> Vec<Vec<Value>> {
    let rows = list.as_array().unwrap_or_else(|| panic!("{list} is no list"));
    rows.iter()
        .zip(1..)
        .map(|(row, place)| columns.iter().map(|path| cell(row, path, place)).collect())
        .collect()
}

fn cell(row: &Value, path: &str, place: usize) -> Value {
    if path == "#" {
        return json!(place.to_string());
    }
    if let Some(text) = path.strip_prefix('=') {
        return json!(text);
    }
    if let Some(path) = path.strip_suffix('%') {
        return ratio(&at(row, path));
    }
    let (path, default) = path.split_once('|').map_or((path, None), |(path, text)| (path, Some(text)));
    match (at(row, path), default) {
        (Value::Null, Some(text)) => json!(text),
        (value, _) => value,
    }
}

/// A value as cells tell it: numbers by their digits.
fn at(row: &Value, path: &str) -> Value {
    match path.split('.').fold(row, |value, name| &value[name]) {
        Value::Number(number) => json!(number.to_string()),
        value => value.clone(),
    }
}

/// A change in percent to two digits as a part of one to four.
fn ratio(percent: &Value) -> Value {
    let Some(text) = percent.as_str() else { return Value::Null };
    json!(decimal_text(text.replace('.', "").parse().expect("a number"), 4))
}
