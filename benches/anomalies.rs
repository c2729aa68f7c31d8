//! How well anomalies are found: precision and recall of events, beside the plain rules of a 30-day mean, and the time
//! that it takes.
//!
//!     cargo bench --bench anomalies
//!     cargo bench --bench anomalies -- ../shared/data/nab_dev    another folder with the Numenta Anomaly Benchmark
//!
//! An event hits when it overlaps a window of the truth, else it is a false alarm; a window is found when an event
//! overlaps it. Every rule is asked from the 28th day (fourth period) on, and the days of every rule are made events the
//! same way. The method was chosen on shops of other seeds, and with a look at Numenta's few windows.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a program that measures"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use chrono::NaiveDateTime;
use countinghouse::foresight::anomalies::{LEAST_PERIODS, Question, Severity, Sort, WEEK, detect};

#[path = "anomalies/shops.rs"]
mod shops;

use shops::Shop;

/// First and last step.
type Span = (usize, usize);

pub struct Series {
    pub values: Vec<f64>,
    pub period: usize,
    pub sort: Sort,
    pub truth: Vec<Span>,
}

impl Series {
    fn least(&self) -> usize {
        self.period * LEAST_PERIODS
    }
}

#[derive(Clone, Copy)]
enum Rule {
    Ours(Severity),
    /// Off the mean of 30 days by more than so many of their standard deviations.
    Deviations(f64),
    /// Off the mean of 30 days by more than this share of it.
    Share(f64),
}

const RULES: [(&str, Rule); 5] = [
    ("ours, low and above", Rule::Ours(Severity::Low)),
    ("ours, medium and above", Rule::Ours(Severity::Medium)),
    ("ours, high", Rule::Ours(Severity::High)),
    ("3 deviations off the 30-day mean", Rule::Deviations(3.0)),
    ("30 % off the 30-day mean", Rule::Share(0.3)),
];

fn events(series: &Series, rule: Rule) -> Vec<Span> {
    let question = Question {
        values: &series.values,
        from: 0,
        until: series.values.len(),
        period: series.period,
        sort: series.sort,
    };
    match rule {
        Rule::Ours(least) => {
            let events = detect(&question).into_iter().filter(|event| event.severity >= least);
            events.map(|event| (event.first, event.last)).collect()
        }
        Rule::Deviations(many) => plain(series, |_, deviation| many * deviation),
        Rule::Share(share) => plain(series, |mean, _| share * mean.abs()),
    }
}

/// What is further off the mean of 30 days (or periods, of hours) than `limit` says of mean and deviation.
fn plain(series: &Series, limit: impl Fn(f64, f64) -> f64) -> Vec<Span> {
    let window = if series.period == WEEK { 30 } else { 30 * series.period };
    let mut events: Vec<(usize, usize, bool)> = Vec::new();
    for day in series.least()..series.values.len() {
        let before = &series.values[day.saturating_sub(window)..day];
        let before: Vec<f64> = before.iter().copied().filter(|value| value.is_finite()).collect();
        let mean = before.iter().sum::<f64>() / before.len() as f64;
        let squares = before.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let off = series.values[day] - mean;
        if off.abs() > limit(mean, (squares / (before.len() as f64 - 1.0)).sqrt()) {
            match events.last_mut() {
                Some((_, last, above)) if *above == (off > 0.0) && day <= *last + 2 => *last = day,
                _ => events.push((day, day, off > 0.0)),
            }
        }
    }
    events.into_iter().map(|(first, last, _)| (first, last)).collect()
}

#[derive(Default)]
struct Tally {
    events: usize,
    hits: usize,
    windows: usize,
    found: usize,
}

impl Tally {
    fn add(&mut self, series: &Series, events: &[Span]) {
        let overlap = |one: &Span, other: &Span| one.0 <= other.1 && other.0 <= one.1;
        let truth: Vec<Span> = series.truth.iter().copied().filter(|span| span.1 >= series.least()).collect();
        self.events += events.len();
        self.hits += events.iter().filter(|event| truth.iter().any(|span| overlap(event, span))).count();
        self.windows += truth.len();
        self.found += truth.iter().filter(|span| events.iter().any(|event| overlap(event, span))).count();
    }

    fn line(&self) -> String {
        let share = |some: usize, all: usize| some as f64 / all.max(1) as f64;
        let (precision, recall) = (share(self.hits, self.events), share(self.found, self.windows));
        let f1 = 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE);
        format!(
            "{precision:.2}  {recall:.2}  {f1:.2}  {:5} events, {} of {} found",
            self.events, self.found, self.windows
        )
    }
}

fn table<'a>(title: &str, series: &(impl Iterator<Item = &'a Series> + Clone)) {
    println!("\n{title}\n{:34}  P     R     F1", "");
    for (name, rule) in RULES {
        let mut tally = Tally::default();
        for series in series.clone() {
            tally.add(series, &events(series, rule));
        }
        println!("{name:34}  {}", tally.line());
    }
}

