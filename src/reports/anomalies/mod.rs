//! Days on which a metric was not what it should have been: every daily metric of the catalogue that the organization
//! has, each against what its own past lets expect.

mod explained;
mod face;
mod told;

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::fault::Fault;
use crate::foresight::anomalies::{Event, Question, Sort, WEEK, detect};
use crate::metrics::catalogue::{METRICS, Unit};
use crate::metrics::{Metric, Row};
use crate::money::Currency;
use crate::period::{Bucket, Calendar, Grain, MAX_BUCKETS, Period};
use crate::reports::estimate::{Estimate, number};
use crate::reports::scope::Scope;

pub use crate::foresight::anomalies::{Direction, Severity};
pub use explained::{Contributor, explain};
pub use face::{AnomalyObject, AnomalySeverity};
pub use told::{name_of, sentence};

/// Days before the period that are looked back on: so many that the same days of last year are among them.
const LOOK_BACK: u64 = 400;
/// Days after the period that are looked at, as far as they are over: so many that an event that began within it is whole.
const LOOK_AHEAD: u64 = 35;
/// Most days that are searched: with those that are looked at besides, as many as a series may have.
#[expect(clippy::cast_possible_wrap, reason = "all are small")]
const MOST_DAYS: i64 = MAX_BUCKETS as i64 - LOOK_BACK as i64 - LOOK_AHEAD as i64 - 2;
/// Most anomalies that are told.
const MOST: usize = 1000;

/// Metrics that are read at once.
const TOGETHER: usize = 8;

/// Days on which a metric stood out.
#[derive(Clone, Debug)]
pub struct Anomaly {
    /// Which metric.
    pub metric: Metric,
    /// What there is to say of it.
    pub event: Event,
    /// The day on which it was furthest off.
    pub worst: Bucket,
    /// Its first and last day.
    pub days: [NaiveDate; 2],
    /// The days that it was found in.
    pub(super) past: Arc<[Bucket]>,
}

impl Anomaly {
    /// How far the worst day was from what was to be expected, as a share of it, both as they are shown; none where nothing
    /// was to be expected.
    pub fn deviation(&self, currency: Currency) -> Option<f64> {
        let shown = |value| Estimate::new(value, self.metric, currency).number();
        let (actual, expected) = (shown(self.event.actual), shown(self.event.expected));
        Some((actual - expected) / expected.abs()).filter(|share| share.is_finite())
    }

    /// When the day that was furthest off was complete.
    pub fn detected_at(&self) -> DateTime<Utc> {
        self.worst.end
    }
}

/// The metrics that have a figure for each day by itself.
pub fn daily_metrics() -> Vec<Metric> {
    // What is told by the day is the same once more, of a day.
    // Credits are conversions once more.
    let of_a_day = |metric: &Metric| {
        let is_other = !metric.is_of_length() && metric.definition().unit != Unit::Fraction;
        metric.has_history() && !metric.is_level() && is_other
    };
    METRICS.iter().map(|definition| definition.metric).filter(of_a_day).collect()
}

/// Those that are looked at where none are named: those that the scope's conditions can be held against, but for times between
/// orders. These are orders once more, the other way round, and no rollup tells them.
pub fn fitting(scope: &Scope) -> Vec<Metric> {
    let fits = |metric: &Metric| {
        !metric.is_of_gaps() && scope.filters.iter().all(|filter| metric.fits(filter.dimension))
    };
    daily_metrics().into_iter().filter(fits).collect()
}

