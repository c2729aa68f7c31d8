//! What comes again each month: a coffee club, and a service for offices. In the second year the club becomes dearer, and
//! some leave.

use super::calendar::Calendar;
use super::chance::{Chance, Topic};
use super::files::{Entity, Files};
use super::ledger::{Ledger, Won};
use super::{DemoError, Shop, instant_text};

/// Days between two payments, about.
const MONTH: i64 = 30;
const TRIAL_DAYS: i64 = 14;

/// A subscription that goes on.
struct Running {
    plan: &'static str,
    /// In cents.
    amount: i64,
    interval: &'static str,
    quantity: i64,
    started: i64,
    trial_ends: Option<i64>,
}

/// Writes the subscriptions.
pub fn write(shop: &Shop, calendar: &Calendar, ledger: &Ledger, files: &mut Files) -> Result<(), DemoError> {
    let mut book = Book { calendar, files, count: 0 };
    for (number, customer) in (0..).zip(&ledger.customers) {
        let mut chance = Chance::of(shop.seed, Topic::Subscriptions, number);
        let often = if customer.sales_rep.is_some() { 420 } else { 110 };
        if chance.permille(often) {
            book.history(&mut chance, customer)?;
        }
    }
    Ok(())
}

struct Book<'a> {
    calendar: &'a Calendar,
    files: &'a mut Files,
    count: u64,
}

impl Book<'_> {
    /// One customer's subscriptions, one after another.
    fn history(&mut self, chance: &mut Chance, customer: &Won) -> Result<(), DemoError> {
        let last = self.calendar.last_number();
        let dearer = last * 5 / 8;
        let mut day = customer.day + chance.between(0, 150);
        let mut running = first(chance, customer, day, dearer);
        if let Some(end) = running.trial_ends
            && chance.permille(350)
        {
            return self.write(customer, &running, Some(end).filter(|end| *end <= last));
        }
        loop {
            let next = day + MONTH;
            if next > last {
                return self.write(customer, &running, None);
            }
            let is_club = running.plan == "Coffee Club";
            if is_club && (day..next).contains(&dearer) {
                self.write(customer, &running, Some(dearer))?;
                if chance.permille(130) {
                    return Ok(());
                }
                running = Running { amount: 16_90, started: dearer, trial_ends: None, ..running };
            } else if chance.permille(if is_club { 35 } else { 18 }) {
                return self.write(customer, &running, Some(next));
            } else if !is_club && chance.permille(40) {
                self.write(customer, &running, Some(next))?;
                let more = if chance.permille(700) { 1 } else { -1 };
                running = Running { quantity: (running.quantity + more).max(1), started: next, ..running };
            }
            day = next;
        }
    }

    /// One from its start to that day, if it has begun and does not end as it begins.
    fn write(&mut self, customer: &Won, of: &Running, ended: Option<i64>) -> Result<(), DemoError> {
        let last = self.calendar.last_number();
        if of.started > last || ended.is_some_and(|ended| ended <= of.started) {
            return Ok(());
        }
        self.count += 1;
        let at = |day: i64| instant_text(self.calendar.days_later(day));
        self.files.write(
            Entity::Subscriptions,
            [
                &format!("S-{:05}", self.count),
                &customer.id,
                of.plan,
                &format!("{}.{:02}", of.amount / 100, of.amount % 100),
                of.interval,
                &of.quantity.to_string(),
                &at(of.started),
                &ended.map(at).unwrap_or_default(),
                &of.trial_ends.map(at).unwrap_or_default(),
            ],
        )
    }
}

/// What a customer subscribes to at first.
fn first(chance: &mut Chance, customer: &Won, started: i64, dearer: i64) -> Running {
    if customer.sales_rep.is_some() {
        let (interval, amount) = if chance.permille(350) { ("YEAR", 890_00) } else { ("MONTH", 89_00) };
        let quantity = chance.between(1, 8);
        return Running { plan: "Workplace", amount, interval, quantity, started, trial_ends: None };
    }
    let amount = if started < dearer { 14_90 } else { 16_90 };
    let trial_ends = chance.permille(700).then_some(started + TRIAL_DAYS);
    Running { plan: "Coffee Club", amount, interval: "MONTH", quantity: 1, started, trial_ends }
}
