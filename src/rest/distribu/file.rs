//! Orders as CSV: read page by page, and each page sent before the next is read, so that what is held in memory does not
//! grow with the orders, and a slow reader holds the reading back.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use serde_json::Value;

use super::orders::{NUMBERS, Order, page};
use super::rows::values;
use crate::export::{Cell, Column, Document, Export, ExportError, Format, Kind, Table};
use crate::fault::Fault;
use crate::problem::Problem;
use crate::reports::Scope;
use crate::reports::scope::MAX_FIRST;

/// The file's bytes. The first page is read before anything is sent: what cannot be read is still refused then.
pub async fn stream(
    scope: Scope,
    columns: Vec<&'static str>,
) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>, Fault> {
    let mut file = File::new(scope, columns)?;
    file.read().await?;
    let chunks = futures::stream::try_unfold(file, async |mut file| {
        if file.written.is_empty() {
            match file.read().await {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(fault) => return Err(broken_off(fault)),
            }
        }
        let chunk = file.written.take();
        Ok(Some((Bytes::from(chunk), file)))
    });
    // Whoever compresses it looks once more after its end. An empty chunk would be the end.
    Ok(chunks.try_filter(|chunk| futures::future::ready(!chunk.is_empty())).fuse())
}

/// Whoever reads is to learn that the file broke off; why is for the log.
fn broken_off(fault: Fault) -> io::Error {
    let problem = Problem::from(fault);
    tracing::warn!(status = problem.status, "an export of orders broke off");
    io::Error::other("the export broke off")
}

/// A file that is being written.
struct File {
    scope: Scope,
    columns: Vec<&'static str>,
    written: Written,
    /// None once its end is written.
    export: Option<Export<Written>>,
    after: Option<String>,
}

impl File {
    fn new(scope: Scope, columns: Vec<&'static str>) -> Result<Self, Fault> {
        let kind = |name: &&str| if NUMBERS.contains(name) { Kind::Number { digits: 2 } } else { Kind::Text };
        let of_table = columns.iter().map(|name| Column::new(*name, kind(name)));
        let document = Document {
            title: "Orders".to_owned(),
            about: String::new(),
            created: scope.now(),
            tables: vec![Table::new("Orders", of_table.collect())],
        };
        let written = Written::default();
        let export = Export::new(Format::Csv, document, written.clone()).map_err(|error| internal(&error))?;
        Ok(Self { scope, columns, written, export: Some(export), after: None })
    }

    /// Reads one more page and writes it; says whether there was any.
    async fn read(&mut self) -> Result<bool, Fault> {
        let Some(mut export) = self.export.take() else { return Ok(false) };
        let (rows, next) = page(&self.scope, MAX_FIRST, self.after.as_deref()).await?;
        for row in &rows {
            export.row(0, &self.cells(row)?).map_err(|error| internal(&error))?;
        }
        if next.is_some() {
            (self.export, self.after) = (Some(export), next);
        } else {
            export.finish().map_err(|error| internal(&error))?;
        }
        Ok(true)
    }

    fn cells(&self, row: &Order) -> Result<Vec<Cell<'static>>, Fault> {
        let mut values = values(row).map_err(|error| Fault::Internal(error.to_string()))?;
        let cells = self.columns.iter().map(|column| match values.remove(*column) {
            Some(Value::String(text)) => Cell::text(text),
            Some(Value::Number(number)) => Cell::decimal(number.to_string()),
            _ => Cell::Empty,
        });
        Ok(cells.collect())
    }
}

fn internal(error: &ExportError) -> Fault {
    Fault::Internal(format!("orders as a file: {error}"))
}

/// What was written and is not sent yet.
#[derive(Clone, Debug, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
