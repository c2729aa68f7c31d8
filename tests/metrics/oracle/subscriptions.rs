//! What comes again.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::dataset::Subscription;
use super::super::exact::{Fraction, sum, whole, zero};
use super::figure::Figure;
use super::group::Bucket;

/// Those paid for at an instant, with what they come to in a year, at the rate of the day from which they were.
fn running<'b>(b: &'b Bucket, at: DateTime<Utc>) -> impl Iterator<Item = &'b (&'b Subscription, Fraction)> {
    let yearly = b.group.yearly.get_or_init(|| {
        let all = b.group.began.until(DateTime::<Utc>::MAX_UTC);
        all.filter_map(|subscription| {
            let (from, _) = subscription.paid?;
            let amount = b.convert(&subscription.per_year, &subscription.currency, from.date_naive());
            Some((subscription, amount))
        })
        .collect()
    });
    yearly.iter().filter(move |(subscription, _)| {
        subscription.paid.is_some_and(|(from, until)| from < at && until.is_none_or(|until| until >= at))
    })
}

pub fn arr(b: &Bucket, at: DateTime<Utc>) -> Figure {
    let amounts: Vec<Fraction> = running(b, at).map(|(_, amount)| amount.clone()).collect();
    Figure::level(sum(&amounts), b.minor())
}

pub fn active(b: &Bucket) -> Figure {
    Figure::level_count(running(b, b.end).count())
}

/// What customers' monthly revenue did from the start to the end.
#[derive(Default)]
pub struct Bridge {
    pub new: Vec<Fraction>,
    pub expansion: Vec<Fraction>,
    pub contraction: Vec<Fraction>,
    pub churn: Vec<Fraction>,
    pub at_start: usize,
    pub at_end: usize,
}

pub fn bridge<'b>(b: &'b Bucket) -> &'b Bridge {
    b.bridge.get_or_init(|| {
        let monthly = |at: DateTime<Utc>| {
            let mut by_customer: BTreeMap<&str, Fraction> = BTreeMap::new();
            for (subscription, amount) in running(b, at) {
                *by_customer.entry(&subscription.customer).or_insert_with(zero) += amount / whole(12);
            }
            by_customer.retain(|_, amount| *amount != zero());
            by_customer
        };
        let (start, end) = (monthly(b.start), monthly(b.end));
        let mut bridge = Bridge { at_start: start.len(), at_end: end.len(), ..Bridge::default() };
        for (customer, before) in &start {
            match end.get(customer) {
                None => bridge.churn.push(before.clone()),
                Some(after) if after > before => bridge.expansion.push(after - before),
                Some(after) if after < before => bridge.contraction.push(before - after),
                Some(_) => {}
            }
        }
        let new = end.iter().filter(|(customer, _)| !start.contains_key(*customer));
        bridge.new = new.map(|(_, amount)| amount.clone()).collect();
        bridge
    })
}

pub fn step(b: &Bucket, of: fn(&Bridge) -> &Vec<Fraction>) -> Figure {
    Figure::level(sum(of(bridge(b))), b.minor())
}

pub fn customers(b: &Bucket, of: fn(&Bridge) -> usize) -> Figure {
    Figure::level_count(of(bridge(b)))
}
