//! A shop that never was: two years of its facts, written as a dataset folder that the import reads like any other.
//!
//! The same orders, seed and last day give the same bytes. Nothing here knows a database or what time it is; money is
//! integers throughout, and memory does not grow with the number of orders.

mod assortment;
mod baskets;
mod calendar;
mod chance;
mod customers;
mod files;
mod places;
mod rates;
mod sales;

use std::path::Path;

use chrono::{Months, NaiveDate};

use assortment::Assortment;
use calendar::Calendar;
use customers::Customers;
use files::Files;
use sales::Sales;

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

/// How many rows were written, by entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Customers.
    pub customers: u64,
    /// Categories.
    pub categories: u64,
    /// Products.
    pub products: u64,
    /// Sales representatives.
    pub sales_reps: u64,
    /// Orders.
    pub orders: u64,
    /// Lines of orders.
    pub order_items: u64,
    /// Refunds.
    pub refunds: u64,
    /// Exchange rates.
    pub exchange_rates: u64,
}

impl Written {
    /// All rows.
    pub fn rows(&self) -> u64 {
        self.customers
            + self.categories
            + self.products
            + self.sales_reps
            + self.orders
            + self.order_items
            + self.refunds
            + self.exchange_rates
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
    Sales { shop, calendar: &calendar, assortment: &assortment, customers }.write(&mut files)?;
    files.finish()
}

#[cfg(test)]
mod tests;
