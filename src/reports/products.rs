//! Products and their categories: what sells.

use async_graphql::{Context, Enum, MergedObject, Object, Result, SimpleObject};
use entity::{category, product};

use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::{CategoryId, CategoryKey, ProductId};
use crate::metrics::{Dimension, Metric};
use crate::reports::desk::Desk;
use crate::reports::face::{Common, ratio_text};
use crate::reports::figures::{FigureSet, FiguresObject, Merchandise};
use crate::reports::scope::{Ranked, Ranking, Scope};
use crate::scalars::Decimal;

/// What products and categories can be ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ProductMetric {
    /// Totals of their lines.
    Revenue,
    /// Units sold.
    Units,
    /// Orders that hold them.
    Orders,
    /// Line revenue divided by units.
    AverageUnitPrice,
    /// Taken off at their lines.
    Discounts,
    /// Money given back for them.
    Refunds,
    /// Units that came back.
    RefundedUnits,
    /// Refunds divided by line revenue.
    RefundRate,
}

impl From<ProductMetric> for Metric {
    fn from(metric: ProductMetric) -> Self {
        match metric {
            ProductMetric::Revenue => Self::LineRevenue,
            ProductMetric::Units => Self::Units,
            ProductMetric::Orders => Self::OrdersWithLines,
            ProductMetric::AverageUnitPrice => Self::AverageUnitPrice,
            ProductMetric::Discounts => Self::LineDiscounts,
            ProductMetric::Refunds => Self::Refunds,
            ProductMetric::RefundedUnits => Self::RefundedUnits,
            ProductMetric::RefundRate => Self::LineRefundRate,
        }
    }
}

/// A ranked product.
pub struct TopProduct {
    /// Place, share and figures.
    pub ranked: Ranked,
    /// The product.
    pub product: product::Model,
}

/// A ranked category.
pub struct TopCategory {
    /// Place, share and figures.
    pub ranked: Ranked,
    /// The category.
    pub category: category::Model,
}

/// The first products of a ranking.
pub async fn top_products(
    scope: &Scope,
    ranking: Ranking,
    metrics: &[Metric],
) -> Result<Vec<TopProduct>, Fault> {
    let ranked = scope.ranking(ranking, metrics).await?;
    let ids = ranked.iter().filter_map(|row| row.id.clone()).map(ProductId);
    let mut products = scope.desk.names().load_many(ids).await?;
    let found = ranked.into_iter().filter_map(|ranked| {
        let product = products.remove(&ProductId(ranked.id.clone()?))?;
        Some(TopProduct { ranked, product })
    });
    Ok(found.collect())
}

/// The first categories of a ranking. A product counts in the category that it stands in directly; products without
/// one are left out.
pub async fn top_categories(
    scope: &Scope,
    ranking: Ranking,
    metrics: &[Metric],
) -> Result<Vec<TopCategory>, Fault> {
    let ranked = scope.ranking(ranking, metrics).await?;
    let ids = ranked.iter().filter_map(|row| row.id.clone()).map(CategoryId);
    let mut categories = scope.desk.names().load_many(ids).await?;
    let found = ranked.into_iter().filter_map(|ranked| {
        let category = categories.remove(&CategoryId(ranked.id.clone()?))?;
        Some(TopCategory { ranked, category })
    });
    Ok(found.collect())
}

/// Place and share in a ranking.
#[derive(SimpleObject)]
pub(super) struct RankFields {
    /// Place in the ranking, from 1.
    rank: u32,
    /// Part of the whole period, by the ranking's metric; null where that does not add up.
    share: Option<Decimal>,
}

impl RankFields {
    pub(super) fn of(ranked: &Ranked) -> Self {
        Self { rank: ranked.rank, share: ratio_text(ranked.share.as_ref()) }
    }
}

/// A product of the catalogue.
struct ProductObject {
    desk: Desk,
    row: product::Model,
}

