//! What a metric is expected to come to in the buckets ahead, from all complete ones that there are.

mod face;
mod running;

use chrono::{DateTime, Utc};

use crate::fault::Fault;
use crate::foresight::forecast::{self as statistics, Forecast, Point, Question, Rhythm};
use crate::metrics::catalogue::{Course, Formula};
use crate::metrics::{Metric, Row};
use crate::money::Currency;
use crate::period::{Bucket, Calendar, Grain, Period, PeriodError};
use crate::reports::estimate::{Estimate, number};
use crate::reports::scope::Scope;

pub use crate::foresight::forecast::Model;
pub use face::{ForecastModel, ForecastObject};

/// Most buckets ahead.
pub const MAX_PERIODS: u32 = 36;

/// The grains that can be forecast: how many buckets are looked back on at most, and how such buckets go.
const GRAINS: [(Grain, u32, Rhythm<'static>); 4] = [
    (Grain::Day, 1096, Rhythm::DAYS),
    (Grain::Week, 261, Rhythm::WEEKS),
    (Grain::Month, 120, Rhythm::MONTHS),
    (Grain::Quarter, 40, Rhythm::QUARTERS),
];

/// What is to be forecast.
#[derive(Clone, Copy, Debug)]
pub struct Ahead {
    /// Which metric.
    pub metric: Metric,
    /// By buckets of which length.
    pub grain: Grain,
    /// How many, from the one after that which is running.
    pub periods: u32,
    /// By which model.
    pub model: Model,
    /// The share of what comes that intervals are to hold.
    pub level: f64,
}

/// What is expected of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Which.
    pub bucket: Bucket,
    /// What it comes to.
    pub predicted: Estimate,
    /// Where the interval begins.
    pub low: Estimate,
    /// Where it ends.
    pub high: Estimate,
}

/// What was foreseen.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// What of.
    pub ahead: Ahead,
    /// The currency of amounts.
    pub currency: Currency,
    /// When.
    pub generated_at: DateTime<Utc>,
    /// What the bucket that is running has come to so far, as a decimal.
    pub so_far: String,
    /// The bucket that is running, as a whole: what it has so far and what is expected of the rest.
    pub current: Expected,
    /// Those after it.
    pub points: Vec<Expected>,
    /// Complete buckets that it rests on, from the first in which anything happened.
    pub history: usize,
    /// The model, and how good it is.
    pub forecast: Forecast,
}

impl Ahead {
    /// How far to look back, how such buckets go, and how the metric does.
    fn check(&self) -> Result<(u32, Rhythm<'static>, Course), Fault> {
        let known = GRAINS.iter().find(|(grain, ..)| *grain == self.grain);
        let (_, back, rhythm) = known
            .ok_or_else(|| Fault::invalid("grain", "days, weeks, months and quarters can be forecast"))?;
        if !(1..=MAX_PERIODS).contains(&self.periods) {
            let message = format!("must lie between 1 and {MAX_PERIODS}, not {}", self.periods);
            return Err(Fault::invalid("periods", message));
        }
        if !(0.5..=0.99).contains(&self.level) {
            return Err(Fault::invalid(
                "level",
                format!("must lie between 0.5 and 0.99, not {}", self.level),
            ));
        }
        let course = self.metric.course().ok_or_else(|| Fault::invalid("metric", refusal(self.metric)))?;
        Ok((*back, *rhythm, course))
    }
}

/// Why a metric cannot be forecast, and what can.
fn refusal(metric: Metric) -> String {
    let mut message = format!(
        "{} cannot be forecast: what adds up over time can, such as revenue, orders or hires, and what stands at the end \
         of a bucket, such as mrr, customers or headcount",
        metric.name()
    );
    let parts = parts(metric);
    if let Some((last, others)) = parts.split_last() {
        let others = others.join(", ");
        let and = if others.is_empty() { "" } else { " and " };
        message.push_str(&format!("; it is made of {others}{and}{last}"));
    }
    message
}

