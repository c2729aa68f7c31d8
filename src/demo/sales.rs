//! Day after day of orders: who comes, when, through what, and how it ends.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};

use super::assortment::Assortment;
use super::baskets::{Basket, Line};
use super::calendar::{Calendar, black_friday, second_of_day};
use super::chance::{Chance, Topic};
use super::customers::{Customers, SALES_REPS};
use super::files::{Entity, Files};
use super::ledger::Ledger;
use super::places::{Country, Place, somewhere};
use super::traffic::{Bought, Traffic};
use super::{DemoError, Shop, instant_text};

/// What makes up the shop's sales.
pub struct Sales<'a> {
    pub shop: &'a Shop,
    pub calendar: &'a Calendar,
    pub assortment: &'a Assortment,
    pub customers: Customers,
    pub ledger: Ledger,
    pub traffic: Traffic,
}

/// Somebody who is about to order.
struct Visit {
    second: i64,
    /// The customer's id, and number where they are new; nothing for guests.
    customer: Option<(String, Option<u64>)>,
    place: Place,
    sales_rep: Option<usize>,
}

const REASONS: [&str; 5] = ["damaged", "not as described", "changed mind", "late delivery", "wrong item"];

impl Sales<'_> {
    /// Writes customers, orders, their lines and refunds, and what visitors did.
    pub fn write(mut self, files: &mut Files) -> Result<Ledger, DemoError> {
        self.customers.write_older(&mut self.ledger, files)?;
        let mut chance = Chance::of(self.shop.seed, Topic::Sales, 0);
        let mut number = 0;
        for (day_number, day) in self.calendar.days().iter().enumerate() {
            for visit in self.visits(&mut chance, day_number) {
                number += 1;
                let placed = day.and_time(NaiveTime::MIN).and_utc() + Duration::seconds(visit.second);
                if let Some((_, Some(new))) = visit.customer {
                    self.customers.write(new, placed, files)?;
                    self.ledger.win(&self.customers, new, placed);
                }
                let order = Order { number, day_number, placed, visit };
                order.write(&mut chance, &mut self, files)?;
            }
            self.traffic.write_day(day_number, self.calendar, self.assortment, files)?;
        }
        Ok(self.ledger)
    }

    /// The day's visits in the order that they came.
    fn visits(&mut self, chance: &mut Chance, day: usize) -> Vec<Visit> {
        let known = self.customers.known();
        let days = self.calendar.days().len() as u64;
        // At first three in ten are new, at last one in eight.
        let new_permille = 300 - 175 * day as u64 / days.max(1);
        let mut visits: Vec<Visit> =
            (0..self.calendar.orders_on(day)).map(|_| self.visit(chance, known, new_permille)).collect();
        visits.sort_by_key(|visit| visit.second);
        visits
    }

    fn visit(&mut self, chance: &mut Chance, known: u64, new_permille: u64) -> Visit {
        if chance.permille(110) {
            let place = somewhere(chance);
            let second = second_of_day(chance, place.country.utc_offset_hours, false);
            return Visit { second, customer: None, place, sales_rep: None };
        }
        let is_new = chance.permille(new_permille);
        let number = if is_new { self.customers.win() } else { self.customers.returning(chance, known) };
        let customer = self.customers.get(number);
        let is_firm = customer.sales_rep.is_some();
        Visit {
            second: second_of_day(chance, customer.place.country.utc_offset_hours, is_firm),
            customer: Some((customer.id, is_new.then_some(number))),
            place: customer.place,
            sales_rep: customer.sales_rep,
        }
    }
}

/// An order on its way into the files.
struct Order {
    number: u64,
    day_number: usize,
    placed: DateTime<Utc>,
    visit: Visit,
}

