//! `section=tables`: rankings of pages, tracking codes, affiliates and products.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::chosen::Chosen;
use crate::fault::Fault;
use crate::metrics::Metric;
use crate::reports::Scope;
use crate::reports::affiliates::{Ranked, ranking, top_affiliates, top_products};
use crate::rest::Number;

/// What there is, in the document's order.
pub const METRICS: [&str; 4] = ["top_pages", "top_tracking_codes", "top_affiliates", "top_products"];

/// Rankings of the range. With `metrics`, only those that it names.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Tables)]
#[expect(clippy::struct_field_names, reason = "the API names its tables so")]
pub struct Tables {
    /// Pages with most views; ties by address. Those that nobody viewed are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    top_pages: Option<Vec<TopPage>>,
    /// Tracking codes with most clicks, then conversions; ties by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    top_tracking_codes: Option<Vec<TopTrackingCode>>,
    /// Affiliates whose conversions come to most, then with most conversions, then clicks; ties by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    top_affiliates: Option<Vec<TopAffiliate>>,
    /// Products with most views, then conversions; ties by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    top_products: Option<Vec<TopProduct>>,
}

impl Tables {
    /// The chosen ones of the scope's period, with so many rows each.
    pub async fn of(scope: &Scope, chosen: &Chosen, first: u32) -> Result<Self, Fault> {
        let (top_pages, top_tracking_codes, top_affiliates, top_products) = try_join!(
            chosen.ask("top_pages", pages(scope, first)),
            chosen.ask("top_tracking_codes", tracking_codes(scope, first)),
            chosen.ask("top_affiliates", affiliates(scope, first)),
            chosen.ask("top_products", products(scope, first)),
        )?;
        Ok(Self { top_pages, top_tracking_codes, top_affiliates, top_products })
    }
}

/// A page.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::TopPage)]
struct TopPage {
    /// Its address.
    page_url: String,
    /// How often it was viewed.
    pageviews: i64,
    /// Different sessions with any event on it.
    visitors: i64,
}

/// A tracking code.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::TopTrackingCode)]
struct TopTrackingCode {
    /// The code.
    tracking_code: String,
    /// Clicks on its links.
    clicks: i64,
    /// Conversions that are credited to it.
    conversions: i64,
    /// What those come to, in the organization's currency.
    revenue: Number,
}

/// An affiliate.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::TopAffiliate)]
struct TopAffiliate {
    /// Name of the person or firm.
    name: String,
    /// Clicks on links with their tracking codes.
    clicks: i64,
    /// Conversions that are credited to those.
    conversions: i64,
    /// What those come to, in the organization's currency.
    revenue: Number,
}

/// A product.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::TopProduct)]
struct TopProduct {
    /// The source's id.
    product_id: String,
    /// Its name.
    name: String,
    /// How often it was viewed.
    views: i64,
    /// Conversions whose order holds it.
    conversions: i64,
}

async fn pages(scope: &Scope, first: u32) -> Result<Vec<TopPage>, Fault> {
    let rows = ranking(scope, Ranked::Pages, first, &[Metric::Visitors]).await?;
    let told = rows.into_iter().map(|row| {
        let pageviews = row.figures.count(Metric::Pageviews)?;
        Ok(TopPage { page_url: row.of, pageviews, visitors: row.figures.count(Metric::Visitors)? })
    });
    told.collect()
}

async fn tracking_codes(scope: &Scope, first: u32) -> Result<Vec<TopTrackingCode>, Fault> {
    let rows = ranking(scope, Ranked::TrackingCodes, first, &[Metric::AffiliateRevenue]).await?;
    let told = rows.into_iter().map(|row| {
        Ok(TopTrackingCode {
            tracking_code: row.of,
            clicks: row.figures.count(Metric::AffiliateClicks)?,
            conversions: row.figures.count(Metric::AffiliateConversions)?,
            revenue: Number::major(row.figures.amount(Metric::AffiliateRevenue)?),
        })
    });
    told.collect()
}

async fn affiliates(scope: &Scope, first: u32) -> Result<Vec<TopAffiliate>, Fault> {
    let rows = top_affiliates(scope, first, &[]).await?;
    let told = rows.into_iter().map(|row| {
        Ok(TopAffiliate {
            name: row.of.name,
            clicks: row.figures.count(Metric::AffiliateClicks)?,
            conversions: row.figures.count(Metric::AffiliateConversions)?,
            revenue: Number::major(row.figures.amount(Metric::AffiliateRevenue)?),
        })
    });
    told.collect()
}

async fn products(scope: &Scope, first: u32) -> Result<Vec<TopProduct>, Fault> {
    let rows = top_products(scope, first, &[]).await?;
    let told = rows.into_iter().map(|row| {
        Ok(TopProduct {
            product_id: row.of.product_id,
            name: row.of.name,
            views: row.figures.count(Metric::ProductViews)?,
            conversions: row.figures.count(Metric::ProductConversions)?,
        })
    });
    told.collect()
}
