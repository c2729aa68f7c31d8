//! Orders: how many, and when people place them.

use async_graphql::{Context, MergedObject, Object, Result};

use crate::fault::Fault;
use crate::metrics::{Dimension, Metric, MetricQuery, Row};
use crate::reports::face::Common;
use crate::reports::figures::{FigureSet, FiguresObject};
use crate::reports::scope::Scope;
use crate::reports::sets::Sales;
use crate::reports::window::Weekday;

/// Orders of a period.
#[derive(Clone)]
pub struct Orders {
    scope: Scope,
}

impl Orders {
    /// Figures for each hour of the week in which anything happened, by weekday, then hour.
    pub async fn by_hour_of_week(&self, metrics: &[Metric]) -> Result<Vec<Row>, Fault> {
        let query = MetricQuery {
            dimensions: vec![Dimension::DayOfWeek, Dimension::HourOfDay],
            ..self.scope.query(metrics)
        };
        Ok(self.scope.desk.engine().ask(&query).await?.rows)
    }
}

/// When in the week.
#[derive(async_graphql::SimpleObject)]
struct HourOfWeek {
    /// Day of the week.
    day_of_week: Weekday,
    /// Hour of the day, 0 to 23.
    hour_of_day: i32,
}

impl HourOfWeek {
    /// From the keys that its figures are grouped by.
    fn read(keys: &[Option<String>]) -> Option<Self> {
        let [Some(day), Some(hour)] = keys else { return None };
        Some(Self { day_of_week: Weekday::numbered(day.parse().ok()?)?, hour_of_day: hour.parse().ok()? })
    }
}

/// Figures of sales in one hour of the week.
#[derive(MergedObject)]
struct SalesHour(HourOfWeek, FiguresObject<Sales>);

#[Object(name = "OrdersExtras")]
impl Orders {
    /// Figures for each hour of the week in which anything happened, on the report's clock.
    #[graphql(name = "byHourOfWeek")]
    async fn by_hour_of_week_field(&self, ctx: &Context<'_>) -> Result<Vec<SalesHour>> {
        let rows = self.by_hour_of_week(&Sales::selected(&ctx.look_ahead())).await?;
        let rows = rows.into_iter().map(|row| {
            let hour = HourOfWeek::read(&row.keys)
                .ok_or_else(|| Fault::Internal(format!("no hour of a week: {:?}", row.keys)))?;
            Ok(SalesHour(hour, row.figures.into()))
        });
        rows.collect()
    }
}

/// Orders of a period: how many, of what kind, when in the week.
#[derive(MergedObject)]
#[graphql(name = "Orders")]
pub struct OrdersReport(Common<Sales>, Orders);

impl From<Scope> for OrdersReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), Orders { scope })
    }
}
