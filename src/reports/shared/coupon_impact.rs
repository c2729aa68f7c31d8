//! `coupon-impact`: what coupons brought, and what they cost.

use std::borrow::Cow;

use super::Parts;
use super::tables::{Groups, over_time};
use super::tell::{BEFORE, Shown, cells, compared, headlines, metrics, plain, shown};
use super::told::{Better, Headline, Section};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Filter, Metric};
use crate::reports::scope::{Change, Scope};

const HEADLINES: [(Shown, Better); 4] = [
    (shown(Metric::CouponOrders, "Orders with a coupon"), Better::More),
    (shown(Metric::CouponRate, "Share of orders with a coupon"), Better::Neither),
    (shown(Metric::CouponRevenue, "Revenue with a coupon"), Better::More),
    (shown(Metric::Discounts, "Taken off orders"), Better::Less),
];

const FIGURES: [Shown; 8] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::Revenue, "Revenue"),
    shown(Metric::AverageOrderValue, "Average order value"),
    shown(Metric::Discounts, "Taken off orders"),
    shown(Metric::LineDiscounts, "Taken off lines"),
    shown(Metric::FirstTimeCustomers, "First-time customers"),
    shown(Metric::MarginAfterDiscounts, "Margin after discounts"),
    shown(Metric::CostCoverage, "Cost known of"),
];

const OVER_TIME: [Shown; 4] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::CouponOrders, "Orders with a coupon"),
    shown(Metric::CouponRate, "Share with a coupon"),
    shown(Metric::Discounts, "Taken off orders"),
];

const NOTE: &str = "Coupons come off orders; what comes off lines is mostly prices reduced for everybody. First-time \
    customers used the coupon in their first order. The margin is told of what has a known cost, after both discounts.";

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let coupons = Groups {
        name: "by-coupon",
        title: "Coupons by revenue",
        note: Some(NOTE),
        dimension: Dimension::Coupon,
        heading: "Coupon",
        unknown: None,
        by: Metric::Revenue,
        figures: &FIGURES,
        with_growth: true,
        with_rank: false,
        with_zero: true,
    };
    let (with, without) = (split(scope, true), split(scope, false));
    let asked = metrics(&FIGURES);
    let (mut headlines, with, without, coupons, over_time) = tokio::try_join!(
        headlines(scope, &HEADLINES),
        with.change(&BEFORE, &asked),
        without.change(&BEFORE, &asked),
        coupons.tell(scope),
        over_time(scope, "Orders with a coupon over time", &OVER_TIME, &[0, 1]),
    )?;
    let average = shown(Metric::AverageOrderValue, "Average order with a coupon");
    headlines.push(called("averageOrderValueWithCoupon", average, &with)?);
    let average = shown(Metric::AverageOrderValue, "Average order without");
    headlines.push(called("averageOrderValueWithoutCoupon", average, &without)?);
    let brought = shown(Metric::FirstTimeCustomers, "First-time customers with a coupon");
    headlines.push(called("firstTimeCustomersWithCoupon", brought, &with)?);
    let beside = beside(scope, &with.current, &without.current)?;
    Ok(Parts { headlines, sections: vec![beside, coupons, over_time] })
}

/// Orders with a coupon, or without one.
fn split(scope: &Scope, with: bool) -> Scope {
    let mut split = scope.clone();
    split.filters.push(Filter { dimension: Dimension::Coupon, values: vec![None], exclude: with });
    split
}

/// The headline of a metric over some orders alone.
fn called(name: &'static str, shown: Shown, change: &Change) -> Result<Headline, Fault> {
    Ok(Headline { name: Cow::Borrowed(name), ..compared(shown, Better::More, change)? })
}

fn beside(scope: &Scope, with: &Figures, without: &Figures) -> Result<Section, Fault> {
    let mut columns = vec![Column::new("Orders placed", Kind::Text)];
    columns.extend(FIGURES.iter().map(|shown| shown.column(scope.currency)));
    let rows = [("With a coupon", with), ("Without", without)];
    let rows = rows.map(|(label, of)| Ok([vec![Cell::text(label)], cells(&FIGURES, of)?].concat()));
    let rows = rows.into_iter().collect::<Result<_, Fault>>()?;
    Ok(plain("with-and-without", "Orders with and without a coupon", None, columns, rows))
}
