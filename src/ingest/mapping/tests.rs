//! Expressions by example, mappings that cannot be, and the same rows however little fits in memory.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use proptest::prelude::*;
use tokio::sync::mpsc;

use super::evaluate::Context;
use super::expression::{AggregateKind, Expression};
use super::parser::{Scope, parse};
use super::*;
use crate::ingest::cell::Cell;

/// Columns by place: A, B and C.
struct Columns;

impl Scope for Columns {
    fn column(&mut self, name: &str) -> Result<Expression, String> {
        let place = ["A", "B", "C", "two words"].iter().position(|known| *known == name);
        place.map(Expression::Column).ok_or_else(|| format!("there is no column `{name}`"))
    }
    fn lookup(&mut self, table: &str, _: &str) -> Result<(usize, usize), String> {
        Err(format!("there is no table `{table}`"))
    }
    fn aggregate(&mut self, _: AggregateKind, _: Expression) -> Result<Expression, String> {
        Err("no group".to_owned())
    }
    fn row_number(&mut self) -> Result<Expression, String> {
        Err("no group".to_owned())
    }
}

/// What an expression comes to where A is `10`, B is `Zoë Ärmel`, C is empty, and `two words` is `x-y-z`.
fn value(text: &str) -> Result<Option<String>, String> {
    let row =
        |place: usize| [Some("10"), Some("Zoë Ärmel"), None, Some("x-y-z")].get(place).copied().flatten();
    let expression = parse(text, &mut Columns).map_err(|bad| format!("{}: {}", bad.position, bad.reason))?;
    let context = Context { row: &row, lookups: &[], aggregates: &[], number: 0 };
    expression
        .value(&context)
        .map(value::Value::into_text)
        .map_err(|bad| format!("{} {}", bad.value.unwrap_or_default(), bad.reason).trim().to_owned())
}

