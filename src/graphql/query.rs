//! The root: who asks, what there is to ask, and one field a report domain. A field that fails is null, and the others
//! are answered.

#![allow(clippy::unused_async, reason = "a resolver is async, also where it waits for nothing")]

mod foresight;
mod viewer;

use async_graphql::{Context, ID, MergedObject, Object, Result};

use crate::fault::Fault;
use crate::metrics::{Dimension, Metric};
use crate::period::{Calendar, Grain};
use crate::reports::affiliates::{AffiliatesReport, AttributionInput};
use crate::reports::business::{HrReport, MarketingReport, SubscriptionsReport, SupportReport};
use crate::reports::dashboards::{self, DashboardObject};
use crate::reports::deals::SalesReport;
use crate::reports::explore::{self, Exploration, ExploreObject, FilterInput, MetricObject, OrderInput};
use crate::reports::inventory::InventoryReport;
use crate::reports::orders::OrdersReport;
use crate::reports::parties::{CustomersReport, SalesRepsReport};
use crate::reports::products::{CategoriesReport, ProductsReport};
use crate::reports::revenue::RevenueReport;
use crate::reports::shared::{self, ShareLinkObject, SharedReport, ToldObject};
use crate::reports::window::{PeriodInput, Weekday};
use crate::reports::{Desk, Scope};
use crate::scalars::{CurrencyCode, TimeZone};

use self::foresight::Foresight;
use self::viewer::Viewer;

/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(Reports, Referred, Exploring, General, Kept, Foresight, Shared);

/// What every report can be told about itself.
struct About {
    period: PeriodInput,
    currency: Option<CurrencyCode>,
    time_zone: Option<TimeZone>,
    week_start: Weekday,
    filters: Vec<FilterInput>,
}

impl About {
    /// The scope that is meant: the organization's own currency and time zone where nothing is said.
    fn scope(self, ctx: &Context<'_>) -> Result<Scope> {
        let desk = desk(ctx)?;
        let organization = desk.organization();
        let zone = self.time_zone.map_or(organization.time_zone, |zone| zone.0);
        let currency = self.currency.map_or(organization.currency, |code| code.0);
        let calendar = Calendar { zone, week_start: self.week_start.into() };
        let period = desk.period(&self.period, &calendar)?;
        let filters: Result<Vec<Vec<_>>, Fault> =
            self.filters.into_iter().map(FilterInput::filters).collect();
        let filters = filters?.into_iter().flatten().collect();
        Ok(Scope { calendar, currency, filters, ..Scope::utc(desk, period) })
    }
}

/// The request's desk, or why it has none.
pub fn desk(ctx: &Context<'_>) -> Result<Desk> {
    Ok(ctx.data::<Result<Desk, Fault>>()?.clone()?)
}

/// A field a report domain.
#[derive(Default)]
pub struct Reports;

