//! `GET /inventory`: what there is in stock, what it is worth, how fast it goes.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{code, each, label, minor, rate, typical};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::{CategoryId, ProductId};
use crate::metrics::{Metric, Row};
use crate::period::Grain;
use crate::reports::{Ranking, Top, top};
use crate::rest::Number;

/// What the whole is told by.
const FIGURES: [Metric; 11] = [
    Metric::StockOnHand,
    Metric::StockOnHandAtPrice,
    Metric::StockOnHandAtCost,
    Metric::ProductsOnSale,
    Metric::ProductsOutOfStock,
    Metric::UnitsReceived,
    Metric::UnitsShipped,
    Metric::CostOfUnitsShipped,
    Metric::InventoryTurnover,
    Metric::DaysOfInventory,
    Metric::SellThrough,
];

/// What each period is told by.
const OVER_TIME: [Metric; 4] =
    [Metric::StockUnits, Metric::StockAtCost, Metric::UnitsReceived, Metric::UnitsShipped];

/// What products and categories are told by.
const OF_EACH: [Metric; 4] =
    [Metric::StockOnHand, Metric::StockOnHandAtPrice, Metric::StockOnHandAtCost, Metric::UnitsShipped];

/// Stock: what there is now and what it is worth, and how it went in the window.
#[utoipa::path(
    get,
    path = "/inventory",
    tag = TAG,
    operation_id = "ecosire_inventory",
    params(Window),
    responses((status = 200, description = "The report.", body = Inventory), Refusals),
)]
pub async fn inventory(Asked { scope, grain, limit }: Asked) -> Answer {
    let ranking = Ranking::largest(Metric::StockOnHandAtCost, limit);
    let (totals, series, products, categories) = try_join!(
        scope.totals(&FIGURES),
        scope.series(grain, &OVER_TIME),
        top::<ProductId>(&scope, ranking, &OF_EACH),
        top::<CategoryId>(&scope, ranking, &OF_EACH),
    )?;
    json(&Inventory {
        summary: Summary::of(&totals)?,
        time_series: each(&series, |row| Bucket::of(row, grain))?,
        by_category: each(&categories, Category::of)?,
        by_product: each(&products, Product::of)?,
    })
}

/// `GET /inventory`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Inventory)]
pub struct Inventory {
    /// Stock as it is now, and what moved in the window.
    summary: Summary,
    /// A row for each period that the window touches.
    time_series: Vec<Bucket>,
    /// The categories that most money lies in; ties by id.
    by_category: Vec<Category>,
    /// The products that most money lies in; ties by id.
    by_product: Vec<Product>,
}

/// Stock as it is now, and what moved in the window.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::InventorySummary)]
struct Summary {
    /// Units in stock now.
    stock_on_hand: i64,
    /// What they are worth at their prices, in minor units.
    value_at_price: i64,
    /// What they are worth at their costs, in minor units.
    value_at_cost: i64,
    /// Products on sale now.
    #[schema(minimum = 0)]
    products_on_sale: i64,
    /// Those of them that are out of stock.
    #[schema(minimum = 0)]
    out_of_stock: i64,
    /// Units that came in.
    units_received: i64,
    /// Units that went out by sales, less those that came back.
    units_shipped: i64,
    /// What those cost, in minor units.
    cost_of_goods_sold: i64,
    /// Cost of goods sold divided by the average stock at cost: how often the stock was sold.
    turnover: Number,
    /// Days that the average stock lasts at the window's rate; null where nothing was sold.
    days_of_inventory: Option<Number>,
    /// Units shipped divided by units available: 0.25 is 25 %.
    sell_through: Number,
    /// The currency of every amount, in lower case.
    #[schema(pattern = "^[a-z]{3}$", example = "usd")]
    currency: String,
}

