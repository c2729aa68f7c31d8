//! `GET /support`: how many tickets, how fast they were answered, how satisfied people were.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{Share, each, groups, known_rate, label, name, percent, rate, typical};
use super::parameters::MAX_LIMIT;
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Metric, Row};
use crate::period::Grain;
use crate::reports::scope::Ranked;
use crate::rest::Number;

/// What the whole is told by.
const FIGURES: [Metric; 14] = [
    Metric::TicketsOpened,
    Metric::TicketsResolved,
    Metric::OpenTickets,
    Metric::MedianFirstReply,
    Metric::P90FirstReply,
    Metric::AverageFirstReply,
    Metric::MedianResolution,
    Metric::P90Resolution,
    Metric::AverageResolution,
    Metric::ReopenedTickets,
    Metric::ReopenRate,
    Metric::Csat,
    Metric::RatedTickets,
    Metric::RatingResponseRate,
];

/// What each period and each group is told by.
const OF_EACH: [Metric; 6] = [
    Metric::TicketsOpened,
    Metric::TicketsResolved,
    Metric::OpenTickets,
    Metric::MedianFirstReply,
    Metric::MedianResolution,
    Metric::Csat,
];

/// Tickets of the window: how many, how fast they were answered, how satisfied people were.
#[utoipa::path(
    get,
    path = "/support",
    tag = TAG,
    operation_id = "ecosire_support",
    params(Window),
    responses((status = 200, description = "The report.", body = Support), Refusals),
)]
pub async fn support(asked: Asked) -> Answer {
    json(&Box::pin(report(asked)).await?)
}

/// What the route answers.
pub async fn report(Asked { scope, grain, limit }: Asked) -> Result<Support, Fault> {
    let by = |dimension, first| groups(&scope, dimension, Metric::TicketsOpened, first, &OF_EACH);
    let (totals, series, channels, priorities, categories, agents) = try_join!(
        scope.totals(&FIGURES),
        scope.series(grain, &OF_EACH),
        by(Dimension::Channel, MAX_LIMIT),
        by(Dimension::Priority, MAX_LIMIT),
        by(Dimension::TicketCategory, MAX_LIMIT),
        by(Dimension::Agent, limit),
    )?;
    Ok(Support {
        summary: Summary::of(&totals)?,
        time_series: each(&series, |row| Bucket::of(row, grain))?,
        by_channel: each(&channels, |row| Ok(Channel { channel: name(row), figures: Tickets::of(row)? }))?,
        by_priority: each(&priorities, |row| {
            Ok(Priority { priority: name(row), figures: Tickets::of(row)? })
        })?,
        by_category: each(&categories, |row| {
            Ok(Category { category: name(row), figures: Tickets::of(row)? })
        })?,
        by_agent: each(&agents, |row| Ok(Agent { agent: name(row), figures: Tickets::of(row)? }))?,
    })
}

/// `GET /support`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Support)]
pub struct Support {
    /// The window as a whole.
    summary: Summary,
    /// A row for each period that the window touches.
    time_series: Vec<Bucket>,
    /// By where people wrote, most tickets first; `unknown` where nothing is told of it, as below.
    by_channel: Vec<Channel>,
    /// By how urgent they were.
    by_priority: Vec<Priority>,
    /// By what they were about.
    by_category: Vec<Category>,
    /// By who worked on them.
    by_agent: Vec<Agent>,
}

/// The window as a whole.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::SupportSummary)]
struct Summary {
    /// Tickets opened.
    #[schema(minimum = 0)]
    opened: i64,
    /// Tickets resolved.
    #[schema(minimum = 0)]
    resolved: i64,
    /// Tickets open at the window's end.
    #[schema(minimum = 0)]
    backlog: i64,
    /// Median hours to the first reply, of tickets opened in the window; null where there was none, as below.
    median_first_reply_hours: Option<Number>,
    /// Hours within which nine of ten first replies came.
    p90_first_reply_hours: Option<Number>,
    /// Mean hours to the first reply.
    avg_first_reply_hours: Option<Number>,
    /// Median hours from opening to resolution, of tickets resolved in the window.
    median_resolution_hours: Option<Number>,
    /// Hours within which nine of ten were resolved.
    p90_resolution_hours: Option<Number>,
    /// Mean hours from opening to resolution.
    avg_resolution_hours: Option<Number>,
    /// Tickets that had been opened again divided by tickets resolved: 0.05 is 5 %.
    reopen_rate: Share,
    /// Tickets rated 4 or 5 divided by rated tickets; null where none is rated.
    csat: Option<Share>,
    /// Rated tickets divided by tickets opened.
    csat_response_rate: Share,
}

