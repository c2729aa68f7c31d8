//! From a question to passes over sources. Pure: no database is asked.
//!
//! A pass reads one source once, grouped one way. Passes over the same source and period that are wanted at the same
//! time become one statement (`sql`), whoever wants them.

use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Dimension, Formula, Measure, Source};
use crate::metrics::query::{Filter, MetricQuery, OrderBy};
use crate::money::Currency;
use crate::period::{Calendar, Grain, Period};
use crate::principal::Organization;

/// One reading of one source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pass {
    /// What is read.
    pub source: Source,
    /// Of when.
    pub period: Period,
    /// What cuts time.
    pub calendar: Calendar,
    /// Length of time buckets, if grouped by time.
    pub grain: Option<Grain>,
    /// What it is grouped by.
    pub dimensions: Vec<Dimension>,
    /// Which facts count.
    pub filters: Vec<Filter>,
    /// What is computed, sorted.
    pub measures: Vec<Measure>,
    /// Set where facts may be in other currencies than this one, which is to be told.
    pub convert_to: Option<Currency>,
    /// Set where the database may cut the list to the first rows.
    pub top: Option<Top>,
    /// Whether rows that lack a dimension's value are left out.
    pub named_only: bool,
}

impl Pass {
    /// Whether it adds up money.
    pub fn has_amounts(&self) -> bool {
        self.measures.iter().any(|measure| matches!(measure.aggregate, Aggregate::Amount(_)))
    }
}

/// The first rows by one measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Top {
    /// What they are ordered by.
    pub measure: Measure,
    /// Largest first.
    pub descending: bool,
    /// How many.
    pub limit: u32,
}

/// The passes that answer `query` for `organization`, one a source.
pub fn plan(query: &MetricQuery, organization: &Organization) -> Result<Vec<Pass>, Fault> {
    query.validate()?;
    let mut measures: Vec<Measure> = query.metrics.iter().flat_map(|metric| metric.measures()).collect();
    measures.sort_unstable();
    measures.dedup();
    let foreign = organization.fact_currencies.iter().any(|currency| *currency != query.currency);
    let mut passes: Vec<Pass> = Vec::new();
    for measure in measures {
        if let Some(pass) = passes.last_mut().filter(|pass| pass.source == measure.source) {
            pass.measures.push(measure);
            continue;
        }
        passes.push(Pass {
            source: measure.source,
            period: query.period,
            calendar: query.calendar,
            grain: query.grain,
            dimensions: query.dimensions.clone(),
            filters: query.filters.clone(),
            measures: vec![measure],
            convert_to: None,
            top: None,
            named_only: query.named_only,
        });
    }
    for pass in &mut passes {
        let has_amounts =
            pass.measures.iter().any(|measure| matches!(measure.aggregate, Aggregate::Amount(_)));
        pass.convert_to = (foreign && has_amounts).then_some(query.currency);
    }
    if let [pass] = passes.as_mut_slice() {
        pass.top = top(query, pass);
    }
    Ok(passes)
}

/// The database can cut the list where it knows the order: by one measure of this one source, nothing to convert, and
/// ties by keys that it tells as the answer does.
fn top(query: &MetricQuery, pass: &Pass) -> Option<Top> {
    let (order, limit) = (query.order?, query.limit?);
    let OrderBy::Metric(metric) = order.by else { return None };
    let Formula::Measure(measure) = metric.definition().formula else { return None };
    let is_clock = |dimension| matches!(dimension, Dimension::HourOfDay | Dimension::DayOfWeek);
    let same_ties = pass.dimensions.iter().all(|of| of.codes().is_none() && !is_clock(*of));
    (same_ties && pass.convert_to.is_none() && pass.grain.is_none()).then_some(Top {
        measure,
        descending: order.descending,
        limit,
    })
}

/// What a question reads, for people who want to know why it is fast or slow.
pub fn explain(passes: &[Pass]) -> Vec<String> {
    passes
        .iter()
        .map(|pass| {
            let by: Vec<&str> = pass.dimensions.iter().map(|dimension| dimension.name()).collect();
            format!(
                "{:?} facts from {} to {}{}{}{}",
                pass.source,
                pass.period.start().to_rfc3339(),
                pass.period.end().to_rfc3339(),
                pass.grain.map(|grain| format!(", by {grain:?}")).unwrap_or_default(),
                if by.is_empty() { String::new() } else { format!(", by {}", by.join(", ")) },
                pass.convert_to
                    .map(|currency| format!(", other currencies by day for conversion to {currency}"))
                    .unwrap_or_default(),
            )
        })
        .collect()
}