impl Order {
    fn write(&self, chance: &mut Chance, shop: &mut Sales<'_>, files: &mut Files) -> Result<(), DemoError> {
        let (assortment, end) = (shop.assortment, shop.shop.end);
        let day = self.placed.date_naive();
        let country = self.visit.place.country;
        let is_firm = self.visit.sales_rep.is_some();
        let is_new = matches!(self.visit.customer, Some((_, Some(_))));
        let (coupon, percent_off) = coupon(chance, day, is_new);
        let basket = Basket::fill(chance, assortment, country, self.day_number, is_firm, percent_off);
        let status = status(chance, (end - day).num_days());
        let id = format!("O-{:07}", self.number);
        let channel = channel(chance, is_firm, country.name == "Germany");
        files.write(
            Entity::Orders,
            [
                &id,
                self.visit.customer.as_ref().map_or("", |(id, _)| id),
                self.visit.sales_rep.map_or("", |index| SALES_REPS[index].0),
                &instant_text(self.placed),
                status,
                country.currency,
                &country.amount(basket.total),
                &country.amount(basket.discount),
                &country.amount(basket.shipping),
                &country.amount(basket.tax),
                channel,
                coupon,
                country.name,
                self.visit.place.region,
                self.visit.place.city,
            ],
        )?;
        for (number, line) in (1..).zip(&basket.lines) {
            write_line(&id, number, line, country, files)?;
            if !["CANCELLED", "DRAFT"].contains(&status) {
                shop.ledger.sell(line.product.number, self.day_number, line.quantity);
            }
        }
        if status != "DRAFT" && ["web", "app"].contains(&channel) {
            let products = basket.lines.iter().map(|line| line.product).collect();
            let bought = Bought { id: &id, placed: self.placed, country, total: basket.total, products };
            shop.traffic.write_order(self.day_number, &bought, assortment, files)?;
        }
        if status == "DELIVERED" { self.refund(chance, &id, &basket, end, files) } else { Ok(()) }
    }

    /// Some of what was delivered comes back: the first line, or everything.
    fn refund(
        &self,
        chance: &mut Chance,
        id: &str,
        basket: &Basket,
        end: NaiveDate,
        files: &mut Files,
    ) -> Result<(), DemoError> {
        let line = &basket.lines[0];
        if !chance.permille(line.product.refund_permille) {
            return Ok(());
        }
        let refunded = self.placed + Duration::seconds(chance.between(3 * 86_400, 28 * 86_400));
        let (amount, product, quantity) = if chance.permille(600) {
            (line.total().min(basket.total), line.product.id.as_str(), line.quantity.to_string())
        } else {
            (basket.total, "", String::new())
        };
        if refunded.date_naive() > end || amount <= 0 {
            return Ok(());
        }
        files.write(
            Entity::Refunds,
            [
                &id.replace("O-", "R-"),
                id,
                &instant_text(refunded),
                &self.visit.place.country.amount(amount),
                product,
                &quantity,
                chance.pick(&REASONS),
            ],
        )
    }
}

fn write_line(
    order: &str,
    number: u32,
    line: &Line,
    country: &Country,
    files: &mut Files,
) -> Result<(), DemoError> {
    files.write(
        Entity::OrderItems,
        [
            order,
            &number.to_string(),
            &line.product.id,
            &line.quantity.to_string(),
            &country.amount(line.unit_price),
            &country.amount(line.discount),
            &country.amount(line.total()),
        ],
    )
}

/// A coupon and how many percent it takes off.
fn coupon(chance: &mut Chance, day: NaiveDate, is_new: bool) -> (&'static str, i64) {
    let to_friday = black_friday(day.year()).map_or(99, |friday| (day - friday).num_days());
    match chance.below(100) {
        0..45 if (0..=3).contains(&to_friday) => ("BLACKFRIDAY20", 20),
        0..30 if is_new => ("WELCOME10", 10),
        0..12 if day.month() == 7 => ("SUMMER15", 15),
        0..3 => ("FRIENDS5", 5),
        _ => ("", 0),
    }
}

/// How an order stands so many days later.
fn status(chance: &mut Chance, age_days: i64) -> &'static str {
    match (chance.below(1000), age_days) {
        (0..42, _) => "CANCELLED",
        (42..50, _) => "DRAFT",
        (50..500, 0..=1) => "SUBMITTED",
        (_, 0..=1) | (50..300, 2..=4) => "CONFIRMED",
        (_, 2..=4) | (50..400, 5..=8) => "SHIPPED",
        _ => "DELIVERED",
    }
}

fn channel(chance: &mut Chance, is_firm: bool, is_home: bool) -> &'static str {
    match chance.below(100) {
        0..70 if is_firm => "sales",
        0..8 if is_home => "store",
        0..55 => "web",
        55..86 => "app",
        _ => "marketplace",
    }
}
