//! Customers over their lifetimes.

use chrono::{DateTime, Utc};

use super::super::dataset::Order;
use super::super::exact::whole;
use super::commerce;
use super::figure::Figure;
use super::group::Bucket;

/// Won and not lost by then.
pub fn at(b: &Bucket, at: DateTime<Utc>) -> Figure {
    let won = b.group.won.until(at).count();
    let lost = b.group.lost.until(at).count();
    Figure::level(whole(i64::try_from(won).unwrap()) - whole(i64::try_from(lost).unwrap()), 0)
}

pub fn returning(b: &Bucket) -> Figure {
    commerce::customers(repeat_orders(b))
}

/// Orders of customers who had ordered before.
pub fn repeat_orders<'a>(b: &Bucket<'a>) -> Vec<&'a Order> {
    let has_ordered_before = |order: &&Order| {
        let customer = order.customer.as_ref().map(|id| &b.data.customers[id]);
        customer.and_then(|customer| customer.first_ordered_at).is_some_and(|first| first < order.placed_at)
    };
    commerce::orders(b, Order::counts).into_iter().filter(has_ordered_before).collect()
}

pub fn lifetime_orders(b: &Bucket) -> Figure {
    let orders = b.group.orders.until(b.end);
    Figure::level_count(orders.filter(|order| order.counts() && order.customer.is_some()).count())
}

pub fn lifetime_revenue(b: &Bucket) -> Figure {
    let (_, end) = b.sums("lifetime revenue", &b.group.orders, |order| {
        let counts = order.counts() && order.customer.is_some();
        counts.then(|| b.convert(&order.total, &order.currency, order.placed_at.date_naive()))
    });
    Figure::level(end, b.minor())
}
