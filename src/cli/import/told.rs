//! What an import did, in words and as JSON.

use serde::Serialize;

use crate::ingest::Summary;

/// One line of JSON.
pub fn json(summary: &Summary, seconds: f64) -> String {
    #[derive(Serialize)]
    struct Told<'a> {
        #[serde(flatten)]
        summary: &'a Summary,
        rows: u64,
        seconds: f64,
    }
    let told = Told { summary, rows: summary.rows(), seconds: (seconds * 1000.0).round() / 1000.0 };
    serde_json::to_string(&told).unwrap_or_default()
}

/// A table of entities, and what else is worth knowing.
pub fn lines(summary: &Summary, seconds: f64) -> Vec<String> {
    let mut lines = vec![format!(
        "{:<16}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "entity", "rows", "new", "changed", "unchanged", "replaced"
    )];
    lines.extend(summary.entities.iter().map(|entity| {
        format!(
            "{:<16}{:>12}{:>12}{:>12}{:>12}{:>12}",
            entity.entity, entity.rows, entity.inserted, entity.updated, entity.unchanged, entity.replaced
        )
    }));
    for filtered in &summary.filtered_rows {
        lines.push(format!("{} rows left out: {}", filtered.rows, filtered.reason));
    }
    if summary.rounded_lines > 0 {
        lines.push(format!("{} line totals were rounded to the currency's digits", summary.rounded_lines));
    }
    let rows = summary.rows();
    lines.push(format!(
        "{rows} rows into `{}` in {seconds:.1} s, {} rows/s",
        summary.organization,
        per_second(rows, seconds)
    ));
    lines
}

/// A rate in whole rows.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a rate is told roughly"
)]
pub fn per_second(rows: u64, seconds: f64) -> u64 {
    if seconds > 0.0 { (rows as f64 / seconds) as u64 } else { 0 }
}
