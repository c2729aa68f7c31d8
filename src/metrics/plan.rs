//! From a question to passes over sources. Pure: no database is asked.
//!
//! A pass reads one source once, grouped one way. Passes over the same source and period that are wanted at the same
//! time become one statement (`sql`), whoever wants them.

use chrono::{DateTime, Utc};

use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Dimension, Formula, Measure, Move, Over, Source};
use crate::metrics::query::{Attribution, AttributionModel, Filter, MetricQuery, OrderBy};
use crate::money::Currency;
use crate::period::{Calendar, Grain, Period};
use crate::principal::Organization;

/// How far back a pass reads, and how it tells facts apart beyond what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// The facts of the period.
    Within,
    /// All facts up to the period's end; those before it in a bucket of their own.
    ToDate,
    /// The same, customer by customer: the customer is the last key.
    ByCustomer,
}

/// When customers count as lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lapse {
    /// So many microseconds after the last order.
    pub window: i64,
    /// Not if that is later than this.
    pub now: DateTime<Utc>,
}

/// Which orders' facts are read, by the orders' keys: one that came later has a larger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Orders {
    /// Those of all.
    All,
    /// Those of orders up to this key.
    UpTo(i64),
    /// Those of orders after it, which are few.
    After(i64),
}

/// One reading of one source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pass {
    /// What is read.
    pub source: Source,
    /// How far back.
    pub reach: Reach,
    /// Of when.
    pub period: Period,
    /// Of which orders, where it is of orders' facts.
    pub orders: Orders,
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
    /// Set where only the first rows are asked for: who reads may cut the list.
    pub top: Option<Top>,
    /// Whether rows that lack a dimension's value are left out.
    pub named_only: bool,
    /// Set where lost customers are read.
    pub lapse: Option<Lapse>,
    /// Set where it matters who is credited with conversions.
    pub attribution: Option<Attribution>,
}

impl Pass {
    /// Whether its groups say their bucket.
    pub fn has_buckets(&self) -> bool {
        self.grain.is_some() || self.reach != Reach::Within
    }

    /// Whether a fact may be told in parts, each of which counts as such.
    pub fn has_shares(&self) -> bool {
        self.attribution.is_some_and(|attribution| attribution.model == AttributionModel::Linear)
    }

    /// Where a statement cuts the list: amounts that are yet to be converted have no order.
    pub fn cut(&self) -> Option<Top> {
        self.top.filter(|_| self.convert_to.is_none())
    }

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

/// The passes that answer `query` for `organization` at `now`, one for each source and reach.
pub fn plan(
    query: &MetricQuery,
    organization: &Organization,
    now: DateTime<Utc>,
) -> Result<Vec<Pass>, Fault> {
    query.validate()?;
    let measures = query.metrics.iter().flat_map(|metric| metric.measures());
    let mut wanted: Vec<(Source, Reach, Measure)> = measures
        .map(|measure| match measure.over {
            Over::Within => (measure.source, Reach::Within, measure),
            // Both edges are read from the same flows.
            Over::Start | Over::End => (measure.source, Reach::ToDate, measure.over(Over::End)),
        })
        .collect();
    if query.metrics.iter().any(|metric| metric.has_moves()) {
        wanted.extend(Move::flows().map(|flow| (flow.source, Reach::ByCustomer, flow)));
    }
    wanted.sort_unstable();
    wanted.dedup();
    let foreign = organization.fact_currencies.iter().any(|currency| *currency != query.currency);
    let lapse = Lapse { window: organization.churn_window.num_microseconds().unwrap_or(i64::MAX / 2), now };
    let mut passes: Vec<Pass> = Vec::new();
    for (source, reach, measure) in wanted {
        if let Some(pass) = passes.last_mut().filter(|pass| (pass.source, pass.reach) == (source, reach)) {
            pass.measures.push(measure);
            continue;
        }
        let mut dimensions = query.dimensions.clone();
        if reach == Reach::ByCustomer {
            dimensions.push(Dimension::Customer);
        }
        passes.push(Pass {
            source,
            reach,
            period: if source.is_timeless() { now_alone(now)? } else { query.period },
            orders: Orders::All,
            calendar: query.calendar,
            grain: query.grain,
            dimensions,
            filters: query.filters.clone(),
            measures: vec![measure],
            convert_to: None,
            top: None,
            named_only: query.named_only,
            lapse: (source == Source::LostCustomers).then_some(lapse),
            attribution: is_credited(query, source).then_some(query.attribution),
        });
    }
    for pass in &mut passes {
        pass.convert_to = (foreign && pass.has_amounts()).then_some(query.currency);
    }
    if let [pass] = passes.as_mut_slice() {
        pass.top = top(query, pass);
    }
    Ok(passes)
}

/// Whether who is credited says which facts there are, or what they come to.
fn is_credited(query: &MetricQuery, source: Source) -> bool {
    let asked = query.dimensions.iter().chain(query.filters.iter().map(|filter| &filter.dimension));
    match source {
        Source::Commissions => true,
        Source::Conversions => asked.into_iter().any(|dimension| dimension.is_of_credit()),
        _ => false,
    }
}

/// The instant of facts without history: they are worth what they are worth now, whatever period is asked about.
fn now_alone(now: DateTime<Utc>) -> Result<Period, Fault> {
    Period::through(now, now).map_err(|error| Fault::Internal(format!("now is {now}: {error}")))
}

/// A list can be cut before all of it is told where the order is known: by one measure of this one source, and ties by keys
/// that tables tell as the answer does.
fn top(query: &MetricQuery, pass: &Pass) -> Option<Top> {
    let (order, limit) = (query.order?, query.limit?);
    let OrderBy::Metric(metric) = order.by else { return None };
    let Formula::Measure(measure) = metric.definition().formula else { return None };
    let is_plain = pass.reach == Reach::Within
        && pass.measures.iter().all(|measure| !matches!(measure.aggregate, Aggregate::Percentile(..)));
    let same_ties = pass.dimensions.iter().all(|of| of.is_told_as_held()) && query.ties.is_empty();
    (is_plain && !pass.has_shares() && same_ties && pass.grain.is_none()).then_some(Top {
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
            let when = match (pass.source.is_timeless(), pass.reach) {
                (true, _) => " of now".to_owned(),
                (false, Reach::Within) => format!(" from {}", pass.period.start().to_rfc3339()),
                (false, Reach::ToDate | Reach::ByCustomer) => " from the first".to_owned(),
            };
            let end = pass.period.end().to_rfc3339();
            format!(
                "{:?} facts{when}{}{}{}{}",
                pass.source,
                if pass.source.is_timeless() { String::new() } else { format!(" to {end}") },
                pass.grain.map(|grain| format!(", by {grain:?}")).unwrap_or_default(),
                if by.is_empty() { String::new() } else { format!(", by {}", by.join(", ")) },
                pass.convert_to
                    .map(|currency| format!(", other currencies by day for conversion to {currency}"))
                    .unwrap_or_default(),
            )
        })
        .collect()
}
