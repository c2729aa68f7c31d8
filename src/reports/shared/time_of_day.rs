//! `time-of-day-heatmap`: on which weekday and at which hour people buy.

use std::collections::HashMap;

use super::Parts;
use super::clock::{hour, of_clock};
use super::tell::{Shown, cells, headlines, metrics, named, shown};
use super::told::{Better, Chart, Headline, Section, View};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::answer::{Figures, nothing};
use crate::metrics::{Dimension, Metric};
use crate::reports::orders::{HourOfWeek, by_hour_of_week};
use crate::reports::scope::Scope;
use crate::reports::window::Weekday;

const HEADLINES: [(Shown, Better); 2] =
    [(shown(Metric::Orders, "Orders"), Better::More), (shown(Metric::Revenue, "Revenue"), Better::More)];

/// By weekday also how many on such a day: of 30 days two weekdays come five times.
const BY_WEEKDAY: [Shown; 4] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::OrdersPerDay, "Orders on such a day"),
    shown(Metric::Revenue, "Revenue"),
    shown(Metric::RevenuePerDay, "Revenue on such a day"),
];

const BY_HOUR: [Shown; 3] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::OrdersPerHour, "Orders in such an hour"),
    shown(Metric::Revenue, "Revenue"),
];

const FIGURES: [Shown; 2] = [shown(Metric::Orders, "Orders"), shown(Metric::Revenue, "Revenue")];

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let asked = metrics(&FIGURES);
    let (mut headlines, hours, weekdays, clock) = tokio::try_join!(
        headlines(scope, &HEADLINES),
        by_hour_of_week(scope, &asked),
        of_clock(scope, Dimension::DayOfWeek, "Orders by weekday", &BY_WEEKDAY, 1),
        of_clock(scope, Dimension::HourOfDay, "Orders by hour of the day", &BY_HOUR, 1),
    )?;
    let hours: Result<Vec<_>, Fault> =
        hours.into_iter().map(|row| Ok((HourOfWeek::read(&row.keys)?, row.figures))).collect();
    let hours = hours?;
    headlines.push(busiest(&hours)?);
    Ok(Parts { headlines, sections: vec![grid(scope, hours)?, weekdays, clock] })
}

/// The hour of the week with most orders; of several the one with most revenue, then the first.
fn busiest(hours: &[(HourOfWeek, Figures)]) -> Result<Headline, Fault> {
    let mut most = None;
    for (at, figures) in hours {
        let size = (figures.exact(Metric::Orders)?, figures.exact(Metric::Revenue)?);
        if most.as_ref().is_none_or(|(_, largest)| size > *largest) {
            most = Some((at, size));
        }
    }
    let busiest = most.map(|(at, _)| format!("{} {}", at.day_of_week.name(), hour(at.hour_of_day)));
    Ok(named("busiestHour", "Busiest hour of the week", busiest))
}

/// Every hour of the week, also those in which nothing happened.
fn grid(scope: &Scope, hours: Vec<(HourOfWeek, Figures)>) -> Result<Section, Fault> {
    let known: HashMap<(&str, u32), Figures> =
        hours.into_iter().map(|(at, figures)| ((at.day_of_week.name(), at.hour_of_day), figures)).collect();
    let none = nothing(&metrics(&FIGURES), scope.currency, &scope.period);
    let mut rows = Vec::with_capacity(7 * 24);
    for day in Weekday::ALL {
        for number in 0..24 {
            let mut row = vec![Cell::text(day.name()), Cell::text(hour(number))];
            row.extend(cells(&FIGURES, known.get(&(day.name(), number)).unwrap_or(&none))?);
            rows.push(row);
        }
    }
    let mut columns = vec![Column::new("Weekday", Kind::Text), Column::new("Hour", Kind::Text)];
    columns.extend(FIGURES.iter().map(|shown| shown.column(scope.currency)));
    Ok(Section {
        name: "by-hour-of-week",
        title: "Orders by weekday and hour".to_owned(),
        note: Some(format!(
            "An hour is told by its start on the clocks of {}. All such hours of the period are added up.",
            scope.calendar.zone.name()
        )),
        columns,
        views: vec![View { grain: None, rows }],
        chart: Some(Chart::Heatmap { row: 0, column: 1, values: vec![2, 3] }),
    })
}
