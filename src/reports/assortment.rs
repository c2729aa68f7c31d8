//! Products that come and go: sold for the first time, and sold less than before.

use std::collections::HashMap;

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};

use crate::fault::Fault;
use crate::metrics::answer::{self, Figures};
use crate::metrics::names::ProductId;
use crate::metrics::{Dimension, Metric};
use crate::money::Exact;
use crate::period::Period;
use crate::reports::desk::Desk;
use crate::reports::face::compared;
use crate::reports::products::RankedProduct;
use crate::reports::scope::{Change, MAX_FIRST, Ranked, Ranking, Scope, check_first};
use crate::reports::sets::Merchandise;
use crate::reports::top::{Top, TopFace};
use crate::reports::window::{ComparisonInput, Previous};
use crate::scalars::Long;

/// Most products that are looked at for whether they are new.
const MOST_SOLD: u32 = 10_000;

/// Products that were sold for the first time within the period.
pub struct Launched {
    /// How many, among the 10,000 with most line revenue in the period.
    pub count: usize,
    /// The first of them by line revenue; ties by id.
    pub products: Vec<Top<ProductId>>,
}

/// Products with lines of orders that count in the period, and with none before it. Each product's share is that of the
/// period's line revenue.
pub async fn launched(scope: &Scope, first: u32, metrics: &[Metric]) -> Result<Launched, Fault> {
    check_first(first)?;
    let mut asked = metrics.to_vec();
    asked.push(Metric::OrdersWithLines);
    let ranking = Ranking { with_share: true, ..Ranking::largest(Metric::LineRevenue, MOST_SOLD) };
    let sold = scope.ranked(Dimension::Product, true, ranking, &distinct(asked)).await?;
    let mut sold = sold
        .into_iter()
        .map(|row| Ok((row.figures.count(Metric::OrdersWithLines)? > 0).then_some(row)))
        .filter_map(Result::transpose)
        .collect::<Result<Vec<Ranked>, Fault>>()?;
    if let (Some(before), false) = (before(scope.period), sold.is_empty()) {
        let ids = sold.iter().map(|row| row.id.clone()).collect();
        let held = [Metric::OrdersWithLines];
        let known = scope.over(before).figures_of(Dimension::Product, ids, &held).await?;
        sold.retain(|row| !known.contains_key(&row.id));
    }
    let count = sold.len();
    sold.truncate(first as usize);
    Ok(Launched { count, products: named(&scope.desk, sold).await? })
}

/// All time before a period; none where there is none.
fn before(period: Period) -> Option<Period> {
    let first = NaiveDate::from_ymd_opt(-crate::period::YEARS, 1, 1)?;
    let first: DateTime<Utc> = first.and_time(chrono::NaiveTime::MIN).and_utc();
    Period::new(first, period.start()).ok()
}

/// Products whose line revenue fell most against another window, of the 1,000 with most of it there: those that lost most
/// first; ties by id. Each product's share is that of the period's line revenue.
pub async fn fading(
    scope: &Scope,
    against: &ComparisonInput,
    first: u32,
    metrics: &[Metric],
) -> Result<Vec<Top<ProductId>>, Fault> {
    check_first(first)?;
    let windows = scope.windows(against)?;
    let (now, then) = (scope.over(windows.current), scope.over(windows.previous));
    let mut asked = metrics.to_vec();
    asked.push(Metric::LineRevenue);
    let asked = distinct(asked);
    let ranking = Ranking::largest(Metric::LineRevenue, MAX_FIRST);
    let whole = now.totals(&[Metric::LineRevenue]);
    let before = then.ranking(Dimension::Product, true, ranking, &asked);
    let (before, whole) = tokio::try_join!(before, whole)?;
    if before.is_empty() {
        return Ok(Vec::new());
    }
    let ids = before.iter().map(|row| row.id.clone()).collect();
    let mut known = now.figures_of(Dimension::Product, ids, &asked).await?;
    let mut fallen = Vec::new();
    for row in before {
        let none = || answer::nothing(&asked, scope.currency, &windows.current);
        let current = known.remove(&row.id).unwrap_or_else(none);
        let change = Change { windows, current: current.clone(), previous: row.figures };
        let loss = change.previous.minus(&change.current);
        let loss = loss.exact(Metric::LineRevenue)?.cloned().filter(Exact::is_positive);
        let share = share(&current, &whole)?;
        let Some(loss) = loss else { continue };
        fallen.push((loss, Ranked { rank: 0, id: row.id, share, figures: current, change: Some(change) }));
    }
    fallen.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.id.cmp(&other.id)));
    fallen.truncate(first as usize);
    named(&scope.desk, fallen.into_iter().map(|(_, row)| row).collect()).await
}

fn share(of: &Figures, whole: &Figures) -> Result<Option<Exact>, Fault> {
    let (part, whole) = (of.exact(Metric::LineRevenue)?, whole.exact(Metric::LineRevenue)?);
    Ok(part.zip(whole).and_then(|(part, whole)| part.divided_by(whole)))
}

fn distinct(mut metrics: Vec<Metric>) -> Vec<Metric> {
    metrics.sort_unstable();
    metrics.dedup();
    metrics
}

/// The products of some rows, ranked anew.
async fn named(desk: &Desk, rows: Vec<Ranked>) -> Result<Vec<Top<ProductId>>, Fault> {
    let ids = rows.iter().filter_map(|row| row.id.clone()).map(ProductId);
    let mut things: HashMap<ProductId, _> = desk.names().load_many(ids).await?;
    let told = (1..).zip(rows).filter_map(|(rank, row)| {
        let thing = things.remove(&ProductId(row.id.clone()?))?;
        Some(Top { ranked: Ranked { rank, ..row }, thing })
    });
    Ok(told.collect())
}

/// Products that were sold for the first time.
#[derive(SimpleObject)]
struct LaunchedProducts {
    /// How many, among the 10,000 with most revenue in the period.
    count: Long,
    /// The first of them by revenue; ties by id. Each one's share is that of the period's revenue.
    products: Vec<RankedProduct>,
}

/// Products that come and go.
pub(super) struct Assortment(pub(super) Scope);

#[Object(name = "ProductAssortment")]
impl Assortment {
    /// Products that were sold for the first time within the period.
    async fn launched(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
    ) -> Result<LaunchedProducts> {
        let metrics = compared::<Merchandise>(&ctx.look_ahead().field("products"));
        let Launched { count, products } = launched(&self.0, first, &metrics).await?;
        Ok(LaunchedProducts {
            count: Long(i64::try_from(count).unwrap_or(i64::MAX)),
            products: rows(&self.0, products)?,
        })
    }

    /// Products whose revenue fell most against another window, of the 1000 with most of it there: those that lost most
    /// first; ties by id. Each one's share is that of the period's revenue.
    async fn fading(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
        #[graphql(
            desc = "What each is compared with, as `previous`, `difference` and `percent`; by default the window just before."
        )]
        against: Option<ComparisonInput>,
    ) -> Result<Vec<RankedProduct>> {
        let against = against.unwrap_or(ComparisonInput::Previous(Previous::Period));
        let metrics = compared::<Merchandise>(&ctx.look_ahead());
        Ok(rows(&self.0, fading(&self.0, &against, first, &metrics).await?)?)
    }
}

fn rows(scope: &Scope, products: Vec<Top<ProductId>>) -> Result<Vec<RankedProduct>, Fault> {
    products.into_iter().map(|top| ProductId::row(scope, top)).collect()
}
