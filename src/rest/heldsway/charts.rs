//! `section=charts`: figures day by day, and clicks told apart, as labels and data.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::chosen::Chosen;
use crate::fault::Fault;
use crate::metrics::{Dimension, Metric, Row};
use crate::period::Grain;
use crate::reports::Scope;
use crate::reports::affiliates::breakdown;
use crate::rest::Number;

/// What there is, in the document's order.
pub const METRICS: [&str; 11] = [
    "clicks_over_time",
    "pageviews_over_time",
    "device_breakdown",
    "conversions_over_time",
    "revenue_over_time",
    "product_views_over_time",
    "add_to_carts_over_time",
    "country_breakdown",
    "browser_breakdown",
    "os_breakdown",
    "traffic_source_breakdown",
];

/// What is told day by day, and by what.
const SERIES: [(&str, Metric); 6] = [
    ("clicks_over_time", Metric::AffiliateClicks),
    ("pageviews_over_time", Metric::Pageviews),
    ("conversions_over_time", Metric::AffiliateConversions),
    ("revenue_over_time", Metric::AffiliateRevenue),
    ("product_views_over_time", Metric::ProductViews),
    ("add_to_carts_over_time", Metric::AddToCarts),
];

/// What the bars, points or slices of a chart are called, and how large each is.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Chart)]
struct Chart<T> {
    /// UTC days, or what is told apart; `unknown` for facts that do not say.
    labels: Vec<String>,
    /// A number for each label.
    data: Vec<T>,
}

/// Charts of the range. With `metrics`, only those that it names.
#[derive(Serialize, ToSchema)]
#[schema(as = heldsway::Charts)]
pub struct Charts {
    /// Clicks, day by day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    clicks_over_time: Option<Chart<i64>>,
    /// Views of pages, day by day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pageviews_over_time: Option<Chart<i64>>,
    /// Clicks by kind of device.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    device_breakdown: Option<Chart<i64>>,
    /// Conversions, day by day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    conversions_over_time: Option<Chart<i64>>,
    /// Totals of conversions' orders, day by day, in the organization's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    revenue_over_time: Option<Chart<Number>>,
    /// Views of products, day by day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    product_views_over_time: Option<Chart<i64>>,
    /// Products put into carts, day by day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    add_to_carts_over_time: Option<Chart<i64>>,
    /// Clicks by country.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    country_breakdown: Option<Chart<i64>>,
    /// Clicks by browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    browser_breakdown: Option<Chart<i64>>,
    /// Clicks by operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    os_breakdown: Option<Chart<i64>>,
    /// Clicks by what brought the visitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    traffic_source_breakdown: Option<Chart<i64>>,
}

impl Charts {
    /// The chosen ones of the scope's period.
    pub async fn of(scope: &Scope, chosen: &Chosen) -> Result<Self, Fault> {
        let clicks = |name: &'static str, by| chosen.ask(name, slices(scope, by));
        let (days, device, country, browser, system, source) = try_join!(
            days(scope, chosen),
            clicks("device_breakdown", Dimension::Device),
            clicks("country_breakdown", Dimension::Country),
            clicks("browser_breakdown", Dimension::Browser),
            clicks("os_breakdown", Dimension::OperatingSystem),
            clicks("traffic_source_breakdown", Dimension::TrafficSource),
        )?;
        let counts =
            |name: &str, metric| chosen.tell(name, || series(&days, |row| row.figures.count(metric)));
        Ok(Self {
            clicks_over_time: counts("clicks_over_time", Metric::AffiliateClicks)?,
            pageviews_over_time: counts("pageviews_over_time", Metric::Pageviews)?,
            device_breakdown: device,
            conversions_over_time: counts("conversions_over_time", Metric::AffiliateConversions)?,
            revenue_over_time: chosen.tell("revenue_over_time", || {
                series(&days, |row| row.figures.amount(Metric::AffiliateRevenue).map(Number::major))
            })?,
            product_views_over_time: counts("product_views_over_time", Metric::ProductViews)?,
            add_to_carts_over_time: counts("add_to_carts_over_time", Metric::AddToCarts)?,
            country_breakdown: country,
            browser_breakdown: browser,
            os_breakdown: system,
            traffic_source_breakdown: source,
        })
    }
}

/// The days of the period with what is chosen of them; none where nothing is.
async fn days(scope: &Scope, chosen: &Chosen) -> Result<Vec<Row>, Fault> {
    let wanted = SERIES.iter().filter(|(name, _)| chosen.has(name));
    let metrics: Vec<Metric> = wanted.map(|(_, metric)| *metric).collect();
    if metrics.is_empty() { Ok(Vec::new()) } else { scope.series(Grain::Day, &metrics).await }
}

fn series<T>(days: &[Row], value: impl Fn(&Row) -> Result<T, Fault>) -> Result<Chart<T>, Fault> {
    let (mut labels, mut data) = (Vec::with_capacity(days.len()), Vec::with_capacity(days.len()));
    for day in days {
        let bucket = day.bucket.ok_or_else(|| Fault::Internal("a series row without a bucket".to_owned()))?;
        labels.push(bucket.date.to_string());
        data.push(value(day)?);
    }
    Ok(Chart { labels, data })
}

/// Clicks told apart, the largest part first, then by label.
async fn slices(scope: &Scope, by: Dimension) -> Result<Chart<i64>, Fault> {
    let slices = breakdown(scope, by, Metric::AffiliateClicks).await?;
    let (labels, data) = slices.into_iter().map(|slice| (slice.label, slice.count)).unzip();
    Ok(Chart { labels, data })
}
