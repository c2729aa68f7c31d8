//! `GET /sales`: how far deals came, and what became of them.

use serde::Serialize;
use tokio::try_join;
use utoipa::ToSchema;

use super::described::{Refusals, Window};
use super::figures::{groups, minor, quotient};
use super::{Answer, Asked, TAG, json};
use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Metric};
use crate::reports::scope::Ranked;
use crate::rest::Number;

/// The stages of the funnel, as the catalogue and as this API call them. Deals that are lost leave it.
const STAGES: [(&str, &str); 5] = [
    ("LEADS", "leads"),
    ("QUALIFIED", "qualified"),
    ("PROPOSAL", "proposal"),
    ("NEGOTIATION", "negotiation"),
    ("WON", "won"),
];

/// Deals of the window: the funnel, and what was won.
#[utoipa::path(
    get,
    path = "/sales",
    tag = TAG,
    operation_id = "ecosire_sales",
    params(Window),
    responses((status = 200, description = "The report.", body = Sales), Refusals),
)]
pub async fn sales(Asked { scope, .. }: Asked) -> Answer {
    let entered = [Metric::StageEntries, Metric::StageValue];
    let whole = [Metric::WinRate, Metric::DealsWon, Metric::AverageDealSize, Metric::AverageCycleDays];
    let (stages, totals) = try_join!(
        groups(&scope, Dimension::Stage, Metric::StageEntries, 10, &entered),
        scope.totals(&whole),
    )?;
    json(&Sales::of(&stages, &totals)?)
}

/// `GET /sales`
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ecosire::Sales)]
pub struct Sales {
    /// The stages from first to last, each with the deals that entered it in the window.
    funnel: Vec<Stage>,
    /// Deals won divided by leads: 0.167 is 16.7 %.
    win_rate: Number,
    /// Value of the deals won divided by their number, in minor units.
    avg_deal_size: i64,
    /// Mean days from a deal's creation to its winning, of deals won in the window.
    #[serde(rename = "avgCycledays")]
    avg_cycle_days: i64,
}

impl Sales {
    fn of(stages: &[Ranked], totals: &Figures) -> Result<Self, Fault> {
        let stage = |(id, name): &(&str, &'static str)| {
            let entered = stages.iter().find(|row| row.id.as_deref() == Some(*id));
            entered.map_or(Ok(Stage { stage: name, count: 0, value: 0 }), |row| Stage::of(name, &row.figures))
        };
        Ok(Self {
            funnel: STAGES.iter().map(stage).collect::<Result<_, _>>()?,
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
    stage: &'static str,
    /// Deals that entered it.
    #[schema(minimum = 0)]
    count: i64,
    /// What they are worth, in minor units.
    value: i64,
}

impl Stage {
    fn of(stage: &'static str, figures: &Figures) -> Result<Self, Fault> {
        let (count, value) = (figures.count(Metric::StageEntries)?, minor(figures, Metric::StageValue)?);
        Ok(Self { stage, count, value })
    }
}
