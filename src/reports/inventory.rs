//! Stock: what there is, what it is worth, how fast it goes.

use std::collections::HashMap;

use async_graphql::{Enum, MergedObject, Object, Result, SimpleObject};
use chrono::Duration;
use entity::product;

use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::ProductId;
use crate::metrics::{Dimension, Metric, MetricQuery};
use crate::money::{Currency, Exact, Money as Amount, decimal_text};
use crate::period::Period;
use crate::reports::face::Common;
use crate::reports::products::ProductObject;
use crate::reports::scope::{Scope, check_first};
use crate::reports::sets::Stock;
use crate::scalars::{Decimal, Long, Money};

const HELD: [Metric; 5] = [
    Metric::StockOnHand,
    Metric::StockOnHandAtPrice,
    Metric::StockOnHandAtCost,
    Metric::ProductsOnSale,
    Metric::ProductsCounted,
];

/// What is to be looked at in the stock of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum StockStatus {
    /// On sale, and none left.
    OutOfStock,
    /// On sale and in stock, but not for long at the rate of late.
    LowCover,
    /// In stock, and none of it sold of late.
    Dead,
}

/// By what stock is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockRules {
    /// "Of late": so many days up to now.
    pub days: u32,
    /// Low cover: stock for fewer days than these.
    pub cover: u32,
}

/// One product's stock of now.
#[derive(Clone, Debug)]
pub struct ProductStock {
    /// The product's id.
    pub id: String,
    /// What there is and what it is worth.
    pub figures: Figures,
    /// Units sold of late.
    pub sold: Exact,
    /// Days that the stock lasts at the rate of late; none where none was sold.
    pub cover: Option<Exact>,
    /// What is to be looked at, if anything.
    pub status: Option<StockStatus>,
}

/// The stock of every product whose stock is known, the most costly first; ties by id.
pub async fn stock(scope: &Scope, rules: StockRules) -> Result<Vec<ProductStock>, Fault> {
    if !(1..=3660).contains(&rules.days) {
        return Err(Fault::invalid("days", format!("must lie between 1 and 3660, not {}", rules.days)));
    }
    let now = scope.now();
    let late = Period::new(now - Duration::days(i64::from(rules.days)), now)
        .map_err(|error| Fault::invalid("days", error.to_string()))?;
    let by_product = |scope: &Scope, metrics: &[Metric]| MetricQuery {
        dimensions: vec![Dimension::Product],
        ..scope.query(metrics)
    };
    let (held, sold) = (by_product(scope, &HELD), by_product(&scope.over(late), &[Metric::Units]));
    let engine = scope.desk.engine();
    let (held, sold) = tokio::try_join!(engine.ask(&held), engine.ask(&sold))?;
    let mut sold_of: HashMap<String, Exact> = HashMap::new();
    for row in sold.rows {
        let units = row.figures.exact(Metric::Units)?.cloned();
        sold_of.extend(row.keys.into_iter().next().flatten().zip(units));
    }
    let mut stock = Vec::with_capacity(held.rows.len());
    for row in held.rows {
        let Some(id) = row.keys.into_iter().next().flatten() else { continue };
        let sold = sold_of.remove(&id).unwrap_or_else(Exact::zero);
        stock.extend(judged(id, row.figures, sold, rules)?);
    }
    let cost = |row: &ProductStock| row.figures.exact(Metric::StockOnHandAtCost).ok().flatten().cloned();
    stock.sort_by(|a, b| cost(b).cmp(&cost(a)).then_with(|| a.id.cmp(&b.id)));
    Ok(stock)
}

/// A product's stock with what is to be said of it; nothing where nobody knows its stock.
fn judged(
    id: String,
    figures: Figures,
    sold: Exact,
    rules: StockRules,
) -> Result<Option<ProductStock>, Fault> {
    let zero = Exact::zero();
    if figures.count(Metric::ProductsCounted)? == 0 {
        return Ok(None);
    }
    let units = figures.exact(Metric::StockOnHand)?.cloned().unwrap_or_else(Exact::zero);
    let is_on_sale = figures.exact(Metric::ProductsOnSale)?.is_some_and(|count| !count.is_zero());
    let cover = (&units * &Exact::whole(i64::from(rules.days))).divided_by(&sold);
    let is_low = cover.as_ref().is_some_and(|days| *days < Exact::whole(i64::from(rules.cover)));
    let status = if units <= zero {
        is_on_sale.then_some(StockStatus::OutOfStock)
    } else if sold.is_zero() {
        Some(StockStatus::Dead)
    } else {
        (is_on_sale && is_low).then_some(StockStatus::LowCover)
    };
    Ok(Some(ProductStock { id, figures, sold, cover, status }))
}

/// How many products want looking at.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// Products whose stock is known.
    pub products: i64,
    /// On sale, and none left.
    pub out_of_stock: i64,
    /// On sale and in stock, but not for long at the rate of late.
    pub low_cover: i64,
    /// In stock, and none sold of late.
    pub dead: i64,
    /// What that cost.
    pub dead_at_cost: Amount,
}

