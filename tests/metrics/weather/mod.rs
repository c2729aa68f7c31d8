//! Roughens a demo folder: values that are missing, facts at the very instants where clocks change, orders without
//! lines, lines that take back, a currency that is only reached the other way round. Demo shops are too tidy to test with.

mod affiliates;
mod business;

use std::path::Path;

use super::dataset::{Row, rows};

/// Where something begins or ends in one of the time zones that tests use, to the microsecond.
const EDGES: [&str; 20] = [
    // Clocks of London: back on 27 October 2024, forth on 30 March 2025.
    "2024-10-27T00:59:59.999999Z",
    "2024-10-27T01:00:00Z",
    "2025-03-30T00:59:59.999999Z",
    "2025-03-30T01:00:00Z",
    // Of New York: back on 3 November 2024, forth on 9 March 2025.
    "2024-11-03T05:59:59.999999Z",
    "2024-11-03T06:00:00Z",
    "2025-03-09T06:59:59.999999Z",
    "2025-03-09T07:00:00Z",
    // Of Lord Howe, by half an hour: back on 7 April 2024, forth on 6 October 2024.
    "2024-04-06T14:59:59.999999Z",
    "2024-04-06T15:00:00Z",
    "2024-10-05T15:29:59.999999Z",
    "2024-10-05T15:30:00Z",
    // The year's first instant in UTC, New York, Kolkata and Lord Howe, and the one before.
    "2024-12-31T23:59:59.999999Z",
    "2025-01-01T00:00:00Z",
    "2025-01-01T05:00:00Z",
    "2024-12-31T18:30:00Z",
    "2024-12-31T18:29:59.999999Z",
    "2024-12-31T13:00:00Z",
    // Midnight in Cairo, on a day that began at one.
    "2025-04-24T21:59:59.999999Z",
    "2025-04-24T22:00:00Z",
];

pub fn weather(folder: &Path) {
    change(folder, "orders", |index, row| {
        blank(row, &["channel"], index % 17 == 0);
        blank(row, &["country", "region", "city"], index % 13 == 0);
        if index % 31 == 0 {
            set(row, "placed_at", EDGES[index / 31 % EDGES.len()]);
        }
        if index % 29 == 0 && row["currency"] != "JPY" {
            // Three digits.
            set(row, "currency", "KWD");
            row.get_mut("total").unwrap().push('5');
        }
        true
    });
    change(folder, "customers", |index, row| {
        blank(row, &["acquired_at"], index % 3 == 0);
        blank(row, &["region"], index % 7 == 0);
        blank(row, &["acquisition_channel"], index % 11 == 0);
        if index % 10 == 1 {
            set(row, "acquired_at", EDGES[index / 10 % EDGES.len()]);
        }
        true
    });
    change(folder, "order_items", |index, row| {
        if index % 41 == 0 {
            set(row, "quantity", "-1");
            let taken_back = format!("-{}", row["line_total"]);
            set(row, "line_total", &taken_back);
        }
        // Every 53rd order has no lines.
        row["order_id"].trim_start_matches("O-").parse::<u32>().unwrap() % 53 != 0
    });
    change(folder, "refunds", |index, row| {
        if index % 4 == 0 {
            set(row, "refunded_at", EDGES[index / 4 % EDGES.len()]);
        }
        blank(row, &["reason"], index % 6 == 0);
        // Now and then for an order that was never delivered.
        if index % 5 == 0 {
            set(row, "order_id", &format!("O-{:07}", 7 * (index + 1)));
            set(row, "amount", "12");
        }
        true
    });
    business::weather(folder);
    affiliates::weather(folder);
    rates(folder);
}

/// Some sterling rates are quoted the other way round, and dinars are quoted from others' side.
fn rates(folder: &Path) {
    change(folder, "exchange_rates", |index, row| {
        if row["from"] == "GBP" && index > 40 && index / 4 % 3 != 0 {
            set(row, "from", "EUR");
            set(row, "to", "GBP");
            set(row, "rate", "0.85915");
        }
        if row["from"] == "USD" && index > 20 && index / 4 % 9 == 0 {
            set(row, "to", "KWD");
            set(row, "rate", "0.30775");
        }
        true
    });
    // Long before the shop, for what began then.
    let pairs = [
        ("USD", "KWD", "0.308"),
        ("EUR", "KWD", "0.33"),
        ("USD", "EUR", "0.92"),
        ("GBP", "EUR", "1.15"),
        ("JPY", "EUR", "0.0071"),
    ];
    append(folder, "exchange_rates", pairs.map(|(from, to, rate)| ["2018-01-01", from, to, rate]));
}

fn set(row: &mut Row, column: &str, value: &str) {
    row.insert(column.to_owned(), value.to_owned());
}

fn blank(row: &mut Row, columns: &[&str], when: bool) {
    for column in columns {
        if when {
            set(row, column, "");
        }
    }
}

/// Writes more rows, with as many fields as the file has columns.
fn append<const FIELDS: usize>(
    folder: &Path,
    entity: &str,
    rows: impl IntoIterator<Item = [impl AsRef<str>; FIELDS]>,
) {
    let path = folder.join(format!("{entity}.csv"));
    let file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    let mut writer = csv::Writer::from_writer(file);
    for row in rows {
        writer.write_record(row.iter().map(AsRef::as_ref)).unwrap();
    }
    writer.flush().unwrap();
}

/// Gives a file one more column, empty as yet.
fn widen(folder: &Path, entity: &str, column: &str) {
    let path = folder.join(format!("{entity}.csv"));
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines = text.lines();
    let mut wider = format!("{},{column}\n", lines.next().unwrap());
    lines.for_each(|line| wider.extend([line, ",\n"]));
    std::fs::write(&path, wider).unwrap();
}

/// Rewrites a file row by row; rows for which `keep` says no are left out.
fn change(folder: &Path, entity: &str, mut keep: impl FnMut(usize, &mut Row) -> bool) {
    let path = folder.join(format!("{entity}.csv"));
    let header = csv::Reader::from_path(&path).unwrap().headers().unwrap().clone();
    let rows = rows(folder, entity);
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(&header).unwrap();
    for (index, mut row) in rows.into_iter().enumerate() {
        if keep(index, &mut row) {
            writer.write_record(header.iter().map(|column| &row[column])).unwrap();
        }
    }
    writer.flush().unwrap();
}
