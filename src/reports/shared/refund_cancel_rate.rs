//! `refund-cancel-rate`: what is given back and called off, over time, by product, reason and channel.

use super::Parts;
use super::tables::{Groups, over_time};
use super::tell::{Shown, headlines, shown};
use super::told::Better;
use crate::fault::Fault;
use crate::metrics::{Dimension, Metric};
use crate::reports::scope::Scope;

const HEADLINES: [(Shown, Better); 7] = [
    (shown(Metric::RefundRate, "Refund rate"), Better::Less),
    (shown(Metric::CancellationRate, "Cancellation rate"), Better::Less),
    (shown(Metric::Refunds, "Refunds"), Better::Less),
    (shown(Metric::RefundCount, "Number of refunds"), Better::Less),
    (shown(Metric::RefundedOrders, "Orders refunded"), Better::Less),
    (shown(Metric::CancelledOrders, "Orders cancelled"), Better::Less),
    (shown(Metric::CancelledRevenue, "Value cancelled"), Better::Less),
];

const OVER_TIME: [Shown; 6] = [
    shown(Metric::RefundRate, "Refund rate"),
    shown(Metric::CancellationRate, "Cancellation rate"),
    shown(Metric::Refunds, "Refunds"),
    shown(Metric::RefundCount, "Number of refunds"),
    shown(Metric::CancelledOrders, "Orders cancelled"),
    shown(Metric::PlacedOrders, "Orders placed"),
];

const BY_REASON: [Shown; 3] = [
    shown(Metric::Refunds, "Refunds"),
    shown(Metric::RefundCount, "Number of refunds"),
    shown(Metric::RefundedOrders, "Orders refunded"),
];

const BY_PRODUCT: [Shown; 4] = [
    shown(Metric::Refunds, "Refunds"),
    shown(Metric::LineRefundRate, "Refund rate"),
    shown(Metric::RefundedUnits, "Units that came back"),
    shown(Metric::LineRevenue, "Revenue"),
];

const CANCELLED: [Shown; 3] = [
    shown(Metric::CancelledOrdersWithLines, "Orders cancelled"),
    shown(Metric::PlacedOrdersWithLines, "Orders placed"),
    shown(Metric::LineCancellationRate, "Cancellation rate"),
];

const BY_CHANNEL: [Shown; 5] = [
    shown(Metric::Refunds, "Refunds"),
    shown(Metric::RefundRate, "Refund rate"),
    shown(Metric::CancelledOrders, "Orders cancelled"),
    shown(Metric::PlacedOrders, "Orders placed"),
    shown(Metric::CancellationRate, "Cancellation rate"),
];

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let reasons = Groups {
        name: "by-reason",
        title: "Refunds by reason",
        note: Some("In the shop's own words."),
        dimension: Dimension::RefundReason,
        heading: "Reason",
        unknown: Some("No reason told"),
        by: Metric::Refunds,
        figures: &BY_REASON,
        with_growth: true,
        with_rank: false,
        with_zero: false,
    };
    let products = Groups {
        name: "by-product",
        title: "Refunds by product",
        note: Some(
            "Refunds that name no product, such as those of whole orders, stand in a row of their own.",
        ),
        dimension: Dimension::Product,
        heading: "Product",
        unknown: Some("No product told"),
        figures: &BY_PRODUCT,
        ..reasons
    };
    let cancelled = Groups {
        name: "cancelled-by-product",
        title: "Cancelled orders by product",
        note: Some("An order counts with every product that it holds."),
        unknown: None,
        by: Metric::CancelledOrdersWithLines,
        figures: &CANCELLED,
        ..products
    };
    let channels = Groups {
        name: "by-channel",
        title: "Refunds and cancellations by channel",
        note: None,
        dimension: Dimension::Channel,
        heading: "Channel",
        unknown: Some("Unknown"),
        figures: &BY_CHANNEL,
        with_zero: true,
        ..reasons
    };
    let (headlines, over_time, reasons, products, cancelled, channels) = tokio::try_join!(
        headlines(scope, &HEADLINES),
        over_time(scope, "Both rates over time", &OVER_TIME, &[0, 1]),
        reasons.tell(scope),
        products.tell(scope),
        cancelled.tell(scope),
        channels.tell(scope),
    )?;
    Ok(Parts { headlines, sections: vec![over_time, reasons, products, cancelled, channels] })
}
