//! How near the forecasts come to what happened: the monthly and quarterly series of the M1 competition (Makridakis and
//! others 1982), of which each holds back its last 18 months or 8 quarters.
//!
//!     cargo bench --bench forecast
//!     cargo bench --bench forecast -- FOLDER    where `m1_series.csv` and `m1_values.csv` are
//!
//! sMAPE is 200·|y − f| / (|y| + |f|) over all points; MASE the mean over the series of the mean absolute error by that of the
//! seasonal naive within the past. Both as `expected.json` beside the series has them for the first two rows.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a program that measures")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use countinghouse::foresight::forecast::{Model, Point, Question, Rhythm, forecast};

/// A series with what it holds back.
struct Series {
    season: usize,
    past: Vec<f64>,
    future: Vec<f64>,
}

/// What is measured of one way to forecast.
#[derive(Default)]
struct Figures {
    percentages: Vec<f64>,
    scaled: Vec<f64>,
    covered: [f64; 2],
    /// Widths at the first level, over what was predicted.
    widths: Vec<f64>,
    /// What the answers say of their own coverage at the first level.
    claimed: Vec<f64>,
    points: f64,
    time: Duration,
    answered: HashMap<&'static str, usize>,
}

const MODELS: [(&str, Model); 6] = [
    ("seasonal naive", Model::SeasonalNaive),
    ("linear regression with seasonality", Model::LinearRegressionWithSeasonality),
    ("theta", Model::Theta),
    ("ets", Model::Ets),
    ("combination", Model::Combination),
    ("auto", Model::Auto),
];

const LEVELS: [f64; 2] = [0.8, 0.95];

fn main() {
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = given.map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/forecast_dev"),
        PathBuf::from,
    );
    for (frequency, season, rhythm) in [("monthly", 12, Rhythm::MONTHS), ("quarterly", 4, Rhythm::QUARTERS)] {
        let all = read(&folder, frequency, season);
        println!("\nM1 {frequency}, {} series\n", all.len());
        println!("| model | sMAPE | MASE | in 80 % | in 95 % | 80 % claimed | width of 80 % | ms a series |");
        println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        naive(&all);
        for (name, model) in MODELS {
            measure(&all, name, model, rhythm);
        }
        println!("\nof no more than the last\n");
        for known in [2 * season, 5 * season / 2, 3 * season] {
            let young: Vec<Series> = all.iter().map(|series| series.young(known)).collect();
            measure(&young, &format!("{known}, auto"), Model::Auto, rhythm);
        }
    }
    days();
}

/// What one forecast of three years of days takes: weeks, years and noise, with some days gone wild.
fn days() {
    let mut noise: u64 = 1;
    let values: Vec<f64> = (0..1_096_u32)
        .map(|day| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let chance = f64::from(u32::try_from(noise >> 33).unwrap()) / f64::from(u32::MAX >> 1);
            let year = (std::f64::consts::TAU * f64::from(day) / 365.25).sin();
            let week = [1.0, 0.9, 0.9, 1.0, 1.2, 1.5, 1.3][usize::try_from(day % 7).unwrap()];
            let wild = if day % 97 == 5 { 3.0 } else { 1.0 };
            (1_000.0 + f64::from(day)) * (1.0 + 0.3 * year) * week * (0.8 + 0.4 * chance) * wild
        })
        .collect();
    println!("\n1,096 days, 36 ahead\n");
    println!("| model | ms |\n| --- | ---: |");
    for (name, model) in MODELS {
        let ask = Question {
            values: &values,
            rhythm: Rhythm::DAYS,
            horizon: 36,
            model,
            level: 0.8,
            floor: Some(0.0),
        };
        let before = Instant::now();
        forecast(&ask);
        println!("| {name} | {:.1} |", 1000.0 * before.elapsed().as_secs_f64());
    }
}

/// The last value again and again: the yardstick below all yardsticks, with no interval.
fn naive(all: &[Series]) {
    let mut figures = Figures::default();
    for series in all {
        let last = *series.past.last().unwrap();
        let same = Point { predicted: last, low: last, high: last };
        figures.add(series, &vec![same; series.future.len()]);
    }
    println!("| naive | {:.4} | {:.4} | | | | | |", average(&figures.percentages), average(&figures.scaled));
}

