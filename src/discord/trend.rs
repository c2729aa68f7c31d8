//! What a report's first chart shows, drawn with characters: a line of columns for a series, bars for a ranking, rows of
//! columns for a grid. Phones show some 35 of them beside each other.

use super::text::{in_code, name};
use crate::export::{Cell, Column};
use crate::money::Exact;
use crate::pages::moment::Days;
use crate::pages::shown;
use crate::period::Grain;
use crate::reports::shared::{Chart, Section, Told, View};

/// Columns of eighths.
const COLUMNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The last character of a bar, in eighths.
const BARS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// Most columns of a series.
const MOST: usize = 34;
/// Bars of a ranking, and how long the longest is.
const RANKS: usize = 5;
const LONGEST_BAR: i64 = 8;
/// Longest name beside a bar, in characters.
const LABEL: usize = 14;
/// Columns of a grid between two that are named.
const EVERY: usize = 6;
/// What stands for nothing in a grid.
const NOTHING: char = '·';

/// The drawing in a block of code, and a line that says what it is of; nothing where there is nothing to draw.
pub fn drawn(told: &Told, days: Days) -> Option<String> {
    told.sections.iter().find_map(|section| {
        let (rows, words) = match section.chart.as_ref()? {
            Chart::Lines { x, y } => series(section, *x, *y.first()?, days)?,
            Chart::Bars { label, y } => ranking(section, *label, *y.first()?, days)?,
            Chart::Heatmap { row, column, values } => grid(section, (*row, *column), *values.first()?)?,
        };
        Some(format!("```\n{rows}\n```{words}"))
    })
}

fn number(cell: &Cell) -> Option<Exact> {
    shown::exact(cell).and_then(|digits| Exact::parse(&digits))
}

/// Which of `steps` parts of the way from zero to `most` a value reaches.
fn part(value: &Exact, most: &Exact, steps: i64) -> i64 {
    let part = (value * &Exact::whole(steps)).divided_by(most).and_then(|part| part.round_to(0));
    part.unwrap_or(0).clamp(0, steps)
}

/// A column for each bucket of the finest view that fits. They stand on zero, or on the least value where that is below.
fn series(section: &Section, x: usize, y: usize, days: Days) -> Option<(String, String)> {
    let view = section.views.iter().find(|view| view.rows.len() <= MOST).or(section.views.last())?;
    let rows = &view.rows[view.rows.len().saturating_sub(MOST)..];
    let values: Vec<Option<Exact>> = rows.iter().map(|row| number(&row[y])).collect();
    let known = || values.iter().flatten();
    let most = known().max()?;
    let least = known().min().filter(|least| !least.is_positive()).cloned().unwrap_or_else(Exact::zero);
    let height = most - &least;
    let column = |value: &Option<Exact>| match value {
        None => ' ',
        Some(_) if height.is_zero() => COLUMNS[0],
        Some(value) => COLUMNS[usize::try_from(part(&(value - &least), &height, 7)).unwrap_or(0)],
    };
    let drawn: String = values.iter().map(column).collect();
    let highest = rows.iter().zip(&values).find(|(_, value)| value.as_ref() == Some(most))?.0;
    let Column { heading, kind } = &section.columns[y];
    let (grain, Cell::Date(date)) = (view.grain?, &highest[x]) else { return None };
    let peak = format!("{} on {}", shown::text(days, *kind, &highest[y]), days.tick(grain, *date));
    Some((drawn, format!("{} by {}, at most {peak}", name(heading), grain_name(grain))))
}

fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Hour => "hour",
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    }
}

/// A bar for each of the first rows: name, bar, value.
fn ranking(section: &Section, label: usize, y: usize, days: Days) -> Option<(String, String)> {
    let rows = section.views.first()?.rows.iter().take(RANKS);
    let rows: Vec<_> = rows.filter_map(|row| Some((row, number(&row[y])?))).collect();
    let most = rows.iter().map(|(_, value)| value).max().filter(|most| most.is_positive())?;
    let Column { heading, kind } = &section.columns[y];
    let names: Vec<String> = rows
        .iter()
        .map(|(row, _)| in_code(&shown::text(days, section.columns[label].kind, &row[label]), LABEL))
        .collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let lines = rows.iter().zip(&names).map(|((row, value), name)| {
        let bar = bar(part(value, most, LONGEST_BAR * 8));
        let value = shown::text(days, *kind, &row[y]);
        format!("{} {bar} {value}", padded(name, width))
    });
    let words = format!("{}: {}", name(&section.title), name(heading));
    Some((lines.collect::<Vec<_>>().join("\n"), words))
}

/// A bar of so many eighths of a character; what is there at all can be seen.
fn bar(eighths: i64) -> String {
    let eighths = usize::try_from(eighths).unwrap_or(0);
    let mut bar = "█".repeat(eighths / 8);
    match eighths % 8 {
        0 if eighths > 0 => {}
        rest => bar.push(BARS[rest.saturating_sub(1)]),
    }
    bar
}

/// A text with blanks behind it.
fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
}

/// A row of columns for each of the grid's rows, below the names of some of its columns.
fn grid(section: &Section, (row, column): (usize, usize), value: usize) -> Option<(String, String)> {
    let view = section.views.first()?;
    let (down, across) = (distinct(view, row), distinct(view, column));
    let of = |one: &str, other: &str| {
        let is_here =
            |cells: &&Vec<Cell>| text(&cells[row]) == Some(one) && text(&cells[column]) == Some(other);
        view.rows.iter().find(is_here).and_then(|cells| number(&cells[value]))
    };
    let most = view.rows.iter().filter_map(|cells| number(&cells[value])).max().filter(Exact::is_positive)?;
    let shade = |value: Option<Exact>| match value {
        Some(value) if value.is_positive() => {
            COLUMNS[usize::try_from(part(&value, &most, 8).max(1) - 1).unwrap_or(0)]
        }
        _ => NOTHING,
    };
    let names: Vec<String> = down.iter().map(|name| in_code(name, LABEL)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let above = across.iter().step_by(EVERY).map(|name| padded(&in_code(name, EVERY - 1), EVERY));
    let heading = format!("{} {}", " ".repeat(width), above.collect::<String>());
    let lines = down.iter().zip(&names).map(|(one, name)| {
        let shades: String = across.iter().map(|other| shade(of(one, other))).collect();
        format!("{} {shades}", padded(name, width))
    });
    let lines: Vec<String> = [heading.trim_end().to_owned()].into_iter().chain(lines).collect();
    Some((lines.join("\n"), name(&section.title)))
}

/// The texts of a column, each once, in the order that they come in.
fn distinct(view: &View, column: usize) -> Vec<&str> {
    let mut found = Vec::new();
    for cells in &view.rows {
        if let Some(text) = text(&cells[column])
            && !found.contains(&text)
        {
            found.push(text);
        }
    }
    found
}

fn text<'a>(cell: &'a Cell) -> Option<&'a str> {
    if let Cell::Text(text) = cell { Some(text) } else { None }
}
