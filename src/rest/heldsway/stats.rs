//! `section=stats`: totals of the range.

use serde::Serialize;
use utoipa::ToSchema;

use super::chosen::Chosen;
use crate::fault::Fault;
use crate::metrics::Metric;
use crate::metrics::answer::Figures;
use crate::money::Exact;
use crate::reports::Scope;
use crate::rest::Number;

/// What there is, in the document's order.
pub const METRICS: [&str; 13] = [
    "total_clicks",
    "total_pageviews",
    "unique_visitors",
    "pages_per_visit",
    "total_conversions",
    "total_revenue",
    "total_commission",
    "conversion_rate",
    "total_product_views",
    "total_add_to_carts",
    "total_remove_from_carts",
    "total_thank_you_views",
    "cart_to_conversion_rate",
];

/// What each is told by.
fn needs(name: &str) -> &'static [Metric] {
    use Metric::{
        AddToCarts, AffiliateClicks, AffiliateConversionRate, AffiliateConversions, AffiliateRevenue,
        CartToConversionRate, Commission, PagesPerVisit, Pageviews, ProductViews, RemoveFromCarts,
        ThankYouViews, Visitors,
    };
    match name {
        "total_clicks" => &[AffiliateClicks],
        "total_pageviews" => &[Pageviews],
        "unique_visitors" => &[Visitors],
        "pages_per_visit" => &[PagesPerVisit, Pageviews],
        "total_conversions" => &[AffiliateConversions],
        "total_revenue" => &[AffiliateRevenue],
        "total_commission" => &[Commission],
        "conversion_rate" => &[AffiliateConversionRate, AffiliateConversions],
        "total_product_views" => &[ProductViews],
        "total_add_to_carts" => &[AddToCarts],
        "total_remove_from_carts" => &[RemoveFromCarts],
        "total_thank_you_views" => &[ThankYouViews],
        "cart_to_conversion_rate" => &[CartToConversionRate, AffiliateConversions],
        _ => &[],
    }
}

/// Totals of the range. With `metrics`, only those that it names.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Stats)]
pub struct Stats {
    /// Clicks on links with a tracking code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_clicks: Option<i64>,
    /// Views of pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_pageviews: Option<i64>,
    /// Different sessions with any event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    unique_visitors: Option<i64>,
    /// Views of pages divided by visitors.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pages_per_visit: Option<Number>,
    /// Conversions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_conversions: Option<i64>,
    /// Totals of conversions' orders, in the organization's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_revenue: Option<Number>,
    /// What affiliates earn by them, in the organization's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_commission: Option<Number>,
    /// Conversions divided by clicks, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    conversion_rate: Option<Number>,
    /// Views of products.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_product_views: Option<i64>,
    /// Products put into carts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_add_to_carts: Option<i64>,
    /// Products taken out of carts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_remove_from_carts: Option<i64>,
    /// Views of the page that thanks for an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_thank_you_views: Option<i64>,
    /// Conversions divided by products put into carts, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cart_to_conversion_rate: Option<Number>,
}

impl Stats {
    /// The chosen ones of the scope's period.
    pub async fn of(scope: &Scope, chosen: &Chosen) -> Result<Self, Fault> {
        let mut metrics: Vec<Metric> = Vec::new();
        for metric in chosen.0.iter().flat_map(|name| needs(name)) {
            if !metrics.contains(metric) {
                metrics.push(*metric);
            }
        }
        let figures = scope.totals(&metrics).await?;
        let count = |name: &str, metric| chosen.tell(name, || figures.count(metric));
        let money = |name: &str, metric| chosen.tell(name, || figures.amount(metric).map(Number::major));
        let percent = |name: &str, metric| {
            chosen.tell(name, || quotient(&figures, metric, Metric::AffiliateConversions, 100))
        };
        Ok(Self {
            total_clicks: count("total_clicks", Metric::AffiliateClicks)?,
            total_pageviews: count("total_pageviews", Metric::Pageviews)?,
            unique_visitors: count("unique_visitors", Metric::Visitors)?,
            pages_per_visit: chosen.tell("pages_per_visit", || {
                quotient(&figures, Metric::PagesPerVisit, Metric::Pageviews, 1)
            })?,
            total_conversions: count("total_conversions", Metric::AffiliateConversions)?,
            total_revenue: money("total_revenue", Metric::AffiliateRevenue)?,
            total_commission: money("total_commission", Metric::Commission)?,
            conversion_rate: percent("conversion_rate", Metric::AffiliateConversionRate)?,
            total_product_views: count("total_product_views", Metric::ProductViews)?,
            total_add_to_carts: count("total_add_to_carts", Metric::AddToCarts)?,
            total_remove_from_carts: count("total_remove_from_carts", Metric::RemoveFromCarts)?,
            total_thank_you_views: count("total_thank_you_views", Metric::ThankYouViews)?,
            cart_to_conversion_rate: percent("cart_to_conversion_rate", Metric::CartToConversionRate)?,
        })
    }
}

/// A quotient in parts of `whole`, to two digits, half away from zero. Over nothing it is 0 where nothing is divided, and else
/// one whole; `part` is what is divided.
fn quotient(figures: &Figures, metric: Metric, part: Metric, whole: i64) -> Result<Number, Fault> {
    let hundredths = match figures.exact(metric)? {
        Some(quotient) => (quotient * &Exact::whole(whole)).round_to(2).ok_or(Fault::Overflow)?,
        None if figures.count(part)? == 0 => 0,
        None => whole * 100,
    };
    Ok(Number::scaled(hundredths, 2))
}
