//! The bucket that is running: what it has so far, and how much of it is yet to come.

use chrono::{DateTime, Duration, Utc};

use super::{Ahead, before, begins_late};
use crate::fault::Fault;
use crate::foresight::forecast::Point;
use crate::metrics::catalogue::{Course, Instant};
use crate::metrics::{Metric, Row};
use crate::period::{Bucket, Grain, Period, PeriodError};
use crate::reports::estimate::number;
use crate::reports::scope::Scope;

/// So many complete buckets say how much of one has usually come by when.
const LIKE_IT: u32 = 12;

/// The bucket that is running.
#[derive(Clone, Debug)]
pub struct Running {
    /// What it has come to so far, as a decimal.
    pub so_far: String,
    course: Course,
    /// The same as a number.
    pub now: f64,
    /// The share of its time that is left, 0 to 1.
    left: f64,
    usual: Option<Usual>,
}

/// What buckets like it tell of what is yet to come.
#[derive(Clone, Copy, Debug)]
struct Usual {
    /// What is added to: all that there is, or what is not of a day that is still running.
    known: f64,
    /// The share of a bucket that has come later than that, 0 to 1.
    yet_to_come: f64,
}

/// Looks at the bucket that is running.
pub async fn read(scope: &Scope, ahead: &Ahead, course: Course, bucket: &Bucket) -> Result<Running, Fault> {
    let Bucket { start, end, .. } = *bucket;
    let now = scope.now();
    let begun = scope.over(Period::through(start, now).map_err(told)?);
    let metrics = [ahead.metric];
    let (figures, usual) = tokio::try_join!(begun.totals(&metrics), usual(scope, ahead, course, bucket))?;
    let so_far = figures.text(ahead.metric)?.unwrap_or_else(|| "0".to_owned());
    let there = number(&figures, ahead.metric)?.unwrap_or(0.0);
    let left = share(end - now, end - start);
    Ok(Running { so_far, course, now: there, left, usual })
}

/// What such buckets usually have when as much of them is over; none where that says nothing.
async fn usual(
    scope: &Scope,
    ahead: &Ahead,
    course: Course,
    bucket: &Bucket,
) -> Result<Option<Usual>, Fault> {
    if course != Course::Sum {
        return Ok(None);
    }
    let Bucket { start, end, .. } = *bucket;
    let (calendar, now) = (&scope.calendar, scope.now());
    let past =
        before(calendar, ahead.grain, &Period::new(start, end).map_err(told)?, LIKE_IT).map_err(told)?;
    let grain = if ahead.grain == Grain::Day { Grain::Hour } else { Grain::Day };
    let period = Period::through(past.start(), now).map_err(told)?;
    let rows = scope.over(period).series(grain, &[ahead.metric]).await?;
    let parts = Part::all(&rows, ahead.metric)?;
    let counted = counted_until(scope, ahead.metric);
    let mut buckets = calendar.buckets(ahead.grain, &past).map_err(told)?;
    if grain == Grain::Day {
        forget_the_begun(&mut buckets, &parts);
    }
    let whole = parts.iter().filter(|part| (start..counted).contains(&part.bucket.start));
    let known = whole.map(|part| part.value).sum();
    Ok(yet_to_come(&parts, &buckets, counted - start).map(|yet_to_come| Usual { known, yet_to_come }))
}

fn told(error: PeriodError) -> Fault {
    Fault::invalid("grain", error.to_string())
}

impl Running {
    /// What a whole bucket comes to by what has come since the day after the first, which may lie in the bucket before: all
    /// that there is to go by where no bucket is complete. The first day itself says when it began and not how often it
    /// comes; until the one after it is over nothing does, and a bucket is expected to have what there is so far. How far
    /// off that is nothing says: from nothing to twice as much, and as much as there is so far may come again.
    pub async fn pace(&self, scope: &Scope, ahead: &Ahead, bucket: &Bucket) -> Result<Point, Fault> {
        let (predicted, there) = match self.course {
            Course::Level => (self.now, self.now),
            Course::Sum | Course::Flow => {
                let running = Period::new(bucket.start, bucket.end).map_err(told)?;
                let before = before(&scope.calendar, ahead.grain, &running, 1).map_err(told)?;
                let begun = Period::through(before.start(), scope.now()).map_err(told)?;
                let days = scope.over(begun).series(Grain::Day, &[ahead.metric]).await?;
                let days = Part::all(&days, ahead.metric)?;
                let all: Vec<&Part> = days.iter().skip_while(|day| day.value == 0.0).collect();
                let came = |days: &[&Part]| days.iter().map(|day| day.value).sum::<f64>();
                let since = all.get(1).filter(|second| second.bucket.end <= scope.now());
                let predicted = since.map_or(came(&all), |second| {
                    came(&all[1..]) * ratio(bucket.end - bucket.start, scope.now() - second.bucket.start)
                });
                (predicted, came(&all))
            }
        };
        let least = (2.0 * predicted).min(there).min(0.0);
        let most = (2.0 * predicted).max(there).max(0.0);
        Ok(Point { predicted, low: least, high: most })
    }

