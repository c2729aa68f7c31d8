use chrono::{DateTime, NaiveDate, Utc};

use super::*;
use crate::money::{Currency, Money};

mod comma_separated;
mod disposition;
mod hostile;
mod million;
mod refused;
mod workbook;

fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

fn amount(text: &str, code: &str) -> Cell<'static> {
    Cell::Amount(Money::parse(text, currency(code)).expect("an amount"))
}

fn date(text: &str) -> Cell<'static> {
    Cell::Date(text.parse::<NaiveDate>().expect("a date"))
}

fn instant(text: &str) -> Cell<'static> {
    Cell::Instant(moment(text))
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn document(tables: Vec<Table>) -> Document {
    let about = "2026-01-01 to 2026-03-31, in USD".to_owned();
    Document { title: "Revenue & more".to_owned(), about, created: moment("2026-04-01T09:30:00Z"), tables }
}

fn text_table(name: &str) -> Table {
    Table::new(name, vec![Column::new("Text", Kind::Text)])
}

/// A table with a column of every kind.
fn orders() -> Table {
    let columns = vec![
        Column::new("Order", Kind::Text),
        Column::new("Items", Kind::Integer),
        Column::new("Revenue", Kind::Amount(currency("USD"))),
        Column::new("Price", Kind::Figure),
        Column::new("Weight", Kind::Number { digits: 3 }),
        Column::new("Margin", Kind::Percent { digits: 1 }),
        Column::new("Day", Kind::Date),
        Column::new("Placed", Kind::Instant),
        Column::new("Paid", Kind::Boolean),
    ];
    Table::new("Orders", columns)
}

fn order_rows() -> Vec<Vec<Cell<'static>>> {
    vec![
        vec![
            Cell::text("A-1"),
            Cell::Integer(1200),
            amount("-42150.00", "USD"),
            amount("1200", "JPY"),
            Cell::scaled(-125, 3),
            Cell::decimal("0.1256"),
            date("2026-01-31"),
            instant("2026-01-31T12:30:01Z"),
            Cell::Boolean(true),
        ],
        vec![
            Cell::text("Größe \"L\", zwei\nZeilen"),
            Cell::Integer(-7),
            amount("0.05", "USD"),
            amount("1.250", "KWD"),
            Cell::decimal("3"),
            Cell::decimal("-1"),
            date("1900-03-01"),
            instant("1999-12-31T23:59:59.999Z"),
            Cell::Boolean(false),
        ],
        vec![Cell::Empty; 9],
        vec![
            Cell::text(""),
            Cell::Integer(i64::MIN),
            amount("92233720368547758.07", "USD"),
            amount("9999999999999.99", "EUR"),
            Cell::decimal("0.1234567890123456"),
            Cell::decimal("12345678900000000000"),
            date("1900-02-28"),
            instant("1066-10-14T09:00:00Z"),
            Cell::Empty,
        ],
    ]
}

fn written(format: Format, document: Document, tables: &[Vec<Vec<Cell>>]) -> Vec<u8> {
    let mut export = Export::new(format, document, Vec::new()).expect("it begins");
    for (table, rows) in tables.iter().enumerate() {
        for row in rows {
            export.row(table, row).expect("it is written");
        }
    }
    export.finish().expect("it ends")
}

fn csv_text(document: Document, tables: &[Vec<Vec<Cell>>]) -> String {
    String::from_utf8(written(Format::Csv, document, tables)).expect("UTF-8")
}
