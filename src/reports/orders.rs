//! Orders: how many, and when people place them.

use async_graphql::{Context, MergedObject, Object, Result};

use crate::fault::Fault;
use crate::metrics::{Dimension, Metric, MetricQuery, Row};
use crate::reports::face::Common;
use crate::reports::figures::{FigureSet, FiguresObject};
use crate::reports::scope::Scope;
use crate::reports::sets::Sales;

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
    /// Day of the week, 1 (Monday) to 7 (Sunday).
    day_of_week: i32,
    /// Hour of the day, 0 to 23.
    hour_of_day: i32,
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
        let number =
            |key: &Option<String>| key.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default();
        let rows = rows.into_iter().map(|row| {
            let hour = HourOfWeek { day_of_week: number(&row.keys[0]), hour_of_day: number(&row.keys[1]) };
            SalesHour(hour, row.figures.into())
        });
        Ok(rows.collect())
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