/// The names of what can be forecast of what a metric is computed from, each once.
fn parts(metric: Metric) -> Vec<&'static str> {
    let mut names = Vec::new();
    for part in metric.parts() {
        let of_part = if part.course().is_some() { vec![part.name()] } else { parts(part) };
        names.extend(of_part);
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

/// Forecasts a metric of the facts that `scope` counts, as of now; the scope's period is not looked at.
pub async fn forecast(scope: &Scope, ahead: Ahead) -> Result<Foreseen, Fault> {
    let (back, rhythm, course) = ahead.check()?;
    let told = |error: PeriodError| Fault::invalid("periods", error.to_string());
    let (past, buckets) = times(&scope.calendar, &ahead, back, scope.now()).map_err(told)?;
    let metric = ahead.metric;
    let running = running::read(scope, &ahead, course, &buckets[0]);
    let (values, running) = tokio::try_join!(history(scope, &ahead, course, past), running)?;
    let history = values.len();
    let last = values.last().copied().unwrap_or(running.now);
    let floor = (!can_be_below_zero(metric) && values.iter().all(|value| *value >= 0.0)).then_some(0.0);
    let horizon = buckets.len();
    let reckoned = move || {
        let Ahead { model, level, .. } = ahead;
        statistics::forecast(&Question { values: &values, rhythm, horizon, model, level, floor })
    };
    let forecast = tokio::task::spawn_blocking(reckoned)
        .await
        .map_err(|error| Fault::Internal(format!("a forecast broke off: {error}")))?;
    let mut expected = forecast.points.clone();
    if history == 0 {
        expected = vec![running.pace(scope, &ahead, &buckets[0]).await?; horizon];
    }
    if let Some(first) = expected.first_mut() {
        *first = running.whole(*first, last, floor);
    }
    let shown = |(bucket, point): (Bucket, Point)| Expected::of(bucket, point, metric, scope.currency);
    let points: Result<Vec<Expected>, Fault> = buckets.into_iter().zip(expected).map(shown).collect();
    let mut points = points?;
    let generated_at = scope.now();
    let (so_far, current) = (running.so_far, points.remove(0));
    Ok(Foreseen { ahead, currency: scope.currency, generated_at, so_far, current, points, history, forecast })
}

/// What the metric came to in the complete buckets, from the first in which anything happened: before there was no business
/// to learn from. Where that first one began without business as well, it is left out too: it is as incomplete as the one
/// that is running.
async fn history(scope: &Scope, ahead: &Ahead, course: Course, past: Period) -> Result<Vec<f64>, Fault> {
    let rows = scope.over(past).series(ahead.grain, &[ahead.metric]).await?;
    let mut values = values(&rows, ahead.metric)?;
    let mut before = values.iter().take_while(|value| **value == 0.0).count();
    // What stands at its end a bucket has whole, however late it came.
    let whole = course == Course::Level || ahead.grain == Grain::Day;
    let first = rows.get(before).and_then(|row| row.bucket).filter(|_| !whole);
    if let Some(Bucket { start, end, .. }) = first {
        let within = Period::new(start, end).map_err(|error| Fault::invalid("grain", error.to_string()))?;
        let days = scope.over(within).series(Grain::Day, &[ahead.metric]).await?;
        before += usize::from(begins_late(&self::values(&days, ahead.metric)?));
    }
    values.drain(..before);
    Ok(values)
}

fn values(rows: &[Row], metric: Metric) -> Result<Vec<f64>, Fault> {
    rows.iter().map(|row| Ok(number(&row.figures, metric)?.unwrap_or(0.0))).collect()
}

/// Whether nothing happened for longer at the beginning than ever after: what happens once a month, and always on its 15th,
/// does not begin late.
fn begins_late(days: &[f64]) -> bool {
    let mut lulls = days.split(|value| *value != 0.0).map(<[f64]>::len);
    let first = lulls.next().unwrap_or(0);
    lulls.all(|lull| lull < first)
}

impl Expected {
    fn of(bucket: Bucket, point: Point, metric: Metric, currency: Currency) -> Result<Self, Fault> {
        let shown = |value: f64| Estimate::within(value, metric, currency);
        Ok(Self {
            bucket,
            predicted: shown(point.predicted)?,
            low: shown(point.low)?,
            high: shown(point.high)?,
        })
    }
}

/// The complete buckets before `now`, as a period, and those from the one that is running on.
fn times(
    calendar: &Calendar,
    ahead: &Ahead,
    back: u32,
    now: DateTime<Utc>,
) -> Result<(Period, Vec<Bucket>), PeriodError> {
    let current = calendar.bucket(ahead.grain, now)?;
    let past = before(calendar, ahead.grain, &current, back)?;
    // One more than wanted, since a zone may skip a whole local day.
    let day = calendar.first_day(ahead.grain, calendar.date(current.start()));
    let day = (0..ahead.periods + 2).fold(day, |day, _| Calendar::next_day(ahead.grain, day));
    let mut buckets =
        calendar.buckets(ahead.grain, &Period::new(current.start(), calendar.midnight(day))?)?;
    buckets.truncate(ahead.periods as usize + 1);
    Ok((past, buckets))
}

/// So many buckets before this one.
fn before(calendar: &Calendar, grain: Grain, bucket: &Period, count: u32) -> Result<Period, PeriodError> {
    let first = calendar.bucket(grain, calendar.back(bucket, grain, count)?.start())?;
    Period::new(first.start(), bucket.start())
}

/// Whether a metric takes something off, so that less than nothing may be left.
fn can_be_below_zero(metric: Metric) -> bool {
    match metric.definition().formula {
        Formula::Difference(..) => true,
        Formula::Measure(measure) => measure.aggregate.is_less_returns(),
        _ => metric.parts().into_iter().any(can_be_below_zero),
    }
}
