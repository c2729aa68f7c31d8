//! From readings to values: what every group adds up to, levels at the edges of buckets, and what customers' recurring
//! revenue did between them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::DateTime;

use crate::fault::Fault;
use crate::metrics::answer::Reading;
use crate::metrics::catalogue::{Aggregate, Formula, Measure, Metric, Move, Over, Unit, Value};
use crate::metrics::plan::Reach;
use crate::metrics::sql::OPENING;
use crate::money::{Currency, Exact};
use crate::period::{Bucket, Period};

/// One number of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Measure(Measure),
    Move(Move),
}

/// Microseconds of a group's time.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    start: i64,
    end: i64,
    /// How much of it counts: where groups are told apart by weekday or hour, what clocks show as such.
    length: i64,
}

impl Span {
    /// A bucket's, as far as it lies in the period; without one, the period's.
    pub fn of(bucket: Option<Bucket>, period: &Period) -> Self {
        let (start, end) = (period.start(), period.end());
        let (start, end) =
            bucket.map_or((start, end), |bucket| (start.max(bucket.start), end.min(bucket.end)));
        let (start, end) = (start.timestamp_micros(), end.timestamp_micros());
        Self { start, end, length: end - start }
    }

    /// The same, of which only so many microseconds count.
    #[must_use]
    pub fn of_length(self, length: i64) -> Self {
        Self { length, ..self }
    }

    /// As a period; none where it is empty.
    pub fn period(self) -> Option<Period> {
        let instant = DateTime::from_timestamp_micros;
        Period::new(instant(self.start)?, instant(self.end)?).ok()
    }
}

/// What groups are told apart by: the key of their time bucket, 0 without a grain, and the ids of their dimensions.
type Key = (i64, Vec<Option<String>>);

/// Every group with its numbers.
pub struct Gathered {
    slots: Vec<Slot>,
    buckets: Vec<i64>,
    /// Numbers in the order of the slots; none where nothing was added.
    pub groups: HashMap<Key, Vec<Option<Exact>>>,
}

impl Gathered {
    /// No groups yet; `buckets` are the keys of the buckets in order.
    pub fn of(metrics: &[Metric], buckets: Vec<i64>) -> Self {
        let measures = metrics.iter().flat_map(|metric| metric.measures()).map(Slot::Measure);
        let moves = metrics.iter().flat_map(|metric| metric.moves()).map(Slot::Move);
        let mut slots: Vec<Slot> = measures.chain(moves).collect();
        slots.sort_unstable();
        slots.dedup();
        Self { slots, buckets, groups: HashMap::new() }
    }

    /// Makes a group of every bucket.
    pub fn fill(&mut self) {
        let none = self.nothing();
        for bucket in &self.buckets {
            self.groups.entry((*bucket, Vec::new())).or_insert_with(|| none.clone());
        }
    }

    /// The numbers of a group without facts.
    pub fn nothing(&self) -> Vec<Option<Exact>> {
        vec![None; self.slots.len()]
    }

    fn slot(&self, slot: Slot) -> Option<usize> {
        self.slots.binary_search(&slot).ok()
    }

    fn put(&mut self, key: Key, slot: usize, value: Exact) {
        let none = self.nothing();
        self.groups.entry(key).or_insert(none)[slot] = Some(value);
    }

    /// Takes what a pass read of the period, or of all time up to its end.
    pub fn add(&mut self, reading: &Reading) -> Result<(), Fault> {
        match reading.reach {
            Reach::Within => self.add_within(reading),
            Reach::ToDate => self.add_levels(reading),
            Reach::ByCustomer => Ok(()),
        }
    }

    /// Others may have asked more of the same reading: a group that holds nothing of ours is no row of ours.
    fn add_within(&mut self, reading: &Reading) -> Result<(), Fault> {
        for (column, measure) in reading.measures.iter().enumerate() {
            let Some(slot) = self.slot(Slot::Measure(*measure)) else { continue };
            let counts = matches!(measure.aggregate, Aggregate::Count | Aggregate::Distinct(_));
            for ((bucket, keys), values) in &reading.rows {
                let Some(value) = values[column].clone().transpose()? else { continue };
                if !(counts && value.is_zero()) {
                    self.put((bucket.unwrap_or(0), keys.clone()), slot, value);
                }
            }
        }
        Ok(())
    }

