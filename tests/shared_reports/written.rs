//! A report as text that people read.

use countinghouse::export::{Cell, Kind, between};
use countinghouse::money::decimal_text;
use countinghouse::reports::shared::{Headline, Section, Told};

/// The whole report.
pub fn written(told: &Told) -> String {
    let mut text = format!(
        "{} of {}, {} to {}, {}, in {}, as of {}\n\n",
        told.report.name(),
        told.organization,
        told.period.start().to_rfc3339(),
        told.period.end().to_rfc3339(),
        told.time_zone,
        told.currency,
        told.as_of.to_rfc3339(),
    );
    for headline in &told.headlines {
        text += &written_headline(headline);
    }
    for section in &told.sections {
        text += &written_section(section);
    }
    text
}

fn written_headline(headline: &Headline) -> String {
    let Headline { name, column, value, previous, growth, better } = headline;
    let mut text = format!("{}: {} [{name}]", column.heading, cell(value));
    if let Some(previous) = previous {
        text += &format!(", before {}", cell(previous));
    }
    if let Some(growth) = growth {
        text += &format!(", {} %", decimal_text(growth.round_to(4).expect("it fits"), 2));
    }
    format!("{text}, {} {better:?}\n", kind(column.kind))
}

fn written_section(section: &Section) -> String {
    let mut text = format!("\n## {} [{}]\n", section.title, section.name);
    if let Some(note) = &section.note {
        text += &format!("{note}\n");
    }
    if let Some(chart) = &section.chart {
        text += &format!("{chart:?}\n");
    }
    let headings = section.columns.iter().map(|column| format!("{} {}", column.heading, kind(column.kind)));
    let headings = headings.collect::<Vec<_>>().join(" | ");
    for view in &section.views {
        if let Some(grain) = view.grain {
            text += &format!("({grain:?})\n");
        }
        text += &format!("{headings}\n");
        for row in &view.rows {
            text += &format!("{}\n", row.iter().map(cell).collect::<Vec<_>>().join(" | "));
        }
    }
    text
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Text => String::new(),
        Kind::Integer => "#".to_owned(),
        Kind::Amount(currency) => currency.to_string(),
        Kind::Number { digits } => format!("0.{digits}"),
        Kind::Percent { digits } => format!("%.{digits}"),
        other => format!("{other:?}"),
    }
}

/// A value by its digits; a dash for none.
pub fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => "–".to_owned(),
        Cell::Text(text) | Cell::Decimal(text) => text.to_string(),
        Cell::Integer(number) => number.to_string(),
        Cell::Amount(money) => money.to_string(),
        Cell::Date(date) => date.to_string(),
        Cell::Instant(instant) => instant.to_rfc3339(),
        Cell::Boolean(is) => is.to_string(),
        Cell::Between(from, to) => between(*from, *to, str::to_owned),
    }
}