impl Health {
    /// Of all that are known.
    pub fn of(rows: &[ProductStock], currency: Currency) -> Result<Self, Fault> {
        let with = |status| rows.iter().filter(move |row| row.status == Some(status));
        let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
        let mut cost = Exact::zero();
        for row in with(StockStatus::Dead) {
            cost = row.figures.exact(Metric::StockOnHandAtCost)?.map_or(cost.clone(), |more| &cost + more);
        }
        Ok(Self {
            products: count(rows.len()),
            out_of_stock: count(with(StockStatus::OutOfStock).count()),
            low_cover: count(with(StockStatus::LowCover).count()),
            dead: count(with(StockStatus::Dead).count()),
            dead_at_cost: Amount { minor: cost.round_to(0).ok_or(Fault::Overflow)?, currency },
        })
    }
}

/// One product's stock of now.
#[derive(SimpleObject)]
#[graphql(name = "ProductStock")]
struct ProductStockObject {
    /// The product.
    product: ProductObject,
    /// Units in stock.
    units: Long,
    /// Their worth at the product's price.
    at_price: Money,
    /// Their worth at the product's cost.
    at_cost: Money,
    /// Units sold of late.
    sold: Long,
    /// Days that the stock lasts at the rate of late, to one digit; null where none was sold.
    days_of_cover: Option<Decimal>,
    /// What is to be looked at; null where all is well.
    status: Option<StockStatus>,
}

/// How many products want looking at.
#[derive(SimpleObject)]
struct StockHealth {
    /// Products whose stock is known.
    products: Long,
    /// On sale, and none left.
    out_of_stock: Long,
    /// On sale and in stock, but not for long at the rate of late.
    low_cover: Long,
    /// In stock, and none sold of late.
    dead: Long,
    /// What the stock cost of which none was sold of late; of products whose cost is known.
    dead_at_cost: Money,
}

/// Stock of now.
struct Shelf(Scope);

#[Object(name = "InventoryExtras")]
impl Shelf {
    /// Products by their stock of now, the most costly first; ties by id.
    async fn stock(
        &self,
        #[graphql(desc = "Only those with this to be looked at.")] status: Option<StockStatus>,
        #[graphql(desc = "Of late: so many days up to now, 1 to 3660.", default = 90)] days: u32,
        #[graphql(desc = "Low cover: stock for fewer days than these.", default = 14)] cover: u32,
        #[graphql(desc = "How many, at most 1000.", default = 100)] first: u32,
    ) -> Result<Vec<ProductStockObject>> {
        check_first(first)?;
        let scope = &self.0;
        let mut rows = stock(scope, StockRules { days, cover }).await?;
        rows.retain(|row| status.is_none() || row.status == status);
        rows.truncate(first as usize);
        let ids = rows.iter().map(|row| ProductId(row.id.clone()));
        let mut names = scope.desk.names().load_many(ids).await?;
        let told = rows.into_iter().filter_map(|row| {
            let product = names.remove(&ProductId(row.id.clone()))?;
            Some(told(scope, product, &row))
        });
        told.collect()
    }

    /// How many products want looking at now.
    async fn stock_health(
        &self,
        #[graphql(desc = "Of late: so many days up to now, 1 to 3660.", default = 90)] days: u32,
        #[graphql(desc = "Low cover: stock for fewer days than these.", default = 14)] cover: u32,
    ) -> Result<StockHealth> {
        let rows = stock(&self.0, StockRules { days, cover }).await?;
        let health = Health::of(&rows, self.0.currency)?;
        Ok(StockHealth {
            products: Long(health.products),
            out_of_stock: Long(health.out_of_stock),
            low_cover: Long(health.low_cover),
            dead: Long(health.dead),
            dead_at_cost: health.dead_at_cost.into(),
        })
    }
}

fn told(scope: &Scope, product: product::Model, row: &ProductStock) -> Result<ProductStockObject> {
    let cover = row.cover.as_ref().and_then(|days| days.round_to(1));
    Ok(ProductStockObject {
        product: ProductObject { desk: scope.desk.clone(), row: product },
        units: Long(row.figures.count(Metric::StockOnHand)?),
        at_price: row.figures.amount(Metric::StockOnHandAtPrice)?.into(),
        at_cost: row.figures.amount(Metric::StockOnHandAtCost)?.into(),
        sold: Long(row.sold.round_to(0).ok_or(Fault::Overflow)?),
        days_of_cover: cover.map(|days| Decimal(decimal_text(days, 1))),
        status: row.status,
    })
}

/// Stock in a period: units, what they cost, how fast they go; and what there is now.
#[derive(MergedObject)]
#[graphql(name = "Inventory")]
pub struct InventoryReport(Common<Stock>, Shelf);

impl From<Scope> for InventoryReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), Shelf(scope))
    }
}
