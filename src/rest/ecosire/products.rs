//! `GET /products`: what sells, how much of it, what comes back.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{Minor, Share, code, each, growth, known_rate, label, minor, percent, rate};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::{CategoryId, ProductId};
use crate::metrics::{Metric, Row};
use crate::period::Grain;
use crate::reports::pairs::{Pair, pairs};
use crate::reports::scope::Change;
use crate::reports::top::top_against;
use crate::reports::window::{ComparisonInput, Previous};
use crate::reports::{Ranking, Top, top};

/// What the whole, and each product, is told by.
const FIGURES: [Metric; 8] = [
    Metric::LineRevenue,
    Metric::Units,
    Metric::OrdersWithLines,
    Metric::AverageUnitPrice,
    Metric::Refunds,
    Metric::LineRefundRate,
    Metric::GrossProfit,
    Metric::GrossMargin,
];

/// Products of the window: what sells, beside the window before, over time, by product and by category.
#[utoipa::path(
    get,
    path = "/products",
    tag = TAG,
    operation_id = "ecosire_products",
    params(Window),
    responses((status = 200, description = "The report.", body = Products), Refusals),
)]
pub async fn products(asked: Asked) -> Answer {
    json(&Box::pin(report(asked)).await?)
}

/// What the route answers.
pub async fn report(Asked { scope, grain, limit }: Asked) -> Result<Products, Fault> {
    let before = ComparisonInput::Previous(Previous::Period);
    let ranking = Ranking { with_share: true, ..Ranking::largest(Metric::LineRevenue, limit) };
    let mut whole = FIGURES.to_vec();
    whole.push(Metric::ProductsSold);
    let (change, series, products, categories, pairs) = try_join!(
        scope.change(&before, &whole),
        scope.series(grain, &[Metric::LineRevenue, Metric::Units, Metric::OrdersWithLines]),
        top_against::<ProductId>(&scope, Some(&before), ranking, &FIGURES),
        top::<CategoryId>(&scope, ranking, &[Metric::LineRevenue, Metric::Units]),
        pairs(&scope, limit),
    )?;
    Ok(Products {
        summary: Summary::of(&change)?,
        time_series: each(&series, |row| Bucket::of(row, grain))?,
        by_product: each(&products, Product::of)?,
        by_category: each(&categories, Category::of)?,
        bought_together: each(&pairs, Together::of)?,
    })
}

/// `GET /products`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Products)]
pub struct Products {
    /// The window as a whole.
    summary: Summary,
    /// A row for each period that the window touches.
    time_series: Vec<Bucket>,
    /// The best products by revenue; ties by id.
    by_product: Vec<Product>,
    /// The best categories by revenue; ties by id. Products without one are in none.
    by_category: Vec<Category>,
    /// The pairs of products that most orders hold; ties by their ids.
    bought_together: Vec<Together>,
}

/// The window as a whole.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::ProductsSummary)]
struct Summary {
    /// Totals of the lines of orders that are neither draft nor cancelled, in minor units.
    total_revenue: Minor,
    /// How much it grew against the window of the same length just before: 0.23 is 23 %.
    revenue_growth: Share,
    /// Units sold.
    units_sold: i64,
    /// Orders that hold any product.
    #[schema(minimum = 0)]
    orders: i64,
    /// Different products sold.
    #[schema(minimum = 0)]
    products_sold: i64,
    /// Revenue divided by units, in minor units.
    avg_price: Minor,
    /// Refunds of the window divided by its revenue: 0.05 is 5 %.
    refund_rate: Share,
    /// Revenue less cost, of products whose cost is known, in minor units.
    gross_profit: Minor,
    /// Gross profit divided by the revenue that it is made of; null where no cost is known.
    gross_margin: Option<Share>,
    /// The currency of every amount, in lower case.
    #[schema(pattern = "^[a-z]{3}$", example = "usd")]
    currency: String,
}

/// Refunds as a part of line revenue.
fn refund_rate(figures: &Figures) -> Result<Share, Fault> {
    rate(figures, Metric::LineRefundRate, Metric::Refunds)
}

