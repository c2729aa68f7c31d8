//! A dataset folder, read by the plainest means.

mod affiliates;
mod business;
mod lifetimes;

pub use affiliates::{Code, Conversion, Event};
pub use business::{
    AttendedDay, CampaignDay, Deal, Employee, Movement, Product, Stage, Subscription, Ticket,
};

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::exact::{Fraction, Known, Rate, decimal};

pub struct Customer {
    pub id: String,
    pub country: Option<String>,
    pub region: Option<String>,
    pub city: Option<String>,
    pub acquisition_channel: Option<String>,
    /// The first order that is neither draft nor cancelled.
    pub first_ordered_at: Option<DateTime<Utc>>,
    pub won_at: Option<DateTime<Utc>>,
    pub lost_at: Option<DateTime<Utc>>,
}

pub struct Order {
    pub customer: Option<String>,
    pub sales_rep: Option<String>,
    pub placed_at: DateTime<Utc>,
    pub status: String,
    pub currency: String,
    pub total: Fraction,
    pub discount: Fraction,
    pub shipping: Fraction,
    pub tax: Fraction,
    pub channel: Option<String>,
    pub coupon: Option<String>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub city: Option<String>,
}

impl Order {
    pub fn counts(&self) -> bool {
        self.status != "DRAFT" && self.status != "CANCELLED"
    }
}

pub struct Line {
    pub order: String,
    pub product: String,
    pub quantity: Fraction,
    pub discount: Fraction,
    pub total: Fraction,
}

pub struct Refund {
    pub order: String,
    pub refunded_at: DateTime<Utc>,
    pub amount: Fraction,
    pub product: Option<String>,
    pub quantity: Option<Fraction>,
    pub reason: Option<String>,
}

pub struct Dataset {
    /// The instant at which it is looked at.
    pub now: DateTime<Utc>,
    pub customers: HashMap<String, Customer>,
    pub products: HashMap<String, Product>,
    pub orders: HashMap<String, Order>,
    pub lines: Vec<Line>,
    pub refunds: Vec<Refund>,
    pub deals: HashMap<String, Deal>,
    pub stages: Vec<Stage>,
    pub subscriptions: Vec<Subscription>,
    pub movements: Vec<Movement>,
    pub employees: HashMap<String, Employee>,
    pub attendance: Vec<AttendedDay>,
    pub tickets: Vec<Ticket>,
    pub campaign_days: Vec<CampaignDay>,
    pub codes: HashMap<String, Code>,
    pub events: Vec<Event>,
    pub conversions: Vec<Conversion>,
    pub rates: Vec<Rate>,
    pub known: Known,
}

pub type Row = HashMap<String, String>;

pub fn rows(folder: &Path, entity: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.join(format!("{entity}.csv"))).expect("the file opens");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn text(row: &Row, column: &str) -> Option<String> {
    row.get(column).filter(|text| !text.is_empty()).cloned()
}

fn amount(row: &Row, column: &str) -> Fraction {
    text(row, column).map_or_else(super::exact::zero, |text| decimal(&text))
}

fn instant(row: &Row, column: &str) -> Option<DateTime<Utc>> {
    text(row, column).map(|text| text.parse().expect("an instant"))
}

impl Dataset {
    /// Reads the folder, as it looks at `now`; what says no currency is in `currency`.
    pub fn read(folder: &Path, currency: &str, now: DateTime<Utc>) -> Self {
        let orders: HashMap<String, Order> =
            rows(folder, "orders").iter().map(|row| (row["order_id"].clone(), order(row))).collect();
        let subscriptions = business::subscriptions(folder, currency);
        let stages = business::stages(folder);
        Self {
            customers: lifetimes::customers(folder, &orders, &subscriptions, now),
            products: business::products(folder, currency),
            lines: rows(folder, "order_items").iter().map(line).collect(),
            refunds: rows(folder, "refunds").iter().map(refund).collect(),
            deals: business::deals(folder, currency, &stages),
            movements: business::movements(folder),
            employees: business::employees(folder),
            attendance: business::attendance(folder),
            tickets: business::tickets(folder),
            campaign_days: business::campaign_days(folder, currency),
            codes: affiliates::codes(folder, currency),
            events: affiliates::events(folder),
            conversions: affiliates::conversions(folder, currency),
            rates: rows(folder, "exchange_rates").iter().map(rate).collect(),
            known: Known::default(),
            now,
            orders,
            stages,
            subscriptions,
        }
    }
}

fn order(row: &Row) -> Order {
    Order {
        customer: text(row, "customer_id"),
        sales_rep: text(row, "sales_rep_number"),
        placed_at: instant(row, "placed_at").expect("an instant"),
        status: row["status"].clone(),
        currency: row["currency"].clone(),
        total: amount(row, "total"),
        discount: amount(row, "discount"),
        shipping: amount(row, "shipping"),
        tax: amount(row, "tax"),
        channel: text(row, "channel"),
        coupon: text(row, "coupon_code"),
        country: text(row, "country"),
        region: text(row, "region"),
        city: text(row, "city"),
    }
}

fn line(row: &Row) -> Line {
    Line {
        order: row["order_id"].clone(),
        product: row["product_id"].clone(),
        quantity: amount(row, "quantity"),
        discount: amount(row, "discount"),
        total: amount(row, "line_total"),
    }
}

fn refund(row: &Row) -> Refund {
    Refund {
        order: row["order_id"].clone(),
        refunded_at: instant(row, "refunded_at").expect("an instant"),
        amount: amount(row, "amount"),
        product: text(row, "product_id"),
        quantity: text(row, "quantity").map(|text| decimal(&text)),
        reason: text(row, "reason"),
    }
}

fn rate(row: &Row) -> Rate {
    Rate {
        day: row["day"].parse().expect("a day"),
        from: row["from"].clone(),
        to: row["to"].clone(),
        rate: decimal(&row["rate"]),
    }
}
