//! What customers are worth: how many have spent how much, up to the end.

use async_graphql::{Object, Result, SimpleObject};

use crate::fault::Fault;
use crate::metrics::{Dimension, Metric, MetricQuery};
use crate::money::{Currency, Exact, Money as Amount};
use crate::reports::face::ratio_text;
use crate::reports::scope::Scope;
use crate::scalars::{Decimal, Long, Money};

/// Most bounds that a caller may name.
const MOST_BOUNDS: usize = 50;
/// How many bounds there are where nobody names any.
const BOUNDS: usize = 6;
/// Most customers that can be told apart.
const MOST_CUSTOMERS: u32 = 1_000_000;

/// Customers whose lifetime revenue lies within bounds.
#[derive(Clone, Debug)]
pub struct Worth {
    /// The least that it is; none for the first.
    pub from: Option<Amount>,
    /// What it lies below; none for the last.
    pub to: Option<Amount>,
    /// How many customers.
    pub customers: i64,
    /// Their part of all customers; none where there are none.
    pub share: Option<Exact>,
    /// Their orders that count, up to the end.
    pub orders: i64,
    /// What these come to.
    pub revenue: Amount,
    /// Their part of all customers' revenue; none where there is none.
    pub revenue_share: Option<Exact>,
}

/// Customers with an order that counts, up to the period's end, by what their orders come to: below the first of
/// `bounds`, from each to the next, from the last on. Bounds are minor units; without any, up to six round ones are found.
pub async fn lifetimes(scope: &Scope, bounds: Option<Vec<i64>>) -> Result<Vec<Worth>, Fault> {
    let query = MetricQuery {
        dimensions: vec![Dimension::Customer],
        named_only: true,
        limit: Some(MOST_CUSTOMERS),
        ..scope.query(&[Metric::LifetimeRevenue, Metric::LifetimeOrders])
    };
    let mut customers = Vec::new();
    for row in scope.desk.engine().ask(&query).await?.rows {
        let orders = row.figures.count(Metric::LifetimeOrders)?;
        let revenue = row.figures.exact(Metric::LifetimeRevenue)?.cloned().unwrap_or_else(Exact::zero);
        customers.push((revenue, orders));
    }
    customers.sort_unstable();
    let bounds = bounds.unwrap_or_else(|| round_bounds(&customers));
    told(&customers, &bounds, scope.currency)
}

/// `customers` are sorted by their revenue.
fn told(customers: &[(Exact, i64)], bounds: &[i64], currency: Currency) -> Result<Vec<Worth>, Fault> {
    let sum = |of: &[(Exact, i64)]| of.iter().fold(Exact::zero(), |sum, (revenue, _)| &sum + revenue);
    let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    let (all, everything) = (Exact::whole(count(customers.len())), sum(customers));
    let starts = std::iter::once(None).chain(bounds.iter().copied().map(Some));
    let ends = bounds.iter().copied().map(Some).chain([None]);
    let mut rest = customers;
    let rows = starts.zip(ends).map(|(from, to)| {
        let size = match to {
            Some(to) => rest.partition_point(|(revenue, _)| *revenue < Exact::whole(to)),
            None => rest.len(),
        };
        let (within, after) = rest.split_at(size);
        rest = after;
        let revenue = sum(within);
        Ok(Worth {
            from: from.map(|minor| Amount { minor, currency }),
            to: to.map(|minor| Amount { minor, currency }),
            customers: count(size),
            share: Exact::whole(count(size)).divided_by(&all),
            orders: within.iter().map(|(_, orders)| orders).sum(),
            revenue_share: revenue.divided_by(&everything),
            revenue: Amount { minor: revenue.round_to(0).ok_or(Fault::Overflow)?, currency },
        })
    });
    rows.collect()
}

/// Bounds of the row 1, 2, 5, 10, 20, … minor units: the largest is the last one that at least one in a hundred customers
/// reaches, and somebody is below the smallest.
fn round_bounds(customers: &[(Exact, i64)]) -> Vec<i64> {
    let Some(last) = customers.len().checked_sub(1) else { return Vec::new() };
    let ((smallest, _), (reached, _)) = (&customers[0], &customers[last - last / 100]);
    let row = (0..18).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_i64.pow(power)));
    let row = row.skip_while(|bound| Exact::whole(*bound) <= *smallest);
    let bounds: Vec<i64> = row.take_while(|bound| Exact::whole(*bound) <= *reached).collect();
    bounds[bounds.len().saturating_sub(BOUNDS)..].to_vec()
}

/// Bounds as callers name them, in minor units.
fn read_bounds(bounds: &[Decimal], currency: Currency) -> Result<Vec<i64>, Fault> {
    let refused = |message: String| Fault::invalid("bounds", message);
    if bounds.is_empty() || bounds.len() > MOST_BOUNDS {
        return Err(refused(format!("name 1 to {MOST_BOUNDS} bounds, not {}", bounds.len())));
    }
    let read = |bound: &Decimal| Amount::parse(&bound.0, currency).map(|amount| amount.minor);
    let read: Result<Vec<i64>, _> = bounds.iter().map(read).collect();
    let read = read.map_err(|error| refused(error.to_string()))?;
    if !read.is_sorted_by(|one, next| one < next) {
        return Err(refused("each must be larger than the one before".to_owned()));
    }
    Ok(read)
}

/// Customers whose lifetime revenue lies within bounds.
#[derive(SimpleObject)]
struct LifetimeBucket {
    /// The least that it is; null for the first.
    from: Option<Money>,
    /// What it lies below; null for the last.
    to: Option<Money>,
    /// How many customers.
    customers: Long,
    /// Their part of all customers with an order; null where there are none.
    share: Option<Decimal>,
    /// Their orders that count, up to the period's end.
    orders: Long,
    /// What these come to.
    revenue: Money,
    /// Their part of all customers' revenue; null where there is none.
    revenue_share: Option<Decimal>,
}

/// The field `lifetimes` of customers.
pub(super) struct LifetimesField(pub(super) Scope);

#[Object(name = "CustomerLifetimes")]
impl LifetimesField {
    /// Customers with an order that counts, up to the period's end, by what their orders come to: below the first bound,
    /// from each bound to the next, and from the last one on.
    async fn lifetimes(
        &self,
        #[graphql(
            desc = "Amounts in the report's currency, each larger than the one before, at most 50; by default up to \
            six of the row 1, 2, 5, 10, 20, …: somebody is below the first, and one in a hundred customers reaches the last."
        )]
        bounds: Option<Vec<Decimal>>,
    ) -> Result<Vec<LifetimeBucket>> {
        let bounds = bounds.map(|bounds| read_bounds(&bounds, self.0.currency)).transpose()?;
        let told = lifetimes(&self.0, bounds).await?.into_iter().map(|row| LifetimeBucket {
            from: row.from.map(Money::from),
            to: row.to.map(Money::from),
            customers: Long(row.customers),
            share: ratio_text(row.share.as_ref()),
            orders: Long(row.orders),
            revenue: row.revenue.into(),
            revenue_share: ratio_text(row.revenue_share.as_ref()),
        });
        Ok(told.collect())
    }
}