/// A product of the catalogue.
#[Object(name = "Product")]
impl ProductObject {
    /// The source's id.
    async fn id(&self) -> &str {
        &self.row.product_id
    }
    /// Stock keeping unit.
    async fn sku(&self) -> &str {
        &self.row.sku
    }
    /// Display name.
    async fn name(&self) -> &str {
        &self.row.name
    }
    /// Whether it is on sale.
    async fn is_active(&self) -> bool {
        self.row.is_active
    }
    /// The category that it stands in.
    async fn category(&self) -> Result<Option<CategoryObject>> {
        let Some(key) = self.row.category_key else { return Ok(None) };
        Ok(self.desk.names().load_one(CategoryKey(key)).await?.map(CategoryObject::from))
    }
}

/// A category of products.
#[derive(SimpleObject)]
#[graphql(name = "Category")]
struct CategoryObject {
    /// The source's id.
    id: String,
    /// Display name.
    name: String,
}

impl From<category::Model> for CategoryObject {
    fn from(row: category::Model) -> Self {
        Self { id: row.category_id, name: row.name }
    }
}

#[derive(SimpleObject)]
struct RankedProductFields {
    /// The product.
    product: ProductObject,
}

/// A product in a ranking.
#[derive(MergedObject)]
struct RankedProduct(RankFields, RankedProductFields, FiguresObject<Merchandise>);

#[derive(SimpleObject)]
struct RankedCategoryFields {
    /// The category.
    category: CategoryObject,
}

/// A category in a ranking.
#[derive(MergedObject)]
struct RankedCategory(RankFields, RankedCategoryFields, FiguresObject<Merchandise>);

fn ranking(
    dimension: Dimension,
    by: ProductMetric,
    first: u32,
    ascending: bool,
    ctx: &Context<'_>,
) -> Ranking {
    let with_share = ctx.look_ahead().field("share").exists();
    Ranking { ascending, with_share, ..Ranking::largest(dimension, by.into(), first) }
}

struct ProductExtras(Scope);

#[Object]
impl ProductExtras {
    /// The first products by any figure of theirs; ties by id.
    async fn top(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What decides.", default_with = "ProductMetric::Revenue")] by: ProductMetric,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
        #[graphql(desc = "Smallest first.", default = false)] ascending: bool,
    ) -> Result<Vec<RankedProduct>> {
        let metrics = Merchandise::selected(&ctx.look_ahead());
        let rows =
            top_products(&self.0, ranking(Dimension::Product, by, first, ascending, ctx), &metrics).await?;
        let desk = &self.0.desk;
        let rows = rows.into_iter().map(|TopProduct { ranked, product }| {
            let named = RankedProductFields { product: ProductObject { desk: desk.clone(), row: product } };
            RankedProduct(RankFields::of(&ranked), named, figures(ranked))
        });
        Ok(rows.collect())
    }
}

struct CategoryExtras(Scope);

#[Object]
impl CategoryExtras {
    /// The first categories by any figure of theirs; ties by id. Products without a category are left out.
    async fn top(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What decides.", default_with = "ProductMetric::Revenue")] by: ProductMetric,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
        #[graphql(desc = "Smallest first.", default = false)] ascending: bool,
    ) -> Result<Vec<RankedCategory>> {
        let metrics = Merchandise::selected(&ctx.look_ahead());
        let rows = top_categories(&self.0, ranking(Dimension::Category, by, first, ascending, ctx), &metrics)
            .await?;
        let rows = rows.into_iter().map(|TopCategory { ranked, category }| {
            let named = RankedCategoryFields { category: category.into() };
            RankedCategory(RankFields::of(&ranked), named, figures(ranked))
        });
        Ok(rows.collect())
    }
}

fn figures(ranked: Ranked) -> FiguresObject<Merchandise> {
    let figures: Figures = ranked.figures;
    figures.into()
}

/// Products in a period: what sells, how much of it, what comes back.
#[derive(MergedObject)]
#[graphql(name = "Products")]
pub struct ProductsReport(Common<Merchandise>, ProductExtras);

impl From<Scope> for ProductsReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), ProductExtras(scope))
    }
}

/// Categories of products in a period.
#[derive(MergedObject)]
#[graphql(name = "Categories")]
pub struct CategoriesReport(Common<Merchandise>, CategoryExtras);

impl From<Scope> for CategoriesReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), CategoryExtras(scope))
    }
}