impl Summary {
    fn of(totals: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            opened: totals.count(Metric::TicketsOpened)?,
            resolved: totals.count(Metric::TicketsResolved)?,
            backlog: totals.count(Metric::OpenTickets)?,
            median_first_reply_hours: typical(totals, Metric::MedianFirstReply)?,
            p90_first_reply_hours: typical(totals, Metric::P90FirstReply)?,
            avg_first_reply_hours: typical(totals, Metric::AverageFirstReply)?,
            median_resolution_hours: typical(totals, Metric::MedianResolution)?,
            p90_resolution_hours: typical(totals, Metric::P90Resolution)?,
            avg_resolution_hours: typical(totals, Metric::AverageResolution)?,
            reopen_rate: rate(totals, Metric::ReopenRate, Metric::ReopenedTickets)?,
            csat: known_rate(totals, Metric::Csat)?,
            csat_response_rate: rate(totals, Metric::RatingResponseRate, Metric::RatedTickets)?,
        })
    }
}

/// Tickets of one period.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::SupportBucket)]
struct Bucket {
    /// Which one: `2026-01-05`, `2026-W02`, `2026-01` or `2026-Q1`.
    period: String,
    /// Tickets opened.
    #[schema(minimum = 0)]
    opened: i64,
    /// Tickets resolved.
    #[schema(minimum = 0)]
    resolved: i64,
    /// Tickets open at its end.
    #[schema(minimum = 0)]
    backlog: i64,
    /// Median hours to the first reply, of tickets opened in it; null where there was none.
    median_first_reply_hours: Option<Number>,
    /// Median hours from opening to resolution, of tickets resolved in it; null where there was none.
    median_resolution_hours: Option<Number>,
    /// Tickets rated 4 or 5 divided by rated tickets; null where none is rated.
    csat: Option<Share>,
}

impl Bucket {
    fn of(row: &Row, grain: Grain) -> Result<Self, Fault> {
        let figures = &row.figures;
        Ok(Self {
            period: label(row, grain)?,
            opened: figures.count(Metric::TicketsOpened)?,
            resolved: figures.count(Metric::TicketsResolved)?,
            backlog: figures.count(Metric::OpenTickets)?,
            median_first_reply_hours: typical(figures, Metric::MedianFirstReply)?,
            median_resolution_hours: typical(figures, Metric::MedianResolution)?,
            csat: known_rate(figures, Metric::Csat)?,
        })
    }
}

/// Tickets of one group.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Tickets)]
struct Tickets {
    /// Tickets opened.
    #[schema(minimum = 0)]
    opened: i64,
    /// Their part of all tickets opened: 0.46 is 46 %.
    percent: Share,
    /// Tickets resolved.
    #[schema(minimum = 0)]
    resolved: i64,
    /// Tickets open at the window's end.
    #[schema(minimum = 0)]
    backlog: i64,
    /// Median hours to the first reply; null where there was none.
    median_first_reply_hours: Option<Number>,
    /// Median hours from opening to resolution; null where there was none.
    median_resolution_hours: Option<Number>,
    /// Tickets rated 4 or 5 divided by rated tickets; null where none is rated.
    csat: Option<Share>,
}

impl Tickets {
    fn of(row: &Ranked) -> Result<Self, Fault> {
        let figures = &row.figures;
        Ok(Self {
            opened: figures.count(Metric::TicketsOpened)?,
            percent: percent(row.share.as_ref())?,
            resolved: figures.count(Metric::TicketsResolved)?,
            backlog: figures.count(Metric::OpenTickets)?,
            median_first_reply_hours: typical(figures, Metric::MedianFirstReply)?,
            median_resolution_hours: typical(figures, Metric::MedianResolution)?,
            csat: known_rate(figures, Metric::Csat)?,
        })
    }
}

macro_rules! groups {
    ($( $(#[doc = $doc:tt])+ $group:ident $field:ident $name:path; )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Serialize, ToSchema)]
            #[schema(as = $name)]
            struct $group {
                /// Which one.
                $field: String,
                #[serde(flatten)]
                figures: Tickets,
            }
        )+
    };
}

groups! {
    /// Tickets that came by one channel.
    Channel channel ecosire::TicketChannel;
    /// Tickets of one priority.
    Priority priority ecosire::TicketPriority;
    /// Tickets of one category.
    Category category ecosire::TicketCategory;
    /// Tickets of one agent.
    Agent agent ecosire::TicketAgent;
}
