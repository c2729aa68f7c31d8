//! A grid whose cells are darker where there is more: a table with its numbers in it, shaded by classes, so that it needs
//! neither scripts nor colours to be read.

use maud::{Markup, html};

use super::section::{Around, switch};
use super::shown::NOTHING;
use super::{shown, text};
use crate::export::{Cell, Kind};
use crate::money::Exact;
use crate::reports::shared::{Section, View};

/// Shades from `heat-0`, nothing, to `heat-9`, the most that there is.
const SHADES: i64 = 9;

/// A grid for each of the values, shown one at a time: wide, and turned for narrow screens, of which styles show one.
pub fn views(section: &Section, (row, column): (usize, usize), values: &[usize], around: Around) -> Markup {
    let Some(view) = section.views.first().filter(|view| !view.rows.is_empty()) else {
        return Markup::default();
    };
    let names: Vec<_> = values.iter().map(|at| text::plain(&section.columns[*at].heading)).collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    html! {
        @if values.len() > 1 { (switch(section.name, "Shade by", &names)) }
        @for value in values.iter().copied() {
            @let most = view.rows.iter().filter_map(|cells| number(&cells[value])).max().filter(Exact::is_positive);
            @let grid = Grid { section, view, value, most: most.as_ref(), around };
            div.view {
                (grid.table("wide", row, column))
                (grid.table("tall", column, row))
                (grid.scale())
            }
        }
    }
}

/// What a grid is made of.
struct Grid<'a> {
    section: &'a Section,
    view: &'a View,
    /// The column that is shaded by.
    value: usize,
    /// The largest of it.
    most: Option<&'a Exact>,
    around: Around<'a>,
}

impl Grid<'_> {
    fn table(&self, class: &str, down: usize, across: usize) -> Markup {
        let told = &self.section.columns[self.value];
        let label = format!("{}: {}", text::isolated(&self.section.title), text::isolated(&told.heading));
        let name =
            |at: usize, cell: &Cell| shown::element(self.around.days, self.section.columns[at].kind, cell);
        let columns = distinct(self.view, across);
        html! {
            div.figures.grid.(class) role="region" tabindex="0" aria-label=(label) {
                table.heat {
                    caption.unseen { (label) }
                    thead {
                        tr {
                            td {}
                            @for of_column in &columns { th scope="col" { (name(across, of_column)) } }
                        }
                    }
                    tbody {
                        @for of_row in distinct(self.view, down) {
                            tr {
                                th scope="row" { (name(down, of_row)) }
                                @for of_column in &columns { (self.shaded((down, of_row), (across, of_column))) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The cell whose row has those two values.
    fn shaded(&self, one: (usize, &Cell), other: (usize, &Cell)) -> Markup {
        let is_here = |cells: &&Vec<Cell>| cells[one.0] == *one.1 && cells[other.0] == *other.1;
        let cell = self.view.rows.iter().find(is_here).map(|cells| &cells[self.value]);
        let Some(cell) = cell.filter(|cell| **cell != Cell::Empty) else {
            return html! { td.heat-0 { (NOTHING) } };
        };
        let kind = self.section.columns[self.value].kind;
        let shade = number(cell).zip(self.most).map_or(0, |(value, most)| shade(&value, most));
        let whole = shown::text(self.around.days, kind, cell);
        let brief = shown::brief(self.around.days, kind, cell);
        html! {
            td .{ "heat-" (shade) } title=[(whole != brief).then_some(&whole)] {
                data value=[shown::exact(cell)] { (brief) }
            }
        }
    }

    /// What the shades go from and to.
    fn scale(&self) -> Markup {
        let is_most = |cell: &&Cell| number(cell).as_ref() == self.most;
        let largest = self.view.rows.iter().map(|cells| &cells[self.value]).find(is_most);
        let Some(largest) = largest.filter(|_| self.most.is_some()) else { return Markup::default() };
        let days = self.around.days;
        html! {
            p.scale aria-hidden="true" {
                (shown::brief(days, Kind::Integer, &Cell::Integer(0))) " "
                @for shade in 0..=SHADES { span .{ "heat-" (shade) } {} }
                " " (shown::text(days, self.section.columns[self.value].kind, largest))
            }
        }
    }
}

/// The values of a column, each once, in the order that they come in.
fn distinct(view: &View, column: usize) -> Vec<&Cell<'static>> {
    let mut found: Vec<&Cell> = Vec::new();
    for cells in &view.rows {
        if !found.contains(&&cells[column]) {
            found.push(&cells[column]);
        }
    }
    found
}

/// Which of the shades: nothing has none, and what is little has the first.
fn shade(value: &Exact, most: &Exact) -> i64 {
    if !value.is_positive() {
        return 0;
    }
    let shades = (value * &Exact::whole(SHADES)).divided_by(most).and_then(|part| part.round_to(0));
    shades.unwrap_or(0).clamp(1, SHADES)
}

fn number(cell: &Cell) -> Option<Exact> {
    shown::exact(cell).and_then(|digits| Exact::parse(&digits))
}
