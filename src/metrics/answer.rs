//! From rows to figures: pure functions that convert, merge sources, divide, fill gaps, order and cut.

use std::collections::HashMap;
use std::sync::Arc;

use crate::fault::Fault;
use crate::metrics::catalogue::{Aggregate, Dimension, Formula, Measure, Metric, Unit};
use crate::metrics::query::{MAX_ROWS, MetricQuery, OrderBy};
use crate::metrics::time::key_of;
use crate::money::{Currency, Exact, Money, decimal_text};
use crate::period::Bucket;

/// What groups are told apart by: the key of their time bucket, and the ids of their dimensions.
pub type Group = (Option<i64>, Vec<Option<String>>);

/// What was added up, or why it cannot be told; nothing where there was nothing to add.
pub type Value = Option<Result<Exact, Fault>>;

/// What one pass read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What the values are, maybe more than was asked for.
    pub measures: Vec<Measure>,
    /// The groups, each once, and their values in the order of the measures.
    pub rows: Vec<(Group, Vec<Value>)>,
}

/// Figures of one group of facts: exact, rounded when they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    currency: Currency,
    metrics: Arc<[Metric]>,
    values: Vec<Option<Exact>>,
}

impl Figures {
    /// The exact value, money in minor units; nothing where a quotient has no base.
    pub fn exact(&self, metric: Metric) -> Result<Option<&Exact>, Fault> {
        let index = self.metrics.iter().position(|other| *other == metric);
        let index = index.ok_or_else(|| Fault::Internal(format!("`{}` was not computed", metric.name())))?;
        Ok(self.values[index].as_ref())
    }

    /// An amount, rounded to its currency's digits.
    pub fn money(&self, metric: Metric) -> Result<Option<Money>, Fault> {
        let rounded = self.rounded(metric, 0)?;
        Ok(rounded.map(|minor| Money { minor, currency: self.currency }))
    }

    /// An amount that is never null: sums, not quotients.
    pub fn amount(&self, metric: Metric) -> Result<Money, Fault> {
        Ok(self.money(metric)?.unwrap_or(Money { minor: 0, currency: self.currency }))
    }

    /// A whole number; a quotient without base counts as zero.
    pub fn count(&self, metric: Metric) -> Result<i64, Fault> {
        Ok(self.rounded(metric, 0)?.unwrap_or(0))
    }

    /// Any figure as the decimal text that it is shown as.
    pub fn text(&self, metric: Metric) -> Result<Option<String>, Fault> {
        let unit = metric.definition().unit;
        if unit == Unit::Money {
            return Ok(self.money(metric)?.map(|money| money.to_string()));
        }
        let digits = unit.digits();
        Ok(self.rounded(metric, digits)?.map(|value| decimal_text(value, digits)))
    }

    /// The currency of its amounts.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The metrics that it holds.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The same figures less `other`'s; null where either is.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let values = self.values.iter().zip(&other.values);
        let values = values.map(|(now, then)| Some(now.as_ref()? - then.as_ref()?)).collect();
        Self { currency: self.currency, metrics: Arc::clone(&self.metrics), values }
    }

    fn rounded(&self, metric: Metric, digits: u32) -> Result<Option<i64>, Fault> {
        self.exact(metric)?.map(|exact| exact.round_to(digits).ok_or(Fault::Overflow)).transpose()
    }
}

/// One row of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The time bucket, where the question has a grain.
    pub bucket: Option<Bucket>,
    /// Ids of the dimensions, in the question's order; none where facts have no value.
    pub keys: Vec<Option<String>>,
    /// The figures.
    pub figures: Figures,
}

/// An answer: rows in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// The one row of a question without grain and dimensions.
    pub fn into_total(self) -> Result<Figures, Fault> {
        let row = self.rows.into_iter().next();
        row.map(|row| row.figures).ok_or_else(|| Fault::Internal("totals without a row".to_owned()))
    }
}

/// Folds what the passes read into the answer to `query`.
pub fn answer(query: &MetricQuery, readings: &[Arc<Reading>]) -> Result<Table, Fault> {
    let mut needed: Vec<Measure> = query.metrics.iter().flat_map(|metric| metric.measures()).collect();
    needed.sort_unstable();
    needed.dedup();
    let mut groups: HashMap<Group, Vec<Option<Exact>>> = HashMap::new();
    for reading in readings {
        add_reading(query, reading, &needed, &mut groups)?;
    }
    if query.dimensions.is_empty() {
        // Totals have their one row, and series their buckets, where nothing happened too.
        let buckets = match query.grain {
            None => vec![None],
            Some(grain) => {
                buckets(query)?.iter().map(|bucket| Some(key_of(&query.calendar, grain, bucket))).collect()
            }
        };
        for bucket in buckets {
            groups.entry((bucket, Vec::new())).or_insert_with(|| vec![None; needed.len()]);
        }
    }
    let metrics: Arc<[Metric]> = query.metrics.clone().into();
    let known: HashMap<i64, Bucket> = match query.grain {
        None => HashMap::new(),
        Some(grain) => buckets(query)?
            .into_iter()
            .map(|bucket| (key_of(&query.calendar, grain, &bucket), bucket))
            .collect(),
    };
    let mut rows = Vec::with_capacity(groups.len());
    for ((bucket, keys), values) in groups {
        let bucket = match bucket {
            None => None,
            Some(key) => Some(*known.get(&key).ok_or_else(|| Fault::Internal(format!("no bucket {key}")))?),
        };
        let values = query.metrics.iter().map(|metric| value(*metric, &needed, &values)).collect();
        let figures = Figures { currency: query.currency, metrics: Arc::clone(&metrics), values };
        rows.push(Row { bucket, keys, figures });
    }
    sort(query, &mut rows);
    if let Some(limit) = query.limit {
        rows.truncate(limit as usize);
    }
    if rows.len() > MAX_ROWS as usize {
        let message =
            format!("the answer has {} rows; at most {MAX_ROWS} can be told: set a limit", rows.len());
        return Err(Fault::invalid("limit", message));
    }
    Ok(Table { rows })
}