    /// What the whole of it is expected to come to, where `point` is what the model says, the bucket before came to so much,
    /// and none can be below `floor`.
    pub fn whole(&self, point: Point, before: f64, floor: Option<f64>) -> Point {
        let Point { predicted, low, high } = point;
        // What cannot be below zero does not fall either, where it adds up and nothing is taken off.
        let grows = self.course == Course::Sum && floor.is_some();
        let by_time = Usual { known: self.now, yet_to_come: self.left };
        let Usual { known, yet_to_come: rest } = self.usual.filter(|_| grows).unwrap_or(by_time);
        let from = if self.course == Course::Level { before } else { 0.0 };
        let least = if grows { Some(self.now) } else { floor };
        let at_least = |value: f64| value.max(least.unwrap_or(f64::MIN));
        let expected = at_least(known + rest * (predicted - from));
        // Days that are yet to come are off one by one, and a share of them by the root of that share.
        let off = rest.sqrt();
        Point {
            predicted: expected,
            low: at_least(expected - off * (predicted - low)),
            high: expected + off * (high - predicted),
        }
    }
}

/// Until when facts are counted: now, but where they come a day at a time, which says nothing before it is over, the
/// beginning of this day.
fn counted_until(scope: &Scope, metric: Metric) -> DateTime<Utc> {
    let by_day = |at: Instant| matches!(at, Instant::Day(_));
    if metric.sources().into_iter().any(|source| by_day(source.facts().at)) {
        return scope.calendar.midnight(scope.calendar.date(scope.now()));
    }
    scope.now()
}

/// A part of a bucket, and what came in it.
#[derive(Clone, Copy, Debug)]
struct Part {
    bucket: Bucket,
    value: f64,
}

impl Part {
    fn all(rows: &[Row], metric: Metric) -> Result<Vec<Self>, Fault> {
        let part = |row: &Row| {
            let value = number(&row.figures, metric)?.unwrap_or(0.0);
            Ok(row.bucket.map(|bucket| Self { bucket, value }))
        };
        rows.iter().filter_map(|row| part(row).transpose()).collect()
    }

    /// What of it came before `cut`, as if it had come evenly.
    fn before(&self, cut: DateTime<Utc>) -> f64 {
        let Bucket { start, end, .. } = self.bucket;
        self.value * share(cut - start, end - start)
    }
}

/// Leaves out the bucket in which business began, unless it began with it, and those before: in it all came late.
fn forget_the_begun(buckets: &mut Vec<Bucket>, days: &[Part]) {
    let within = |bucket: &Bucket| {
        let (start, end) = (bucket.start, bucket.end);
        let within = days.iter().filter(move |day| (start..end).contains(&day.bucket.start));
        within.map(|day| day.value).collect::<Vec<f64>>()
    };
    let first = buckets.iter().position(|bucket| within(bucket).iter().any(|value| *value != 0.0));
    let first = first.unwrap_or(buckets.len());
    let late = buckets.get(first).is_some_and(|bucket| begins_late(&within(bucket)));
    buckets.drain(..first + usize::from(late));
}

/// The share of what came in these buckets that came later than so long after their beginning; none where nothing did.
fn yet_to_come(parts: &[Part], buckets: &[Bucket], elapsed: Duration) -> Option<f64> {
    let (mut sooner, mut all) = (0.0, 0.0);
    for bucket in buckets {
        let within = parts.iter().filter(|part| (bucket.start..bucket.end).contains(&part.bucket.start));
        for part in within {
            sooner += part.before(bucket.start + elapsed);
            all += part.value;
        }
    }
    (all > 0.0).then(|| (1.0 - sooner / all).clamp(0.0, 1.0))
}

/// A length of time as a share of another, 0 to 1.
fn share(part: Duration, whole: Duration) -> f64 {
    ratio(part, whole).clamp(0.0, 1.0)
}

/// How many times a length of time holds another.
fn ratio(part: Duration, whole: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a year has some 2^45 microseconds")]
    let micros = |span: Duration| span.num_microseconds().unwrap_or(i64::MAX) as f64;
    micros(part) / micros(whole)
}
