//! A shop that never was: two years of its facts, written as a dataset folder that the import reads like any other.
//!
//! The same orders, seed and last day give the same bytes. Nothing here knows a database or what time it is; money is
//! integers throughout, and memory grows with customers and products, not with orders.

mod assortment;
mod audience;
mod baskets;
mod calendar;
mod chance;
mod customers;
mod deals;
mod files;
mod ledger;
mod marketing;
mod places;
mod rates;
mod sales;
mod staff;
mod stock;
mod subscriptions;
mod support;
mod traffic;

use std::path::Path;

use chrono::{DateTime, Months, NaiveDate, SecondsFormat, Utc};

use assortment::Assortment;
use calendar::Calendar;
use customers::Customers;
use files::Files;
use ledger::Ledger;
use sales::Sales;
use traffic::Traffic;

/// The shop's own currency: the one that its reports are told in.
pub const CURRENCY: &str = "EUR";

/// Where the shop stands.
pub const TIME_ZONE: &str = "Europe/Berlin";

/// What the shop is called.
pub const NAME: &str = "Alder & Finch";

/// Which shop to make up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shop {
    /// How many orders it had; everything else grows with them.
    pub orders: u64,
    /// Another seed, another shop.
    pub seed: u64,
    /// The last day (UTC) that anything happened on; the first is two years before.
    pub end: NaiveDate,
}

impl Shop {
    /// How many orders the demo's shop had, where nothing else is asked for.
    pub const ORDERS: u64 = 20_000;
    /// Its seed.
    pub const SEED: u64 = 1;
}

/// How many rows were written, by entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written(Vec<(&'static str, u64)>);

impl Written {
    /// Rows of that entity.
    pub fn of(&self, entity: &str) -> u64 {
        self.0.iter().find(|(name, _)| *name == entity).map_or(0, |(_, rows)| *rows)
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.0.iter().map(|(_, rows)| rows).sum()
    }
}

/// Why a shop was not written.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder or a file in it cannot be written.
    #[error("cannot write the demo's files: {0}")]
    Write(#[from] csv::Error),
    /// The two years reach beyond the calendar.
    #[error("{0} cannot be the last day of two years")]
    Day(NaiveDate),
}

/// Writes `shop` as CSV files into `folder`, which is made where it is missing.
pub fn write(shop: &Shop, folder: &Path) -> Result<Written, DemoError> {
    let start = shop
        .end
        .checked_sub_months(Months::new(24))
        .and_then(|day| day.succ_opt())
        .ok_or(DemoError::Day(shop.end))?;
    let calendar = Calendar::new(shop, start);
    let mut files = Files::create(folder)?;
    rates::write(shop, &calendar, &mut files)?;
    let assortment = Assortment::new(shop, &calendar);
    assortment.write(&mut files)?;
    customers::write_sales_reps(&mut files)?;
    let customers = Customers::new(shop, start);
    let ledger = Ledger::new(start, calendar.days().len(), assortment.products().len());
    audience::write(&mut files)?;
    let traffic = Traffic::new(shop, &calendar);
    let sales = Sales { shop, calendar: &calendar, assortment: &assortment, customers, ledger, traffic };
    let ledger = sales.write(&mut files)?;
    stock::write(shop, &calendar, &assortment, &ledger, &mut files)?;
    deals::write(shop, &calendar, &ledger, &mut files)?;
    subscriptions::write(shop, &calendar, &ledger, &mut files)?;
    staff::write(shop, &calendar, &mut files)?;
    support::write(shop, &calendar, &ledger, &mut files)?;
    marketing::write(shop, &calendar, &mut files)?;
    files.finish()
}

fn instant_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests;