#[test]
fn expressions_come_to_their_values() {
    for (text, wanted) in [
        ("A", "10"),
        ("`two words`", "x-y-z"),
        ("'it''s'", "it's"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"),
        ("-A + 1", "-9"),
        ("A / 4", "2.5"),
        ("0.1 + 0.2", "0.3"),
        ("2.50", "2.5"),
        ("round(2.345, 2)", "2.35"),
        ("round(-2.345, 2)", "-2.35"),
        ("round(2.5)", "3"),
        ("abs(-3)", "3"),
        ("A > 9", "true"),
        ("A > '9'", "true"),
        ("A = 10.0", "true"),
        ("A = '10.0'", "false"),
        ("'b' > 'a' and not 1 > 2", "true"),
        ("1 > 2 or 2 > 1", "true"),
        ("not A = 10 or true", "true"),
        ("if(A >= 10, 'many', 'few')", "many"),
        ("coalesce(C, 'none')", "none"),
        ("given(C)", "false"),
        ("given(A)", "true"),
        ("if(C = 'x', 1, 2)", "2"),
        ("choose(A, '9', 'nine', '10', 'ten', 'other')", "ten"),
        ("choose('?', '9', 'nine', 'other')", "other"),
        ("concat(A, C, '/', B)", "10/Zoë Ärmel"),
        ("upper(B)", "ZOË ÄRMEL"),
        ("lower(B)", "zoë ärmel"),
        ("trim('  x ')", "x"),
        ("replace(B, 'ë', 'e')", "Zoe Ärmel"),
        ("split(`two words`, '-', 2)", "y"),
        ("substring(B, 3, 3)", "ë Ä"),
        ("substring(B, 5)", "Ärmel"),
        ("length(B)", "9"),
        ("starts_with(B, 'Zo')", "true"),
        ("ends_with(B, 'mel')", "true"),
        ("contains(B, 'x')", "false"),
        ("date('31.12.2025', '%d.%m.%Y')", "2025-12-31T00:00:00.000000Z"),
        ("date('2026-07-01 12:00', '%Y-%m-%d %H:%M', 'Europe/Berlin')", "2026-07-01T10:00:00.000000Z"),
        // The hour that the clocks have twice: the first.
        ("date('2026-10-25 02:30', '%Y-%m-%d %H:%M', 'Europe/Berlin')", "2026-10-25T00:30:00.000000Z"),
    ] {
        assert_eq!(value(text), Ok(Some(wanted.to_owned())), "{text}");
    }
    for text in ["C", "C + 1", "C = 1", "upper(C)", "-C", "split('a', '-', 2)", "split('a', '-', 0)"] {
        assert_eq!(value(text), Ok(None), "{text}");
    }
}

#[test]
fn what_has_no_value_says_why() {
    for (text, wanted) in [
        ("B + 1", "Zoë Ärmel is not a plain number of at most 28 digits"),
        ("1 / 0", "division by zero"),
        ("not B", "Zoë Ärmel is not true or false"),
        ("round(1, 1.5)", "1.5 is not a whole number"),
        ("0.00000000000001 * 0.000000000000001", "a product has more than 28 digits"),
        ("10000000000000000000000000000 + 0.001", "a sum has more than 28 digits"),
        ("date(B, '%Y')", "Zoë Ärmel is not a date of the form %Y"),
        ("date('2026-01-01', '%Y-%m-%d', 'Mars')", "Mars is not an IANA time zone"),
        (
            "date('2026-03-29 02:30', '%Y-%m-%d %H:%M', 'Europe/Berlin')",
            "2026-03-29 02:30 is a time that the clocks of Europe/Berlin skip",
        ),
    ] {
        assert_eq!(value(text), Err(wanted.to_owned()), "{text}");
    }
}

#[test]
fn misspelt_expressions_say_where() {
    for (text, wanted) in [
        ("", "1: the end stands where a column, a value or a function is expected"),
        ("A +", "4: the end stands where a column, a value or a function is expected"),
        ("(A", "3: the end stands where `)` is expected"),
        ("A B", "3: `B` stands where an operator or the end is expected"),
        ("D", "1: there is no column `D`"),
        ("sqrt(A)", "1: there is no function `sqrt`"),
        ("if(A)", "1: if(condition, then, else), not 1 arguments"),
        ("choose(A, 'x', 'y')", "1: choose(value, 'from', to, …, else), not 3 arguments"),
        ("'open", "1: the ' is never closed"),
        ("A § B", "3: `§` means nothing here"),
        ("1.2.3", "1: `1.2.3` is not a plain number of at most 28 digits"),
        ("sum(A)", "1: no group"),
        ("lookup('t', A)", "1: write lookup('table', key, 'column'), with the table and column as texts"),
    ] {
        assert_eq!(value(text), Err(wanted.to_owned()), "{text}");
    }
    let deep = format!("{}A{}", "(".repeat(100), ")".repeat(100));
    assert_eq!(value(&deep), Err("41: nested more than 40 deep".to_owned()));
    let long = vec!["A"; 2000].join("+");
    assert!(value(&long).is_err_and(|reason| reason.ends_with("more than 1000 parts")));
}

proptest! {
    #[test]
    fn any_text_comes_to_an_end(text in "[A-C0-9.,()+*/<>=!'\"` a-z_-]{0,60}") {
        let _ = value(&text);
    }

    #[test]
    fn any_letters_come_to_an_end(text in any::<String>()) {
        let _ = value(&text);
    }

    #[test]
    fn any_call_comes_to_an_end(name in "[a-z_]{1,12}", one in "[-0-9.]{0,30}", two in any::<String>()) {
        let quoted = two.replace('\'', "''");
        for function in [name.as_str(), "round", "date", "split", "substring", "replace", "number"] {
            let _ = value(&format!("{function}('{one}', '{quoted}')"));
            let _ = value(&format!("{function}('{quoted}', '{one}', '{one}')"));
        }
    }
}

fn problems(text: &str) -> Vec<String> {
    match compile("m.toml", text) {
        Ok(_) => Vec::new(),
        Err(report) => report.told.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn mappings_that_cannot_be_say_where() {
    let tables = "[tables.a]\nfile = 'a.csv'\nkey = 'id'\nlet = { x = 'y', y = 'x', l = \"lookup('b', id, 'n')\" }\n\
                  [tables.b]\nfrom = 'a'\nkey = 'n'\ncolumns = { n = 'l' }\n";
    let import = "[[import]]\nentity = 'customers'\nfrom = 'a'\ncolumns = { customer_id = 'sum(id)', colour = '1' }\n\
                  [[import]]\nentity = 'clients'\nfrom = 'a'\n\
                  [[import]]\nentity = 'sales_reps'\nfrom = 'z'\ncolumns = { sales_rep_number = '1', name = '1' }\n";
    insta::assert_snapshot!(problems(&format!("{tables}{import}")).join("\n"), @r"
    m.toml, column tables.a.let.x: position 1 of `y`: in `y`, position 1: in `x`, position 1: `y` comes back to itself
    m.toml, column tables.a.let.y: position 1 of `x`: in `x`, position 1: in `y`, position 1: `x` comes back to itself
    m.toml, column import customers, colour: is not a column of customers; these are: customer_id, customer_number, name, company_name, email, country, region, city, acquisition_channel, acquired_at, churned_at
    m.toml, column import customers: lacks the column `name`, which must not be empty
    m.toml, column import customers, customer_id: position 1 of `sum(id)`: an aggregate stands only in a column of what has a `group`
    m.toml, column import clients: there is no such entity
    m.toml, column import sales_reps: `from` names no table: `z`; these are: a, b
    m.toml, column tables: these need each other in a circle: b
    ");
    let unknown = problems("[tables.a]\nfile = 'a.csv'\ncolour = 1\n");
    assert!(unknown.len() == 1 && unknown[0].starts_with("m.toml: is not a mapping: "), "{unknown:?}");
}

const SALES: &str = r#"
[tables.lines]
file = "lines.csv"
[tables.sums]
from = "lines"
group = "order"
key = "order"
columns = { order = "order", total = "sum(amount)", least = "min(amount)", names = "last(name)" }
[[import]]
entity = "orders"
from = "lines"
group = "order"
columns = { order_id = "order", placed_at = "min(at)", status = "'DRAFT'", total = "sum(amount)", channel = "first(name)", city = "last(name)", region = "count(name)", country = "max(amount)", coupon_code = "lookup('sums', order, 'least')" }
[[import]]
entity = "order_items"
from = "lines"
within = "order"
columns = { order_id = "order", line_number = "row_number()", product_id = "coalesce(name, 'p')", quantity = "1", unit_price = "amount" }
"#;

/// The rows that a mapping makes of lines, by entity, sorted: without their numbers, which follow the order of passes.
fn rows_of(lines: &str, limit: usize) -> Vec<(&'static str, Vec<String>)> {
    let folder = tempfile::tempdir().expect("a folder is made");
    std::fs::write(folder.path().join("lines.csv"), lines).expect("written");
    let plan = compile("m.toml", SALES).unwrap_or_else(|report| panic!("{report}"));
    let (sender, mut receiver) = mpsc::channel(10_000);
    let euro = "EUR".parse().expect("a currency");
    let mut loader = Loader::staging(euro, sender, None, Arc::new(AtomicU64::new(0)));
    let meter = Meter::default();
    assert!(Run::new(&plan, folder.path(), &meter, limit).run(&mut loader).is_ok());
    let (_, _, outcome) = loader.finish().expect("finished");
    assert!(outcome.report.is_empty(), "{}", outcome.report);
    let mut rows = Vec::new();
    while let Some(batch) = receiver.blocking_recv() {
        let width = crate::ingest::session::width(batch.entity);
        let told = batch.cells.chunks(width).map(|row| (batch.entity.name, row[1..].to_vec()));
        rows.extend(told.map(|(name, row)| (name, row.iter().map(cell).collect::<Vec<_>>())));
    }
    rows.sort();
    rows
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Integer(value) => value.to_string(),
        Cell::Text(text) => text.to_string(),
    }
}

#[test]
fn groups_are_brought_to_one_and_rows_are_numbered() {
    let lines = "order,at,amount,name\nb,2026-01-02,1.50,x\na,2026-01-01,2,\nb,2026-01-01,10,y\n";
    let rows = rows_of(lines, 1 << 20);
    let orders: Vec<String> =
        rows.iter().filter(|(name, _)| *name == "orders").map(|(_, row)| row[3..].join("|")).collect();
    assert_eq!(
        orders,
        [
            "b|||1767225600000000|0|EUR|1150|0|0|0|x|1.50|10|2|y",
            "a|||1767225600000000|0|EUR|200|0|0|0||2|2|0|",
        ]
    );
    let items: Vec<String> =
        rows.iter().filter(|(name, _)| *name == "order_items").map(|(_, row)| row[3..6].join("|")).collect();
    assert_eq!(items, ["b|1|x", "a|1|p", "b|2|y"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn little_memory_makes_no_difference(rows in prop::collection::vec((0..12_u8, 1..28_u8, 0..500_u32, "[xyz]?"), 1..120)) {
        let mut lines = "order,at,amount,name\n".to_owned();
        for (order, day, amount, name) in rows {
            lines += &format!("o{order},2026-01-{day:02},{}.{:02},{name}\n", amount / 100, amount % 100);
        }
        prop_assert_eq!(rows_of(&lines, 300), rows_of(&lines, 1 << 20));
    }
}