macro_rules! reports {
    ($( $(#[doc = $doc:tt])+ $field:ident: $report:ident; )+) => {
        #[Object]
        impl Reports {
            $(
                $(#[doc = $doc])+
                async fn $field(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "The time that the report is about.")] period: PeriodInput,
                    #[graphql(desc = "The currency to tell money in; by default the organization's. Other currencies \
                        are converted by the rate of each fact's UTC day.")]
                    currency: Option<CurrencyCode>,
                    #[graphql(desc = "The IANA time zone that days are cut by; by default the organization's.")]
                    time_zone: Option<TimeZone>,
                    #[graphql(desc = "The first day of a week.", default_with = "Weekday::Monday")]
                    week_start: Weekday,
                    #[graphql(name = "where", desc = "Which facts count; all conditions must hold.", default)]
                    filters: Vec<FilterInput>,
                ) -> Result<Option<$report>> {
                    let about = About { period, currency, time_zone, week_start, filters };
                    Ok(Some($report::from(about.scope(ctx)?)))
                }
            )+
        }
    };
}

reports! {
    /// What was sold in a period.
    /// Null, with an error that says why, where it cannot be told.
    revenue: RevenueReport;
    /// Orders of a period: how many, of what kind, when in the week, and one by one.
    /// Null, with an error that says why, where it cannot be told.
    orders: OrdersReport;
    /// Products in a period: what sells, how much of it, what comes back, what is bought together.
    /// Null, with an error that says why, where it cannot be told.
    products: ProductsReport;
    /// Categories of products in a period.
    /// Null, with an error that says why, where it cannot be told.
    categories: CategoriesReport;
    /// Customers in a period: how many were won, kept and lost, what they are worth, and who buys most.
    /// Null, with an error that says why, where it cannot be told.
    customers: CustomersReport;
    /// Sales representatives in a period.
    /// Null, with an error that says why, where it cannot be told.
    sales_reps: SalesRepsReport;
    /// Deals in a period: the funnel, what was won, how fast, and what is open.
    /// Null, with an error that says why, where it cannot be told.
    sales: SalesReport;
    /// Recurring revenue in a period: how it stands, what it came from and what became of it.
    /// Null, with an error that says why, where it cannot be told.
    subscriptions: SubscriptionsReport;
    /// Stock in a period: units, what they cost, how fast they go; and what there is now.
    /// Null, with an error that says why, where it cannot be told.
    inventory: InventoryReport;
    /// Employees in a period: how many, who came and went, who was at work.
    /// Null, with an error that says why, where it cannot be told.
    hr: HrReport;
    /// Tickets in a period: how many, how fast they were answered, and how satisfied people were.
    /// Null, with an error that says why, where it cannot be told.
    support: SupportReport;
    /// Campaigns in a period: what they cost and what they brought.
    /// Null, with an error that says why, where it cannot be told.
    marketing: MarketingReport;
}

/// What visitors were referred by.
#[derive(Default)]
pub struct Referred;

#[Object]
impl Referred {
    /// Visits, affiliates and conversions in a period: how many, who is credited, what is earned, and one by one.
    /// Null, with an error that says why, where it cannot be told.
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the GraphQL field")]
    async fn affiliates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The time that the report is about.")] period: PeriodInput,
        #[graphql(
            desc = "The currency to tell money in; by default the organization's. Other currencies are \
            converted by the rate of each fact's UTC day."
        )]
        currency: Option<CurrencyCode>,
        #[graphql(desc = "The IANA time zone that days are cut by; by default the organization's.")]
        time_zone: Option<TimeZone>,
        #[graphql(desc = "The first day of a week.", default_with = "Weekday::Monday")] week_start: Weekday,
        #[graphql(name = "where", desc = "Which facts count; all conditions must hold.", default)]
        filters: Vec<FilterInput>,
        #[graphql(desc = "Who is credited with a conversion that names no tracking code.", default)]
        attribution: AttributionInput,
    ) -> Result<Option<AffiliatesReport>> {
        let scope = About { period, currency, time_zone, week_start, filters }.scope(ctx)?;
        Ok(Some(AffiliatesReport::from(Scope { attribution: attribution.into(), ..scope })))
    }
}

#[derive(Default)]
struct General;

#[Object]
impl General {
    /// Who asks, and for which organization.
    /// Null, with an error that says why, where it cannot be told.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>> {
        Ok(Some(Viewer::of(&desk(ctx)?)))
    }

    /// The catalogue: every metric, what it means, and what it can be told apart by.
    async fn metrics(&self) -> Vec<MetricObject> {
        explore::catalogue()
    }
}

/// What is shared with people who have no credential.
#[derive(Default)]
struct Shared;

#[Object]
impl Shared {
    /// A report as people see it with whom it is shared: headlines and tables, ready to be shown, without names of customers.
    /// All of it is told by other fields too.
    /// Null, with an error that says why, where it cannot be told.
    async fn shared_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which report.")] report: SharedReport,
        #[graphql(
            desc = "The time that it is about; what grows is told beside the window of the same length before."
        )]
        period: PeriodInput,
        #[graphql(desc = "The currency to tell money in; by default the organization's.")] currency: Option<
            CurrencyCode,
        >,
        #[graphql(desc = "The IANA time zone that days are cut by; by default the organization's.")]
        time_zone: Option<TimeZone>,
    ) -> Result<Option<ToldObject>> {
        let (week_start, filters) = (Weekday::Monday, Vec::new());
        let scope = About { period, currency, time_zone, week_start, filters }.scope(ctx)?;
        let desk = scope.desk.told_in(scope.currency, scope.calendar.zone);
        Ok(Some(shared::told(&desk, report, scope.period).await?.into()))
    }
}

