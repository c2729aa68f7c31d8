//! Products and their categories: what sells.

use async_graphql::{MergedObject, Object, Result, SimpleObject};
use entity::{category, product};

use crate::fault::Fault;
use crate::metrics::names::{CategoryId, CategoryKey, ProductId};
use crate::reports::assortment::Assortment;
use crate::reports::desk::Desk;
use crate::reports::face::{Common, ComparedFields};
use crate::reports::figures::FiguresObject;
use crate::reports::pairs::PairsField;
use crate::reports::scope::Scope;
use crate::reports::sets::Merchandise;
use crate::reports::top::{RankFields, Top, TopFace, TopField, parts};

/// A product of the catalogue.
pub(super) struct ProductObject {
    pub(super) desk: Desk,
    pub(super) row: product::Model,
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
    /// The category that it stands in; null where it stands in none.
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
pub(super) struct RankedProduct(
    RankFields,
    RankedProductFields,
    FiguresObject<Merchandise>,
    ComparedFields<Merchandise>,
);

impl TopFace for ProductId {
    type Figures = Merchandise;
    type Row = RankedProduct;

    fn row(scope: &Scope, Top { ranked, thing }: Top<Self>) -> Result<RankedProduct, Fault> {
        let (rank, figures, compared) = parts(ranked);
        let product = ProductObject { desk: scope.desk.clone(), row: thing };
        Ok(RankedProduct(rank, RankedProductFields { product }, figures, compared))
    }
}

#[derive(SimpleObject)]
struct RankedCategoryFields {
    /// The category.
    category: CategoryObject,
}

/// A category in a ranking.
#[derive(MergedObject)]
pub(super) struct RankedCategory(
    RankFields,
    RankedCategoryFields,
    FiguresObject<Merchandise>,
    ComparedFields<Merchandise>,
);

impl TopFace for CategoryId {
    type Figures = Merchandise;
    type Row = RankedCategory;

    fn row(_: &Scope, Top { ranked, thing }: Top<Self>) -> Result<RankedCategory, Fault> {
        let (rank, figures, compared) = parts(ranked);
        Ok(RankedCategory(rank, RankedCategoryFields { category: thing.into() }, figures, compared))
    }
}

/// Products in a period: what sells, how much of it, what comes back, what is bought together.
#[derive(MergedObject)]
#[graphql(name = "Products")]
pub struct ProductsReport(Common<Merchandise>, TopField<ProductId>, PairsField, Assortment);

impl From<Scope> for ProductsReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), scope.clone().into(), PairsField(scope.clone()), Assortment(scope))
    }
}

/// Categories of products in a period. A product counts in the category that it stands in directly.
#[derive(MergedObject)]
#[graphql(name = "Categories")]
pub struct CategoriesReport(Common<Merchandise>, TopField<CategoryId>);

impl From<Scope> for CategoriesReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), scope.into())
    }
}
