//! A report's tables as a file: headings as people read them, amounts in major units, days as days.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use axum::body::Bytes;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use futures::{Stream, StreamExt};
use tokio::sync::mpsc::{Sender, channel};

use crate::export::{Cell, Column, Document, Export, ExportError, Kind, Table};
use crate::money::{Currency, Money};
use crate::period::Grain;
use crate::reports::exports::{ReportType, Wanted};
use crate::reports::names;
use crate::rest::ecosire::tabled::{Rows, Sort, Value};

/// Bytes that are sent at once.
const CHUNK: usize = 64 * 1024;
/// How many of them may wait for a slow reader.
const WAITING: usize = 4;

/// Words of names that are written otherwise.
const WORDS: [(&str, &str); 15] = [
    ("avg", "average"),
    ("cycledays", "cycle days"),
    ("ltv", "LTV"),
    ("cac", "CAC"),
    ("mrr", "MRR"),
    ("arr", "ARR"),
    ("ctr", "CTR"),
    ("cpc", "CPC"),
    ("cpa", "CPA"),
    ("roas", "ROAS"),
    ("csat", "CSAT"),
    ("sku", "SKU"),
    ("id", "ID"),
    ("p90", "P90"),
    ("hr", "HR"),
];

/// What a name of JSON is called as a heading: `avgOrderValue` is `Average order value`.
pub fn heading(name: &str) -> String {
    let written = |word| WORDS.iter().find(|(known, _)| *known == word).map_or(word, |(_, written)| *written);
    names::heading(names::words(name).iter().map(|word| written(word)))
}

/// The file's name, without how it ends.
pub fn name(wanted: &Wanted, now: DateTime<Utc>) -> String {
    let name = wanted.report.name();
    match days(wanted) {
        Some((first, last)) => format!("{name}_{first}_{last}"),
        None => format!("{name}_{}", now.date_naive()),
    }
}

/// The days that it is of; a forecast is of what comes after now, whichever were asked for.
fn days(wanted: &Wanted) -> Option<(NaiveDate, NaiveDate)> {
    let is_of_them = wanted.report != ReportType::Forecast;
    is_of_them.then(|| (wanted.period.start().date_naive(), wanted.period.last().date_naive()))
}

/// What the file is of.
pub fn document(wanted: &Wanted, tables: &[Rows], now: DateTime<Utc>) -> Document {
    let days = days(wanted).map_or_else(String::new, |(first, last)| format!("{first} to {last}, "));
    let now_text = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    Document {
        title: heading(wanted.report.name()),
        about: format!("{days}in {}, as of {now_text}", wanted.currency.code()),
        created: now,
        tables: tables.iter().map(|rows| table(rows, wanted)).collect(),
    }
}

fn table(rows: &Rows, wanted: &Wanted) -> Table {
    let columns = rows.columns.iter().enumerate().map(|(place, (name, sort))| {
        let digits = rows.rows.iter().map(|row| decimals(&row[place])).max().unwrap_or(0);
        Column::new(heading(name), kind(name, *sort, digits, wanted))
    });
    Table::new(heading(&rows.name), columns.collect())
}

/// What a column holds whose numbers have so many decimal digits.
fn kind(name: &str, sort: Sort, digits: u32, wanted: &Wanted) -> Kind {
    match sort {
        // Longer periods have names, days are days.
        Sort::Text if name == "period" && wanted.grain == Grain::Day => Kind::Date,
        Sort::Text => Kind::Text,
        Sort::Instant => Kind::Instant,
        Sort::Integer => Kind::Integer,
        Sort::Minor => Kind::Amount(wanted.currency),
        Sort::Share => Kind::Percent { digits: digits.saturating_sub(2) },
        Sort::Figure => Kind::Figure,
        Sort::Decimal => Kind::Number { digits },
        Sort::Boolean => Kind::Boolean,
    }
}

fn decimals(value: &Value) -> u32 {
    match value {
        Value::Decimal(digits) => {
            digits.split_once('.').map_or(0, |(_, decimals)| u32::try_from(decimals.len()).unwrap_or(0))
        }
        _ => 0,
    }
}

fn cell(value: &Value, kind: Kind, currency: Currency) -> Cell<'_> {
    match (kind, value) {
        (_, Value::Empty) => Cell::Empty,
        (Kind::Date, Value::Text(day)) => day.parse().map_or(Cell::Empty, Cell::Date),
        (Kind::Instant, Value::Text(text)) => {
            DateTime::parse_from_rfc3339(text).map_or(Cell::Empty, |instant| Cell::Instant(instant.to_utc()))
        }
        (Kind::Integer, Value::Integer(count)) => Cell::Integer(*count),
        (_, Value::Text(text)) => Cell::Text(Cow::Borrowed(text)),
        (_, Value::Boolean(is)) => Cell::Boolean(*is),
        (_, Value::Integer(count)) => Cell::Decimal(count.to_string().into()),
        (_, Value::Minor(minor)) => Cell::Amount(Money { minor: *minor, currency }),
        (_, Value::Decimal(digits)) => Cell::Decimal(Cow::Borrowed(digits)),
    }
}

/// The file's bytes as they are written, no further ahead than the reader follows.
pub fn stream(
    wanted: &Wanted,
    document: Document,
    tables: Vec<Rows>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    let (sender, receiver) = channel(WAITING);
    let wanted = *wanted;
    tokio::task::spawn_blocking(move || {
        let writer = BufWriter::with_capacity(CHUNK, Sent(sender.clone()));
        // Whoever reads is gone, or must learn that the file broke off.
        if let Err(error) = write(&wanted, document, &tables, writer) {
            let _ = sender.blocking_send(Err(io::Error::other(error)));
        }
    });
    let chunks = futures::stream::unfold(receiver, async |mut receiver| {
        let chunk = receiver.recv().await?;
        Some((chunk, receiver))
    });
    // Whoever compresses it looks once more after its end.
    chunks.fuse()
}

fn write(
    wanted: &Wanted,
    document: Document,
    tables: &[Rows],
    writer: impl Write,
) -> Result<(), ExportError> {
    let kinds: Vec<Vec<Kind>> = document
        .tables
        .iter()
        .map(|table| table.columns.iter().map(|column| column.kind).collect())
        .collect();
    let mut export = Export::new(wanted.format.into(), document, writer)?;
    for (place, table) in tables.iter().enumerate() {
        for row in &table.rows {
            let cells =
                row.iter().zip(&kinds[place]).map(|(value, kind)| cell(value, *kind, wanted.currency));
            export.row(place, &cells.collect::<Vec<_>>())?;
        }
    }
    Ok(export.finish()?.flush()?)
}

/// Hands on what is written, and waits for whoever reads it.
struct Sent(Sender<io::Result<Bytes>>);

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_read_as_words() {
        let told =
            ["avgOrderValue", "avgCycledays", "ltvCacRatio", "productId", "timeSeries", "mrr", "hr", ""];
        assert_eq!(
            told.map(heading),
            [
                "Average order value",
                "Average cycle days",
                "LTV CAC ratio",
                "Product ID",
                "Time series",
                "MRR",
                "HR",
                ""
            ]
        );
    }
}