    /// Flows up to each bucket's edges; a group is there in every bucket at whose edge there is anything.
    fn add_levels(&mut self, reading: &Reading) -> Result<(), Fault> {
        for (column, measure) in reading.measures.iter().enumerate() {
            let edges = [Over::Start, Over::End].map(|over| self.slot(Slot::Measure(measure.over(over))));
            if edges == [None, None] {
                continue;
            }
            let mut flows: HashMap<&[Option<String>], BTreeMap<i64, Exact>> = HashMap::new();
            for ((bucket, keys), values) in &reading.rows {
                let Some(value) = values[column].clone().transpose()? else { continue };
                flows.entry(keys).or_default().insert(bucket.unwrap_or(0), value);
            }
            for (keys, flows) in flows {
                for (bucket, levels) in levels(&flows, &self.buckets.clone()) {
                    for (slot, level) in edges.into_iter().zip(levels) {
                        if let Some(slot) = slot
                            && !level.is_zero()
                        {
                            self.put((bucket, keys.to_vec()), slot, level);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// What every customer's recurring revenue did in every bucket, from what came in and went out.
    pub fn add_moves(&mut self, readings: &[Arc<Reading>]) -> Result<(), Fault> {
        let wanted = |slot: &Slot| match slot {
            Slot::Move(kind) => Some(*kind),
            Slot::Measure(_) => None,
        };
        let moves: Vec<Move> = self.slots.iter().filter_map(wanted).collect();
        if moves.is_empty() {
            return Ok(());
        }
        let mut flows: HashMap<&[Option<String>], BTreeMap<i64, Exact>> = HashMap::new();
        let [came, went] = Move::flows();
        for reading in readings.iter().filter(|reading| reading.reach == Reach::ByCustomer) {
            for (flow, is_out) in [(came, false), (went, true)] {
                let Some(column) = reading.measures.iter().position(|measure| *measure == flow) else {
                    continue;
                };
                for ((bucket, keys), values) in &reading.rows {
                    let Some(value) = values[column].clone().transpose()? else { continue };
                    let flow = flows.entry(keys).or_default().entry(bucket.unwrap_or(0));
                    let flow = flow.or_insert_with(Exact::zero);
                    *flow = if is_out { &*flow - &value } else { &*flow + &value };
                }
            }
        }
        for (keys, flows) in flows {
            let keys = &keys[..keys.len().saturating_sub(1)];
            for (bucket, [start, end]) in levels(&flows, &self.buckets.clone()) {
                for kind in &moves {
                    let Some(more) = kind.of(&start, &end) else { continue };
                    let Some(slot) = self.slot(Slot::Move(*kind)) else { continue };
                    let none = self.nothing();
                    let group = self.groups.entry((bucket, keys.to_vec())).or_insert(none);
                    group[slot] = Some(match group[slot].take() {
                        Some(sum) => &sum + &more,
                        None => more,
                    });
                }
            }
        }
        Ok(())
    }

    /// Whether facts of the group's own time went into its numbers.
    pub fn has_facts(&self, values: &[Option<Exact>]) -> bool {
        let is_within = |slot: &Slot| matches!(slot, Slot::Measure(measure) if measure.over == Over::Within);
        self.slots.iter().zip(values).any(|(slot, value)| is_within(slot) && value.is_some())
    }

    /// A metric of one group: sums over nothing are zero, quotients over zero are null.
    pub fn value(
        &self,
        metric: Metric,
        values: &[Option<Exact>],
        span: Span,
        currency: Currency,
    ) -> Option<Exact> {
        let of = |metric| self.value(metric, values, span, currency);
        let read = |measure: Measure| {
            let value = self.slot(Slot::Measure(measure)).and_then(|slot| values[slot].clone())?;
            scaled(value, measure.aggregate, currency)
        };
        let sum = |measure| read(measure).unwrap_or_else(Exact::zero);
        let unit = metric.definition().unit;
        match metric.definition().formula {
            Formula::Measure(measure) => match measure.aggregate {
                Aggregate::Percentile(..) => in_unit(read(measure)?, unit),
                _ => in_unit(sum(measure), unit),
            },
            Formula::Net(came, went) => Some(&sum(came) - &sum(went)),
            Formula::Mean(total, many) => in_unit(sum(total).divided_by(&sum(many))?, unit),
            Formula::MeanGap(stretch, many) => {
                let between = &sum(many) - &Exact::whole(1);
                in_unit(sum(stretch).divided_by(between.is_positive().then_some(&between)?)?, unit)
            }
            Formula::SinceLast(latest) => in_unit(&Exact::whole(span.end) - &read(latest)?, unit),
            Formula::MeanAge { .. } => {
                // In the order of `measures`: what came, then what went; each counted, then its seconds.
                let [came, since_came, went, since_went] = metric.measures().try_into().ok()?;
                let many = &sum(came) - &sum(went);
                let since = &sum(since_came) - &sum(since_went);
                let age = &(&many * &Exact::whole(span.end / SECOND)) - &since;
                in_unit((&age * &Exact::whole(SECOND)).divided_by(&many)?, unit)
            }
            Formula::Moves(kind) => {
                let value = self.slot(Slot::Move(kind)).and_then(|slot| values[slot].clone());
                let value = value.unwrap_or_else(Exact::zero);
                // Yearly prices, told by the month.
                if kind.counts() { Some(value) } else { value.divided_by(&Exact::whole(12)) }
            }
            Formula::Days => in_unit(Exact::whole(span.length), Unit::Days),
            Formula::Ratio(part, base) => of(part)?.divided_by(&of(base)?),
            Formula::Difference(a, b) => Some(&of(a)? - &of(b)?),
            Formula::Total(a, b) => Some(&of(a)? + &of(b)?),
            Formula::Product(a, b) => Some(&of(a)? * &of(b)?),
            Formula::Middle(a, b) => (&of(a)? + &of(b)?).divided_by(&Exact::whole(2)),
            Formula::Part(whole, parts) => of(whole)?.divided_by(&Exact::whole(parts)),
        }
    }
}

const SECOND: i64 = 1_000_000;

/// What is before and after every bucket.
fn levels(flows: &BTreeMap<i64, Exact>, buckets: &[i64]) -> Vec<(i64, [Exact; 2])> {
    let mut level = flows.get(&OPENING).cloned().unwrap_or_else(Exact::zero);
    let each = buckets.iter().map(|bucket| {
        let start = level.clone();
        if let Some(flow) = flows.get(bucket) {
            level = &start + flow;
        }
        (*bucket, [start, level.clone()])
    });
    each.collect()
}

impl Move {
    /// What it adds for a customer whose recurring revenue was `start` and is `end`.
    fn of(self, start: &Exact, end: &Exact) -> Option<Exact> {
        let (had, has) = (start.is_positive(), end.is_positive());
        let one = |is: bool| is.then(|| Exact::whole(1));
        match self {
            Self::New => (!had && has).then(|| end - start),
            Self::Expansion => (had && has && end > start).then(|| end - start),
            Self::Contraction => (had && has && end < start).then(|| start - end),
            Self::Churn => (had && !has).then(|| start - end),
            Self::Won => one(!had && has),
            Self::Lost => one(had && !has),
            Self::AtStart => one(had),
            Self::AtEnd => one(has),
        }
    }
}

/// A number as the databases hold it, in minor units or as a plain number.
fn scaled(value: Exact, aggregate: Aggregate, currency: Currency) -> Option<Exact> {
    match aggregate {
        Aggregate::Amount(of) if Value::is_in_millionths(of) => {
            (&value * &Exact::whole(currency.units_per_major())).divided_by(&Exact::whole(1_000_000))
        }
        Aggregate::Percentile(..) => value.divided_by(&Exact::whole(100)),
        _ => Some(value),
    }
}

/// Microseconds in a unit of time; anything else as it is.
fn in_unit(value: Exact, unit: Unit) -> Option<Exact> {
    if unit.micros() == 1 { Some(value) } else { value.divided_by(&Exact::whole(unit.micros())) }
}
