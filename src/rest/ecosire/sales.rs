//! `GET /sales`: how far deals came, and what became of them.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{Minor, Share, each, minor, quotient};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::Metric;
use crate::metrics::answer::Figures;
use crate::reports::deals::{FunnelStage, funnel};

/// Deals of the window: the funnel, and what was won.
#[utoipa::path(
    get,
    path = "/sales",
    tag = TAG,
    operation_id = "ecosire_sales",
    params(Window),
    responses((status = 200, description = "The report.", body = Sales), Refusals),
)]
pub async fn sales(asked: Asked) -> Answer {
    json(&report(asked).await?)
}

/// What the route answers.
pub async fn report(Asked { scope, .. }: Asked) -> Result<Sales, Fault> {
    let whole = [Metric::WinRate, Metric::DealsWon, Metric::AverageDealSize, Metric::AverageCycleDays];
    let (stages, totals) = try_join!(funnel(&scope), scope.totals(&whole))?;
    Sales::of(&stages, &totals)
}

/// `GET /sales`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Sales)]
pub struct Sales {
    /// The stages from first to last, without the lost, each with the deals that entered it in the window.
    funnel: Vec<Stage>,
    /// Deals won divided by leads: 0.167 is 16.7 %.
    win_rate: Share,
    /// Value of the deals won divided by their number, in minor units.
    avg_deal_size: Minor,
    /// Mean days from a deal's creation to its winning, of deals won in the window.
    #[serde(rename = "avgCycledays")]
    avg_cycle_days: i64,
}

impl Sales {
    fn of(stages: &[FunnelStage], totals: &Figures) -> Result<Self, Fault> {
        Ok(Self {
            funnel: each(stages, Stage::of)?,
            win_rate: quotient(totals, Metric::WinRate, Metric::DealsWon, 3)?,
            avg_deal_size: minor(totals, Metric::AverageDealSize)?,
            avg_cycle_days: totals.count(Metric::AverageCycleDays)?,
        })
    }
}

/// One stage of the funnel.
#[derive(Serialize, ToSchema)]
#[schema(as = ecosire::Stage)]
struct Stage {
    /// Which one: leads, qualified, proposal, negotiation or won.
    stage: String,
    /// Deals that entered it.
    #[schema(minimum = 0)]
    count: i64,
    /// What they are worth, in minor units.
    value: Minor,
}

impl Stage {
    fn of(row: &FunnelStage) -> Result<Self, Fault> {
        Ok(Self {
            stage: row.stage.name().to_ascii_lowercase(),
            count: row.figures.count(Metric::StageEntries)?,
            value: minor(&row.figures, Metric::StageValue)?,
        })
    }
}
