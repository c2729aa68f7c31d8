//! A report told: titles, headline figures and tables of typed cells, which a page, a file and a chat show alike.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::SharedReport;
use crate::export::{Cell, Column};
use crate::money::{Currency, Exact};
use crate::period::{Grain, Period};

/// A report, ready to be shown. It holds nothing that a reader of its page may not see.
#[derive(Clone, Debug)]
pub struct Told {
    /// Which of the ten.
    pub report: SharedReport,
    /// Display name of the organization.
    pub organization: String,
    /// The time that it is about.
    pub period: Period,
    /// What cuts its days and hours.
    pub time_zone: Tz,
    /// What its amounts are in.
    pub currency: Currency,
    /// The instant that its figures are of.
    pub as_of: DateTime<Utc>,
    /// The figures that say most, the first one first.
    pub headlines: Vec<Headline>,
    /// Its tables, in reading order.
    pub sections: Vec<Section>,
}

/// A figure that says much, beside that of the previous period.
#[derive(Clone, Debug)]
pub struct Headline {
    /// Its name in camel case: the metric's, where it is one.
    pub name: Cow<'static, str>,
    /// What stands above it: `Revenue`. Its kind says how its cells are shown.
    pub column: Column,
    /// Its value.
    pub value: Cell<'static>,
    /// Its value in the window of the same length just before, where one is told.
    pub previous: Option<Cell<'static>>,
    /// How much it grew, as a part of what it was; none where that was zero or unknown.
    pub growth: Option<Exact>,
    /// Whether more is better, worse, or neither.
    pub better: Better,
}

/// What is good about a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More of it.
    More,
    /// Less of it.
    Less,
    /// Neither says much.
    Neither,
}

/// A table, and how it is drawn.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name in kebab case, unique within the report: `by-channel`.
    pub name: &'static str,
    /// What stands above it.
    pub title: String,
    /// What a reader has to know of it, in a sentence or two; none where the title says all.
    pub note: Option<String>,
    /// What each row holds.
    pub columns: Vec<Column>,
    /// Its rows. A time series has a view for each grain that it can be looked at by, the one that is shown first
    /// standing first; every other table has one view.
    pub views: Vec<View>,
    /// How it is drawn; none where the table says it best.
    pub chart: Option<Chart>,
}

/// Rows of a section.
#[derive(Clone, Debug)]
pub struct View {
    /// Length of each row's time, where the rows are a time series.
    pub grain: Option<Grain>,
    /// As many cells a row as the section has columns, each of its column's kind, or empty.
    pub rows: Vec<Vec<Cell<'static>>>,
}

/// How a table is drawn. Numbers are places of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chart {
    /// Lines over time.
    Lines {
        /// The column of days.
        x: usize,
        /// What is drawn, a line each.
        y: Vec<usize>,
    },
    /// Horizontal bars, a row each.
    Bars {
        /// The column of names.
        label: usize,
        /// What is drawn, a set of bars each.
        y: Vec<usize>,
    },
    /// A grid of cells that are darker where there is more.
    Heatmap {
        /// The column that the grid's rows are told apart by.
        row: usize,
        /// The column that the grid's columns are told apart by.
        column: usize,
        /// What is drawn, one at a time.
        values: Vec<usize>,
    },
}
