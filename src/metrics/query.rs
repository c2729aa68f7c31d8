//! The one form of a question: which figures, of when, by what, in which order.

use async_graphql::Enum;

use crate::fault::Fault;
use crate::metrics::catalogue::{Dimension, Metric};
use crate::money::Currency;
use crate::period::{Calendar, Grain, Period};

/// Most rows that an answer may have.
pub const MAX_ROWS: u32 = 100_000;

/// Most conditions on facts.
pub const MAX_FILTERS: usize = 50;

/// A question to the semantic layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MetricQuery {
    /// Figures to compute, each once.
    pub metrics: Vec<Metric>,
    /// Time of the facts.
    pub period: Period,
    /// What cuts time into days and hours.
    pub calendar: Calendar,
    /// The currency to tell money in.
    pub currency: Currency,
    /// Length of the time buckets to group by, if any.
    pub grain: Option<Grain>,
    /// What else to group by.
    pub dimensions: Vec<Dimension>,
    /// Which facts count; all must hold.
    pub filters: Vec<Filter>,
    /// Order of the rows; time, then keys, where nothing is said.
    pub order: Option<Order>,
    /// What rows that are equal by their order are told apart by, each largest first, before their keys.
    pub ties: Vec<Metric>,
    /// Most rows to return.
    pub limit: Option<u32>,
    /// Whether facts that lack a dimension's value are left out.
    pub named_only: bool,
    /// Who is credited with conversions that name no tracking code.
    pub attribution: Attribution,
}

/// Who is credited with a conversion that names no tracking code: the codes that its session clicked before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attribution {
    /// Which of the clicks count.
    pub model: AttributionModel,
    /// How many days of 24 hours before the conversion they may lie at most.
    pub window_days: u32,
}

/// Which of the clicks before a conversion count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum AttributionModel {
    /// The last one; of several at the same instant the one that came in last.
    LastClick,
    /// The first one; of several at the same instant the one that came in first.
    FirstClick,
    /// All of them alike: each is credited with an equal part.
    Linear,
}

impl Default for Attribution {
    /// The last click within 30 days.
    fn default() -> Self {
        Self { model: AttributionModel::LastClick, window_days: 30 }
    }
}

impl Attribution {
    /// Longest window.
    pub const MAX_DAYS: u32 = 3660;

    /// How long before a conversion clicks count, in microseconds.
    pub fn window(self) -> i64 {
        i64::from(self.window_days) * 86_400_000_000
    }

    /// The same, with each conversion credited to one code: the last click in place of all.
    #[must_use]
    pub fn to_one(self) -> Self {
        match self.model {
            AttributionModel::Linear => Self { model: AttributionModel::LastClick, ..self },
            _ => self,
        }
    }
}

impl MetricQuery {
    /// Totals of `metrics` over the whole period.
    pub fn totals(metrics: &[Metric], period: Period, calendar: Calendar, currency: Currency) -> Self {
        Self {
            metrics: metrics.to_vec(),
            period,
            calendar,
            currency,
            grain: None,
            dimensions: Vec::new(),
            filters: Vec::new(),
            order: None,
            ties: Vec::new(),
            limit: None,
            named_only: false,
            attribution: Attribution::default(),
        }
    }

    /// Whether it can be asked; says what cannot be combined and what could.
    pub fn validate(&self) -> Result<(), Fault> {
        if self.filters.len() > MAX_FILTERS {
            let message =
                format!("there are {} conditions; at most {MAX_FILTERS} can be asked", self.filters.len());
            return Err(Fault::invalid("where", message));
        }
        for metric in &self.metrics {
            if self.grain.is_some() && !metric.has_history() {
                let message = format!("`{}` is told as of now, and has no series", metric.name());
                return Err(Fault::invalid("metrics", message));
            }
            let asked = self.dimensions.iter().chain(self.filters.iter().map(|filter| &filter.dimension));
            for dimension in asked {
                if !metric.fits(*dimension) {
                    return Err(Fault::invalid("metrics", misfit(*metric, *dimension)));
                }
            }
        }
        if self.attribution.window_days > Attribution::MAX_DAYS {
            let message = format!("is at most {} days", Attribution::MAX_DAYS);
            return Err(Fault::invalid("windowDays", message));
        }
        if let Some(Order { by: OrderBy::Metric(metric), .. }) = self.order
            && !self.metrics.contains(&metric)
        {
            let message = format!("`{}` is ordered by but not among the metrics", metric.name());
            return Err(Fault::invalid("orderBy", message));
        }
        if let Some(Order { by: OrderBy::Dimension(dimension), .. }) = self.order
            && !self.dimensions.contains(&dimension)
        {
            let message = format!("{} is ordered by but not among the dimensions", dimension.name());
            return Err(Fault::invalid("orderBy", message));
        }
        Ok(())
    }
}

fn misfit(metric: Metric, dimension: Dimension) -> String {
    let fitting: Vec<&str> =
        Dimension::ALL.into_iter().filter(|other| metric.fits(*other)).map(Dimension::name).collect();
    format!(
        "`{}` cannot be grouped or filtered by {}; it can by {}",
        metric.name(),
        dimension.name(),
        fitting.join(", ")
    )
}

/// A condition on facts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// What is looked at.
    pub dimension: Dimension,
    /// Values to keep, as the dimension tells them; `None` stands for facts without one.
    pub values: Vec<Option<String>>,
    /// Whether to keep the others instead.
    pub exclude: bool,
}

/// How rows are ordered; ties are broken by the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// By what.
    pub by: OrderBy,
    /// Largest first.
    pub descending: bool,
}

/// What rows can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderBy {
    /// The time bucket.
    Time,
    /// A dimension's key.
    Dimension(Dimension),
    /// A figure; nulls come last.
    Metric(Metric),
}
