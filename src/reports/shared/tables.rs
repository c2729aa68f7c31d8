//! Tables that several reports have: figures over time, and figures told apart by a dimension.

use chrono::{DateTime, Utc};

use super::tell::{BEFORE, SHARE, Shown, cells, growth, metrics, share};
use super::told::{Chart, Section, View};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::{Dimension, Metric, Row};
use crate::money::Exact;
use crate::period::Grain;
use crate::reports::names::label;
use crate::reports::scope::{Ranked, Ranking, Scope};

/// Most rows of a ranking.
pub(super) const MOST: u32 = 50;

/// Figures over time; those at the places `lines` among them are drawn.
pub(super) async fn over_time(
    scope: &Scope,
    title: &str,
    figures: &[Shown],
    lines: &[usize],
) -> Result<Section, Fault> {
    let asked = metrics(figures);
    let series = grains(scope).into_iter().map(async |grain| {
        let rows = scope.series(grain, &asked).await?;
        let rows: Result<Vec<_>, Fault> = rows
            .iter()
            .filter_map(|Row { bucket, figures: told, .. }| Some((bucket.as_ref()?.date, told)))
            .map(|(date, told)| {
                let mut row = vec![Cell::Date(date)];
                row.extend(cells(figures, told)?);
                Ok(row)
            })
            .collect();
        Ok::<View, Fault>(View { grain: Some(grain), rows: rows? })
    });
    let mut columns = vec![Column::new("From", Kind::Date)];
    columns.extend(figures.iter().map(|shown| shown.column(scope.currency)));
    Ok(Section {
        name: "over-time",
        title: title.to_owned(),
        note: edges(scope),
        columns,
        views: futures::future::try_join_all(series).await?,
        chart: Some(Chart::Lines { x: 0, y: lines.iter().map(|place| place + 1).collect() }),
    })
}

/// The grains that a period can be looked at by, the one that says most first.
pub(super) fn grains(scope: &Scope) -> Vec<Grain> {
    let days = (scope.period.end() - scope.period.start()).num_days();
    let fitting: &[Grain] = match days {
        ..14 => &[Grain::Day],
        14..60 => &[Grain::Day, Grain::Week],
        60..=366 => &[Grain::Day, Grain::Week, Grain::Month],
        367..=1_830 => &[Grain::Month, Grain::Quarter, Grain::Year],
        _ => &[Grain::Year],
    };
    fitting.to_vec()
}

/// What the first and the last row of a series hold less than others do; nothing where they are whole.
pub(super) fn edges(scope: &Scope) -> Option<String> {
    let calendar = &scope.calendar;
    let clock = |instant: DateTime<Utc>| instant.with_timezone(&calendar.zone).format("%H:%M").to_string();
    let (start, end) = (scope.period.start(), scope.period.end());
    let is_cut = |instant| calendar.midnight(calendar.date(instant)) != instant;
    let days = match (is_cut(start), is_cut(end)) {
        (false, false) => None,
        (true, false) => Some(format!("the first day counts from {} on", clock(start))),
        (false, true) => Some(format!("the last day counts up to {}", clock(end))),
        (true, true) => {
            Some(format!("the first day counts from {} on, the last one up to {}", clock(start), clock(end)))
        }
    };
    let longer = "weeks and longer stretches count what lies in the period".to_owned();
    let longer = (grains(scope) != [Grain::Day]).then_some(longer);
    let note = days.into_iter().chain(longer).collect::<Vec<_>>().join("; ");
    let first = note.chars().next()?;
    Some(format!("{}{}.", first.to_uppercase(), &note[first.len_utf8()..]))
}

/// Figures told apart by a dimension, largest first.
pub(super) struct Groups<'a> {
    /// Name of the section.
    pub name: &'static str,
    /// What stands above it.
    pub title: &'a str,
    /// What there is to know of it.
    pub note: Option<&'a str>,
    /// What is told apart.
    pub dimension: Dimension,
    /// What stands above the values of the dimension.
    pub heading: &'static str,
    /// How facts without a value are told; left out where there are no words for it.
    pub unknown: Option<&'static str>,
    /// The figure that decides the order, its part of the whole, and its growth. It is among the figures.
    pub by: Metric,
    /// The figures.
    pub figures: &'a [Shown],
    /// Whether growth is told.
    pub with_growth: bool,
    /// Whether places are told.
    pub with_rank: bool,
    /// Whether groups are told of which the deciding figure is zero.
    pub with_zero: bool,
}

