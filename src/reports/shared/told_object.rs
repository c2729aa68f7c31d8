//! A shared report as GraphQL tells it: the same that pages, files and chats are made of.

use async_graphql::{Enum, SimpleObject};

use super::SharedReport;
use super::told::{Better, Chart, Headline, Section, Told, View};
use crate::export::{Cell, Column, Kind, between};
use crate::period::Grain;
use crate::reports::face::{PeriodFields, ratio_text};
use crate::scalars::{CurrencyCode, Decimal, Instant, TimeZone};

/// A report as people without a credential see it.
#[derive(SimpleObject)]
#[graphql(name = "SharedReportResult")]
pub struct ToldObject {
    /// Which report.
    report: SharedReport,
    /// Display name of the organization.
    organization: String,
    /// The time that it is about.
    period: PeriodFields,
    /// What cuts its days and hours.
    time_zone: TimeZone,
    /// What its amounts are in.
    currency: CurrencyCode,
    /// The instant that its figures are of.
    as_of: Instant,
    /// The figures that say most, the first one first.
    headlines: Vec<SharedHeadline>,
    /// Its tables, in reading order.
    sections: Vec<SharedSection>,
}

/// A figure that says much, beside that of the previous period.
#[derive(SimpleObject)]
struct SharedHeadline {
    /// Its name in camel case: the metric's, where it is one.
    name: String,
    /// What stands above it.
    heading: String,
    /// What its values are.
    kind: SharedKind,
    /// Its value, written as its kind says; null where nothing is known.
    value: Option<String>,
    /// Its value in the window of the same length just before; null where none is told.
    previous: Option<String>,
    /// How much it grew, as a part of what it was; null where that was zero or unknown.
    growth: Option<Decimal>,
    /// Whether more of it is better.
    better: SharedBetter,
}

/// What is good about a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Better")]
enum SharedBetter {
    /// More of it.
    More,
    /// Less of it.
    Less,
    /// Neither says much.
    Neither,
}

/// What values are, and how they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum SharedKind {
    /// Text.
    Text,
    /// A count.
    Integer,
    /// An amount in the report's currency, in major units with the currency's digits: `42150.00`.
    Amount,
    /// A decimal number: `1.25`.
    Number,
    /// A part of one: `0.1250` is 12.5 %.
    Share,
    /// A day: `2024-01-31`.
    Date,
    /// An instant in UTC: `2024-01-31T12:00:00+00:00`.
    Instant,
    /// `true` or `false`.
    Boolean,
}

/// A table, and how it is drawn.
#[derive(SimpleObject)]
struct SharedSection {
    /// Its name in kebab case, unique within the report.
    name: String,
    /// What stands above it.
    title: String,
    /// What a reader has to know of it; null where the title says all.
    note: Option<String>,
    /// What each row holds.
    columns: Vec<SharedColumn>,
    /// Its rows: of a time series once for each grain that it can be looked at by, the one that is shown first standing
    /// first; of every other table once.
    views: Vec<SharedView>,
    /// How it is drawn; null where the table says it best.
    chart: Option<SharedChart>,
}

/// What every row of a table holds at one place.
#[derive(SimpleObject)]
struct SharedColumn {
    /// What stands above it.
    heading: String,
    /// What its values are.
    kind: SharedKind,
}

/// Rows of a table.
#[derive(SimpleObject)]
struct SharedView {
    /// Length of each row's time; null where the rows are no time series.
    grain: Option<Grain>,
    /// The rows.
    rows: Vec<SharedRow>,
}

/// A row of a table.
#[derive(SimpleObject)]
struct SharedRow {
    /// As many as there are columns, each written as its column's kind says; null where nothing is known.
    cells: Vec<Option<String>>,
}

/// How tables are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum SharedChartKind {
    /// Lines over time.
    Lines,
    /// Horizontal bars, a row each.
    Bars,
    /// A grid of cells that are darker where there is more.
    Heatmap,
}

/// How a table is drawn. Numbers are places of columns, from 0.
#[derive(SimpleObject)]
struct SharedChart {
    /// How.
    kind: SharedChartKind,
    /// The column that says where: the days of lines, the names of bars, the columns of a grid.
    across: usize,
    /// The column that tells the rows of a grid apart; null for others.
    down: Option<usize>,
    /// The columns that are drawn: a line or a set of bars each, of a grid one at a time.
    values: Vec<usize>,
}

impl From<Told> for ToldObject {
    fn from(told: Told) -> Self {
        Self {
            report: told.report,
            organization: told.organization,
            period: told.period.into(),
            time_zone: TimeZone(told.time_zone),
            currency: CurrencyCode(told.currency),
            as_of: Instant(told.as_of),
            headlines: told.headlines.into_iter().map(SharedHeadline::from).collect(),
            sections: told.sections.into_iter().map(SharedSection::from).collect(),
        }
    }
}

impl From<Headline> for SharedHeadline {
    fn from(headline: Headline) -> Self {
        Self {
            name: headline.name.into_owned(),
            kind: headline.column.kind.into(),
            heading: headline.column.heading,
            value: text(headline.value),
            previous: headline.previous.and_then(text),
            growth: ratio_text(headline.growth.as_ref()),
            better: headline.better.into(),
        }
    }
}

impl From<Section> for SharedSection {
    fn from(section: Section) -> Self {
        let column = |Column { heading, kind }: Column| SharedColumn { heading, kind: kind.into() };
        let row = |cells: Vec<Cell<'static>>| SharedRow { cells: cells.into_iter().map(text).collect() };
        let view =
            |View { grain, rows }: View| SharedView { grain, rows: rows.into_iter().map(row).collect() };
        Self {
            name: section.name.to_owned(),
            title: section.title,
            note: section.note,
            columns: section.columns.into_iter().map(column).collect(),
            views: section.views.into_iter().map(view).collect(),
            chart: section.chart.map(SharedChart::from),
        }
    }
}

impl From<Chart> for SharedChart {
    fn from(chart: Chart) -> Self {
        match chart {
            Chart::Lines { x, y } => Self { kind: SharedChartKind::Lines, across: x, down: None, values: y },
            Chart::Bars { label, y } => {
                Self { kind: SharedChartKind::Bars, across: label, down: None, values: y }
            }
            Chart::Heatmap { row, column, values } => {
                Self { kind: SharedChartKind::Heatmap, across: column, down: Some(row), values }
            }
        }
    }
}

impl From<Kind> for SharedKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Integer => Self::Integer,
            Kind::Amount(_) | Kind::Figure => Self::Amount,
            Kind::Number { .. } => Self::Number,
            Kind::Percent { .. } => Self::Share,
            Kind::Date => Self::Date,
            Kind::Instant => Self::Instant,
            Kind::Boolean => Self::Boolean,
        }
    }
}

/// A value by its digits; nothing where nothing is known.
fn text(cell: Cell<'static>) -> Option<String> {
    Some(match cell {
        Cell::Empty => return None,
        Cell::Text(text) | Cell::Decimal(text) => text.into_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Amount(money) => money.to_string(),
        Cell::Date(date) => date.to_string(),
        Cell::Instant(instant) => instant.to_rfc3339(),
        Cell::Boolean(is) => is.to_string(),
        Cell::Between(from, to) => between(from, to, str::to_owned),
    })
}
