//! What is to come, and what should not have come.

use async_graphql::{Context, Object, Result};

use super::About;
use crate::metrics::Metric;
use crate::period::Grain;
use crate::reports::anomalies::{self, AnomalyObject, AnomalySeverity};
use crate::reports::explore::FilterInput;
use crate::reports::forecast::{self, Ahead, ForecastModel, ForecastObject};
use crate::reports::window::{PeriodInput, PeriodPreset, Weekday};
use crate::scalars::{CurrencyCode, TimeZone};

/// What is to come, and what should not have come.
#[derive(Default)]
pub struct Foresight;

#[Object]
impl Foresight {
    /// What a metric is expected to come to in the buckets after the one that is running.
    /// Null, with an error that says why, where it cannot be told.
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the GraphQL field")]
    async fn forecast(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What adds up over time, or stands at the end of a bucket.")] metric: Metric,
        #[graphql(
            desc = "Length of the buckets: DAY, WEEK, MONTH or QUARTER.",
            default_with = "Grain::Month"
        )]
        grain: Grain,
        #[graphql(desc = "How many buckets, at most 36.", default = 3)] periods: u32,
        #[graphql(desc = "What answers.", default_with = "ForecastModel::Auto")] model: ForecastModel,
        #[graphql(
            desc = "The share of what comes that the intervals are to hold, 0.5 to 0.99.",
            default = 0.8
        )]
        level: f64,
        #[graphql(desc = "The currency to tell money in; by default the organization's.")] currency: Option<
            CurrencyCode,
        >,
        #[graphql(desc = "The IANA time zone that days are cut by; by default the organization's.")]
        time_zone: Option<TimeZone>,
        #[graphql(desc = "The first day of a week.", default_with = "Weekday::Monday")] week_start: Weekday,
        #[graphql(name = "where", desc = "Which facts count; all conditions must hold.", default)]
        filters: Vec<FilterInput>,
    ) -> Result<Option<ForecastObject>> {
        let period = PeriodInput::Preset(PeriodPreset::Today);
        let scope = About { period, currency, time_zone, week_start, filters }.scope(ctx)?;
        let ahead = Ahead { metric, grain, periods, model: model.into(), level };
        Ok(Some(forecast::forecast(&scope, ahead).await?.into()))
    }

    /// Days of a period on which a metric was not what its past let expect: the latest first. Only days that are over
    /// are judged.
    /// Null, with an error that says why, where they cannot be told.
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the GraphQL field")]
    async fn anomalies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The days to tell of.")] period: PeriodInput,
        #[graphql(
            desc = "The metrics to look at; by default all that have a figure for each day, but times between orders."
        )]
        metrics: Option<Vec<Metric>>,
        #[graphql(desc = "How far off at least.", default_with = "AnomalySeverity::Low")]
        severity: AnomalySeverity,
        #[graphql(desc = "The currency to tell money in; by default the organization's.")] currency: Option<
            CurrencyCode,
        >,
        #[graphql(desc = "The IANA time zone that days are cut by; by default the organization's.")]
        time_zone: Option<TimeZone>,
        #[graphql(name = "where", desc = "Which facts count; all conditions must hold.", default)]
        filters: Vec<FilterInput>,
    ) -> Result<Option<Vec<AnomalyObject>>> {
        let week_start = Weekday::Monday;
        let scope = About { period, currency, time_zone, week_start, filters }.scope(ctx)?;
        let mut metrics = metrics.unwrap_or_else(|| anomalies::fitting(&scope));
        metrics.sort_unstable();
        metrics.dedup();
        let found = anomalies::anomalies(&scope, &metrics, severity.into()).await?;
        Ok(Some(found.into_iter().map(|one| AnomalyObject::new(scope.clone(), one)).collect()))
    }
}
