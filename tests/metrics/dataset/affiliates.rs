//! Events, conversions, and the codes that they name.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::super::exact::{Fraction, decimal};
use super::{Row, amount, instant, rows, text};

pub struct Code {
    pub affiliate: Option<String>,
    /// A share of totals, or an amount in a currency.
    pub rate: Option<Fraction>,
    pub fixed: Option<(Fraction, String)>,
}

pub struct Event {
    pub at: DateTime<Utc>,
    pub kind: String,
    pub session: Option<String>,
    pub code: Option<String>,
    pub page: Option<String>,
    pub referrer: Option<String>,
    pub product: Option<String>,
    pub device: Option<String>,
    pub browser: Option<String>,
    pub os: Option<String>,
    pub country: Option<String>,
    pub source: Option<String>,
}

pub struct Conversion {
    pub id: String,
    pub at: DateTime<Utc>,
    pub order: Option<String>,
    pub code: Option<String>,
    pub session: Option<String>,
    pub total: Fraction,
    pub commission: Option<Fraction>,
    pub currency: String,
}

fn currency(row: &Row, home: &str) -> String {
    text(row, "currency").unwrap_or_else(|| home.to_owned())
}

pub fn codes(folder: &Path, home: &str) -> HashMap<String, Code> {
    let code = |row: &Row| Code {
        affiliate: text(row, "affiliate_id"),
        rate: text(row, "commission_rate").map(|text| decimal(&text)),
        fixed: text(row, "commission_fixed").map(|text| (decimal(&text), currency(row, home))),
    };
    rows(folder, "tracking_codes").iter().map(|row| (row["tracking_code"].clone(), code(row))).collect()
}

pub fn events(folder: &Path) -> Vec<Event> {
    let event = |row: &Row| Event {
        at: instant(row, "occurred_at").expect("an instant"),
        kind: row["type"].clone(),
        session: text(row, "session_id"),
        code: text(row, "tracking_code"),
        page: text(row, "page_url"),
        referrer: text(row, "referrer_url"),
        product: text(row, "product_id"),
        device: text(row, "device"),
        browser: text(row, "browser"),
        os: text(row, "os"),
        country: text(row, "country"),
        source: text(row, "traffic_source"),
    };
    rows(folder, "events").iter().map(event).collect()
}

pub fn conversions(folder: &Path, home: &str) -> Vec<Conversion> {
    let conversion = |row: &Row| Conversion {
        id: row["conversion_id"].clone(),
        at: instant(row, "converted_at").expect("an instant"),
        order: text(row, "order_id"),
        code: text(row, "tracking_code"),
        session: text(row, "session_id"),
        total: amount(row, "order_total"),
        commission: text(row, "commission").map(|text| decimal(&text)),
        currency: currency(row, home),
    };
    rows(folder, "conversions").iter().map(conversion).collect()
}
