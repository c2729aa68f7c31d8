//! `section=trends`: how much figures changed against the same number of days just before.

use serde::Serialize;
use utoipa::ToSchema;

use super::chosen::Chosen;
use crate::fault::Fault;
use crate::metrics::Metric;
use crate::money::Exact;
use crate::reports::Scope;
use crate::reports::affiliates;
use crate::reports::scope::Change;
use crate::rest::Number;

/// What there is, in the document's order.
pub const METRICS: [&str; 8] = [
    "clicks",
    "pageviews",
    "visitors",
    "conversions",
    "revenue",
    "commission",
    "product_views",
    "add_to_carts",
];

/// What each is told by, in the same order.
const FIGURES: [Metric; 8] = [
    Metric::AffiliateClicks,
    Metric::Pageviews,
    Metric::Visitors,
    Metric::AffiliateConversions,
    Metric::AffiliateRevenue,
    Metric::Commission,
    Metric::ProductViews,
    Metric::AddToCarts,
];

/// Changes in percent, to one digit; below zero for a decline. With `metrics`, only those that it names.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Trends)]
pub struct Trends {
    /// Of clicks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    clicks: Option<Number>,
    /// Of views of pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pageviews: Option<Number>,
    /// Of visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    visitors: Option<Number>,
    /// Of conversions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    conversions: Option<Number>,
    /// Of what conversions come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    revenue: Option<Number>,
    /// Of what affiliates earn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    commission: Option<Number>,
    /// Of views of products.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    product_views: Option<Number>,
    /// Of products put into carts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    add_to_carts: Option<Number>,
}

impl Trends {
    /// The chosen ones of the scope's period.
    pub async fn of(scope: &Scope, chosen: &Chosen) -> Result<Self, Fault> {
        let wanted = METRICS.iter().zip(FIGURES).filter(|(name, _)| chosen.has(name));
        let metrics: Vec<Metric> = wanted.map(|(_, metric)| metric).collect();
        let change = affiliates::trends(scope, &metrics).await?;
        let trend = |name: &str, metric| chosen.tell(name, || percent(&change, metric));
        Ok(Self {
            clicks: trend("clicks", Metric::AffiliateClicks)?,
            pageviews: trend("pageviews", Metric::Pageviews)?,
            visitors: trend("visitors", Metric::Visitors)?,
            conversions: trend("conversions", Metric::AffiliateConversions)?,
            revenue: trend("revenue", Metric::AffiliateRevenue)?,
            commission: trend("commission", Metric::Commission)?,
            product_views: trend("product_views", Metric::ProductViews)?,
            add_to_carts: trend("add_to_carts", Metric::AddToCarts)?,
        })
    }
}

/// How much a figure grew, in percent to one digit. Where there was nothing before: 0 if there is nothing now either, else 100.
fn percent(change: &Change, metric: Metric) -> Result<Number, Fault> {
    let tenths = match change.growth(metric)? {
        Some(growth) => (&growth * &Exact::whole(100)).round_to(1).ok_or(Fault::Overflow)?,
        None if change.current.exact(metric)?.is_none_or(|now| *now == Exact::zero()) => 0,
        None => 100_0,
    };
    Ok(Number::scaled(tenths, 1))
}
