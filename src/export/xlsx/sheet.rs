//! One sheet: a header that stays in sight, columns as wide as their first rows need, and rows.

use std::io::Write;

use super::super::ExportError;
use super::super::document::{Cell, Column, Kind, Table};
use super::archive::Archive;
use super::cell::{Content, content, style};
use super::parts::{sheet_end, sheet_start};
use super::style::{Style, Styles};
use super::text::{keeps_blanks, push_cell};
use super::{Written, width};

/// Rows that are looked at for the columns' widths: they stand before all rows.
const MEASURED_ROWS: u32 = 100;
/// Text that is gathered before it is compressed.
const CHUNK: usize = 64 * 1024;

/// A sheet that is being written.
#[derive(Debug)]
pub(super) struct Sheet {
    name: String,
    is_first: bool,
    columns: Vec<Place>,
    rows: u32,
    bytes: u64,
    started: bool,
    xml: String,
}

/// A column of the sheet.
#[derive(Debug)]
struct Place {
    letters: String,
    style: Style,
    /// The style's number.
    number: usize,
    width: usize,
}

impl Sheet {
    /// A sheet with its header.
    pub(super) fn new(name: String, table: &Table, styles: &mut Styles, is_first: bool) -> Self {
        let place = |(index, column): (usize, &Column)| Place::new(index, column, styles);
        let columns = table.columns.iter().enumerate().map(place).collect();
        let mut sheet = Self {
            name,
            is_first,
            columns,
            rows: 0,
            bytes: 0,
            started: false,
            xml: String::with_capacity(CHUNK),
        };
        sheet.header(table, styles);
        sheet
    }

    /// Rows so far, with the header.
    pub(super) fn rows(&self) -> u32 {
        self.rows
    }

    /// The length of what was written, before it was compressed.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: &[Cell], styles: &mut Styles) {
        let row = self.begin_row();
        for (place, cell) in self.columns.iter_mut().zip(cells) {
            let content = content(cell, place.style);
            if !self.started {
                place.width = place.width.max(width::of_content(&content));
            }
            place.push(&mut self.xml, &row, &content, styles);
        }
        self.xml.push_str("</row>");
    }

    /// Hands on what has come together.
    pub(super) fn write_when_long<W: Write>(&mut self, archive: &mut Archive<W>) -> Result<(), ExportError> {
        let long = self.xml.len() >= CHUNK;
        if long || !self.started && self.rows > MEASURED_ROWS { self.write_out(archive) } else { Ok(()) }
    }

    /// Ends the sheet.
    pub(super) fn end<W: Write>(
        &mut self,
        title: &str,
        archive: &mut Archive<W>,
    ) -> Result<Written, ExportError> {
        let written =
            Written { name: std::mem::take(&mut self.name), columns: self.columns.len(), rows: self.rows };
        self.xml.push_str(&sheet_end(&written, title));
        self.write_out(archive)?;
        Ok(written)
    }

    fn header(&mut self, table: &Table, styles: &mut Styles) {
        let row = self.begin_row();
        for (place, column) in self.columns.iter().zip(&table.columns) {
            let style = match column.kind {
                Kind::Text | Kind::Boolean => Style::Heading,
                _ => Style::NumberHeading,
            };
            place.push(&mut self.xml, &row, &Content::Text(column.title(), style), styles);
        }
        self.xml.push_str("</row>");
    }

    fn begin_row(&mut self) -> String {
        self.rows += 1;
        let row = self.rows.to_string();
        push_all(&mut self.xml, &["<row r=\"", &row, "\">"]);
        row
    }

    fn write_out<W: Write>(&mut self, archive: &mut Archive<W>) -> Result<(), ExportError> {
        if !self.started {
            self.started = true;
            let widths: Vec<usize> = self.columns.iter().map(|column| column.width).collect();
            archive.write(sheet_start(&widths, self.is_first).as_bytes())?;
        }
        archive.write(self.xml.as_bytes())?;
        self.bytes += self.xml.len() as u64;
        self.xml.clear();
        Ok(())
    }
}

impl Place {
    fn new(index: usize, column: &Column, styles: &mut Styles) -> Self {
        let style = style(column.kind);
        let width = width::of_heading(&column.title(), column.kind);
        Self { letters: letters(index), style, number: styles.number(style), width }
    }

    fn push(&self, xml: &mut String, row: &str, content: &Content, styles: &mut Styles) {
        match content {
            Content::Nothing => {}
            Content::Number(digits, style) => {
                self.begin(xml, row, *style, styles);
                push_all(xml, &["><v>", digits, "</v></c>"]);
            }
            Content::Text(text, style) => {
                self.begin(xml, row, *style, styles);
                let keeps = if keeps_blanks(text) { " xml:space=\"preserve\"" } else { "" };
                push_all(xml, &[" t=\"inlineStr\"><is><t", keeps, ">"]);
                push_cell(xml, text);
                xml.push_str("</t></is></c>");
            }
            Content::Boolean(value) => {
                self.begin(xml, row, Style::Plain, styles);
                push_all(xml, &[" t=\"b\"><v>", if *value { "1" } else { "0" }, "</v></c>"]);
            }
        }
    }

    fn begin(&self, xml: &mut String, row: &str, style: Style, styles: &mut Styles) {
        push_all(xml, &["<c r=\"", &self.letters, row, "\""]);
        let number = if style == self.style { self.number } else { styles.number(style) };
        if number > 0 {
            push_all(xml, &[" s=\"", &number.to_string(), "\""]);
        }
    }
}

fn push_all(xml: &mut String, texts: &[&str]) {
    for text in texts {
        xml.push_str(text);
    }
}

/// What a column is called: A to Z, AA, AB, and on to XFD.
pub(super) fn letters(column: usize) -> String {
    let last = char::from(b'A' + u8::try_from(column % 26).unwrap_or(0));
    match column / 26 {
        0 => last.to_string(),
        rest => format!("{}{last}", letters(rest - 1)),
    }
}
