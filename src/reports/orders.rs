//! Orders: how many, and when people place them. `order_list` has them one by one.

use async_graphql::{Context, MergedObject, Object, Result, SimpleObject};

use crate::fault::Fault;
use crate::metrics::{Dimension, Metric, MetricQuery, Row};
use crate::reports::face::Common;
use crate::reports::figures::{FigureSet, FiguresObject};
use crate::reports::order_list::OrderList;
use crate::reports::scope::Scope;
use crate::reports::sets::Sales;
use crate::reports::window::Weekday;

/// Figures for each hour of the week in which anything happened, by weekday, then hour.
pub async fn by_hour_of_week(scope: &Scope, metrics: &[Metric]) -> Result<Vec<Row>, Fault> {
    let query =
        MetricQuery { dimensions: vec![Dimension::DayOfWeek, Dimension::HourOfDay], ..scope.query(metrics) };
    Ok(scope.desk.engine().ask(&query).await?.rows)
}

/// When in the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SimpleObject)]
pub struct HourOfWeek {
    /// Day of the week.
    pub day_of_week: Weekday,
    /// Hour of the day, 0 to 23.
    pub hour_of_day: u32,
}

impl HourOfWeek {
    /// From the keys that its figures are grouped by.
    pub fn read(keys: &[Option<String>]) -> Result<Self, Fault> {
        let read = || {
            let [Some(day), Some(hour)] = keys else { return None };
            Some(Self { day_of_week: Weekday::numbered(day.parse().ok()?)?, hour_of_day: hour.parse().ok()? })
        };
        read().ok_or_else(|| Fault::Internal(format!("no hour of a week: {keys:?}")))
    }
}

/// Figures of sales in one hour of the week.
#[derive(MergedObject)]
struct SalesHour(HourOfWeek, FiguresObject<Sales>);

/// The week's hours.
struct Hours(Scope);

#[Object(name = "OrdersExtras")]
impl Hours {
    /// Figures for each hour of the week in which anything happened, on the report's clock.
    async fn by_hour_of_week(&self, ctx: &Context<'_>) -> Result<Vec<SalesHour>> {
        let rows = by_hour_of_week(&self.0, &Sales::selected(&ctx.look_ahead())).await?;
        rows.into_iter().map(|row| Ok(SalesHour(HourOfWeek::read(&row.keys)?, row.figures.into()))).collect()
    }
}

/// Orders of a period: how many, of what kind, when in the week, and one by one.
#[derive(MergedObject)]
#[graphql(name = "Orders")]
pub struct OrdersReport(Common<Sales>, Hours, OrderList);

impl From<Scope> for OrdersReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), Hours(scope.clone()), OrderList(scope))
    }
}
