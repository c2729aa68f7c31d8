//! A shared report as a file.

use super::told::{Headline, Told};
use crate::export::{Cell, Column, Document, Export, ExportError, Format, Kind, Table};
use crate::fault::Fault;

/// What spreadsheets know UTF-8 by.
const MARK: &[u8] = "\u{FEFF}".as_bytes();

/// A report as CSV (RFC 4180), in UTF-8 with a byte order mark: its headlines in one row, then each of its tables; of a
/// time series the view that is shown first.
pub fn csv(told: &Told) -> Result<Vec<u8>, Fault> {
    written(told).map_err(|error| Fault::Internal(format!("{} as CSV: {error}", told.report.name())))
}

fn written(told: &Told) -> Result<Vec<u8>, ExportError> {
    let (columns, row): (Vec<Column>, Vec<Cell>) = told.headlines.iter().flat_map(beside_each_other).unzip();
    let tables =
        told.sections.iter().map(|section| Table::new(section.title.clone(), section.columns.clone()));
    let document = Document {
        title: told.report.name().to_owned(),
        about: told.organization.clone(),
        created: told.as_of,
        tables: [Table::new("Headlines", columns)].into_iter().chain(tables).collect(),
    };
    let mut export = Export::new(Format::Csv, document, MARK.to_vec())?;
    export.row(0, &row)?;
    for (section, place) in told.sections.iter().zip(1..) {
        for row in section.views.first().map_or(&[][..], |view| &view.rows) {
            export.row(place, row)?;
        }
    }
    export.finish()
}

/// A headline's value, and what it was, and by how much it grew, where that is told.
fn beside_each_other(headline: &Headline) -> Vec<(Column, Cell<'static>)> {
    let Headline { column, value, previous, growth, .. } = headline;
    let mut all = vec![(column.clone(), value.clone())];
    if let Some(previous) = previous {
        let growth = growth.as_ref().and_then(|growth| growth.round_to(4));
        let heading = |what: &str| format!("{}, {what}", column.heading);
        all.push((Column::new(heading("previous period"), column.kind), previous.clone()));
        let growth = growth.map_or(Cell::Empty, |growth| Cell::scaled(growth, 4));
        all.push((Column::new(heading("change"), Kind::Percent { digits: 2 }), growth));
    }
    all
}
