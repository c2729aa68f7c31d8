//! `revenue-overview`: what came in, when, through what, and what was given back.

use super::Parts;
use super::tables::{Groups, over_time};
use super::tell::{BEFORE, SHARE, Shown, cell, growth, headlines, plain, shown};
use super::told::{Better, Section};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::{Dimension, Metric};
use crate::reports::scope::Scope;

const HEADLINES: [(Shown, Better); 7] = [
    (shown(Metric::Revenue, "Revenue"), Better::More),
    (shown(Metric::NetRevenue, "Net revenue"), Better::More),
    (shown(Metric::Orders, "Orders"), Better::More),
    (shown(Metric::AverageOrderValue, "Average order value"), Better::More),
    (shown(Metric::Refunds, "Refunds"), Better::Less),
    (shown(Metric::RefundRate, "Refund rate"), Better::Less),
    (shown(Metric::ActiveCustomers, "Active customers"), Better::More),
];

const OVER_TIME: [Shown; 5] = [
    shown(Metric::Revenue, "Revenue"),
    shown(Metric::Refunds, "Refunds"),
    shown(Metric::NetRevenue, "Net revenue"),
    shown(Metric::Orders, "Orders"),
    shown(Metric::AverageOrderValue, "Average order value"),
];

const BY_CHANNEL: [Shown; 3] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::Revenue, "Revenue"),
    shown(Metric::AverageOrderValue, "Average order value"),
];

/// What revenue is made of, from all that was ordered to what is left of it.
const MAKE_UP: [Shown; 8] = [
    shown(Metric::GrossRevenue, "All orders, whatever became of them"),
    shown(Metric::CancelledRevenue, "Cancelled orders among them"),
    shown(Metric::Revenue, "Revenue: orders that are neither draft nor cancelled"),
    shown(Metric::TotalDiscounts, "Discounts taken off before"),
    shown(Metric::Shipping, "Delivery charged within"),
    shown(Metric::Tax, "Tax within"),
    shown(Metric::Refunds, "Refunds given"),
    shown(Metric::NetRevenue, "Net revenue: revenue less refunds"),
];

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let channels = Groups {
        name: "by-channel",
        title: "Revenue by channel",
        note: None,
        dimension: Dimension::Channel,
        heading: "Channel",
        unknown: Some("Unknown"),
        by: Metric::Revenue,
        figures: &BY_CHANNEL,
        with_growth: true,
        with_rank: false,
        with_zero: true,
    };
    let (headlines, over_time, channels, make_up) = tokio::try_join!(
        headlines(scope, &HEADLINES),
        over_time(scope, "Revenue over time", &OVER_TIME, &[0, 2]),
        channels.tell(scope),
        make_up(scope),
    )?;
    Ok(Parts { headlines, sections: vec![over_time, channels, make_up] })
}

async fn make_up(scope: &Scope) -> Result<Section, Fault> {
    let change = scope.change(&BEFORE, &MAKE_UP.map(|shown| shown.metric)).await?;
    let rows = MAKE_UP.map(|Shown { metric, heading }| {
        let values = [cell(&change.current, metric)?, cell(&change.previous, metric)?];
        Ok([vec![Cell::text(heading)], values.to_vec(), vec![growth(&change, metric)?]].concat())
    });
    let amount = Kind::Amount(scope.currency);
    let columns = vec![
        Column::new("Part", Kind::Text),
        Column::new("Amount", amount),
        Column::new("Before", amount),
        Column::new("Change", SHARE),
    ];
    let note = "Refunds count when they are given, whenever their order was placed.".to_owned();
    let rows = rows.into_iter().collect::<Result<_, Fault>>()?;
    Ok(plain("make-up", "What revenue is made of", Some(note), columns, rows))
}