/// The anomalies of `metrics` whose worst day lies within the scope's period, of that severity at least: the latest first,
/// those of one day by how far off they were. Each is the same whichever period it is asked for by; later days change
/// nothing but of an event that goes on.
pub async fn anomalies(scope: &Scope, metrics: &[Metric], least: Severity) -> Result<Vec<Anomaly>, Fault> {
    check(metrics, &scope.calendar, &scope.period)?;
    let Some(times) = times(scope)? else { return Ok(Vec::new()) };
    // One search at a time, a few metrics at once: it reads more than any other question, and others are not to wait.
    let _turn = scope.desk.turn_to_search().await?;
    let mut all = Vec::new();
    for metrics in metrics.chunks(TOGETHER) {
        let rows = scope.over(times.read).series(Grain::Day, metrics).await?;
        let metrics = metrics.to_vec();
        let found = tokio::task::spawn_blocking(move || found(&rows, &metrics, &times, least)).await;
        all.extend(found.map_err(|error| Fault::Internal(format!("the search broke off: {error}")))??);
    }
    all.sort_by(|one, other| {
        let of = |anomaly: &Anomaly| anomaly.worst.start;
        of(other)
            .cmp(&of(one))
            .then(other.event.score.total_cmp(&one.event.score))
            .then(one.metric.cmp(&other.metric))
    });
    all.truncate(MOST);
    Ok(all)
}

/// Refuses metrics without figures of a day, and more days than can be searched at once.
pub fn check(metrics: &[Metric], calendar: &Calendar, period: &Period) -> Result<(), Fault> {
    let daily = daily_metrics();
    if let Some(other) = metrics.iter().find(|metric| !daily.contains(metric)) {
        let message = format!("{} is not a figure of a day: of an instant, or of no history", other.name());
        return Err(Fault::invalid("metrics", message));
    }
    let days = (calendar.date(period.last()) - calendar.date(period.start())).num_days() + 1;
    if days > MOST_DAYS {
        let message =
            format!("anomalies are searched for in at most {MOST_DAYS} days at once, not in {days}");
        return Err(Fault::invalid("period", message));
    }
    Ok(())
}

/// Complete days.
#[derive(Clone, Copy)]
struct Times {
    /// Those that are looked at.
    read: Period,
    /// Those of them that are asked for.
    asked: Period,
}

/// The days to look at; none where no day of the period is complete.
fn times(scope: &Scope) -> Result<Option<Times>, Fault> {
    let told = |error: crate::period::PeriodError| Fault::invalid("period", error.to_string());
    let calendar = &scope.calendar;
    let start = |instant| calendar.bucket(Grain::Day, instant).map(|day| day.start()).map_err(told);
    let today = calendar.midnight(scope.desk.today(calendar));
    let (from, end) = (start(scope.period.start())?, start(scope.period.end())?.min(today));
    let Ok(asked) = Period::new(from, end) else { return Ok(None) };
    let last = calendar.date(end).checked_add_days(Days::new(LOOK_AHEAD));
    let last = last.map_or(end, |day| calendar.midnight(day).min(today));
    let first = calendar.date(from).checked_sub_days(Days::new(LOOK_BACK));
    let first = first.map_or(from, |day| calendar.midnight(day));
    Ok(Some(Times { read: Period::new(first, last).map_err(told)?, asked }))
}

fn found(rows: &[Row], metrics: &[Metric], times: &Times, least: Severity) -> Result<Vec<Anomaly>, Fault> {
    let past: Arc<[Bucket]> = rows.iter().filter_map(|row| row.bucket).collect();
    let place = |instant| past.partition_point(|day| day.start < instant);
    let (from, until) = (place(times.asked.start()), place(times.asked.end()));
    let mut all = Vec::new();
    for metric in metrics {
        let values: Result<Vec<f64>, Fault> =
            rows.iter().map(|row| Ok(number(&row.figures, *metric)?.unwrap_or(f64::NAN))).collect();
        let sort = match metric.definition().unit {
            Unit::Count => Sort::Count,
            _ if metric.adds_up() => Sort::Sum,
            _ => Sort::Quotient,
        };
        let question = Question { values: &values?, from, until, period: WEEK, sort };
        let events = detect(&question).into_iter().filter(|event| event.severity >= least);
        all.extend(events.map(|event| Anomaly {
            metric: *metric,
            worst: past[event.worst],
            days: [past[event.first].date, past[event.last].date],
            event,
            past: Arc::clone(&past),
        }));
    }
    Ok(all)
}