impl Groups<'_> {
    /// Asks for it and tells it: place, label, figures, share and growth.
    pub async fn tell(&self, scope: &Scope) -> Result<Section, Fault> {
        self.told(scope, &self.ask(scope).await?).await
    }

    /// Tells what was asked.
    pub async fn told(&self, scope: &Scope, rows: &[Ranked]) -> Result<Section, Fault> {
        let is_cut = rows.len() > MOST as usize;
        let told = rows
            .iter()
            .take(MOST as usize)
            .map(async |row| self.row(label(&scope.desk, self.dimension, row.id.as_deref()).await?, row));
        let told = futures::future::try_join_all(told).await?;
        Ok(Section {
            name: self.name,
            title: self.title.to_owned(),
            note: noted(self.note, is_cut),
            columns: self.columns(scope),
            views: vec![View { grain: None, rows: told }],
            chart: Some(Chart::Bars { label: self.label(), y: vec![self.label() + 1 + self.place_of_by()] }),
        })
    }

    /// The groups, one more than are told where there are more.
    pub async fn ask(&self, scope: &Scope) -> Result<Vec<Ranked>, Fault> {
        let ranking = Ranking { by: self.by, ascending: false, first: MOST + 1, with_share: true };
        let against = self.with_growth.then_some(&BEFORE);
        let asked = metrics(self.figures);
        let named_only = self.unknown.is_none();
        let mut rows = scope.ranking_against(against, self.dimension, named_only, ranking, &asked).await?;
        rows.retain(|row| self.with_zero || row.figures.exact(self.by).is_ok_and(is_something));
        Ok(rows)
    }

    /// The column of labels.
    fn label(&self) -> usize {
        usize::from(self.with_rank)
    }

    fn place_of_by(&self) -> usize {
        self.figures.iter().position(|shown| shown.metric == self.by).unwrap_or(0)
    }

    fn columns(&self, scope: &Scope) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.with_rank {
            columns.push(Column::new("Rank", Kind::Integer));
        }
        columns.push(Column::new(self.heading, Kind::Text));
        columns.extend(self.figures.iter().map(|shown| shown.column(scope.currency)));
        if self.by.adds_up() {
            let of = self.figures[self.place_of_by()].heading.to_lowercase();
            columns.push(Column::new(format!("Share of {of}"), SHARE));
        }
        if self.with_growth {
            let leading = self.figures[self.place_of_by()];
            let before = format!("{} before", leading.heading);
            columns.push(Column::new(before, super::tell::kind(leading.metric, scope.currency)));
            columns.push(Column::new("Change", SHARE));
        }
        columns
    }

    fn row(&self, name: Option<String>, row: &Ranked) -> Result<Vec<Cell<'static>>, Fault> {
        let mut told = Vec::new();
        if self.with_rank {
            told.push(Cell::Integer(i64::from(row.rank)));
        }
        told.push(Cell::text(name.unwrap_or_else(|| self.unknown.unwrap_or_default().to_owned())));
        told.extend(cells(self.figures, &row.figures)?);
        if self.by.adds_up() {
            told.push(share(row.share.as_ref())?);
        }
        if let Some(change) = &row.change {
            told.push(super::tell::cell(&change.previous, self.by)?);
            told.push(growth(change, self.by)?);
        }
        Ok(told)
    }
}

fn is_something(value: Option<&Exact>) -> bool {
    value.is_some_and(|value| !value.is_zero())
}

/// A note, and that a ranking is cut where it is.
pub(super) fn noted(note: Option<&str>, is_cut: bool) -> Option<String> {
    match note {
        Some(note) => Some(cut(note, is_cut, MOST)),
        None => is_cut.then(|| cut("", is_cut, MOST).trim_start().to_owned()),
    }
}

/// A note, and that a list is cut after so many where it is.
pub(super) fn cut(note: &str, is_cut: bool, most: u32) -> String {
    if is_cut { format!("{note} Only the first {most} are shown.") } else { note.to_owned() }
}
