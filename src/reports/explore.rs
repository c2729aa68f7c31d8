//! Any metrics by any dimensions that fit, and the catalogue that says what there is.

use async_graphql::{InputObject, SimpleObject};

use crate::fault::Fault;
use crate::metrics::catalogue::{Domain, METRICS};
use crate::metrics::{Dimension, Filter, Metric, MetricQuery, Order, OrderBy, Row, Source, Table, Unit};
use crate::period::Grain;
use crate::reports::face::{BucketFields, PeriodFields};
use crate::reports::names::label;
use crate::reports::scope::Scope;
use crate::scalars::{CurrencyCode, Decimal};

/// A condition on facts: those whose value is, or is not, among some.
#[derive(Clone, Debug, InputObject)]
pub struct FilterInput {
    /// What is looked at.
    pub dimension: Dimension,
    /// Keep facts with one of these values; null stands for facts without one.
    pub r#in: Option<Vec<Option<String>>>,
    /// Keep facts with none of these values; null stands for facts without one.
    pub not_in: Option<Vec<Option<String>>>,
}

/// Most values that a condition may name.
const MAX_VALUES: usize = 1000;

impl FilterInput {
    /// The conditions that are meant.
    pub fn filters(self) -> Result<Vec<Filter>, Fault> {
        let (dimension, keep, drop) = (self.dimension, self.r#in, self.not_in);
        if keep.is_none() && drop.is_none() {
            let message = format!("the condition on {} needs `in` or `notIn`", dimension.name());
            return Err(Fault::invalid("where", message));
        }
        if keep.iter().chain(&drop).any(|values| values.len() > MAX_VALUES) {
            let message =
                format!("the condition on {} names more than {MAX_VALUES} values", dimension.name());
            return Err(Fault::invalid("where", message));
        }
        // No fact has it, and PostgreSQL takes no text with it.
        if keep.iter().chain(&drop).flatten().flatten().any(|value| value.contains('\0')) {
            let message =
                format!("the condition on {} names a value with the character U+0000", dimension.name());
            return Err(Fault::invalid("where", message));
        }
        let keep = keep.map(|values| Filter { dimension, values, exclude: false });
        let drop = drop.map(|values| Filter { dimension, values, exclude: true });
        Ok(keep.into_iter().chain(drop).collect())
    }
}

/// How rows are ordered: by a metric or a dimension of the question, or by time where neither is named.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct OrderInput {
    /// By this metric.
    pub metric: Option<Metric>,
    /// By the ids of this dimension.
    pub dimension: Option<Dimension>,
    /// Largest, last or latest first.
    #[graphql(default = false)]
    pub descending: bool,
}

impl OrderInput {
    /// The order that is meant.
    pub fn order(self) -> Result<Order, Fault> {
        let by = match (self.metric, self.dimension) {
            (Some(_), Some(_)) => {
                return Err(Fault::invalid("orderBy", "name a metric or a dimension, not both"));
            }
            (Some(metric), None) => OrderBy::Metric(metric),
            (None, Some(dimension)) => OrderBy::Dimension(dimension),
            (None, None) => OrderBy::Time,
        };
        Ok(Order { by, descending: self.descending })
    }
}

/// A free question.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// Figures to compute.
    pub metrics: Vec<Metric>,
    /// What to tell apart.
    pub dimensions: Vec<Dimension>,
    /// Length of time buckets.
    pub grain: Option<Grain>,
    /// Order of rows.
    pub order: Option<Order>,
    /// Most rows.
    pub limit: u32,
    /// Whether the whole is wanted too.
    pub totals: bool,
}

/// What a free question came to.
pub struct Explored {
    /// The rows.
    pub table: Table,
    /// The whole.
    pub totals: Option<Row>,
    /// What was read.
    pub explain: Vec<String>,
}

/// Answers a free question about `scope`.
pub async fn explore(scope: &Scope, question: &Exploration) -> Result<Explored, Fault> {
    let mut metrics = question.metrics.clone();
    metrics.dedup();
    let mut dimensions = question.dimensions.clone();
    dimensions.sort_unstable();
    dimensions.dedup();
    if question.metrics.is_empty() {
        return Err(Fault::invalid("metrics", "name at least one"));
    }
    if dimensions.len() != question.dimensions.len() {
        return Err(Fault::invalid("dimensions", "each can be named once"));
    }
    let whole = scope.query(&metrics);
    let query = MetricQuery {
        dimensions: question.dimensions.clone(),
        grain: question.grain,
        order: question.order,
        limit: Some(question.limit),
        ..whole.clone()
    };
    let engine = scope.desk.engine();
    let totals = async {
        if question.totals {
            engine.ask(&whole).await.map(|table| table.rows.into_iter().next())
        } else {
            Ok(None)
        }
    };
    let (table, totals) = tokio::try_join!(engine.ask(&query), totals)?;
    let explain = engine.explain(&query).await?;
    Ok(Explored { table, totals, explain })
}

