//! Deals: how far they come, how fast, and what is open.

use async_graphql::{Enum, MergedObject, Object, Result, SimpleObject};
use entity::deal_stage;

use crate::fault::Fault;
use crate::metrics::answer::{self, Figures};
use crate::metrics::{Dimension, Metric, MetricQuery};
use crate::money::Exact;
use crate::reports::face::{Common, ratio_text};
use crate::reports::scope::Scope;
use crate::reports::sets::Deals;
use crate::scalars::{Decimal, Long, Money};

/// Figures of one stage of the funnel.
const OF_STAGE: [Metric; 3] = [Metric::StageEntries, Metric::StageValue, Metric::MedianDaysInStage];

/// One stage of the funnel.
#[derive(Clone, Debug)]
pub struct FunnelStage {
    /// Which.
    pub stage: deal_stage::Stage,
    /// Of the deals that entered it within the period: how many, their value, and how long they stayed.
    pub figures: Figures,
    /// Its deals divided by those of the stage before; none for the first, and where there were none before.
    pub from_previous: Option<Exact>,
    /// Its deals divided by those of the first stage; none where there were none.
    pub from_first: Option<Exact>,
}

/// The funnel: every stage but LOST, in order, also those that no deal entered.
pub async fn funnel(scope: &Scope) -> Result<Vec<FunnelStage>, Fault> {
    let query = MetricQuery { dimensions: vec![Dimension::Stage], ..scope.query(&OF_STAGE) };
    let mut rows = scope.desk.engine().ask(&query).await?.rows;
    let mut stages: Vec<FunnelStage> = Vec::new();
    for stage in deal_stage::Stage::ALL.iter().copied().filter(|stage| *stage != deal_stage::Stage::Lost) {
        let row = rows.iter().position(|row| row.keys[0].as_deref() == Some(stage.name()));
        let figures = match row {
            Some(place) => rows.swap_remove(place).figures,
            None => answer::nothing(&OF_STAGE, scope.currency, &scope.period),
        };
        let share = |base: Option<&FunnelStage>| -> Result<Option<Exact>, Fault> {
            let Some(base) = base else { return Ok(None) };
            let entered = figures.exact(Metric::StageEntries)?;
            Ok(entered
                .zip(base.figures.exact(Metric::StageEntries)?)
                .and_then(|(part, of)| part.divided_by(of)))
        };
        let from_previous = share(stages.last())?;
        let from_first = match stages.first() {
            Some(first) => share(Some(first))?,
            None => figures.exact(Metric::StageEntries)?.and_then(|entered| entered.divided_by(entered)),
        };
        stages.push(FunnelStage { stage, figures, from_previous, from_first });
    }
    Ok(stages)
}

/// Stages of the funnel, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum FunnelStep {
    /// Became a lead.
    Leads,
    /// Was found to be worth the effort.
    Qualified,
    /// Was offered something.
    Proposal,
    /// Is talked about.
    Negotiation,
    /// Was won.
    Won,
}

impl FunnelStep {
    fn of(stage: deal_stage::Stage) -> Option<Self> {
        Some(match stage {
            deal_stage::Stage::Leads => Self::Leads,
            deal_stage::Stage::Qualified => Self::Qualified,
            deal_stage::Stage::Proposal => Self::Proposal,
            deal_stage::Stage::Negotiation => Self::Negotiation,
            deal_stage::Stage::Won => Self::Won,
            deal_stage::Stage::Lost => return None,
        })
    }
}

/// One stage of the funnel: the deals that entered it within the period.
#[derive(SimpleObject)]
#[graphql(name = "FunnelStage")]
struct FunnelStageObject {
    /// Which.
    stage: FunnelStep,
    /// How many deals.
    count: Long,
    /// Their value.
    value: Money,
    /// Its deals divided by those of the stage before; null for the first, and where there were none before.
    conversion_from_previous: Option<Decimal>,
    /// Its deals divided by those of the first stage; null where there were none.
    conversion_from_first: Option<Decimal>,
    /// Median days until they left it, of those that did; null where none did.
    median_days: Option<Decimal>,
}

/// Deals of a period.
struct Funnel(Scope);

#[Object(name = "SalesExtras")]
impl Funnel {
    /// How many deals entered each stage within the period, in the order of the stages. A deal counts in every stage that
    /// it entered; a stage may have more than the one before it, where deals entered that before the period.
    async fn funnel(&self) -> Result<Vec<FunnelStageObject>> {
        let stages =
            funnel(&self.0).await?.into_iter().filter_map(|row| Some((FunnelStep::of(row.stage)?, row)));
        let told = stages.map(|(stage, row)| {
            Ok(FunnelStageObject {
                stage,
                count: Long(row.figures.count(Metric::StageEntries)?),
                value: row.figures.amount(Metric::StageValue)?.into(),
                conversion_from_previous: ratio_text(row.from_previous.as_ref()),
                conversion_from_first: ratio_text(row.from_first.as_ref()),
                median_days: row.figures.text(Metric::MedianDaysInStage)?.map(Decimal),
            })
        });
        told.collect()
    }
}

/// Deals in a period: the funnel, what was won, how fast, and what is open.
#[derive(MergedObject)]
#[graphql(name = "Sales")]
pub struct SalesReport(Common<Deals>, Funnel);

impl From<Scope> for SalesReport {
    fn from(scope: Scope) -> Self {
        Self(scope.clone().into(), Funnel(scope))
    }
}
