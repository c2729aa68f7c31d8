//! What the sales leave for the rest of the business: who was won and when, and what went out of the stock.

use chrono::{DateTime, NaiveDate, Utc};

use super::customers::Customers;

/// A customer who was won.
pub struct Won {
    pub id: String,
    /// Days after the first day; fewer than none for those who were there before.
    pub day: i64,
    /// Firms have a sales representative.
    pub sales_rep: Option<usize>,
}

/// Everything that was noted.
pub struct Ledger {
    start: NaiveDate,
    /// Customers in the order that they were won.
    pub customers: Vec<Won>,
    /// Units sold of each product, by week.
    pub sold: Vec<Vec<i64>>,
}

impl Ledger {
    /// Nothing yet, of a shop with so many products that begins on `start` and goes on for so many days.
    pub fn new(start: NaiveDate, days: usize, products: usize) -> Self {
        Self { start, customers: Vec::new(), sold: vec![vec![0; days.div_ceil(7)]; products] }
    }

    /// Notes that a customer was won.
    pub fn win(&mut self, customers: &Customers, number: u64, at: DateTime<Utc>) {
        let customer = customers.get(number);
        let day = (at.date_naive() - self.start).num_days();
        self.customers.push(Won { id: customer.id, day, sales_rep: customer.sales_rep });
    }

    /// Notes that units of the product of that number were sold.
    pub fn sell(&mut self, product: usize, day: usize, quantity: i64) {
        if let Some(week) = self.sold.get_mut(product).and_then(|weeks| weeks.get_mut(day / 7)) {
            *week += quantity;
        }
    }
}