impl Summary {
    fn of(totals: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            stock_on_hand: totals.count(Metric::StockOnHand)?,
            value_at_price: minor(totals, Metric::StockOnHandAtPrice)?,
            value_at_cost: minor(totals, Metric::StockOnHandAtCost)?,
            products_on_sale: totals.count(Metric::ProductsOnSale)?,
            out_of_stock: totals.count(Metric::ProductsOutOfStock)?,
            units_received: totals.count(Metric::UnitsReceived)?,
            units_shipped: totals.count(Metric::UnitsShipped)?,
            cost_of_goods_sold: minor(totals, Metric::CostOfUnitsShipped)?,
            turnover: rate(totals, Metric::InventoryTurnover, Metric::CostOfUnitsShipped)?,
            days_of_inventory: typical(totals, Metric::DaysOfInventory)?,
            sell_through: rate(totals, Metric::SellThrough, Metric::UnitsShipped)?,
            currency: code(totals.currency()),
        })
    }
}

/// Stock of one period.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::InventoryBucket)]
struct Bucket {
    /// Which one: `2026-01-05`, `2026-W02`, `2026-01` or `2026-Q1`.
    period: String,
    /// Units in stock at its end, as movements tell.
    stock_units: i64,
    /// What they cost, in minor units.
    stock_at_cost: i64,
    /// Units that came in.
    units_received: i64,
    /// Units that went out by sales, less those that came back.
    units_shipped: i64,
}

impl Bucket {
    fn of(row: &Row, grain: Grain) -> Result<Self, Fault> {
        Ok(Self {
            period: label(row, grain)?,
            stock_units: row.figures.count(Metric::StockUnits)?,
            stock_at_cost: minor(&row.figures, Metric::StockAtCost)?,
            units_received: row.figures.count(Metric::UnitsReceived)?,
            units_shipped: row.figures.count(Metric::UnitsShipped)?,
        })
    }
}

/// Stock of one category.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::InventoryCategory)]
struct Category {
    /// Identifies the category.
    category_id: String,
    /// Display name.
    category_name: String,
    /// Units in stock now.
    stock_on_hand: i64,
    /// What they are worth at their prices, in minor units.
    value_at_price: i64,
    /// What they are worth at their costs, in minor units.
    value_at_cost: i64,
    /// Units that went out by sales in the window, less those that came back.
    units_shipped: i64,
}

impl Category {
    fn of(row: &Top<CategoryId>) -> Result<Self, Fault> {
        let figures = &row.ranked.figures;
        Ok(Self {
            category_id: row.thing.category_id.clone(),
            category_name: row.thing.name.clone(),
            stock_on_hand: figures.count(Metric::StockOnHand)?,
            value_at_price: minor(figures, Metric::StockOnHandAtPrice)?,
            value_at_cost: minor(figures, Metric::StockOnHandAtCost)?,
            units_shipped: figures.count(Metric::UnitsShipped)?,
        })
    }
}

/// Stock of one product.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::InventoryProduct)]
struct Product {
    /// Identifies the product.
    product_id: String,
    /// Stock keeping unit.
    sku: String,
    /// Display name.
    product_name: String,
    /// Units in stock now.
    stock_on_hand: i64,
    /// What they are worth at its price, in minor units.
    value_at_price: i64,
    /// What they are worth at its cost, in minor units.
    value_at_cost: i64,
    /// Units that went out by sales in the window, less those that came back.
    units_shipped: i64,
}

impl Product {
    fn of(row: &Top<ProductId>) -> Result<Self, Fault> {
        let figures = &row.ranked.figures;
        Ok(Self {
            product_id: row.thing.product_id.clone(),
            sku: row.thing.sku.clone(),
            product_name: row.thing.name.clone(),
            stock_on_hand: figures.count(Metric::StockOnHand)?,
            value_at_price: minor(figures, Metric::StockOnHandAtPrice)?,
            value_at_cost: minor(figures, Metric::StockOnHandAtCost)?,
            units_shipped: figures.count(Metric::UnitsShipped)?,
        })
    }
}
