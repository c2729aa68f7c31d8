//! Visits, affiliates and what they bring: who is credited with which conversion, and the rankings that people look at. The
//! feeds are in `feeds`, the GraphQL face in `face`.
//!
//! Totals, series and change are those of every domain ([`Scope::totals`], [`Scope::series`], [`Scope::change`]).

mod face;
pub mod feeds;

use std::collections::BTreeMap;

use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::names::{AffiliateId, ProductId};
use crate::metrics::{Dimension, Metric, MetricQuery, Order, OrderBy};
use crate::reports::scope::{Change, Scope, check_first};
use crate::reports::window::{ComparisonInput, Previous};

pub use face::{AffiliatesReport, AttributionInput};

/// What stands for facts without a value, where labels are told.
pub const UNKNOWN: &str = "unknown";

/// Figures beside those of the window of the same length just before.
pub async fn trends(scope: &Scope, metrics: &[Metric]) -> Result<Change, Fault> {
    scope.change(&ComparisonInput::Previous(Previous::Period), metrics).await
}

/// A part of a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// What is told apart; [`UNKNOWN`] for facts that do not say.
    pub label: String,
    /// How many.
    pub count: i64,
}

/// A count told apart by a dimension, the largest part first, then by label.
pub async fn breakdown(scope: &Scope, by: Dimension, metric: Metric) -> Result<Vec<Slice>, Fault> {
    let mut counts = BTreeMap::<String, i64>::new();
    for row in scope.every(by, metric, &[]).await? {
        // A source may write `unknown` itself.
        *counts.entry(row.id.unwrap_or_else(|| UNKNOWN.to_owned())).or_default() +=
            row.figures.count(metric)?;
    }
    let mut slices: Vec<Slice> = counts.into_iter().map(|(label, count)| Slice { label, count }).collect();
    slices.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    Ok(slices)
}

/// A row of a ranking.
#[derive(Clone, Debug)]
pub struct Row<T> {
    /// What is ranked.
    pub of: T,
    /// Its figures: those that it is ranked by, and what else was asked for.
    pub figures: Figures,
}

/// What there are rankings of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranked {
    /// Pages by views; ties by address. Those that nobody viewed are none of them.
    Pages,
    /// Tracking codes by clicks, then conversions; ties by code.
    TrackingCodes,
    /// Affiliates by the totals of their conversions, then conversions, then clicks; ties by id.
    Affiliates,
    /// Products by views, then conversions; ties by id.
    Products,
}

impl Ranked {
    /// What is told apart.
    fn dimension(self) -> Dimension {
        match self {
            Self::Pages => Dimension::Page,
            Self::TrackingCodes => Dimension::TrackingCode,
            Self::Affiliates => Dimension::Affiliate,
            Self::Products => Dimension::Product,
        }
    }

    /// What it is ranked by; each decides where those before it are equal.
    fn by(self) -> &'static [Metric] {
        use Metric::{AffiliateClicks, AffiliateConversions, AffiliateRevenue, Pageviews, ProductViews};
        match self {
            Self::Pages => &[Pageviews],
            Self::TrackingCodes => &[AffiliateClicks, AffiliateConversions],
            Self::Affiliates => &[AffiliateRevenue, AffiliateConversions, AffiliateClicks],
            Self::Products => &[ProductViews, Metric::ProductConversions],
        }
    }
}

/// The first of a ranking, by id, with `metrics` beside what decides. Facts that belong to none are left out, and so is what has
/// none of the figures.
pub async fn ranking(
    scope: &Scope,
    ranked: Ranked,
    first: u32,
    metrics: &[Metric],
) -> Result<Vec<Row<String>>, Fault> {
    check_first(first)?;
    let mut asked = ranked.by().to_vec();
    asked.extend(metrics.iter().filter(|metric| !ranked.by().contains(metric)));
    let query = MetricQuery {
        dimensions: vec![ranked.dimension()],
        order: ranked.by().first().map(|by| Order { by: OrderBy::Metric(*by), descending: true }),
        ties: ranked.by().iter().skip(1).copied().collect(),
        limit: Some(first),
        named_only: true,
        ..scope.query(&asked)
    };
    let rows = scope.desk.engine().ask(&query).await?.rows;
    let mut named = Vec::with_capacity(rows.len());
    for row in rows {
        // Another event may name a page that nobody viewed; of pages by views, such stand last.
        if ranked == Ranked::Pages && row.figures.count(Metric::Pageviews)? == 0 {
            break;
        }
        let Some(of) = row.keys.into_iter().next().flatten() else { continue };
        named.push(Row { of, figures: row.figures });
    }
    Ok(named)
}

/// Affiliates as [`Ranked::Affiliates`] has them.
pub async fn top_affiliates(
    scope: &Scope,
    first: u32,
    metrics: &[Metric],
) -> Result<Vec<Row<entity::affiliate::Model>>, Fault> {
    let rows = ranking(scope, Ranked::Affiliates, first, metrics).await?;
    let ids = rows.iter().map(|row| AffiliateId(row.of.clone()));
    let mut known = scope.desk.names().load_many(ids).await?;
    let named = rows
        .into_iter()
        .filter_map(|Row { of, figures }| Some(Row { of: known.remove(&AffiliateId(of))?, figures }));
    Ok(named.collect())
}

/// Products as [`Ranked::Products`] has them.
pub async fn top_products(
    scope: &Scope,
    first: u32,
    metrics: &[Metric],
) -> Result<Vec<Row<entity::product::Model>>, Fault> {
    let rows = ranking(scope, Ranked::Products, first, metrics).await?;
    let ids = rows.iter().map(|row| ProductId(row.of.clone()));
    let mut known = scope.desk.names().load_many(ids).await?;
    let named = rows
        .into_iter()
        .filter_map(|Row { of, figures }| Some(Row { of: known.remove(&ProductId(of))?, figures }));
    Ok(named.collect())
}