fn measure(all: &[Series], name: &str, model: Model, rhythm: Rhythm) {
    let mut figures = Figures::default();
    for series in all {
        let ask = |level| Question {
            values: &series.past,
            rhythm,
            horizon: series.future.len(),
            model,
            level,
            floor: None,
        };
        let before = Instant::now();
        let answer = forecast(&ask(LEVELS[0]));
        figures.time += before.elapsed();
        figures.add(series, &answer.points);
        figures.claimed.extend(answer.coverage);
        *figures.answered.entry(answer.model.name()).or_default() += 1;
        let wide = forecast(&ask(LEVELS[1]));
        figures.covered[1] += inside(series, &wide.points);
    }
    println!(
        "| {name} | {:.4} | {:.4} | {:.1} | {:.1} | {:.1} | {:.2} | {:.2} |",
        average(&figures.percentages),
        average(&figures.scaled),
        100.0 * figures.covered[0] / figures.points,
        100.0 * figures.covered[1] / figures.points,
        100.0 * average(&figures.claimed),
        middle(figures.widths),
        1000.0 * figures.time.as_secs_f64() / count(&figures.scaled),
    );
    if model == Model::Auto && name == "auto" {
        let mut answered: Vec<_> = figures.answered.into_iter().collect();
        answered.sort_unstable_by_key(|(name, times)| (std::cmp::Reverse(*times), *name));
        println!("\nauto answered with {answered:?}");
    }
}

impl Series {
    /// The same with no more than its last `known` buckets to learn from.
    fn young(&self, known: usize) -> Self {
        let past = self.past[self.past.len().saturating_sub(known)..].to_vec();
        Self { season: self.season, past, future: self.future.clone() }
    }
}

impl Figures {
    fn add(&mut self, series: &Series, points: &[Point]) {
        let mut off = 0.0;
        for (point, actual) in points.iter().zip(&series.future) {
            let error = (actual - point.predicted).abs();
            self.percentages.push(200.0 * error / (actual.abs() + point.predicted.abs()));
            self.widths.push((point.high - point.low) / point.predicted.abs().max(f64::MIN_POSITIVE));
            off += error;
        }
        self.scaled.push(off / count(&series.future) / scale(series));
        self.covered[0] += inside(series, points);
        self.points += count(&series.future);
    }
}

/// How many of the values held back lie within.
fn inside(series: &Series, points: &[Point]) -> f64 {
    let within = |(point, actual): (&Point, &f64)| (point.low..=point.high).contains(actual);
    points.iter().zip(&series.future).map(|pair| f64::from(u8::from(within(pair)))).sum()
}

/// How far off the value a season before is within the past, on average.
fn scale(series: &Series) -> f64 {
    let off: Vec<f64> =
        series.past.iter().skip(series.season).zip(&series.past).map(|(a, b)| (a - b).abs()).collect();
    average(&off)
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values)
}

/// The median: widths about a forecast close to nothing would drown the mean.
fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn count(values: &[f64]) -> f64 {
    f64::from(u32::try_from(values.len()).unwrap())
}

fn read(folder: &Path, frequency: &str, season: usize) -> Vec<Series> {
    let mut names = Vec::new();
    let mut series: HashMap<String, Series> = HashMap::new();
    for row in rows(&folder.join("m1_series.csv")).filter(|row| &row[1] == frequency) {
        names.push(row[0].to_owned());
        series.insert(row[0].to_owned(), Series { season, past: Vec::new(), future: Vec::new() });
    }
    for row in rows(&folder.join("m1_values.csv")) {
        let Some(series) = series.get_mut(&row[0]) else { continue };
        let part = if &row[1] == "train" { &mut series.past } else { &mut series.future };
        part.push(row[3].parse().unwrap());
    }
    names.iter().map(|name| series.remove(name).unwrap()).collect()
}

fn rows(path: &Path) -> impl Iterator<Item = csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().into_records().map(Result::unwrap)
}
