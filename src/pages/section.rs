//! A section: what it is drawn as, the views that it can be looked at by, and the tables that say it in figures.
//!
//! The page's script draws what stands in the tables; the markup here only names columns, and keeps room for the drawing.

use maud::{Markup, html};

use super::moment::Days;
use super::shown::Unit;
use super::{heatmap, shown, text};
use crate::export::{Cell, Column, Kind};
use crate::money::Currency;
use crate::period::{Grain, Period};
use crate::reports::shared::{Chart, Section, View};

/// What sections are shown with.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    pub days: Days<'a>,
    pub period: &'a Period,
    /// Whether there is a script to draw.
    pub draws: bool,
}

/// The hours of a day are all drawn. Of what is longer only the beginning: more bars do not fit a screen, and the table has
/// all.
const ALL_BARS: usize = 24;
const FIRST_BARS: usize = 15;

/// A section with its heading.
pub fn section(section: &Section, around: Around) -> Markup {
    html! {
        section.section #(section.name) aria-labelledby=(heading_id(section)) {
            h2 id=(heading_id(section)) { (text::name(&section.title)) }
            @if let Some(note) = &section.note { p.note dir="auto" { (text::sentence(note)) } }
            @if let Some(Chart::Heatmap { row, column, values }) = &section.chart {
                (heatmap::views(section, (*row, *column), values, around))
                @for view in &section.views { (table(section, view, around)) }
            } @else {
                (drawn(section, around))
            }
        }
    }
}

fn heading_id(section: &Section) -> String {
    format!("{}-heading", section.name)
}

/// The chart, and the tables that it is drawn from.
fn drawn(section: &Section, around: Around) -> Markup {
    let names: Vec<&str> = section.views.iter().map(|view| view.grain.map_or("all", grain_name)).collect();
    html! {
        @if section.views.len() > 1 { (switch(section.name, "Look at it by", &names)) }
        @if around.draws { (chart(section)) }
        @for view in &section.views {
            div.view { (table(section, view, around)) }
        }
    }
}

/// Buttons of which one is pressed. Styles alone show what goes with it, so that they work without scripts; where styles
/// cannot do that, everything is shown.
pub fn switch(section: &str, label: &str, names: &[&str]) -> Markup {
    html! {
        fieldset.switch {
            legend.unseen { (label) }
            @for (at, name) in names.iter().enumerate() {
                label {
                    input type="radio" name=(format!("{section}-view")) value=(at) checked[at == 0] autocomplete="off";
                    span { (name) }
                }
            }
        }
    }
}

fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Hour => "Hours",
        Grain::Day => "Days",
        Grain::Week => "Weeks",
        Grain::Month => "Months",
        Grain::Quarter => "Quarters",
        Grain::Year => "Years",
    }
}

/// Room for the drawing: a panel for each unit, since numbers of different units share no scale.
fn chart(section: &Section) -> Markup {
    let (kind, of, y) = match &section.chart {
        Some(Chart::Lines { x, y }) => ("lines", *x, y),
        Some(Chart::Bars { label, y }) => ("bars", *label, y),
        Some(Chart::Heatmap { .. }) | None => return Markup::default(),
    };
    let rows = section.views.iter().map(|view| view.rows.len()).max().unwrap_or(0);
    if rows == 0 {
        return Markup::default();
    }
    let is_cut = kind == "bars" && rows > ALL_BARS;
    let drawn = if is_cut { FIRST_BARS } else { rows };
    html! {
        div.chart .(kind) data-chart=(kind) data-of=(of) data-rows=(drawn) {
            @for panel in panels(section, y) {
                @let names = panel.iter().map(|at| text::isolated(&section.columns[*at].heading));
                div.panel .{ "rows-" (drawn.min(ALL_BARS)) } .{ "sets-" (panel.len().min(3)) }
                    data-columns=(panel.iter().map(usize::to_string).collect::<Vec<_>>().join(" "))
                    data-title=(names.collect::<Vec<_>>().join(", ")) {}
            }
            @if is_cut { p.note { "The first " (drawn) " of " (rows) " are drawn; the table has all." } }
        }
    }
}

/// Columns by their unit, in the order that they come in.
fn panels(section: &Section, y: &[usize]) -> Vec<Vec<usize>> {
    let mut panels: Vec<(Unit, Vec<usize>)> = Vec::new();
    for at in y.iter().copied() {
        let Some(unit) = section.columns.get(at).and_then(|column| Unit::of(column.kind)) else { continue };
        match panels.iter_mut().find(|(of, _)| *of == unit) {
            Some((_, columns)) => columns.push(at),
            None => panels.push((unit, vec![at])),
        }
    }
    panels.into_iter().map(|(_, columns)| columns).collect()
}

/// A table of its own that can be moved through by keys where it does not fit.
fn table(section: &Section, view: &View, around: Around) -> Markup {
    if view.rows.is_empty() {
        return html! { p.nothing { "Nothing to show." } };
    }
    let by = view.grain.map(grain_name);
    let label = match by {
        Some(by) => format!("{}, {by}", text::isolated(&section.title)),
        None => text::isolated(&section.title),
    };
    html! {
        div.figures role="region" tabindex="0" aria-label=(format!("{label}: table")) {
            table {
                caption.unseen { (label) }
                thead { tr { @for column in &section.columns { (heading(column, view.grain, around)) } } }
                tbody { @for row in &view.rows { (line(section, view, row, around)) } }
            }
        }
    }
}

/// What stands above a column; above the days of a series, what each of them stands for.
fn heading(column: &Column, grain: Option<Grain>, around: Around) -> Markup {
    if let (Some(grain), Kind::Date) = (grain, column.kind) {
        return html! { th scope="col" { (grain_name(grain).trim_end_matches('s')) } };
    }
    let unit = Unit::of(column.kind);
    let currency = match unit {
        Some(Unit::Amount(currency)) => Some(currency),
        _ => None,
    };
    html! {
        th scope="col" class=[number(column.kind)]
            data-unit=[unit.map(Unit::name)]
            data-currency=[currency.map(Currency::code)]
            data-symbol=[currency.map(|currency| around.days.locale.symbol(currency))] {
            (text::name(&column.heading))
        }
    }
}

/// The class of columns that are read from their end, digit below digit.
fn number(kind: Kind) -> Option<&'static str> {
    shown::is_number(kind).then_some("number")
}

/// A row; its first cell names it.
fn line(section: &Section, view: &View, row: &[Cell], around: Around) -> Markup {
    let mut cells = section.columns.iter().map(|column| column.kind).zip(row);
    let first = cells.next();
    html! {
        tr {
            @if let Some((kind, cell)) = first { th scope="row" class=[number(kind)] { (named(view, kind, cell, around)) } }
            @for (kind, cell) in cells {
                td class=[number(kind)] { (named(view, kind, cell, around)) }
            }
        }
    }
}

/// A cell; a day that stands for a bucket of a series is called as that is, and says how much of it there is.
fn named(view: &View, kind: Kind, cell: &Cell, around: Around) -> Markup {
    let days = around.days;
    let (Some(grain), Cell::Date(first)) = (view.grain, cell) else {
        return shown::element(days, kind, cell);
    };
    html! {
        time datetime=(first) data-tick=(days.tick(grain, *first)) { (days.bucket(grain, *first)) }
        @if let Some(part) = days.part(grain, *first, around.period) { " " small.part { (part) } }
    }
}
