//! Workbooks as Excel reads them (ECMA-376, Office Open XML), written as the rows come.
//!
//! A sheet goes into the archive while it grows, with its texts inline; the parts that need to know all sheets and all
//! formats come last. Numbers are written by their decimal digits. Readers hold them as binary doubles and show fifteen
//! significant digits, so a number of more digits than that is written as text: wrong digits would be worse.

use std::io::Write;

use super::ExportError;
use super::document::{Cell, Document, Table};

mod archive;
mod cell;
mod names;
mod parts;
mod sheet;
mod style;
mod text;
mod width;

use archive::Archive;
use names::Names;
use sheet::Sheet;
use style::Styles;

/// Rows of a sheet, with its header.
const ROWS: u32 = 1_048_576;
/// Columns of a sheet.
const COLUMNS: usize = 16_384;
/// What an entry of the archive may hold, less the longest row: a sheet that reaches it is continued as well.
const SHEET_BYTES: u64 = 3 << 30;

/// A workbook that is being written.
#[derive(Debug)]
pub(super) struct Xlsx<W> {
    archive: Archive<W>,
    styles: Styles,
    names: Names,
    /// Headers and footers of the pages: the report's title.
    title: String,
    written: Vec<Written>,
    sheet: Sheet,
    rows_of_a_sheet: u32,
}

/// What the workbook has to know of a sheet that is done.
#[derive(Debug)]
struct Written {
    name: String,
    columns: usize,
    rows: u32,
}

impl<W: Write> Xlsx<W> {
    /// Begins the workbook and its first sheet.
    pub(super) fn new(document: &Document, writer: W) -> Result<Self, ExportError> {
        if let Some(table) = document.tables.iter().find(|table| table.columns.len() > COLUMNS) {
            let (table, columns) = (table.name.clone(), table.columns.len());
            return Err(ExportError::TooWide { table, columns });
        }
        let mut archive = Archive::new(writer);
        archive.part("_rels/.rels", parts::RELATIONSHIPS)?;
        archive.part("docProps/app.xml", parts::APPLICATION)?;
        archive.part("docProps/core.xml", &parts::properties(document))?;
        let names = Names::new(&document.tables);
        let mut styles = Styles::new();
        let sheet = Sheet::new(names.of_table(0), &document.tables[0], &mut styles, true);
        archive.begin(&parts::sheet_path(1))?;
        let title = document.title.clone();
        Ok(Self { archive, styles, names, title, written: Vec::new(), sheet, rows_of_a_sheet: ROWS })
    }

    /// So that a test need not write a million rows to come to a sheet's end.
    #[cfg(test)]
    pub(super) fn with_rows_of_a_sheet(self, rows_of_a_sheet: u32) -> Self {
        Self { rows_of_a_sheet, ..self }
    }

    /// Goes on to the next table, on a sheet of its own.
    pub(super) fn next_table(&mut self, table: &Table) -> Result<(), ExportError> {
        self.end_sheet()?;
        let name = self.names.next_table();
        self.begin_sheet(name, table)
    }

    /// Writes a row, on a further sheet where this one is full.
    pub(super) fn row(&mut self, table: &Table, cells: &[Cell]) -> Result<(), ExportError> {
        if self.sheet.rows() >= self.rows_of_a_sheet || self.sheet.bytes() >= SHEET_BYTES {
            self.end_sheet()?;
            let name = self.names.continued();
            self.begin_sheet(name, table)?;
        }
        self.sheet.row(cells, &mut self.styles);
        self.sheet.write_when_long(&mut self.archive)
    }

    /// Writes the parts that tell of all sheets, and the archive's end.
    pub(super) fn finish(mut self) -> Result<W, ExportError> {
        self.end_sheet()?;
        self.archive.part("xl/styles.xml", &self.styles.part())?;
        self.archive.part("xl/workbook.xml", &parts::workbook(&self.written))?;
        self.archive.part("xl/_rels/workbook.xml.rels", &parts::workbook_relationships(&self.written))?;
        self.archive.part("[Content_Types].xml", &parts::content_types(&self.written))?;
        self.archive.finish()
    }

    fn begin_sheet(&mut self, name: String, table: &Table) -> Result<(), ExportError> {
        self.sheet = Sheet::new(name, table, &mut self.styles, false);
        self.archive.begin(&parts::sheet_path(self.written.len() + 1))
    }

    fn end_sheet(&mut self) -> Result<(), ExportError> {
        let written = self.sheet.end(&self.title, &mut self.archive)?;
        self.written.push(written);
        self.archive.end()
    }
}
