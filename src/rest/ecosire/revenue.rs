//! `GET /revenue`: what came in, over time and by product.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{Minor, Share, code, each, growth, label, minor};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::ProductId;
use crate::metrics::{Metric, Row};
use crate::period::Grain;
use crate::reports::scope::Change;
use crate::reports::window::{ComparisonInput, Previous};
use crate::reports::{Ranking, Top, top};

/// Revenue of the window, beside that of the one before, over time and by product.
#[utoipa::path(
    get,
    path = "/revenue",
    tag = TAG,
    operation_id = "ecosire_revenue",
    params(Window),
    responses((status = 200, description = "The report.", body = Revenue), Refusals),
)]
pub async fn revenue(asked: Asked) -> Answer {
    json(&report(asked).await?)
}

/// What the route answers.
pub async fn report(Asked { scope, grain, limit }: Asked) -> Result<Revenue, Fault> {
    let before = ComparisonInput::Previous(Previous::Period);
    let (change, recurring, series, products) = try_join!(
        scope.change(&before, &[Metric::Revenue, Metric::AverageOrderValue]),
        scope.totals(&[Metric::Mrr, Metric::Arr]),
        scope.series(grain, &[Metric::Revenue, Metric::Orders, Metric::Refunds]),
        top::<ProductId>(
            &scope,
            Ranking::largest(Metric::LineRevenue, limit),
            &[Metric::LineRevenue, Metric::Units]
        ),
    )?;
    Ok(Revenue {
        summary: Summary::of(&change, &recurring)?,
        time_series: each(&series, |row| Bucket::of(row, grain))?,
        by_product: each(&products, Product::of)?,
    })
}

/// `GET /revenue`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Revenue)]
pub struct Revenue {
    /// The window as a whole.
    summary: Summary,
    /// A row for each period that the window touches.
    time_series: Vec<Bucket>,
    /// The best products by line revenue; ties by id.
    by_product: Vec<Product>,
}

/// The window as a whole.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::RevenueSummary)]
struct Summary {
    /// Totals of orders that are neither draft nor cancelled, in minor units.
    total_revenue: Minor,
    /// How much it grew against the window of the same length just before: 0.23 is 23 %.
    revenue_growth: Share,
    /// Monthly recurring revenue at the end of the window, in minor units.
    mrr: Minor,
    /// Twelve times that, rounded once.
    arr: Minor,
    /// Revenue divided by orders, in minor units.
    avg_order_value: Minor,
    /// The currency of every amount, in lower case.
    #[schema(pattern = "^[a-z]{3}$", example = "usd")]
    currency: String,
}

impl Summary {
    fn of(change: &Change, recurring: &Figures) -> Result<Self, Fault> {
        let now = &change.current;
        Ok(Self {
            total_revenue: minor(now, Metric::Revenue)?,
            revenue_growth: growth(change, Metric::Revenue)?,
            mrr: minor(recurring, Metric::Mrr)?,
            arr: minor(recurring, Metric::Arr)?,
            avg_order_value: minor(now, Metric::AverageOrderValue)?,
            currency: code(now.currency()),
        })
    }
}

/// Revenue of one period.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::RevenueBucket)]
struct Bucket {
    /// Which one: `2026-01-05`, `2026-W02`, `2026-01` or `2026-Q1`.
    period: String,
    /// Revenue in minor units.
    revenue: Minor,
    /// Orders that are neither draft nor cancelled.
    #[schema(minimum = 0)]
    orders: i64,
    /// Given back in the period, in minor units.
    refunds: Minor,
}

impl Bucket {
    fn of(row: &Row, grain: Grain) -> Result<Self, Fault> {
        Ok(Self {
            period: label(row, grain)?,
            revenue: minor(&row.figures, Metric::Revenue)?,
            orders: row.figures.count(Metric::Orders)?,
            refunds: minor(&row.figures, Metric::Refunds)?,
        })
    }
}

/// Revenue of one product.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::RevenueProduct)]
struct Product {
    /// Display name.
    product_name: String,
    /// Line revenue in minor units.
    revenue: Minor,
    /// Units sold.
    units: i64,
}

impl Product {
    fn of(row: &Top<ProductId>) -> Result<Self, Fault> {
        let figures = &row.ranked.figures;
        Ok(Self {
            product_name: row.thing.name.clone(),
            revenue: minor(figures, Metric::LineRevenue)?,
            units: figures.count(Metric::Units)?,
        })
    }
}
