//! What the answer to a question must be, worked out fact by fact.

mod affiliates;
mod campaigns;
mod commerce;
mod customers;
mod deals;
mod facts;
mod figure;
mod group;
mod staff;
mod stock;
mod subscriptions;
mod tickets;
mod words;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use countinghouse::metrics::{Dimension, Metric, MetricQuery, OrderBy};
use countinghouse::period::{Grain, Period};

use super::clock::{Span, day_of_week, hour_of_day, spans};
use super::dataset::Dataset;
use super::exact::{Exchange, told};
use figure::Figure;
use group::{Bucket, Group};

/// A row of an answer, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldRow {
    pub span: Option<Span>,
    pub keys: Vec<Option<String>>,
    pub values: Vec<Option<String>>,
}

/// Answers `query` over `data`.
pub fn answer(data: &Dataset, query: &MetricQuery) -> Vec<ToldRow> {
    let mut groups: BTreeMap<Vec<Option<String>>, Group> = BTreeMap::new();
    let is_list = !query.dimensions.is_empty();
    if !is_list {
        groups.entry(Vec::new()).or_default();
    }
    for (at, fact) in facts::facts(data, query) {
        let keys = query.dimensions.iter().map(|dimension| fact.value(data, query, at, *dimension)).collect();
        groups.entry(keys).or_default().add(at, fact);
    }
    let exchange = Exchange { rates: &data.rates, to: query.currency.code(), known: &data.known };
    let spans = query.grain.map(|grain| spans(&query.calendar, grain, &query.period));
    let mut bounds = vec![query.period.start()];
    bounds.extend(spans.iter().flatten().map(|span| span.end.min(query.period.end())));
    if spans.is_none() {
        bounds.push(query.period.end());
    }
    let shown = shown_by_clocks(query, &bounds);
    // Where nothing happens only levels say anything.
    let has_levels = query.metrics.iter().any(|metric| metric.is_level());
    groups.values_mut().for_each(Group::finish);
    let mut rows = Vec::new();
    for (keys, group) in &groups {
        if query.named_only && keys.contains(&None) {
            continue;
        }
        for place in 0..bounds.len() - 1 {
            let span = spans.as_ref().map(|spans| spans[place]);
            let length = length(query, keys, &shown[place], bounds[place + 1] - bounds[place]);
            let bucket = Bucket::new(data, &exchange, group, &bounds, place, length);
            if is_list && !has_levels && bucket.is_quiet() {
                continue;
            }
            let figures: Vec<Figure> = query.metrics.iter().map(|metric| bucket.figure(*metric)).collect();
            let mut asked = query.metrics.iter().zip(&figures);
            if !is_list || asked.any(|(metric, figure)| makes_a_row(*metric, figure)) {
                rows.push((span, keys.clone(), figures));
            }
        }
    }
    rows.sort_by(|a, b| in_order(query, a, b));
    rows.truncate(query.limit.unwrap_or(u32::MAX) as usize);
    let told = |(span, keys, figures): (Option<Span>, Vec<Option<String>>, Vec<Figure>)| ToldRow {
        span,
        keys,
        values: figures.iter().map(|figure| Some(told(figure.value.as_ref()?, figure.digits))).collect(),
    };
    rows.into_iter().map(told).collect()
}

/// How long clocks show each hour of each weekday, bucket by bucket, hour after hour.
fn shown_by_clocks(query: &MetricQuery, bounds: &[DateTime<Utc>]) -> Vec<HashMap<[String; 2], TimeDelta>> {
    let mut shown = vec![HashMap::new(); bounds.len() - 1];
    let of_clock = query.dimensions.iter().any(|dimension| dimension.is_of_clock());
    if !of_clock || !query.metrics.iter().any(|metric| metric.is_of_length()) {
        return shown;
    }
    for (shown, bounds) in shown.iter_mut().zip(bounds.windows(2)) {
        let period = Period::new(bounds[0], bounds[1]).expect("a bucket");
        for hour in spans(&query.calendar, Grain::Hour, &period) {
            let (start, end) = (hour.start.max(bounds[0]), hour.end.min(bounds[1]));
            let name = [day_of_week(&query.calendar, start), hour_of_day(&query.calendar, start)];
            *shown.entry(name).or_insert_with(TimeDelta::zero) += end - start;
        }
    }
    shown
}

/// How much of a bucket's time a group has: of a weekday or an hour that is told apart, what clocks show as such.
fn length(
    query: &MetricQuery,
    keys: &[Option<String>],
    shown: &HashMap<[String; 2], TimeDelta>,
    whole: TimeDelta,
) -> TimeDelta {
    let told = |dimension: Dimension| {
        query.dimensions.iter().position(|other| *other == dimension).and_then(|slot| keys[slot].clone())
    };
    let wanted = [told(Dimension::DayOfWeek), told(Dimension::HourOfDay)];
    if shown.is_empty() || wanted == [None, None] {
        return whole;
    }
    let is_wanted = |name: &[String; 2]| {
        name.iter().zip(&wanted).all(|(name, wanted)| wanted.as_ref().is_none_or(|wanted| wanted == name))
    };
    shown.iter().filter(|(name, _)| is_wanted(name)).map(|(_, time)| *time).sum()
}

/// Whether there is anything to say of a group. Days pass for all of them.
fn makes_a_row(metric: Metric, figure: &Figure) -> bool {
    metric != Metric::DaysInPeriod && (figure.is_there || !figure.is_nothing())
}

type Worked = (Option<Span>, Vec<Option<String>>, Vec<Figure>);

fn in_order(query: &MetricQuery, a: &Worked, b: &Worked) -> std::cmp::Ordering {
    let by_keys = || {
        let pairs = query.dimensions.iter().zip(a.1.iter().zip(&b.1));
        pairs
            .map(|(dimension, (a, b))| key_rank(*dimension, a).cmp(&key_rank(*dimension, b)))
            .find(|order| order.is_ne())
    };
    let by_time = || a.0.cmp(&b.0);
    let asked = query.order.map(|order| {
        let turn = |found: std::cmp::Ordering| if order.descending { found.reverse() } else { found };
        match order.by {
            OrderBy::Time => turn(by_time()),
            OrderBy::Dimension(dimension) => {
                let slot = query.dimensions.iter().position(|other| *other == dimension).unwrap();
                turn(key_rank(dimension, &a.1[slot]).cmp(&key_rank(dimension, &b.1[slot])))
            }
            OrderBy::Metric(metric) => {
                let slot = query.metrics.iter().position(|other| *other == metric).unwrap();
                match (&a.2[slot].value, &b.2[slot].value) {
                    (Some(a), Some(b)) => turn(a.cmp(b)),
                    (a, b) => a.is_none().cmp(&b.is_none()),
                }
            }
        }
    });
    let by_ties = || {
        let slot = |metric| query.metrics.iter().position(|other| *other == metric).unwrap();
        let pairs = query.ties.iter().map(|metric| (&a.2[slot(*metric)].value, &b.2[slot(*metric)].value));
        pairs.map(|(a, b)| b.cmp(a)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    };
    asked
        .unwrap_or(std::cmp::Ordering::Equal)
        .then_with(by_ties)
        .then_with(by_time)
        .then(by_keys().unwrap_or(std::cmp::Ordering::Equal))
}

/// Values by their bytes, clock numbers by their size, no value last.
fn key_rank(dimension: Dimension, key: &Option<String>) -> (bool, usize, Option<&String>) {
    let is_number = dimension.is_of_clock();
    let number = key.as_ref().filter(|_| is_number).map_or(0, |text| text.parse().unwrap());
    (key.is_none(), number, key.as_ref())
}
