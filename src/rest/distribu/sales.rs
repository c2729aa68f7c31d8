//! `GET /sales`: what was sold, day by day and by status.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Columns, Refusals, Window};
use super::range::Range;
use super::rows::{self, Rows};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Metric, Row};
use crate::period::Grain;
use crate::reports::scope::Ranked;
use crate::rest::Number;

/// What every part is told by: all orders whatever their status, as the document says.
const FIGURES: [Metric; 2] = [Metric::GrossOrders, Metric::GrossRevenue];

/// Sales of the range, day by day and by status.
#[utoipa::path(
    get,
    path = "/sales",
    tag = TAG,
    operation_id = "distribu_sales",
    params(Window, Columns<Day>),
    responses((status = 200, description = "The report.", body = Sales), Refusals),
)]
pub async fn sales(asked: Asked) -> Answer {
    let columns = asked.parameters()?.columns(<Day as rows::Row>::COLUMNS)?;
    let Asked { scope, range, .. } = asked;
    let whole = [Metric::GrossOrders, Metric::GrossRevenue, Metric::GrossAverageOrderValue];
    let (totals, days, statuses) = try_join!(
        scope.totals(&whole),
        scope.series(Grain::Day, &FIGURES),
        scope.every(Dimension::Status, Metric::GrossRevenue, &FIGURES),
    )?;
    let daily: Result<Vec<Day>, Fault> = days.iter().map(Day::of).collect();
    let data = Report {
        range,
        totals: Totals::of(&totals)?,
        daily: Rows::new(daily?, columns),
        by_status: by_status(&statuses)?,
    };
    json(&Sales { data })
}

/// `GET /sales`
#[derive(Serialize, ToSchema)]
#[schema(as = distribu::Sales)]
struct Sales {
    /// The report.
    data: Report,
}

/// Sales of a range.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::SalesReport)]
struct Report {
    /// The time that it is about.
    range: Range,
    /// The range as a whole.
    totals: Totals,
    /// A row for each UTC day that the range touches, zeros where nothing was sold.
    #[schema(value_type = Vec<Day>)]
    daily: Rows<Day>,
    /// The statuses that orders of the range have, in the order of an order's life.
    by_status: Vec<ByStatus>,
}

/// A range as a whole.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::SalesTotals)]
struct Totals {
    /// Orders, whatever their status.
    #[schema(minimum = 0)]
    order_count: i64,
    /// What they come to, in the organization's currency.
    revenue: Number,
    /// Revenue divided by orders; 0 where there are none.
    average_order_value: Number,
}

impl Totals {
    fn of(figures: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            order_count: figures.count(Metric::GrossOrders)?,
            revenue: Number::major(figures.amount(Metric::GrossRevenue)?),
            average_order_value: Number::major(figures.amount(Metric::GrossAverageOrderValue)?),
        })
    }
}

/// Sales of one day. With `fields`, only the columns that it names.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::SalesDay)]
struct Day {
    /// The UTC day.
    #[schema(format = Date, required = false)]
    date: String,
    /// Orders, whatever their status.
    #[schema(minimum = 0, required = false)]
    order_count: i64,
    /// What they come to, in the organization's currency.
    #[schema(required = false)]
    revenue: Number,
}

impl rows::Row for Day {
    const COLUMNS: &'static [&'static str] = &["date", "orderCount", "revenue"];
}

impl Day {
    fn of(row: &Row) -> Result<Self, Fault> {
        let bucket = row.bucket.ok_or_else(|| Fault::Internal("a series row without a bucket".to_owned()))?;
        Ok(Self {
            date: bucket.date.to_string(),
            order_count: row.figures.count(Metric::GrossOrders)?,
            revenue: Number::major(row.figures.amount(Metric::GrossRevenue)?),
        })
    }
}

/// Orders of one status.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = distribu::SalesByStatus)]
struct ByStatus {
    /// DRAFT, SUBMITTED, CONFIRMED, SHIPPED, DELIVERED or CANCELLED.
    status: &'static str,
    /// Orders.
    #[schema(minimum = 0)]
    order_count: i64,
    /// What they come to, in the organization's currency.
    revenue: Number,
}

fn by_status(groups: &[Ranked]) -> Result<Vec<ByStatus>, Fault> {
    let known = Dimension::Status.codes().unwrap_or_default().iter();
    let rows = known.filter_map(|(status, _)| {
        let group = groups.iter().find(|group| group.id.as_deref() == Some(status))?;
        Some((*status, &group.figures))
    });
    let told = rows.map(|(status, figures)| {
        Ok(ByStatus {
            status,
            order_count: figures.count(Metric::GrossOrders)?,
            revenue: Number::major(figures.amount(Metric::GrossRevenue)?),
        })
    });
    told.collect()
}
