//! From rows to figures: pure functions that convert, merge sources, divide, fill gaps, order and cut.

use std::collections::HashMap;
use std::sync::Arc;

use crate::fault::Fault;
use crate::metrics::catalogue::{Dimension, Formula, Measure, Metric, Unit};
use crate::metrics::clock_time::ClockTime;
use crate::metrics::gathered::{Gathered, Span};
use crate::metrics::plan::Reach;
use crate::metrics::query::{MAX_ROWS, MetricQuery, OrderBy};
use crate::metrics::time::{date_of, key_of};
use crate::money::{Currency, Exact, Money, decimal_text};
use crate::period::{Bucket, Period};

/// What groups are told apart by: the key of their time bucket, and the ids of their dimensions.
pub type Group = (Option<i64>, Vec<Option<String>>);

/// What was added up, or why it cannot be told; nothing where there was nothing to add.
pub type Value = Option<Result<Exact, Fault>>;

/// What one pass read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// How far back it was read.
    pub reach: Reach,
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

/// Figures of facts that there are none of.
pub fn nothing(metrics: &[Metric], currency: Currency, period: &Period) -> Figures {
    let gathered = Gathered::of(metrics, vec![0]);
    let (none, span) = (gathered.nothing(), Span::of(None, period));
    let values = metrics.iter().map(|metric| gathered.value(*metric, &none, span, currency));
    Figures { currency, metrics: metrics.into(), values: values.collect() }
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
    let buckets: Vec<(i64, Bucket)> =
        buckets(query)?.into_iter().map(|bucket| (key(query, &bucket), bucket)).collect();
    let keys = match query.grain {
        None => vec![0],
        Some(_) => buckets.iter().map(|(key, _)| *key).collect(),
    };
    let mut gathered = Gathered::of(&query.metrics, keys);
    for reading in readings {
        gathered.add(reading)?;
    }
    gathered.add_moves(readings)?;
    if query.dimensions.is_empty() {
        // Totals have their one row, and series their buckets, where nothing happened too.
        gathered.fill();
    }
    let metrics: Arc<[Metric]> = query.metrics.clone().into();
    let known: HashMap<i64, Bucket> = buckets.into_iter().collect();
    let mut rows = Vec::with_capacity(gathered.groups.len());
    let mut clock = ClockTime::of(query);
    for ((key, ids), values) in &gathered.groups {
        let bucket = match query.grain {
            None => None,
            Some(_) => Some(*known.get(key).ok_or_else(|| Fault::Internal(format!("no bucket {key}")))?),
        };
        let span = clock.within(*key, ids, Span::of(bucket, &query.period));
        let told: Vec<Option<Exact>> = query
            .metrics
            .iter()
            .map(|metric| gathered.value(*metric, values, span, query.currency))
            .collect();
        // What came in and is gone again is nothing, and no row of a list.
        // Days pass for everybody, and say nothing of anybody.
        let is_nothing = |(metric, value): (&Metric, &Option<Exact>)| {
            metric.definition().formula == Formula::Days || value.as_ref().is_none_or(Exact::is_zero)
        };
        let mut asked = query.metrics.iter().zip(&told);
        if !query.dimensions.is_empty() && !gathered.has_facts(values) && asked.all(is_nothing) {
            continue;
        }
        let figures = Figures { currency: query.currency, metrics: Arc::clone(&metrics), values: told };
        let keys = query.dimensions.iter().zip(ids);
        let keys = keys.map(|(dimension, id)| id.as_deref().map(|id| told_key(*dimension, id))).collect();
        rows.push(Row { bucket, keys, figures });
    }
    sort(query, &mut rows);
    if let Some(limit) = query.limit {
        rows.truncate(limit as usize);
    }
    // Who makes fewer rows of many says how many.
    if query.limit.is_none() {
        check_rows(rows.len())?;
    }
    Ok(Table { rows })
}

/// Refuses more rows than can be told.
pub fn check_rows(rows: usize) -> Result<(), Fault> {
    if rows > MAX_ROWS as usize {
        let message = format!("the answer has {rows} rows; at most {MAX_ROWS} can be told: set a limit");
        return Err(Fault::invalid("limit", message));
    }
    Ok(())
}

fn buckets(query: &MetricQuery) -> Result<Vec<Bucket>, Fault> {
    let Some(grain) = query.grain else { return Ok(Vec::new()) };
    query.calendar.buckets(grain, &query.period).map_err(|error| Fault::invalid("grain", error.to_string()))
}

fn key(query: &MetricQuery, bucket: &Bucket) -> i64 {
    query.grain.map_or(0, |grain| key_of(&query.calendar, grain, bucket))
}

/// A key as clients know it.
fn told_key(dimension: Dimension, key: &str) -> String {
    if dimension == Dimension::Cohort {
        let month = key.parse().ok().and_then(date_of);
        return month.map_or_else(|| key.to_owned(), |month| month.format("%Y-%m").to_string());
    }
    let known = dimension.codes().and_then(|codes| codes.iter().find(|(_, code)| code.to_string() == key));
    known.map_or(key, |(name, _)| name).to_owned()
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
        let by_ties = || {
            let exact = |row: &Row, metric| row.figures.exact(metric).ok().flatten().cloned();
            let each = query.ties.iter().map(|metric| exact(b, *metric).cmp(&exact(a, *metric)));
            each.fold(Ordering::Equal, Ordering::then)
        };
        first.then_with(by_ties).then_with(|| by_time(a, b)).then_with(|| by_keys(a, b))
    });
}

/// Ids compare by their bytes, clock numbers as numbers; facts without a value come last.
fn compare_keys(dimension: Dimension, a: Option<&str>, b: Option<&str>) -> std::cmp::Ordering {
    match (a, b) {
        (Some(a), Some(b)) if dimension.is_of_clock() => a.parse::<i64>().ok().cmp(&b.parse::<i64>().ok()),
        (Some(a), Some(b)) => a.cmp(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}
