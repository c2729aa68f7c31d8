//! Orders, their lines, and refunds.

use std::collections::BTreeSet;

use super::super::dataset::{Line, Order};
use super::super::exact::{Fraction, whole};
use super::figure::Figure;
use super::group::{Bucket, days};

pub fn orders<'a>(b: &Bucket<'a>, wanted: fn(&Order) -> bool) -> Vec<&'a Order> {
    b.within(&b.group.orders).filter(|order| wanted(order)).collect()
}

pub fn of_orders(b: &Bucket, wanted: fn(&Order) -> bool, column: fn(&Order) -> &Fraction) -> Figure {
    let orders = orders(b, wanted).into_iter();
    b.money(orders.map(|order| (column(order).clone(), &*order.currency, order.placed_at.date_naive())))
}

/// The totals of some orders.
pub fn total(b: &Bucket, orders: Vec<&Order>) -> Figure {
    let totals = orders.into_iter();
    b.money(totals.map(|order| (order.total.clone(), &*order.currency, order.placed_at.date_naive())))
}

/// Orders at the instant at which their customer ordered for the first time.
pub fn first_orders<'a>(b: &Bucket<'a>) -> Vec<&'a Order> {
    let is_first = |order: &&Order| {
        let customer = order.customer.as_ref().map(|id| &b.data.customers[id]);
        customer.and_then(|customer| customer.first_ordered_at) == Some(order.placed_at)
    };
    orders(b, Order::counts).into_iter().filter(is_first).collect()
}

/// Minutes from each order that counts to the next one.
pub fn minutes_between(b: &Bucket, tell: impl Fn(Vec<Fraction>) -> Figure) -> Figure {
    let mut instants: Vec<_> = orders(b, Order::counts).into_iter().map(|order| order.placed_at).collect();
    instants.sort_unstable();
    let gaps = instants.windows(2).map(|pair| days(pair[1] - pair[0]) * whole(24 * 60));
    Figure { is_there: !instants.is_empty(), ..tell(gaps.collect()) }
}

/// Days from the last order to the bucket's end.
pub fn days_since_last(b: &Bucket) -> Figure {
    let last = orders(b, |_| true).into_iter().map(|order| order.placed_at).max();
    Figure { value: last.map(|last| days(b.end - last)), digits: 2, is_there: last.is_some() }
}

pub fn customers<'a>(orders: impl IntoIterator<Item = &'a Order>) -> Figure {
    let customers: BTreeSet<&String> =
        orders.into_iter().filter_map(|order| order.customer.as_ref()).collect();
    Figure::count(customers.len())
}

/// Lines of orders that count.
fn lines<'a>(b: &Bucket<'a>) -> impl Iterator<Item = (&'a Line, &'a Order)> {
    b.within(&b.group.lines).filter(|(_, order)| order.counts())
}

pub fn of_lines(b: &Bucket, column: fn(&Line) -> &Fraction) -> Figure {
    b.money(
        lines(b).map(|(line, order)| (column(line).clone(), &*order.currency, order.placed_at.date_naive())),
    )
}

pub fn units(b: &Bucket) -> Figure {
    let quantities: Vec<Fraction> = lines(b).map(|(line, _)| line.quantity.clone()).collect();
    Figure::sum(&quantities, 0)
}

pub fn gross_units(b: &Bucket) -> Figure {
    let quantities: Vec<Fraction> = b.within(&b.group.lines).map(|(line, _)| line.quantity.clone()).collect();
    Figure::sum(&quantities, 0)
}

pub fn gross_line_revenue(b: &Bucket) -> Figure {
    b.money(
        b.within(&b.group.lines)
            .map(|(line, order)| (line.total.clone(), &*order.currency, order.placed_at.date_naive())),
    )
}

pub fn different_of_lines(b: &Bucket, wanted: fn(&Order) -> bool, of: fn(&Line) -> &String) -> Figure {
    let lines = b.within(&b.group.lines).filter(|(_, order)| wanted(order));
    Figure::count(lines.map(|(line, _)| of(line)).collect::<BTreeSet<_>>().len())
}

pub fn costed_revenue(b: &Bucket) -> Figure {
    let costed = lines(b).filter(|(line, _)| b.data.products[&line.product].cost.is_some());
    b.money(costed.map(|(line, order)| (line.total.clone(), &*order.currency, order.placed_at.date_naive())))
}

/// What the units cost, in their product's currency, at the rate of the order's day.
pub fn cost(b: &Bucket) -> Figure {
    b.money(lines(b).filter_map(|(line, order)| {
        let product = &b.data.products[&line.product];
        Some((&line.quantity * product.cost.as_ref()?, &*product.currency, order.placed_at.date_naive()))
    }))
}

pub fn orders_together(b: &Bucket) -> Figure {
    let counting = b.within(&b.group.pairs).filter(|(_, order)| order.counts());
    Figure::count(counting.map(|(line, _)| &line.order).collect::<BTreeSet<_>>().len())
}

pub fn refunds(b: &Bucket) -> Figure {
    b.money(
        b.within(&b.group.refunds).map(|(refund, order)| {
            (refund.amount.clone(), &*order.currency, refund.refunded_at.date_naive())
        }),
    )
}

pub fn refunded_orders(b: &Bucket) -> Figure {
    let orders: BTreeSet<&String> = b.within(&b.group.refunds).map(|(refund, _)| &refund.order).collect();
    Figure::count(orders.len())
}

pub fn refunded_units(b: &Bucket) -> Figure {
    let units: Vec<Fraction> =
        b.within(&b.group.refunds).filter_map(|(refund, _)| refund.quantity.clone()).collect();
    Figure::sum(&units, 0)
}
