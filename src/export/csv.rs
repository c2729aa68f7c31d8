//! Comma-separated values, RFC 4180: one header, lines that end in CR LF, and as many fields in every record.
//!
//! Text is quoted, except where it plainly needs no quotes; an empty text is `""`, and an empty cell is nothing.
//! Numbers are plain decimals with a point, days and instants ISO 8601.
//!
//! Several tables share one header: a first column `Table` says which table a record is of, columns with the same
//! title and kind are one, and fields that a table lacks are empty. Sections with headers of their own would read
//! more nicely, but records of unequal lengths are what pandas and other strict readers refuse; this way they take
//! the file as it is, and a person filters by the first column.

use std::fmt::Write as _;
use std::io::Write;
use std::mem::discriminant;

use chrono::SecondsFormat;

use super::ExportError;
use super::document::{Cell, Column, Kind, Table, between};
use super::inert::inert;

/// What is gathered before it is written.
const CHUNK: usize = 32 * 1024;

/// A CSV file that is being written.
#[derive(Debug)]
pub(super) struct Csv<W> {
    writer: W,
    text: String,
    /// Of each table: which of its columns each field is of.
    fields: Vec<Vec<Field>>,
}

/// A field of the header (two fields, for amounts that name their currency).
#[derive(Clone, Copy, Debug)]
struct Field {
    column: Option<usize>,
    names_currency: bool,
}

impl<W: Write> Csv<W> {
    /// Writes the header.
    pub(super) fn new(tables: &[Table], writer: W) -> Result<Self, ExportError> {
        let columns = shared_columns(tables);
        let fields = tables.iter().map(|table| fields(table, &columns)).collect();
        let mut csv = Self { writer, text: String::new(), fields };
        csv.header(&columns);
        csv.write_out()?;
        Ok(csv)
    }

    /// Writes a record.
    pub(super) fn row(&mut self, table: usize, name: &str, cells: &[Cell]) -> Result<(), ExportError> {
        if self.fields.len() > 1 {
            push_text(&mut self.text, name);
            self.text.push(',');
        }
        for field in &self.fields[table] {
            let cell = field.column.map_or(&Cell::Empty, |column| &cells[column]);
            push_cell(&mut self.text, cell);
            if field.names_currency {
                push_currency(&mut self.text, cell);
            }
            self.text.push(',');
        }
        self.end_record();
        if self.text.len() >= CHUNK { self.write_out() } else { Ok(()) }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> Result<W, ExportError> {
        self.write_out()?;
        self.writer.flush()?;
        Ok(self.writer)
    }

    fn header(&mut self, columns: &[&Column]) {
        if self.fields.len() > 1 {
            self.text.push_str("Table,");
        }
        for column in columns {
            push_text(&mut self.text, &column.title());
            if column.kind == Kind::Figure {
                self.text.push(',');
                push_text(&mut self.text, &format!("{} currency", column.heading));
            }
            self.text.push(',');
        }
        self.end_record();
    }

    /// In the place of the last comma. An only field that is empty would be an empty line, which readers skip.
    fn end_record(&mut self) {
        self.text.pop();
        if self.text.is_empty() || self.text.ends_with('\n') {
            self.text.push_str("\"\"");
        }
        self.text.push_str("\r\n");
    }

    fn write_out(&mut self) -> Result<(), ExportError> {
        self.writer.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }
}

/// All columns of all tables, those that mean the same only once.
fn shared_columns(tables: &[Table]) -> Vec<&Column> {
    let mut shared: Vec<&Column> = Vec::new();
    for table in tables {
        let mut taken = vec![false; shared.len()];
        for column in &table.columns {
            match (0..taken.len()).find(|&at| !taken[at] && same(shared[at], column)) {
                Some(at) => taken[at] = true,
                None => shared.push(column),
            }
        }
    }
    shared
}

fn fields(table: &Table, shared: &[&Column]) -> Vec<Field> {
    let mut taken = vec![false; table.columns.len()];
    let mut source = |wanted: &Column| {
        let column = (0..taken.len()).find(|&at| !taken[at] && same(&table.columns[at], wanted))?;
        taken[column] = true;
        Some(column)
    };
    shared
        .iter()
        .map(|column| Field { column: source(column), names_currency: column.kind == Kind::Figure })
        .collect()
}

fn same(one: &Column, other: &Column) -> bool {
    discriminant(&one.kind) == discriminant(&other.kind) && one.title() == other.title()
}

fn push_cell(text: &mut String, cell: &Cell) {
    match cell {
        Cell::Empty => {}
        Cell::Text(value) => push_text(text, value),
        Cell::Integer(value) => push(text, format_args!("{value}")),
        Cell::Amount(value) => push(text, format_args!("{value}")),
        Cell::Decimal(value) => text.push_str(value),
        Cell::Date(value) => push(text, format_args!("{value}")),
        Cell::Instant(value) => text.push_str(&value.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        Cell::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Cell::Between(from, to) => push_text(text, &between(*from, *to, str::to_owned)),
    }
}

fn push_currency(text: &mut String, cell: &Cell) {
    text.push(',');
    if let Cell::Amount(money) = cell {
        text.push_str(money.currency.code());
    }
}

fn push(text: &mut String, value: std::fmt::Arguments) {
    // A String takes all that it is given.
    let _ = text.write_fmt(value);
}

fn push_text(text: &mut String, value: &str) {
    let value = inert(value);
    if needs_no_quotes(&value) {
        text.push_str(&value);
        return;
    }
    text.push('"');
    for (at, part) in value.split('"').enumerate() {
        if at > 0 {
            text.push_str("\"\"");
        }
        text.push_str(part);
    }
    text.push('"');
}

/// Quoted are also: blanks at either end, which some readers trim; semicolons and tabs, which some part fields at; and
/// `ID` at the start, by which Excel takes a file for another format (SYLK).
fn needs_no_quotes(text: &str) -> bool {
    let parts = |byte: u8| matches!(byte, b'"' | b',' | b';' | 0..=0x1F | 0x7F);
    !text.is_empty() && !text.bytes().any(parts) && text.trim().len() == text.len() && !text.starts_with("ID")
}
