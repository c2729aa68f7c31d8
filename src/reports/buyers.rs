//! Who bought: customers for the first time, customers who came back, and guests.

use async_graphql::{Enum, Object, Result, SimpleObject};

use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Filter, Metric};
use crate::money::{Currency, Exact, Money as Amount};
use crate::reports::face::ratio_text;
use crate::reports::scope::Scope;
use crate::scalars::{Decimal, Long, Money};

/// Who buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Buyer {
    /// Customers, in their first order.
    FirstTime,
    /// Customers who had ordered before.
    Returning,
    /// Orders without a customer.
    Guest,
}

/// What some of the buyers did.
#[derive(Clone, Debug)]
pub struct Buyers {
    /// Who.
    pub who: Buyer,
    /// How many; of guests nobody knows.
    pub customers: Option<i64>,
    /// Their orders that count.
    pub orders: i64,
    /// What these come to.
    pub revenue: Amount,
    /// Their part of all revenue; none where there is none.
    pub share: Option<Exact>,
    /// Their revenue divided by their orders; none where there are none.
    pub average_order_value: Option<Amount>,
}

/// The three kinds of buyers: together they placed every order that counts. Who ordered for the first time and came back
/// within the period is among both.
pub async fn buyers(scope: &Scope) -> Result<Vec<Buyers>, Fault> {
    const KINDS: [(Buyer, Option<Metric>, Metric, Metric); 3] = [
        (Buyer::FirstTime, Some(Metric::FirstTimeCustomers), Metric::FirstOrders, Metric::FirstOrderRevenue),
        (Buyer::Returning, Some(Metric::ReturningCustomers), Metric::RepeatOrders, Metric::RepeatRevenue),
        (Buyer::Guest, None, Metric::Orders, Metric::Revenue),
    ];
    let mut asked = vec![Metric::Revenue];
    for (_, customers, orders, revenue) in &KINDS[..2] {
        asked.extend(customers.iter().chain([orders, revenue]));
    }
    let mut guests = scope.clone();
    guests.filters.push(Filter { dimension: Dimension::Customer, values: vec![None], exclude: false });
    let of_guests = [Metric::Orders, Metric::Revenue];
    let (all, guests) = tokio::try_join!(scope.totals(&asked), guests.totals(&of_guests))?;
    let told = KINDS.map(|(who, customers, orders, revenue)| {
        let of = if who == Buyer::Guest { &guests } else { &all };
        let customers = customers.map(|metric| of.count(metric)).transpose()?;
        let share = quotient(of, revenue, all.exact(Metric::Revenue)?)?;
        let average = quotient(of, revenue, of.exact(orders)?)?;
        let revenue = of.amount(revenue)?;
        let average_order_value = average.map(|average| amount(&average, scope.currency)).transpose()?;
        Ok(Buyers { who, customers, orders: of.count(orders)?, revenue, share, average_order_value })
    });
    told.into_iter().collect()
}

fn quotient(figures: &Figures, part: Metric, by: Option<&Exact>) -> Result<Option<Exact>, Fault> {
    Ok(figures.exact(part)?.zip(by).and_then(|(part, by)| part.divided_by(by)))
}

fn amount(exact: &Exact, currency: Currency) -> Result<Amount, Fault> {
    Ok(Amount { minor: exact.round_to(0).ok_or(Fault::Overflow)?, currency })
}

/// What some of the buyers did.
#[derive(SimpleObject)]
#[graphql(name = "Buyers")]
struct BuyersObject {
    /// Who.
    who: Buyer,
    /// How many customers; null for guests, of whom nobody knows.
    customers: Option<Long>,
    /// Their orders that count.
    orders: Long,
    /// What these come to.
    revenue: Money,
    /// Their part of all revenue; null where there is none.
    share: Option<Decimal>,
    /// Their revenue divided by their orders; null where there are none.
    average_order_value: Option<Money>,
}

/// The field `buyers` of customers.
pub(super) struct BuyersField(pub(super) Scope);

#[Object(name = "CustomerBuyers")]
impl BuyersField {
    /// Who bought: first orders of customers, orders of customers who had ordered before, and orders of guests. Together
    /// they are all orders that count; who ordered for the first time and came back within the period is among both
    /// numbers of customers.
    async fn buyers(&self) -> Result<Vec<BuyersObject>> {
        let told = buyers(&self.0).await?.into_iter().map(|row| BuyersObject {
            who: row.who,
            customers: row.customers.map(Long),
            orders: Long(row.orders),
            revenue: row.revenue.into(),
            share: ratio_text(row.share.as_ref()),
            average_order_value: row.average_order_value.map(Money::from),
        });
        Ok(told.collect())
    }
}