/// The Numenta Anomaly Benchmark by steps of `seconds`: of each series that has enough of them one for each figure.
fn numenta(folder: &Path, seconds: i64, figures: &[fn(&[f64]) -> f64]) -> Vec<Series> {
    let windows = fs::read_to_string(folder.join("windows.json")).unwrap();
    let windows: BTreeMap<String, Vec<[String; 2]>> = serde_json::from_str(&windows).unwrap();
    windows.iter().flat_map(|(name, spans)| stepped(&folder.join(name), spans, seconds, figures)).collect()
}

fn second(text: &str) -> i64 {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").unwrap().and_utc().timestamp()
}

fn stepped(file: &Path, spans: &[[String; 2]], seconds: i64, figures: &[fn(&[f64]) -> f64]) -> Vec<Series> {
    let text = fs::read_to_string(file).unwrap();
    let rows: Vec<(i64, f64)> = text
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').unwrap())
        .map(|(instant, value)| (second(instant).div_euclid(seconds), value.trim().parse().unwrap()))
        .collect();
    // Whole steps only.
    let first = rows[0].0 + 1;
    let steps = usize::try_from(rows.last().unwrap().0 - first).unwrap();
    let day = usize::try_from(86_400 / seconds).unwrap();
    let weeks = steps / (day * WEEK);
    let period = if weeks >= 8 { day * WEEK } else { day };
    if period == 1 || steps < period * 8 {
        return Vec::new();
    }
    let mut groups = vec![Vec::new(); steps];
    for (step, value) in rows {
        if let Some(group) = usize::try_from(step - first).ok().and_then(|step| groups.get_mut(step)) {
            group.push(value);
        }
    }
    let step = |text: &String| usize::try_from(second(text).div_euclid(seconds) - first).unwrap_or(0);
    let truth: Vec<Span> = spans.iter().map(|[from, to]| (step(from), step(to).min(steps - 1))).collect();
    let series = |figure: &fn(&[f64]) -> f64| {
        let values = groups.iter().map(|group| if group.is_empty() { f64::NAN } else { figure(group) });
        Series { values: values.collect(), period, sort: Sort::Sum, truth: truth.clone() }
    };
    figures.iter().map(series).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// What is told of shops to which nothing happened but a season.
fn quiet() {
    let shops = shops::many(11, false);
    let days: usize = shops.iter().map(|shop| shop.series.values.len() - shop.series.least()).sum();
    println!(
        "\nShops to which nothing happens: events in 1,000 days, and those outside November to January 7"
    );
    for (name, rule) in RULES {
        let events = shops.iter().flat_map(|shop| events(&shop.series, rule));
        let all: Vec<Span> = events.collect();
        let calm = all.iter().filter(|event| !shops::in_season(event.0)).count();
        let rate = |events: usize| 1_000.0 * events as f64 / days as f64;
        println!("{name:34}  {:7.2} {:7.2}", rate(all.len()), rate(calm));
    }
}

fn time(shops: &[Shop]) {
    let values: Vec<Vec<f64>> = shops
        .iter()
        .take(80)
        .map(|shop| shop.series.values.iter().cycle().take(1_100).copied().collect())
        .collect();
    let question = |values: &'static [f64]| Question {
        values,
        from: 0,
        until: values.len(),
        period: WEEK,
        sort: Sort::Sum,
    };
    let values: &'static [Vec<f64>] = Vec::leak(values);
    let started = Instant::now();
    let events: usize = values.iter().map(|values| detect(&question(values)).len()).sum();
    println!("\n{} series of 1,100 days in {:.1?}, {events} events", values.len(), started.elapsed());
}

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = folder.unwrap_or_else(|| "../shared/data/nab_dev".to_owned());
    let folder = Path::new(&folder);
    let shops = shops::many(2_026, true);
    let all = || shops.iter().map(|shop| &shop.series);
    table("Shops, two years a series: outages, spikes, runs, shifts", &all());
    for orders in shops::ORDERS {
        let of_size = shops.iter().filter(move |shop| shop.orders.total_cmp(&orders).is_eq());
        table(&format!("  {orders} orders a day"), &of_size.map(|shop| &shop.series));
    }
    for kind in shops::KINDS {
        let mut tally = Tally::default();
        for shop in &shops {
            let truth = shop.happened.iter().filter(|(other, _)| *other == kind).map(|(_, span)| *span);
            let series = Series { truth: truth.collect(), values: shop.series.values.clone(), ..shop.series };
            tally.add(&series, &events(&series, Rule::Ours(Severity::Low)));
        }
        println!("  {kind:?} found by ours: {} of {}", tally.found, tally.windows);
    }
    quiet();
    let days = numenta(folder, 86_400, &[mean]);
    table("Numenta, series of 8 weeks and more: daily means", &days.iter());
    let days = numenta(folder, 86_400, &[mean, lowest, highest]);
    table("Numenta, the same: daily means, lowest and highest values", &days.iter());
    let hours = numenta(folder, 3_600, &[mean]);
    table(
        "Numenta, all series: hourly means, the pattern a week's from 8 weeks on, else a day's",
        &hours.iter(),
    );
    time(&shops);
}