fn buckets(query: &MetricQuery) -> Result<Vec<Bucket>, Fault> {
    let Some(grain) = query.grain else { return Ok(Vec::new()) };
    query.calendar.buckets(grain, &query.period).map_err(|error| Fault::invalid("grain", error.to_string()))
}

fn add_reading(
    query: &MetricQuery,
    reading: &Reading,
    needed: &[Measure],
    groups: &mut HashMap<Group, Vec<Option<Exact>>>,
) -> Result<(), Fault> {
    let wanted: Vec<(usize, usize)> = reading
        .measures
        .iter()
        .enumerate()
        .filter_map(|(column, measure)| Some((column, needed.binary_search(measure).ok()?)))
        .collect();
    for ((bucket, keys), values) in &reading.rows {
        // Others may have asked more of the same reading: a group that holds nothing of ours is no row of ours.
        let holds = |(column, target): &(usize, usize)| match needed[*target].aggregate {
            Aggregate::Amount(_) | Aggregate::Sum(_) => values[*column].is_some(),
            Aggregate::Count | Aggregate::Distinct(_) => {
                values[*column].as_ref().is_some_and(|value| value != &Ok(Exact::zero()))
            }
        };
        if !wanted.iter().any(holds) {
            continue;
        }
        let keys = query.dimensions.iter().zip(keys);
        let keys = keys.map(|(dimension, key)| Some(told(*dimension, key.as_deref()?))).collect();
        let sums = groups.entry((*bucket, keys)).or_insert_with(|| vec![None; needed.len()]);
        for (column, target) in &wanted {
            // Each measure belongs to one source, and so to one reading.
            sums[*target] = values[*column].clone().transpose()?;
        }
    }
    Ok(())
}

/// A key as clients know it.
fn told(dimension: Dimension, key: &str) -> String {
    let known = dimension.codes().and_then(|codes| codes.iter().find(|(_, code)| code.to_string() == key));
    known.map_or(key, |(name, _)| name).to_owned()
}

/// A metric of one group: sums over nothing are zero, quotients over zero are null.
fn value(metric: Metric, needed: &[Measure], values: &[Option<Exact>]) -> Option<Exact> {
    let of = |metric| value(metric, needed, values);
    match metric.definition().formula {
        Formula::Measure(measure) => {
            let sum = needed.binary_search(&measure).ok().and_then(|index| values[index].clone());
            Some(sum.unwrap_or_else(Exact::zero))
        }
        Formula::Ratio(part, base) => of(part)?.divided_by(&of(base)?),
        Formula::Difference(a, b) => Some(&of(a)? - &of(b)?),
        Formula::Total(a, b) => Some(&of(a)? + &of(b)?),
    }
}

fn sort(query: &MetricQuery, rows: &mut [Row]) {
    use std::cmp::Ordering;
    let by_time =
        |a: &Row, b: &Row| a.bucket.map(|bucket| bucket.start).cmp(&b.bucket.map(|bucket| bucket.start));
    let by_keys = |a: &Row, b: &Row| {
        let each = query.dimensions.iter().enumerate();
        each.map(|(slot, dimension)| {
            compare_keys(*dimension, a.keys[slot].as_deref(), b.keys[slot].as_deref())
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
    };
    rows.sort_by(|a, b| {
        let Some(order) = query.order else { return by_time(a, b).then_with(|| by_keys(a, b)) };
        let turned = |ordering: Ordering| if order.descending { ordering.reverse() } else { ordering };
        let first = match order.by {
            OrderBy::Time => turned(by_time(a, b)),
            OrderBy::Dimension(dimension) => {
                let slot = query.dimensions.iter().position(|other| *other == dimension).unwrap_or(0);
                turned(compare_keys(dimension, a.keys[slot].as_deref(), b.keys[slot].as_deref()))
            }
            OrderBy::Metric(metric) => {
                let (a, b) = (a.figures.exact(metric).ok().flatten(), b.figures.exact(metric).ok().flatten());
                match (a, b) {
                    (Some(a), Some(b)) => turned(a.cmp(b)),
                    // Nulls last, whichever way.
                    (a, b) => b.is_some().cmp(&a.is_some()),
                }
            }
        };
        first.then_with(|| by_time(a, b)).then_with(|| by_keys(a, b))
    });
}

/// Ids compare by their bytes, clock numbers as numbers; facts without a value come last.
fn compare_keys(dimension: Dimension, a: Option<&str>, b: Option<&str>) -> std::cmp::Ordering {
    match (a, b) {
        (Some(a), Some(b)) if matches!(dimension, Dimension::HourOfDay | Dimension::DayOfWeek) => {
            a.parse::<i64>().ok().cmp(&b.parse::<i64>().ok())
        }
        (Some(a), Some(b)) => a.cmp(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}
