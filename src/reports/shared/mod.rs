//! Reports that are shared with people who have no credential: ten of them, each told by a page, a file and a chat.

mod channel_performance;
mod clock;
mod coupon_impact;
mod customer_insights;
mod file;
mod geographic_distribution;
mod inventory_turnover;
mod link_object;
mod links;
mod masked;
mod product_performance;
mod refund_cancel_rate;
mod revenue_overview;
mod sales_velocity;
mod tables;
mod tell;
mod time_of_day;
mod token;
mod told;
mod told_object;

use async_graphql::Enum;

use crate::fault::Fault;
use crate::period::{Calendar, Period};
use crate::reports::{Desk, Scope};

pub use file::csv;
pub use link_object::ShareLinkObject;
pub use links::{
    LONGEST, MOST, Opened, PAGES, Reached, Sharing, count, last_days, list, open, path, revoke, share,
    share_once,
};
pub use token::{Grant, LinkId, Signer};
pub use told::{Better, Chart, Headline, Section, Told, View};
pub use told_object::ToldObject;

/// Tells a report about `period` in the organization's own currency, by its own clocks.
///
/// # Errors
/// [`Fault::MissingRate`] where an amount cannot be converted; what reading facts may fail with.
pub async fn told(desk: &Desk, report: SharedReport, period: Period) -> Result<Told, Fault> {
    let organization = desk.organization();
    let calendar = Calendar { zone: organization.time_zone, ..Calendar::UTC };
    let currency = organization.currency;
    let scope = Scope { calendar, currency, ..Scope::utc(desk.clone(), period) };
    let Parts { headlines, sections } = match report {
        SharedReport::RevenueOverview => Box::pin(revenue_overview::tell(&scope)).await?,
        SharedReport::SalesVelocity => Box::pin(sales_velocity::tell(&scope)).await?,
        SharedReport::ProductPerformance => Box::pin(product_performance::tell(&scope)).await?,
        SharedReport::CustomerInsights => Box::pin(customer_insights::tell(&scope)).await?,
        SharedReport::CouponImpact => Box::pin(coupon_impact::tell(&scope)).await?,
        SharedReport::TimeOfDayHeatmap => Box::pin(time_of_day::tell(&scope)).await?,
        SharedReport::InventoryTurnover => Box::pin(inventory_turnover::tell(&scope)).await?,
        SharedReport::RefundCancelRate => Box::pin(refund_cancel_rate::tell(&scope)).await?,
        SharedReport::ChannelPerformance => Box::pin(channel_performance::tell(&scope)).await?,
        SharedReport::GeographicDistribution => Box::pin(geographic_distribution::tell(&scope)).await?,
    };
    Ok(Told {
        report,
        organization: organization.name.clone(),
        period,
        time_zone: calendar.zone,
        currency,
        as_of: desk.now(),
        headlines,
        sections,
    })
}

/// What a report tells of itself.
struct Parts {
    headlines: Vec<Headline>,
    sections: Vec<Section>,
}

/// Reports that can be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum SharedReport {
    /// What came in: by day and channel, its average, what was given back.
    RevenueOverview,
    /// How fast things sell: orders and units by day and hour, and whether that grows.
    SalesVelocity,
    /// What sells, what sells anew and what no longer does.
    ProductPerformance,
    /// Who buys, who comes back, and what customers are worth.
    CustomerInsights,
    /// What coupons brought, and what they cost.
    CouponImpact,
    /// On which weekday and at which hour people buy.
    TimeOfDayHeatmap,
    /// How fast stock goes, how long it lasts, and what lies dead.
    InventoryTurnover,
    /// What is given back and called off, over time, by product and reason.
    RefundCancelRate,
    /// What each channel brings.
    ChannelPerformance,
    /// Where people buy.
    GeographicDistribution,
}

impl SharedReport {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::RevenueOverview,
        Self::SalesVelocity,
        Self::ProductPerformance,
        Self::CustomerInsights,
        Self::CouponImpact,
        Self::TimeOfDayHeatmap,
        Self::InventoryTurnover,
        Self::RefundCancelRate,
        Self::ChannelPerformance,
        Self::GeographicDistribution,
    ];

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::RevenueOverview => "revenue-overview",
            Self::SalesVelocity => "sales-velocity",
            Self::ProductPerformance => "product-performance",
            Self::CustomerInsights => "customer-insights",
            Self::CouponImpact => "coupon-impact",
            Self::TimeOfDayHeatmap => "time-of-day-heatmap",
            Self::InventoryTurnover => "inventory-turnover",
            Self::RefundCancelRate => "refund-cancel-rate",
            Self::ChannelPerformance => "channel-performance",
            Self::GeographicDistribution => "geographic-distribution",
        }
    }

    /// What stands above it.
    pub fn title(self) -> &'static str {
        match self {
            Self::RevenueOverview => "Revenue overview",
            Self::SalesVelocity => "Sales velocity",
            Self::ProductPerformance => "Product performance",
            Self::CustomerInsights => "Customer insights",
            Self::CouponImpact => "Coupon impact",
            Self::TimeOfDayHeatmap => "Time of day",
            Self::InventoryTurnover => "Inventory turnover",
            Self::RefundCancelRate => "Refunds and cancellations",
            Self::ChannelPerformance => "Channel performance",
            Self::GeographicDistribution => "Geographic distribution",
        }
    }

    /// The report of that exact name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|report| report.name() == name)
    }
}
