//! Reports as files: tables of typed cells, written row by row as CSV or as a workbook of sheets.
//!
//! Both are streamed: what is held in memory does not grow with the rows, nothing is put on disk, and a writer that
//! blocks holds the report back. It knows nothing of reports or of HTTP, but for the header that names a file.

use std::io::Write;

mod csv;
mod disposition;
mod document;
mod inert;
mod xlsx;

pub use disposition::content_disposition;
pub use document::{Cell, Column, Document, Kind, Table, between};

use csv::Csv;
use xlsx::Xlsx;

/// What a file can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180), in UTF-8.
    Csv,
    /// A workbook (ECMA-376, Office Open XML) with a sheet for each table.
    Xlsx,
}

impl Format {
    /// What `Content-Type` says.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// How the file's name ends, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// Why a file cannot be written. What was written of it until then is no whole file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Whoever reads it is gone, or there is no room for it.
    #[error("the file cannot be written on")]
    Write(#[from] std::io::Error),
    /// There is nothing to write, or a table without columns.
    #[error("an export needs a table, and each table a column")]
    Nothing,
    /// Workbooks have at most 16,384 columns in a sheet.
    #[error("table `{table}` has {columns} columns: more than the 16,384 of a sheet")]
    TooWide {
        /// Its name.
        table: String,
        /// How many it has.
        columns: usize,
    },
    /// A workbook of more than 4 GiB.
    #[error("the workbook outgrows 4 GiB: export fewer rows, or CSV")]
    TooLarge,
    /// Rows are given table after table.
    #[error("a row of table {asked} cannot be written after table {current} of {tables} has begun")]
    Order {
        /// The table that the row is of.
        asked: usize,
        /// The table that is being written.
        current: usize,
        /// How many there are.
        tables: usize,
    },
    /// A row with more or fewer cells than the table has columns.
    #[error("a row of `{table}` has {found} cells, not {expected}")]
    Cells {
        /// The table's name.
        table: String,
        /// Its columns.
        expected: usize,
        /// The row's cells.
        found: usize,
    },
    /// A cell of another kind than its column.
    #[error("column `{column}` of `{table}` holds {kind:?}, not {found}")]
    Kind {
        /// The table's name.
        table: String,
        /// The column's heading.
        column: String,
        /// What the column holds.
        kind: Kind,
        /// What the cell is.
        found: String,
    },
}

/// A file that is being written.
///
/// After an error it is to be dropped: whoever reads it must learn that it broke off.
#[derive(Debug)]
pub struct Export<W: Write> {
    tables: Vec<Table>,
    current: usize,
    file: File<W>,
}

#[derive(Debug)]
enum File<W: Write> {
    Csv(Csv<W>),
    Xlsx(Box<Xlsx<W>>),
}

impl<W: Write> Export<W> {
    /// Begins a file; its first bytes are written at once.
    pub fn new(format: Format, document: Document, writer: W) -> Result<Self, ExportError> {
        let Document { tables, .. } = &document;
        if tables.is_empty() || tables.iter().any(|table| table.columns.is_empty()) {
            return Err(ExportError::Nothing);
        }
        let file = match format {
            Format::Csv => File::Csv(Csv::new(tables, writer)?),
            Format::Xlsx => File::Xlsx(Box::new(Xlsx::new(&document, writer)?)),
        };
        Ok(Self { tables: document.tables, current: 0, file })
    }

    /// Writes a row of a table, by its place in [`Document::tables`]. Tables follow each other in that order.
    pub fn row(&mut self, table: usize, cells: &[Cell]) -> Result<(), ExportError> {
        self.reach(table)?;
        let table = &self.tables[self.current];
        table.check(cells)?;
        match &mut self.file {
            File::Csv(csv) => csv.row(self.current, &table.name, cells),
            File::Xlsx(xlsx) => xlsx.row(table, cells),
        }
    }

    /// Writes what is still to be written: tables that had no rows, and the file's end.
    pub fn finish(mut self) -> Result<W, ExportError> {
        self.reach(self.tables.len() - 1)?;
        match self.file {
            File::Csv(csv) => csv.finish(),
            File::Xlsx(xlsx) => xlsx.finish(),
        }
    }

    fn reach(&mut self, table: usize) -> Result<(), ExportError> {
        let tables = self.tables.len();
        if table < self.current || table >= tables {
            return Err(ExportError::Order { asked: table, current: self.current, tables });
        }
        while self.current < table {
            self.current += 1;
            if let File::Xlsx(xlsx) = &mut self.file {
                xlsx.next_table(&self.tables[self.current])?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