impl Summary {
    fn of(change: &Change) -> Result<Self, Fault> {
        let now = &change.current;
        Ok(Self {
            total_revenue: minor(now, Metric::LineRevenue)?,
            revenue_growth: growth(change, Metric::LineRevenue)?,
            units_sold: now.count(Metric::Units)?,
            orders: now.count(Metric::OrdersWithLines)?,
            products_sold: now.count(Metric::ProductsSold)?,
            avg_price: minor(now, Metric::AverageUnitPrice)?,
            refund_rate: refund_rate(now)?,
            gross_profit: minor(now, Metric::GrossProfit)?,
            gross_margin: known_rate(now, Metric::GrossMargin)?,
            currency: code(now.currency()),
        })
    }
}

/// Products in one period.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::ProductsBucket)]
struct Bucket {
    /// Which one: `2026-01-05`, `2026-W02`, `2026-01` or `2026-Q1`.
    period: String,
    /// Line revenue in minor units.
    revenue: Minor,
    /// Units sold.
    units: i64,
    /// Orders that hold any product.
    #[schema(minimum = 0)]
    orders: i64,
}

impl Bucket {
    fn of(row: &Row, grain: Grain) -> Result<Self, Fault> {
        Ok(Self {
            period: label(row, grain)?,
            revenue: minor(&row.figures, Metric::LineRevenue)?,
            units: row.figures.count(Metric::Units)?,
            orders: row.figures.count(Metric::OrdersWithLines)?,
        })
    }
}

/// One product.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Product)]
struct Product {
    /// Identifies the product.
    product_id: String,
    /// Stock keeping unit.
    sku: String,
    /// Display name.
    product_name: String,
    /// Line revenue in minor units.
    revenue: Minor,
    /// How much that grew against the window of the same length just before.
    revenue_growth: Share,
    /// Units sold.
    units: i64,
    /// Orders that hold it.
    #[schema(minimum = 0)]
    orders: i64,
    /// Revenue divided by units, in minor units.
    avg_price: Minor,
    /// Its refunds of the window divided by its revenue.
    refund_rate: Share,
    /// Gross profit divided by revenue; null where its cost is not known.
    gross_margin: Option<Share>,
    /// Its part of all products' revenue: 0.46 is 46 %.
    percent: Share,
}

impl Product {
    fn of(row: &Top<ProductId>) -> Result<Self, Fault> {
        let figures = &row.ranked.figures;
        let change = row.ranked.change.as_ref();
        let change = change.ok_or_else(|| Fault::Internal("a product beside no window".to_owned()))?;
        Ok(Self {
            product_id: row.thing.product_id.clone(),
            sku: row.thing.sku.clone(),
            product_name: row.thing.name.clone(),
            revenue: minor(figures, Metric::LineRevenue)?,
            revenue_growth: growth(change, Metric::LineRevenue)?,
            units: figures.count(Metric::Units)?,
            orders: figures.count(Metric::OrdersWithLines)?,
            avg_price: minor(figures, Metric::AverageUnitPrice)?,
            refund_rate: refund_rate(figures)?,
            gross_margin: known_rate(figures, Metric::GrossMargin)?,
            percent: percent(row.ranked.share.as_ref())?,
        })
    }
}

/// One category of products.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Category)]
struct Category {
    /// Identifies the category.
    category_id: String,
    /// Display name.
    category_name: String,
    /// Line revenue in minor units.
    revenue: Minor,
    /// Units sold.
    units: i64,
    /// Its part of all products' revenue.
    percent: Share,
}

impl Category {
    fn of(row: &Top<CategoryId>) -> Result<Self, Fault> {
        Ok(Self {
            category_id: row.thing.category_id.clone(),
            category_name: row.thing.name.clone(),
            revenue: minor(&row.ranked.figures, Metric::LineRevenue)?,
            units: row.ranked.figures.count(Metric::Units)?,
            percent: percent(row.ranked.share.as_ref())?,
        })
    }
}

/// Two products that are bought together.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Together)]
struct Together {
    /// Identifies the one.
    product_id: String,
    /// Its display name.
    product_name: String,
    /// Identifies the other.
    with_product_id: String,
    /// Its display name.
    with_product_name: String,
    /// Orders that hold both.
    #[schema(minimum = 0)]
    orders: i64,
    /// Their part of all orders that hold any product: 0.46 is 46 %.
    percent: Share,
}

impl Together {
    fn of(pair: &Pair) -> Result<Self, Fault> {
        let [one, other] = &pair.products;
        Ok(Self {
            product_id: one.product_id.clone(),
            product_name: one.name.clone(),
            with_product_id: other.product_id.clone(),
            with_product_name: other.name.clone(),
            orders: pair.orders,
            percent: percent(pair.support.as_ref())?,
        })
    }
}
