//! `GET /inventory`: what there is in stock, what it is worth, how fast it goes.

use entity::product;
use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{Minor, Share, code, each, label, minor, rate, rounded, typical};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::{CategoryId, ProductId};
use crate::metrics::{Metric, Row};
use crate::period::Grain;
use crate::reports::inventory::{ProductStock, StockRules, StockStatus, stock};
use crate::reports::{Ranking, Top, top};
use crate::rest::Number;

/// By what stock is judged: what was sold in the last 90 days, and whether there is enough for 14.
const RULES: StockRules = StockRules { days: 90, cover: 14 };

/// What the whole is told by.
const FIGURES: [Metric; 10] = [
    Metric::StockOnHand,
    Metric::StockOnHandAtPrice,
    Metric::StockOnHandAtCost,
    Metric::ProductsOnSale,
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
pub async fn inventory(asked: Asked) -> Answer {
    json(&Box::pin(report(asked)).await?)
}

/// What the route answers.
pub async fn report(Asked { scope, grain, limit }: Asked) -> Result<Inventory, Fault> {
    let ranking = Ranking::largest(Metric::StockOnHandAtCost, limit);
    let (totals, stock, series, products, categories) = try_join!(
        scope.totals(&FIGURES),
        stock(&scope, RULES),
        scope.series(grain, &OVER_TIME),
        top::<ProductId>(&scope, ranking, &OF_EACH),
        top::<CategoryId>(&scope, ranking, &OF_EACH),
    )?;
    let names = scope.desk.names().load_many(stock.iter().map(|row| ProductId(row.id.clone()))).await?;
    let wanting = stock.iter().filter_map(|row| {
        let (status, product) = (row.status?, names.get(&ProductId(row.id.clone()))?);
        Some(Attention::of(product, status, row))
    });
    Ok(Inventory {
        summary: Summary::of(&totals, &stock)?,
        time_series: each(&series, |row| Bucket::of(row, grain))?,
        by_category: each(&categories, Category::of)?,
        by_product: each(&products, Product::of)?,
        attention: wanting.take(limit as usize).collect::<Result<_, _>>()?,
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
    /// Products whose stock wants looking at now, those first that most money lies in; ties by id.
    attention: Vec<Attention>,
}

/// Stock as it is now, and what moved in the window.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::InventorySummary)]
struct Summary {
    /// Units in stock now.
    stock_on_hand: i64,
    /// What they are worth at their prices, in minor units.
    value_at_price: Minor,
    /// What they are worth at their costs, in minor units.
    value_at_cost: Minor,
    /// Products on sale now.
    #[schema(minimum = 0)]
    products_on_sale: i64,
    /// Those of them that are out of stock.
    #[schema(minimum = 0)]
    out_of_stock: usize,
    /// Those that are in stock, but for fewer than 14 days at the rate of the last 90.
    low_cover: usize,
    /// Products in stock of which nothing was sold in the last 90 days.
    dead_stock: usize,
    /// Units that came in.
    units_received: i64,
    /// Units that went out by sales, less those that came back.
    units_shipped: i64,
    /// What those cost, in minor units.
    cost_of_goods_sold: Minor,
    /// Cost of goods sold divided by the average stock at cost: how often the stock was sold.
    turnover: Number,
    /// Days that the average stock lasts at the window's rate; null where nothing was sold.
    days_of_inventory: Option<Number>,
    /// Units shipped divided by units available: 0.25 is 25 %.
    sell_through: Share,
    /// The currency of every amount, in lower case.
    #[schema(pattern = "^[a-z]{3}$", example = "usd")]
    currency: String,
}

impl Summary {
    fn of(totals: &Figures, stock: &[ProductStock]) -> Result<Self, Fault> {
        let count = |status| stock.iter().filter(|row| row.status == Some(status)).count();
        Ok(Self {
            stock_on_hand: totals.count(Metric::StockOnHand)?,
            value_at_price: minor(totals, Metric::StockOnHandAtPrice)?,
            value_at_cost: minor(totals, Metric::StockOnHandAtCost)?,
            products_on_sale: totals.count(Metric::ProductsOnSale)?,
            out_of_stock: count(StockStatus::OutOfStock),
            low_cover: count(StockStatus::LowCover),
            dead_stock: count(StockStatus::Dead),
            units_received: totals.count(Metric::UnitsReceived)?,
            units_shipped: totals.count(Metric::UnitsShipped)?,
            cost_of_goods_sold: minor(totals, Metric::CostOfUnitsShipped)?,
            turnover: rate(totals, Metric::InventoryTurnover, Metric::CostOfUnitsShipped)?.0,
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
    stock_at_cost: Minor,
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
    value_at_price: Minor,
    /// What they are worth at their costs, in minor units.
    value_at_cost: Minor,
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
    value_at_price: Minor,
    /// What they are worth at its cost, in minor units.
    value_at_cost: Minor,
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

/// A product whose stock wants looking at.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::InventoryAttention)]
struct Attention {
    /// Identifies the product.
    product_id: String,
    /// Stock keeping unit.
    sku: String,
    /// Display name.
    product_name: String,
    /// Why: `out_of_stock`, `low_cover` or `dead_stock`.
    status: &'static str,
    /// Units in stock now.
    stock_on_hand: i64,
    /// What they are worth at its cost, in minor units.
    value_at_cost: Minor,
    /// Units sold in the last 90 days.
    units_sold: Number,
    /// Days that the stock lasts at that rate; null where nothing was sold.
    days_of_cover: Option<Number>,
}

impl Attention {
    fn of(product: &product::Model, status: StockStatus, row: &ProductStock) -> Result<Self, Fault> {
        Ok(Self {
            product_id: product.product_id.clone(),
            sku: product.sku.clone(),
            product_name: product.name.clone(),
            status: match status {
                StockStatus::OutOfStock => "out_of_stock",
                StockStatus::LowCover => "low_cover",
                StockStatus::Dead => "dead_stock",
            },
            stock_on_hand: row.figures.count(Metric::StockOnHand)?,
            value_at_cost: minor(&row.figures, Metric::StockOnHandAtCost)?,
            units_sold: rounded(&row.sold, 0)?,
            days_of_cover: row.cover.as_ref().map(|days| rounded(days, 2)).transpose()?,
        })
    }
}
