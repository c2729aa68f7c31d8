//! What can be written: what people keep, and facts one by one.

use async_graphql::{Context, ID, MergedObject, Object, Result};

use super::query::desk;
use super::records::Records;
use crate::dashboards::Draft;
use crate::metrics::Metric;
use crate::period::{Calendar, Grain};
use crate::reports::anomalies::AnomalySeverity;
use crate::reports::dashboards::{self, DashboardObject};
use crate::reports::exports::{self, Download, ExportFormat, ReportType, Wanted};
use crate::reports::shared::{self, ShareLinkObject, SharedReport};
use crate::reports::window::PeriodInput;
use crate::scalars::{CurrencyCode, Long};

/// Everything that can be written. Many facts at once come by imports and the ingest API.
#[derive(MergedObject, Default)]
pub struct Mutation(Keeping, Records);

/// What people keep.
#[derive(Default)]
struct Keeping;

#[Object]
impl Keeping {
    /// Saves a new dashboard, which is its maker's. Needs the role Admin, or the scopes
    /// reports:read and dashboards:write.
    /// Null, with an error that says why, where it cannot be saved.
    async fn create_dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it consists of.")] dashboard: Draft,
    ) -> Result<Option<DashboardObject>> {
        let desk = desk(ctx)?;
        let saved = dashboards::create(&desk, dashboard).await?;
        Ok(Some(DashboardObject::new(desk, saved)))
    }

    /// Saves a dashboard anew, whole. Its owner and Admins may.
    /// Null, with an error that says why, where it cannot be saved: `CONFLICT` where somebody saved it meanwhile.
    async fn update_dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: ID,
        #[graphql(desc = "The version that the change was made to: its last one.")] version: Long,
        #[graphql(desc = "What it is to consist of.")] dashboard: Draft,
    ) -> Result<Option<DashboardObject>> {
        let desk = desk(ctx)?;
        let saved = dashboards::update(&desk, &id, version.0, dashboard).await?;
        Ok(Some(DashboardObject::new(desk, saved)))
    }

    /// Gives out an address at which a report can be fetched as a file for five minutes, without a credential.
    /// Null, with an error that says why, where it cannot be given.
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the GraphQL field")]
    async fn export_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report.")] report: ReportType,
        #[graphql(desc = "The time that it is about, by the UTC calendar.")] period: PeriodInput,
        #[graphql(
            desc = "Length of a time series' rows: DAY, WEEK, MONTH or QUARTER; by default months of a forecast, and \
                    days of every other report."
        )]
        grain: Option<Grain>,
        #[graphql(desc = "The currency to tell money in; by default the organization's.")] currency: Option<
            CurrencyCode,
        >,
        #[graphql(desc = "What the file is to be.", default_with = "ExportFormat::Xlsx")]
        format: ExportFormat,
        #[graphql(desc = "How many periods ahead a forecast tells, at most 36.", default = 3)] periods: u32,
        #[graphql(desc = "How far off anomalies are at least.", default_with = "AnomalySeverity::Low")]
        severity: AnomalySeverity,
        #[graphql(desc = "The only metric that is searched for anomalies; by default all of them.")]
        metric: Option<Metric>,
    ) -> Result<Option<Download>> {
        let desk = desk(ctx)?;
        let period = period.resolve(&Calendar::UTC, desk.now())?;
        let currency = currency.map_or(desk.organization().currency, |code| code.0);
        let grain = grain.unwrap_or_else(|| report.usual_grain());
        let severity = severity.into();
        let wanted = Wanted { report, period, grain, currency, format, periods, severity, metric };
        Ok(Some(exports::offer(&desk, &wanted).await?))
    }

    /// Makes a link by which anybody can read a report of a period, which stays as it is whenever it is opened. Needs the
    /// role Admin, or the scopes reports:read and shares:write.
    /// Null, with an error that says why, where it cannot be made.
    async fn create_share_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report.")] report: SharedReport,
        #[graphql(
            desc = "The time that it is about, by the organization's calendar, up to now at most; by default the last 30 days."
        )]
        period: Option<PeriodInput>,
        #[graphql(
            desc = "In how many seconds it opens nothing any more, at most 7776000; by default as the server is set up."
        )]
        expires_in_seconds: Option<u32>,
    ) -> Result<Option<ShareLinkObject>> {
        let desk = desk(ctx)?;
        let calendar = Calendar { zone: desk.organization().time_zone, ..Calendar::UTC };
        let period = match period {
            Some(period) => period.resolve(&calendar, desk.now())?,
            None => shared::last_days(&desk, 30)?,
        };
        let link = shared::share(&desk, report, period, expires_in_seconds).await?;
        Ok(Some(ShareLinkObject::new(desk, link)))
    }

    /// Takes a link back, for good: from now on it opens nothing.
    /// Null, with an error that says why, where it cannot be taken back.
    async fn revoke_share_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: ID,
    ) -> Result<Option<ShareLinkObject>> {
        let desk = desk(ctx)?;
        let link = shared::revoke(&desk, &id).await?;
        Ok(Some(ShareLinkObject::new(desk, link)))
    }

    /// Deletes a dashboard, and tells its id. Its owner and Admins may.
    /// Null, with an error that says why, where it cannot be deleted: `CONFLICT` where somebody saved it meanwhile.
    async fn delete_dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: ID,
        #[graphql(desc = "Its last version.")] version: Long,
    ) -> Result<Option<ID>> {
        dashboards::delete(&desk(ctx)?, &id, version.0).await?;
        Ok(Some(id))
    }
}
