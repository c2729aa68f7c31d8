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
const BARS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];
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
    let names: Vec<String> = rows
        .iter()
        .map(|(row, _)| in_code(&shown::text(days, section.columns[label].kind, &row[label]), LABEL))
        .collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let lines = rows.iter().zip(&names).map(|((row, value), name)| {
        let bar = bar(part(value, most, LONGEST_BAR * 8).max(i64::from(value.is_positive())));
        let value = shown::text(days, section.columns[y].kind, &row[y]);
        format!("{} {bar} {value}", padded(name, width))
    });
    Some((lines.collect::<Vec<_>>().join("\n"), name(&section.title)))
}

/// A bar of so many eighths of a character.
fn bar(eighths: i64) -> String {
    let eighths = usize::try_from(eighths).unwrap_or(0);
    let last = (eighths % 8).checked_sub(1).map(|last| BARS[last]);
    "█".repeat(eighths / 8).chars().chain(last).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Kind;
    use crate::money::Money;
    use crate::pages::Locale;
    use crate::period::Period;
    use crate::reports::shared::SharedReport;

    fn told(
        columns: &[(&str, Kind)],
        rows: Vec<Vec<Cell<'static>>>,
        grain: Option<Grain>,
        chart: Chart,
    ) -> Told {
        let at = |text: &str| text.parse().expect("an instant");
        let section = Section {
            name: "x",
            title: "Sold *most*".to_owned(),
            note: None,
            columns: columns.iter().map(|(heading, kind)| Column::new(*heading, *kind)).collect(),
            views: vec![View { grain, rows }],
            chart: Some(chart),
        };
        let undrawn = Section { chart: None, ..section.clone() };
        Told {
            report: SharedReport::RevenueOverview,
            organization: "Shop".to_owned(),
            period: Period::new(at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z")).expect("a period"),
            time_zone: chrono_tz::Tz::UTC,
            currency: "EUR".parse().expect("a currency"),
            as_of: at("2026-04-25T00:00:00Z"),
            headlines: Vec::new(),
            sections: vec![undrawn, section],
        }
    }

    fn shown(told: &Told) -> Option<String> {
        let locale = Locale::default();
        drawn(told, Days { zone: told.time_zone, locale: &locale })
    }

    fn line(values: &[Option<i64>]) -> Option<String> {
        let day = |at: usize| format!("2026-03-{:02}", at + 1).parse().expect("a day");
        let cell = |value: &Option<i64>| value.map_or(Cell::Empty, Cell::Integer);
        let rows =
            values.iter().enumerate().map(|(at, value)| vec![Cell::Date(day(at)), cell(value)]).collect();
        let columns = [("From", Kind::Date), ("Orders", Kind::Integer)];
        shown(&told(&columns, rows, Some(Grain::Day), Chart::Lines { x: 0, y: vec![1] }))
    }

    #[test]
    fn a_series_stands_on_zero_or_on_what_lies_below() {
        for (values, expected) in [
            // Sevenths of 14, halves upwards.
            (
                vec![Some(0), Some(1), Some(2), Some(7), Some(13), Some(14)],
                "```\n▁▂▂▅██\n```Orders by day, at most 14 on 6 Mar",
            ),
            (vec![Some(100), None, Some(50)], "```\n█ ▅\n```Orders by day, at most 100 on 1 Mar"),
            (vec![Some(-7), Some(0), Some(7)], "```\n▁▅█\n```Orders by day, at most 7 on 3 Mar"),
            (vec![Some(-3), Some(-1)], "```\n▁█\n```Orders by day, at most -1 on 2 Mar"),
            (vec![Some(0), Some(0)], "```\n▁▁\n```Orders by day, at most 0 on 1 Mar"),
        ] {
            assert_eq!(line(&values).as_deref(), Some(expected), "{values:?}");
        }
        assert_eq!(line(&[]), None);
        assert_eq!(line(&[None, None]), None);
    }

    #[test]
    fn the_finest_view_that_fits_is_drawn() {
        let view = |grain, count: i64| {
            let day = "2026-03-01".parse().expect("a day");
            View {
                grain: Some(grain),
                rows: (1..=count).map(|at| vec![Cell::Date(day), Cell::Integer(at)]).collect(),
            }
        };
        let columns = [("From", Kind::Date), ("Orders", Kind::Integer)];
        let of = |views: Vec<View>| {
            let mut told = told(&columns, Vec::new(), None, Chart::Lines { x: 0, y: vec![1] });
            told.sections[1].views = views;
            let drawn = shown(&told).expect("a drawing");
            let line = drawn.lines().nth(1).expect("a line").chars().count();
            (line, drawn.rsplit_once("by ").expect("a grain").1.split(',').next().map(str::to_owned))
        };
        let (day, week) = (Some("day".to_owned()), Some("week".to_owned()));
        assert_eq!(of(vec![view(Grain::Day, 34), view(Grain::Week, 5)]), (34, day));
        assert_eq!(of(vec![view(Grain::Day, 35), view(Grain::Week, 6)]), (6, week.clone()));
        // The last ones, where none fits.
        assert_eq!(of(vec![view(Grain::Week, 50)]), (34, week));
    }

    #[test]
    fn a_ranking_has_a_bar_for_each_of_the_first() {
        let currency = "EUR".parse().expect("a currency");
        let rows = [
            ("Tea", 800),
            ("Coffee with ```milk```", 400),
            ("Water", 101),
            ("Salt", 1),
            ("Air", 0),
            ("Six", 9),
        ];
        let row = |(name, minor): (&'static str, i64)| {
            vec![Cell::text(name), Cell::Amount(Money { minor, currency })]
        };
        let columns = [("Name", Kind::Text), ("Revenue", Kind::Amount(currency))];
        let chart = Chart::Bars { label: 0, y: vec![1] };
        let expected = "```\n\
            Tea            ████████ €8.00\n\
            Coffee with '… ████ €4.00\n\
            Water          █ €1.01\n\
            Salt           ▏ €0.01\n\
            Air             €0.00\n\
            ```Sold \\*most\\*";
        assert_eq!(
            shown(&told(&columns, rows.map(row).to_vec(), None, chart.clone())).as_deref(),
            Some(expected)
        );
        assert_eq!(shown(&told(&columns, vec![row(("Air", 0))], None, chart)), None);
    }

    #[test]
    fn a_grid_has_a_row_for_each_of_its_rows() {
        let cell = |(day, hour, orders): (&'static str, i64, i64)| {
            vec![Cell::text(day), Cell::text(format!("{hour:02}:00")), Cell::Integer(orders)]
        };
        let orders = |day: i64, hour: i64| if (day, hour) == (0, 9) { 8 } else { i64::from(hour == 10) };
        let rows = (0..2).flat_map(|day| (0..24).map(move |hour| (day, hour)));
        let rows = rows
            .map(|(day, hour)| cell((if day == 0 { "Monday" } else { "Sunday" }, hour, orders(day, hour))));
        let columns = [("Weekday", Kind::Text), ("Hour", Kind::Text), ("Orders", Kind::Integer)];
        let chart = Chart::Heatmap { row: 0, column: 1, values: vec![2] };
        let expected = "```\n       00:00 06:00 12:00 18:00\n\
            Monday ·········█▁·············\nSunday ··········▁·············\n```Sold \\*most\\*";
        assert_eq!(shown(&told(&columns, rows.collect(), None, chart)).as_deref(), Some(expected));
    }
}
