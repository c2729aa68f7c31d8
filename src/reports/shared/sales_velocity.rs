//! `sales-velocity`: how fast things sell, when, and whether that grows; and how fast deals come through.

use entity::deal_stage::Stage;

use super::Parts;
use super::clock::of_clock;
use super::tables::over_time;
use super::tell::{
    BEFORE, Shown, alone, asked, cell, cells, compared, kind, metrics, plain, share, shown, told,
};
use super::told::{Better, Headline, Section};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::{Dimension, Metric};
use crate::reports::deals::{FunnelStage, funnel};
use crate::reports::scope::{Change, Scope};

const HEADLINES: [(Shown, Better); 6] = [
    (shown(Metric::Orders, "Orders"), Better::More),
    (shown(Metric::OrdersPerDay, "Orders a day"), Better::More),
    (shown(Metric::OrdersPerHour, "Orders an hour"), Better::More),
    (shown(Metric::UnitsPerDay, "Units a day"), Better::More),
    (shown(Metric::MedianMinutesBetweenOrders, "Minutes between orders, median"), Better::Less),
    (shown(Metric::AverageMinutesBetweenOrders, "Minutes between orders, mean"), Better::Less),
];

const OVER_TIME: [Shown; 4] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::Units, "Units"),
    shown(Metric::UnitsPerOrder, "Units an order"),
    shown(Metric::Revenue, "Revenue"),
];

const BY_HOUR: [Shown; 4] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::OrdersPerHour, "Orders in such an hour"),
    shown(Metric::Units, "Units"),
    shown(Metric::UnitsPerHour, "Units in such an hour"),
];

const BY_WEEKDAY: [Shown; 4] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::OrdersPerDay, "Orders on such a day"),
    shown(Metric::Units, "Units"),
    shown(Metric::UnitsPerDay, "Units on such a day"),
];

const PACE: [Shown; 7] = [
    shown(Metric::OrdersPerDay, "Orders a day"),
    shown(Metric::OrdersPerHour, "Orders an hour"),
    shown(Metric::UnitsPerDay, "Units a day"),
    shown(Metric::UnitsPerHour, "Units an hour"),
    shown(Metric::RevenuePerDay, "Revenue a day"),
    shown(Metric::MedianMinutesBetweenOrders, "Minutes between orders, median"),
    shown(Metric::AverageMinutesBetweenOrders, "Minutes between orders, mean"),
];

const PIPELINE: [Shown; 8] = [
    shown(Metric::Leads, "Leads"),
    shown(Metric::DealsWon, "Deals won"),
    shown(Metric::CloseRate, "Close rate"),
    shown(Metric::AverageDealSize, "Average deal size"),
    shown(Metric::AverageCycleDays, "Cycle in days, mean"),
    shown(Metric::SalesVelocity, "Velocity a day"),
    shown(Metric::OpenDeals, "Open deals at the end"),
    shown(Metric::OpenPipeline, "Open pipeline at the end"),
];

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let (of_pace, of_deals) = (metrics(&PACE), metrics(&PIPELINE));
    let (change, over_time, hours, weekdays, pace, deals, stages) = tokio::try_join!(
        asked(scope, &HEADLINES),
        over_time(scope, "Orders and units over time", &OVER_TIME, &[0, 1]),
        of_clock(scope, Dimension::HourOfDay, "Orders by hour of the day", &BY_HOUR, 1),
        of_clock(scope, Dimension::DayOfWeek, "Orders by weekday", &BY_WEEKDAY, 1),
        scope.change(&BEFORE, &of_pace),
        scope.change(&BEFORE, &of_deals),
        funnel(scope),
    )?;
    let mut headlines = told(&change, &HEADLINES)?;
    headlines.insert(2, acceleration(&change)?);
    let pace_note =
        "The difference is the acceleration: how much faster things sell than in the period before.";
    let pace = windows("pace", "Pace beside the period before", Some(pace_note), &PACE, &pace)?;
    let mut sections = vec![over_time, pace, hours, weekdays];
    if has_deals(&deals)? {
        headlines.push(compared(
            shown(Metric::SalesVelocity, "Pipeline velocity a day"),
            Better::More,
            &deals,
        )?);
        let note = "Velocity is leads × close rate × average deal size ÷ mean days of the cycle.";
        sections.push(windows(
            "pipeline",
            "Pipeline beside the period before",
            Some(note),
            &PIPELINE,
            &deals,
        )?);
        sections.push(stages_told(scope, &stages)?);
    }
    Ok(Parts { headlines, sections })
}

/// How many orders a day there were more than in the period before.
fn acceleration(change: &Change) -> Result<Headline, Fault> {
    let faster = change.current.minus(&change.previous);
    let kind = kind(Metric::OrdersPerDay, faster.currency());
    let value = cell(&faster, Metric::OrdersPerDay)?;
    Ok(alone("acceleration", "Acceleration, orders a day", kind, Better::More, value))
}

/// Whether there were any deals, in this period or the one before.
fn has_deals(change: &Change) -> Result<bool, Fault> {
    for figures in [&change.current, &change.previous] {
        for metric in [Metric::Leads, Metric::DealsWon, Metric::OpenDeals] {
            if figures.count(metric)? != 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A row for this period, one for that before, and one for the difference.
fn windows(
    name: &'static str,
    title: &str,
    note: Option<&str>,
    figures: &[Shown],
    change: &Change,
) -> Result<Section, Fault> {
    let difference = change.current.minus(&change.previous);
    let rows = [("This period", &change.current), ("Before", &change.previous), ("Difference", &difference)];
    let rows = rows.map(|(label, of)| Ok([vec![Cell::text(label)], cells(figures, of)?].concat()));
    let mut columns = vec![Column::new("Window", Kind::Text)];
    columns.extend(figures.iter().map(|shown| shown.column(difference.currency())));
    let rows = rows.into_iter().collect::<Result<_, Fault>>()?;
    Ok(plain(name, title, note.map(str::to_owned), columns, rows))
}

fn stages_told(scope: &Scope, stages: &[FunnelStage]) -> Result<Section, Fault> {
    const FIGURES: [Shown; 3] = [
        shown(Metric::StageEntries, "Deals"),
        shown(Metric::StageValue, "Value"),
        shown(Metric::MedianDaysInStage, "Days in it, median"),
    ];
    let rows = stages.iter().map(|row| {
        let mut told = vec![Cell::text(stage_name(row.stage))];
        told.extend(cells(&FIGURES, &row.figures)?);
        told.push(share(row.from_previous.as_ref())?);
        told.push(share(row.from_first.as_ref())?);
        Ok(told)
    });
    let mut columns = vec![Column::new("Stage", Kind::Text)];
    columns.extend(FIGURES.iter().map(|shown| shown.column(scope.currency)));
    columns.push(Column::new("Of the stage before", super::tell::SHARE));
    columns.push(Column::new("Of the first stage", super::tell::SHARE));
    let note = "A deal counts in every stage that it entered within the period.".to_owned();
    let rows = rows.collect::<Result<_, Fault>>()?;
    Ok(plain("funnel", "Deals by stage", Some(note), columns, rows))
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Leads => "Leads",
        Stage::Qualified => "Qualified",
        Stage::Proposal => "Proposal",
        Stage::Negotiation => "Negotiation",
        Stage::Won => "Won",
        Stage::Lost => "Lost",
    }
}
