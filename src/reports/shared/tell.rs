//! From figures to what reports are told in: headlines, columns and cells.

use std::borrow::Cow;

use super::told::{Better, Headline, Section, View};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Metric, Unit};
use crate::money::{Currency, Exact};
use crate::reports::scope::{Change, Scope};
use crate::reports::window::{ComparisonInput, Previous};

/// What every report is compared with: the window of the same length just before.
pub(super) const BEFORE: ComparisonInput = ComparisonInput::Previous(Previous::Period);

/// A figure, and what stands above it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Which.
    pub metric: Metric,
    /// What people call it here.
    pub heading: &'static str,
}

/// A figure under a heading.
pub(super) const fn shown(metric: Metric, heading: &'static str) -> Shown {
    Shown { metric, heading }
}

impl Shown {
    /// Its column.
    pub fn column(self, currency: Currency) -> Column {
        Column::new(self.heading, kind(self.metric, currency))
    }

    /// Its value.
    pub fn cell(self, figures: &Figures) -> Result<Cell<'static>, Fault> {
        cell(figures, self.metric)
    }
}

/// The metrics of some figures.
pub(super) fn metrics(of: &[Shown]) -> Vec<Metric> {
    of.iter().map(|shown| shown.metric).collect()
}

/// Values of some figures, in their order.
pub(super) fn cells(of: &[Shown], figures: &Figures) -> Result<Vec<Cell<'static>>, Fault> {
    of.iter().map(|shown| shown.cell(figures)).collect()
}

/// What a column of that metric's values holds.
pub(super) fn kind(metric: Metric, currency: Currency) -> Kind {
    let unit = metric.definition().unit;
    match unit {
        Unit::Money => Kind::Amount(currency),
        Unit::Count => Kind::Integer,
        Unit::Ratio => SHARE,
        Unit::Average | Unit::Fraction | Unit::Minutes | Unit::Hours | Unit::Days => {
            Kind::Number { digits: unit.digits() }
        }
    }
}

/// A metric's value with the digits that it has everywhere; empty where it cannot be told.
pub(super) fn cell(figures: &Figures, metric: Metric) -> Result<Cell<'static>, Fault> {
    Ok(match metric.definition().unit {
        Unit::Money => figures.money(metric)?.map_or(Cell::Empty, Cell::Amount),
        Unit::Count => Cell::Integer(figures.count(metric)?),
        _ => figures.text(metric)?.map_or(Cell::Empty, Cell::decimal),
    })
}

/// What columns of shares and of growth hold.
pub(super) const SHARE: Kind = Kind::Percent { digits: 1 };

/// A part of a whole to four digits; empty where there is no whole.
pub(super) fn share(part: Option<&Exact>) -> Result<Cell<'static>, Fault> {
    let Some(part) = part else { return Ok(Cell::Empty) };
    Ok(Cell::scaled(part.round_to(4).ok_or(Fault::Overflow)?, 4))
}

/// How much a figure grew; empty where it came from nothing.
pub(super) fn growth(change: &Change, metric: Metric) -> Result<Cell<'static>, Fault> {
    share(change.growth(metric)?.as_ref())
}

/// Headlines of metrics, each beside what it was before.
pub(super) async fn headlines(scope: &Scope, of: &[(Shown, Better)]) -> Result<Vec<Headline>, Fault> {
    told(&asked(scope, of).await?, of)
}

/// What some headlines are about, beside what it was before.
pub(super) async fn asked(scope: &Scope, of: &[(Shown, Better)]) -> Result<Change, Fault> {
    let metrics: Vec<Metric> = of.iter().map(|(shown, _)| shown.metric).collect();
    scope.change(&BEFORE, &metrics).await
}

/// Headlines of what was asked.
pub(super) fn told(change: &Change, of: &[(Shown, Better)]) -> Result<Vec<Headline>, Fault> {
    of.iter().map(|(shown, better)| compared(*shown, *better, change)).collect()
}

/// The headline of a metric beside what it was before.
pub(super) fn compared(shown: Shown, better: Better, change: &Change) -> Result<Headline, Fault> {
    Ok(Headline {
        name: Cow::Borrowed(shown.metric.name()),
        column: shown.column(change.current.currency()),
        value: shown.cell(&change.current)?,
        previous: Some(shown.cell(&change.previous)?),
        growth: change.growth(shown.metric)?,
        better,
    })
}

/// A headline that is compared with nothing.
pub(super) fn alone(
    name: &'static str,
    heading: &'static str,
    kind: Kind,
    better: Better,
    value: Cell<'static>,
) -> Headline {
    let column = Column::new(heading, kind);
    Headline { name: Cow::Borrowed(name), column, value, previous: None, growth: None, better }
}

/// A headline that is a name; empty where there is none.
pub(super) fn named(name: &'static str, heading: &'static str, value: Option<String>) -> Headline {
    alone(name, heading, Kind::Text, Better::Neither, value.map_or(Cell::Empty, Cell::text))
}

/// A table without a chart, which is no time series.
pub(super) fn plain(
    name: &'static str,
    title: &str,
    note: Option<String>,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell<'static>>>,
) -> Section {
    let views = vec![View { grain: None, rows }];
    Section { name, title: title.to_owned(), note, columns, views, chart: None }
}
