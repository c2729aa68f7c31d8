//! When customers were won and lost.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Duration, Utc};

use super::{Customer, Order, Row, Subscription, instant, rows, text};

/// A customer without subscriptions who has not ordered for so long is lost.
const CHURN_DAYS: i64 = 90;

pub fn customers(
    folder: &Path,
    orders: &HashMap<String, Order>,
    subscriptions: &[Subscription],
    now: DateTime<Utc>,
) -> HashMap<String, Customer> {
    let rows = rows(folder, "customers");
    let customers = rows.iter().map(|row| customer(row, orders, subscriptions, now));
    customers.map(|customer| (customer.id.clone(), customer)).collect()
}

fn customer(
    row: &Row,
    orders: &HashMap<String, Order>,
    subscriptions: &[Subscription],
    now: DateTime<Utc>,
) -> Customer {
    let id = &row["customer_id"];
    let mut ordered: Vec<DateTime<Utc>> = orders
        .values()
        .filter(|order| order.customer.as_ref() == Some(id) && order.counts())
        .map(|order| order.placed_at)
        .collect();
    ordered.sort_unstable();
    let first_ordered_at = ordered.first().copied();
    let paid: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> = subscriptions
        .iter()
        .filter(|subscription| &subscription.customer == id)
        .filter_map(|subscription| subscription.paid)
        .collect();
    let first_paid = paid.iter().map(|(from, _)| *from).min();
    let won_at = instant(row, "acquired_at").or(first_ordered_at).or(first_paid);
    let lost_at = instant(row, "churned_at").or_else(|| {
        if paid.is_empty() {
            return Some(*ordered.last()? + Duration::days(CHURN_DAYS));
        }
        let is_running = paid.iter().any(|(_, until)| until.is_none());
        paid.iter().filter_map(|(_, until)| *until).max().filter(|_| !is_running)
    });
    Customer {
        id: id.clone(),
        country: text(row, "country"),
        region: text(row, "region"),
        city: text(row, "city"),
        acquisition_channel: text(row, "acquisition_channel"),
        first_ordered_at,
        won_at,
        // Nobody is lost who was never won, nor before it has come.
        lost_at: lost_at.filter(|at| won_at.is_some() && *at <= now),
    }
}