/// What people keep.
#[derive(Default)]
struct Kept;

#[Object]
impl Kept {
    /// The dashboards that there are to see: those that are shared, one's own, and for an Admin all; by name.
    /// Null, with an error that says why, where they cannot be told.
    async fn dashboards(&self, ctx: &Context<'_>) -> Result<Option<Vec<DashboardObject>>> {
        let desk = desk(ctx)?;
        let all = dashboards::list(&desk).await?;
        Ok(Some(all.into_iter().map(|one| DashboardObject::new(desk.clone(), one)).collect()))
    }

    /// The links to shared reports, the newest first: all that are open, and of those that are not over for more than 30 days the newest,
    /// up to 1000 in all. Needs the role Admin, or the scopes reports:read and shares:write.
    /// Null, with an error that says why, where they cannot be told.
    async fn share_links(&self, ctx: &Context<'_>) -> Result<Option<Vec<ShareLinkObject>>> {
        let desk = desk(ctx)?;
        let all = shared::list(&desk).await?;
        Ok(Some(all.into_iter().map(|one| ShareLinkObject::new(desk.clone(), one)).collect()))
    }

    /// The dashboard of that id; null where there is none, or none that may be seen.
    async fn dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: ID,
    ) -> Result<Option<DashboardObject>> {
        let desk = desk(ctx)?;
        Ok(dashboards::find(&desk, &id).await?.map(|one| DashboardObject::new(desk, one)))
    }
}

/// Whatever the domains have no field for.
#[derive(Default)]
pub struct Exploring;

#[Object]
impl Exploring {
    /// Any metrics by any dimensions that fit.
    /// Null, with an error that says why, where it cannot be told.
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the GraphQL field")]
    async fn explore(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Figures to compute.")] metrics: Vec<Metric>,
        #[graphql(desc = "What to tell apart.", default)] dimensions: Vec<Dimension>,
        #[graphql(
            desc = "Length of time buckets to tell apart, if any. Without dimensions, every bucket has a row."
        )]
        grain: Option<Grain>,
        #[graphql(desc = "The time that it is about.")] period: PeriodInput,
        #[graphql(desc = "The currency to tell money in; by default the organization's.")] currency: Option<
            CurrencyCode,
        >,
        #[graphql(desc = "The IANA time zone that days are cut by; by default the organization's.")]
        time_zone: Option<TimeZone>,
        #[graphql(desc = "The first day of a week.", default_with = "Weekday::Monday")] week_start: Weekday,
        #[graphql(name = "where", desc = "Which facts count; all conditions must hold.", default)]
        filters: Vec<FilterInput>,
        #[graphql(desc = "Order of the rows; by default time, then keys. Ties by keys.")] order_by: Option<
            OrderInput,
        >,
        #[graphql(desc = "Most rows, at most 100000.", default = 1000)] limit: u32,
        #[graphql(desc = "Whether the whole is wanted too, as `totals`.", default = false)] totals: bool,
        #[graphql(desc = "Who is credited with a conversion that names no tracking code.", default)]
        attribution: AttributionInput,
    ) -> Result<Option<ExploreObject>> {
        let scope = About { period, currency, time_zone, week_start, filters }.scope(ctx)?;
        let scope = Scope { attribution: attribution.into(), ..scope };
        if !(1..=crate::metrics::query::MAX_ROWS).contains(&limit) {
            let message = format!("must lie between 1 and {}, not {limit}", crate::metrics::query::MAX_ROWS);
            return Err(Fault::invalid("limit", message).into());
        }
        let question = Exploration {
            metrics,
            dimensions,
            grain,
            order: order_by.map(OrderInput::order).transpose()?,
            limit,
            totals,
        };
        let explored = explore::explore(&scope, &question).await?;
        Ok(Some(ExploreObject::tell(&scope, question, explored).await?))
    }
}
