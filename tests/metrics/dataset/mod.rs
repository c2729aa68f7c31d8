//! A dataset folder, read by the plainest means.

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
    /// When the customer was won: the file's word, else the first order that is neither draft nor cancelled.
    pub won_at: Option<DateTime<Utc>>,
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
}

pub struct Dataset {
    pub customers: HashMap<String, Customer>,
    /// Categories by product.
    pub categories: HashMap<String, Option<String>>,
    pub orders: HashMap<String, Order>,
    pub lines: Vec<Line>,
    pub refunds: Vec<Refund>,
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
    pub fn read(folder: &Path) -> Self {
        let orders: HashMap<String, Order> =
            rows(folder, "orders").iter().map(|row| (row["order_id"].clone(), order(row))).collect();
        let customers = rows(folder, "customers").iter().map(|row| customer(row, &orders)).collect();
        let categories = rows(folder, "products");
        Self {
            customers,
            categories: categories
                .iter()
                .map(|row| (row["product_id"].clone(), text(row, "category_id")))
                .collect(),
            lines: rows(folder, "order_items").iter().map(line).collect(),
            refunds: rows(folder, "refunds").iter().map(refund).collect(),
            rates: rows(folder, "exchange_rates").iter().map(rate).collect(),
            known: Known::default(),
            orders,
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

fn customer(row: &Row, orders: &HashMap<String, Order>) -> (String, Customer) {
    let id = row["customer_id"].clone();
    let theirs = orders.values().filter(|order| order.customer.as_ref() == Some(&id) && order.counts());
    let customer = Customer {
        id: id.clone(),
        country: text(row, "country"),
        region: text(row, "region"),
        city: text(row, "city"),
        acquisition_channel: text(row, "acquisition_channel"),
        won_at: instant(row, "acquired_at").or_else(|| theirs.map(|order| order.placed_at).min()),
    };
    (id, customer)
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