/// The answer to a free question.
#[derive(SimpleObject)]
#[graphql(name = "ExploreResult")]
pub struct ExploreObject {
    /// The time that it is about.
    period: PeriodFields,
    /// The currency of its amounts.
    currency: CurrencyCode,
    /// The metrics, in the order of each row's values.
    metrics: Vec<Metric>,
    /// The dimensions, in the order of each row's keys.
    dimensions: Vec<Dimension>,
    /// The rows.
    rows: Vec<ExploreRow>,
    /// The whole, computed from the facts rather than from the rows; null where it was not asked for.
    totals: Option<Vec<Option<Decimal>>>,
    /// What was read to answer, in words.
    explain: Vec<String>,
}

/// One row of an answer.
#[derive(SimpleObject)]
struct ExploreRow {
    /// The time bucket; null where the question has no grain.
    bucket: Option<BucketFields>,
    /// What the row is about.
    keys: Vec<ExploreKey>,
    /// Its figures, in the order of the metrics: money in major units, ratios as decimals; null where a quotient has no
    /// base.
    values: Vec<Option<Decimal>>,
}

/// One value that a row is about.
#[derive(SimpleObject)]
struct ExploreKey {
    /// The dimension.
    dimension: Dimension,
    /// The value, or the id of what it points to; null for facts without one.
    id: Option<String>,
    /// The name behind an id; for plain values the value itself; null for facts without one.
    name: Option<String>,
}

impl ExploreObject {
    /// Tells an answer, names and all.
    pub async fn tell(scope: &Scope, question: Exploration, explored: Explored) -> Result<Self, Fault> {
        let rows = explored.table.rows.iter().map(async |row| {
            let keys = question.dimensions.iter().zip(&row.keys).map(async |(dimension, id)| {
                let name = label(&scope.desk, *dimension, id.as_deref()).await?;
                Ok::<_, Fault>(ExploreKey { dimension: *dimension, id: id.clone(), name })
            });
            Ok::<_, Fault>(ExploreRow {
                bucket: row.bucket.map(BucketFields::from),
                keys: futures::future::try_join_all(keys).await?,
                values: values(row, &question.metrics)?,
            })
        });
        Ok(Self {
            period: scope.period.into(),
            currency: CurrencyCode(scope.currency),
            rows: futures::future::try_join_all(rows).await?,
            totals: explored.totals.map(|row| values(&row, &question.metrics)).transpose()?,
            explain: explored.explain,
            metrics: question.metrics,
            dimensions: question.dimensions,
        })
    }
}

fn values(row: &Row, metrics: &[Metric]) -> Result<Vec<Option<Decimal>>, Fault> {
    metrics.iter().map(|metric| Ok(row.figures.text(*metric)?.map(Decimal))).collect()
}

/// One entry of the catalogue.
#[derive(SimpleObject)]
#[graphql(name = "MetricInfo")]
pub struct MetricObject {
    /// The metric, as arguments name it.
    metric: Metric,
    /// The report domain that it belongs to.
    domain: Domain,
    /// Its name as a field.
    name: &'static str,
    /// What it means.
    description: &'static str,
    /// What it is told in.
    unit: Unit,
    /// The facts that it is read from.
    sources: Vec<Source>,
    /// What it can be grouped and filtered by, beside time.
    dimensions: Vec<Dimension>,
    /// Whether the figures of parts add up to the whole's.
    adds_up: bool,
    /// Whether it is of an instant: then the figures of buckets of time do not add up.
    is_level: bool,
}

/// The catalogue, entry by entry.
pub fn catalogue() -> Vec<MetricObject> {
    METRICS
        .iter()
        .map(|definition| MetricObject {
            metric: definition.metric,
            domain: definition.domain,
            name: definition.name,
            description: definition.description,
            unit: definition.unit,
            sources: definition.metric.sources(),
            dimensions: Dimension::ALL.into_iter().filter(|other| definition.metric.fits(*other)).collect(),
            adds_up: definition.metric.adds_up(),
            is_level: definition.metric.is_level(),
        })
        .collect()
}
