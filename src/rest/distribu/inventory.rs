//! `GET /inventory`: what is on sale now and what it is worth at its prices.

use std::collections::HashMap;

use entity::category;
use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Columns, Refusals};
use super::rows::{Row, Rows};
use super::{Answer, AskedNow, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::{CategoryId, CategoryKey, ProductId};
use crate::metrics::{Dimension, Metric};
use crate::reports::scope::Ranked;
use crate::reports::{Top, every};
use crate::rest::Number;

/// What every part is told by: products on sale alone, as the document says.
const FIGURES: [Metric; 3] = [Metric::ProductsOnSale, Metric::StockOnSale, Metric::StockOnSaleAtPrice];
/// What products without a category are gathered under.
const UNCATEGORISED: &str = "Uncategorised";

/// Stock as it is now of products on sale, and what it is worth at their prices. Rows and groups stand by name, products of
/// one name by id.
#[utoipa::path(
    get,
    path = "/inventory",
    tag = TAG,
    operation_id = "distribu_inventory",
    params(Columns<Product>),
    responses((status = 200, description = "The report.", body = Inventory), Refusals),
)]
pub async fn inventory(asked: AskedNow) -> Answer {
    let columns = asked.parameters()?.columns(Product::COLUMNS)?;
    let scope = asked.scope;
    let by = Metric::StockOnSaleAtPrice;
    // What is on sale is told also where nobody tells its price and its stock.
    let of_each = [Metric::ProductsOnSale, Metric::StockOnSale, Metric::AverageListPrice];
    let (totals, mut products, groups) = try_join!(
        scope.totals(&FIGURES),
        every::<ProductId>(&scope, by, &of_each),
        scope.every(Dimension::Category, by, &FIGURES),
    )?;
    let place = |row: &Top<ProductId>| (row.thing.name.clone(), row.thing.product_id.clone());
    products.sort_by_cached_key(place);
    let keys = products.iter().filter_map(|row| row.thing.category_key).map(CategoryKey);
    let ids = groups.iter().filter_map(|row| row.id.clone()).map(CategoryId);
    let names = scope.desk.names();
    let (of_products, of_groups) = try_join!(names.load_many(keys), names.load_many(ids))?;
    let rows: Result<Vec<Product>, Fault> =
        products.iter().map(|row| Product::of(row, &of_products)).collect();
    let groups: Result<Vec<Group>, Fault> = groups.iter().map(|row| Group::of(row, &of_groups)).collect();
    let mut groups = groups?;
    groups.sort_by(|a, b| (a.is_rest, &a.category).cmp(&(b.is_rest, &b.category)));
    let data = Report { totals: Totals::of(&totals)?, rows: Rows::new(rows?, columns), groups };
    json(&Inventory { data })
}

/// `GET /inventory`
#[derive(Serialize, ToSchema)]
#[schema(as = distribu::Inventory)]
struct Inventory {
    /// The report.
    data: Report,
}

/// What is on sale now.
#[derive(Serialize, ToSchema)]
#[schema(as = distribu::InventoryReport)]
struct Report {
    /// All products together.
    totals: Totals,
    /// A row for each product on sale.
    #[schema(value_type = Vec<Product>)]
    rows: Rows<Product>,
    /// The same by category.
    groups: Vec<Group>,
}

/// Products together.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::InventoryTotals)]
struct Totals {
    /// Products on sale.
    #[schema(minimum = 0)]
    product_count: i64,
    /// Units in stock.
    total_units: i64,
    /// What they are worth at their prices, in the organization's currency.
    total_value: Number,
}

impl Totals {
    fn of(figures: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            product_count: figures.count(Metric::ProductsOnSale)?,
            total_units: figures.count(Metric::StockOnSale)?,
            total_value: Number::major(figures.amount(Metric::StockOnSaleAtPrice)?),
        })
    }
}

/// One product on sale. With `fields`, only the columns that it names.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::Product)]
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
    /// Units in stock; below zero where more went out than is known to have come in.
    #[schema(required = false)]
    stock: i64,
    /// The present price of one unit, in the organization's currency, finer than it where the price is; null where none is
    /// known.
    #[schema(required = false)]
    unit_price: Option<Number>,
    /// Stock × price.
    #[schema(required = false)]
    value: Number,
    /// Always true: products that are not on sale are left out.
    #[schema(required = false)]
    is_active: bool,
}

impl Row for Product {
    const COLUMNS: &'static [&'static str] =
        &["productId", "name", "sku", "category", "stock", "unitPrice", "value", "isActive"];
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
            stock: figures.count(Metric::StockOnSale)?,
            unit_price: unit_price(figures)?,
            value: Number::major(figures.amount(Metric::StockOnSaleAtPrice)?),
            is_active: product.is_active,
        })
    }
}

/// A price to the millionth where it is as fine, and with the currency's digits at least.
fn unit_price(figures: &Figures) -> Result<Option<Number>, Fault> {
    const FINEST: u32 = 6;
    let Some(minor) = figures.exact(Metric::AverageListPrice)? else { return Ok(None) };
    let digits = figures.currency().digits();
    let millionths = minor.round_to(FINEST.saturating_sub(digits)).ok_or(Fault::Overflow)?;
    Ok(Some(Number::at_least(millionths, FINEST.max(digits), digits)))
}

/// The products on sale of one category.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::InventoryGroup)]
struct Group {
    /// The category's name; `Uncategorised` of products that stand in none.
    category: String,
    /// Products on sale.
    #[schema(minimum = 1)]
    product_count: i64,
    /// Units in stock.
    total_units: i64,
    /// What they are worth at their prices, in the organization's currency.
    total_value: Number,
    /// Whether these are the ones without a category, which come last.
    #[serde(skip)]
    is_rest: bool,
}

impl Group {
    fn of(row: &Ranked, categories: &HashMap<CategoryId, category::Model>) -> Result<Self, Fault> {
        let category = row.id.clone().and_then(|id| categories.get(&CategoryId(id)));
        let Totals { product_count, total_units, total_value } = Totals::of(&row.figures)?;
        Ok(Self {
            category: category.map_or_else(|| UNCATEGORISED.to_owned(), |category| category.name.clone()),
            product_count,
            total_units,
            total_value,
            is_rest: row.id.is_none(),
        })
    }
}
