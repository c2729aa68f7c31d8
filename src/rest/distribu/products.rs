//! `GET /products`: what was spent on each product. The document lists it among what is not there yet.

use std::collections::HashMap;

use entity::category;
use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Columns, Limit, Refusals, Window};
use super::range::Range;
use super::rows::{Row, Rows};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::Metric;
use crate::metrics::answer::Figures;
use crate::metrics::names::{CategoryKey, ProductId};
use crate::reports::scope::MAX_FIRST;
use crate::reports::{Ranking, Scope, Top, every, top};
use crate::rest::Number;

/// What was spent on each product in the range: all that any order holds, largest revenue first; ties by id.
#[utoipa::path(
    get,
    path = "/products",
    tag = TAG,
    operation_id = "distribu_products",
    params(Window, Limit<MAX_FIRST>, Columns<Product>),
    responses((status = 200, description = "The report.", body = Products), Refusals),
)]
pub async fn products(asked: Asked) -> Answer {
    let columns = asked.parameters()?.columns(Product::COLUMNS)?;
    let limit = asked.parameters()?.whole("limit", MAX_FIRST)?;
    let Asked { scope, range, .. } = asked;
    let whole = [
        Metric::GrossProductsSold,
        Metric::GrossOrdersWithLines,
        Metric::GrossUnits,
        Metric::GrossLineRevenue,
    ];
    let (totals, products) = try_join!(scope.totals(&whole), ranked(&scope, limit))?;
    let keys = products.iter().filter_map(|row| row.thing.category_key).map(CategoryKey);
    let categories = scope.desk.names().load_many(keys).await?;
    let rows: Result<Vec<Product>, Fault> =
        products.iter().map(|row| Product::of(row, &categories)).collect();
    json(&Products { data: Report { range, totals: Totals::of(&totals)?, rows: Rows::new(rows?, columns) } })
}

/// The first so many; all of them where nothing is said.
async fn ranked(scope: &Scope, limit: Option<u32>) -> Result<Vec<Top<ProductId>>, Fault> {
    let (by, of_each) = (Metric::GrossLineRevenue, [Metric::GrossOrdersWithLines, Metric::GrossUnits]);
    match limit {
        Some(limit) => top(scope, Ranking::largest(by, limit), &of_each).await,
        None => every(scope, by, &of_each).await,
    }
}

/// `GET /products`
#[derive(Serialize, ToSchema)]
#[schema(as = distribu::Products)]
struct Products {
    /// The report.
    data: Report,
}

/// Products of a range.
#[derive(Serialize, ToSchema)]
#[schema(as = distribu::ProductsReport)]
struct Report {
    /// The time that it is about.
    range: Range,
    /// All products together, also those that `limit` leaves out.
    totals: Totals,
    /// A row for each product that an order of the range holds.
    #[schema(value_type = Vec<Product>)]
    rows: Rows<Product>,
}

/// Products together.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::ProductsTotals)]
struct Totals {
    /// Different products.
    #[schema(minimum = 0)]
    product_count: i64,
    /// Different orders that hold any, whatever their status.
    #[schema(minimum = 0)]
    order_count: i64,
    /// Units on their lines.
    units: i64,
    /// What the lines come to, in the organization's currency.
    revenue: Number,
}

impl Totals {
    fn of(figures: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            product_count: figures.count(Metric::GrossProductsSold)?,
            order_count: figures.count(Metric::GrossOrdersWithLines)?,
            units: figures.count(Metric::GrossUnits)?,
            revenue: Number::major(figures.amount(Metric::GrossLineRevenue)?),
        })
    }
}

/// What was spent on one product. With `fields`, only the columns that it names.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::ProductSpend)]
#[expect(clippy::struct_field_names, reason = "names of the API")]
struct Product {
    /// Identifies the product.
    #[schema(required = false)]
    product_id: String,
    /// The display name.
    #[schema(required = false)]
    name: String,
    /// The stock keeping unit.
    #[schema(required = false)]
    sku: String,
    /// The category's name; null where it stands in none.
    #[schema(required = false)]
    category: Option<String>,
    /// Different orders that hold it, whatever their status.
    #[schema(minimum = 1, required = false)]
    order_count: i64,
    /// Units on their lines.
    #[schema(required = false)]
    units: i64,
    /// What the lines come to, in the organization's currency.
    #[schema(required = false)]
    revenue: Number,
}

impl Row for Product {
    const COLUMNS: &'static [&'static str] =
        &["productId", "name", "sku", "category", "orderCount", "units", "revenue"];
}

impl Product {
    fn of(row: &Top<ProductId>, categories: &HashMap<CategoryKey, category::Model>) -> Result<Self, Fault> {
        let (product, figures) = (&row.thing, &row.ranked.figures);
        let category = product.category_key.and_then(|key| categories.get(&CategoryKey(key)));
        Ok(Self {
            product_id: product.product_id.clone(),
            name: product.name.clone(),
            sku: product.sku.clone(),
            category: category.map(|category| category.name.clone()),
            order_count: figures.count(Metric::GrossOrdersWithLines)?,
            units: figures.count(Metric::GrossUnits)?,
            revenue: Number::major(figures.amount(Metric::GrossLineRevenue)?),
        })
    }
}
