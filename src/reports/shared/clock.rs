//! Figures by weekday and by hour of the day: a row for each, also where nothing happened.

use std::collections::HashMap;

use super::tell::{SHARE, Shown, cells, metrics, share};
use super::told::{Chart, Section, View};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::Dimension;
use crate::metrics::answer::{Figures, nothing};
use crate::money::Exact;
use crate::reports::scope::{Ranking, Scope};
use crate::reports::window::Weekday;

/// An hour of the day as it is told: by its start.
pub(super) fn hour(number: u32) -> String {
    format!("{number:02}:00")
}

/// Figures of each weekday or of each hour of the day, and the first one's part of the whole. The one at the place `bars`
/// is drawn.
pub(super) async fn of_clock(
    scope: &Scope,
    dimension: Dimension,
    title: &str,
    figures: &[Shown],
    bars: usize,
) -> Result<Section, Fault> {
    let (name, heading, values): (_, _, Vec<(u32, String)>) = match dimension {
        Dimension::DayOfWeek => {
            let days = Weekday::ALL.iter().map(|day| day.name().to_owned());
            ("by-weekday", "Weekday", (1..).zip(days).collect())
        }
        _ => ("by-hour", "Hour", (0..24).map(|number| (number, hour(number))).collect()),
    };
    let asked = metrics(figures);
    let by = figures[0];
    let ranking = Ranking { by: by.metric, ascending: false, first: 24, with_share: true };
    let rows = scope.ranking(dimension, false, ranking, &asked).await?;
    let known: HashMap<String, (Figures, Option<Exact>)> =
        rows.into_iter().filter_map(|row| Some((row.id?, (row.figures, row.share)))).collect();
    let is_told = !known.is_empty();
    let none = (nothing(&asked, scope.currency, &scope.period), is_told.then(Exact::zero));
    let rows = values.into_iter().map(|(number, name)| {
        let (figures_of, part) = known.get(&number.to_string()).unwrap_or(&none);
        let mut row = vec![Cell::text(name)];
        row.extend(cells(figures, figures_of)?);
        row.push(share(part.as_ref())?);
        Ok(row)
    });
    let mut columns = vec![Column::new(heading, Kind::Text)];
    columns.extend(figures.iter().map(|shown| shown.column(scope.currency)));
    columns.push(Column::new(format!("Share of {}", by.heading.to_lowercase()), SHARE));
    Ok(Section {
        name,
        title: title.to_owned(),
        note: None,
        columns,
        views: vec![View { grain: None, rows: rows.collect::<Result<_, Fault>>()? }],
        chart: Some(Chart::Bars { label: 0, y: vec![bars + 1] }),
    })
}
