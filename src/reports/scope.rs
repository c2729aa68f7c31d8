//! What a report is about: a desk, a period and which facts count; and the questions that every domain asks of it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::fault::Fault;
use crate::metrics::answer::{self, Figures};
use crate::metrics::{Attribution, Dimension, Filter, Metric, MetricQuery, Order, OrderBy, Row};
use crate::money::{Currency, Exact};
use crate::period::{Calendar, Grain, Period};
use crate::reports::desk::Desk;
use crate::reports::window::{ComparisonInput, Windows};

/// Most rows of a ranking or breakdown.
pub const MAX_FIRST: u32 = 1000;

/// Stands for all rows of a ranking: more than can be told are an error.
const EVERY: u32 = u32::MAX;

/// What a report is about.
#[derive(Clone)]
pub struct Scope {
    /// Whose numbers, and the means to read them.
    pub desk: Desk,
    /// Time of the facts.
    pub period: Period,
    /// What cuts time into days.
    pub calendar: Calendar,
    /// The currency to tell money in.
    pub currency: Currency,
    /// Which facts count.
    pub filters: Vec<Filter>,
    /// Who is credited with conversions that name no tracking code.
    pub attribution: Attribution,
}

/// One row of a ranking.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Its place, from 1.
    pub rank: u32,
    /// What is ranked, by the id that clients know; none for facts without one.
    pub id: Option<String>,
    /// Its part of the whole, where the ranking's metric adds up and the whole is not zero.
    pub share: Option<Exact>,
    /// Its figures.
    pub figures: Figures,
    /// Its figures in the window that it is compared with, if there is one.
    pub change: Option<Change>,
}

/// Figures of a period beside those of another.
#[derive(Clone, Debug)]
pub struct Change {
    /// The windows that were compared.
    pub windows: Windows,
    /// Figures of the later one.
    pub current: Figures,
    /// Figures of the other.
    pub previous: Figures,
}

impl Change {
    /// How much `metric` grew, as a part of what it was. Null where it was zero or null before, or is null now.
    pub fn growth(&self, metric: Metric) -> Result<Option<Exact>, Fault> {
        let (now, then) = (self.current.exact(metric)?, self.previous.exact(metric)?);
        Ok(now.zip(then).and_then(|(now, then)| (now - then).divided_by(&then.magnitude())))
    }

    /// The same in percent to two digits, half away from zero: 1094 is 10.94 %.
    pub fn percent(&self, metric: Metric) -> Result<Option<i64>, Fault> {
        let percent = self.growth(metric)?.map(|grown| &grown * &Exact::whole(100));
        percent.map(|percent| percent.round_to(2).ok_or(Fault::Overflow)).transpose()
    }
}

impl Scope {
    /// All facts of `period` in the organization's own currency, by the UTC calendar: what documented APIs ask.
    pub fn utc(desk: Desk, period: Period) -> Self {
        let currency = desk.organization().currency;
        let (calendar, attribution) = (Calendar::UTC, Attribution::default());
        Self { desk, period, calendar, currency, filters: Vec::new(), attribution }
    }

    /// The same over another period.
    #[must_use]
    pub fn over(&self, period: Period) -> Self {
        Self { period, ..self.clone() }
    }

    /// The instant that counts as now.
    pub fn now(&self) -> DateTime<Utc> {
        self.desk.now()
    }

    /// The windows that are meant where the period is compared.
    pub fn windows(&self, against: &ComparisonInput) -> Result<Windows, Fault> {
        self.desk.windows(against, self.period, &self.calendar)
    }

    /// Figures of the whole period.
    pub async fn totals(&self, metrics: &[Metric]) -> Result<Figures, Fault> {
        self.desk.engine().ask(&self.query(metrics)).await?.into_total()
    }

    /// One row for each bucket that the period touches, zeros where nothing happened.
    pub async fn series(&self, grain: Grain, metrics: &[Metric]) -> Result<Vec<Row>, Fault> {
        let query = MetricQuery { grain: Some(grain), ..self.query(metrics) };
        Ok(self.desk.engine().ask(&query).await?.rows)
    }

    /// Figures beside those of another window.
    pub async fn change(&self, against: &ComparisonInput, metrics: &[Metric]) -> Result<Change, Fault> {
        let windows = self.windows(against)?;
        let (now, then) = (self.over(windows.current), self.over(windows.previous));
        let (current, previous) = tokio::try_join!(now.totals(metrics), then.totals(metrics))?;
        Ok(Change { windows, current, previous })
    }

    /// The first of whatever `dimension` tells apart; ties by id. Facts without a value of it are left out where
    /// `named_only` says so, else they are a row of their own.
    pub async fn ranking(
        &self,
        dimension: Dimension,
        named_only: bool,
        ranking: Ranking,
        metrics: &[Metric],
    ) -> Result<Vec<Ranked>, Fault> {
        check_first(ranking.first)?;
        self.ranked(dimension, named_only, ranking, metrics).await
    }

    /// Everything that `dimension` tells apart and facts without a value of it, largest first by `by`; ties by id.
    pub async fn every(
        &self,
        dimension: Dimension,
        by: Metric,
        metrics: &[Metric],
    ) -> Result<Vec<Ranked>, Fault> {
        self.ranked(dimension, false, Ranking::every(by), metrics).await
    }

    /// The same, however many.
    pub(super) async fn ranked(
        &self,
        dimension: Dimension,
        named_only: bool,
        ranking: Ranking,
        metrics: &[Metric],
    ) -> Result<Vec<Ranked>, Fault> {
        let by = ranking.by;
        let mut all = metrics.to_vec();
        if !all.contains(&by) {
            all.push(by);
        }
        let query = MetricQuery {
            dimensions: vec![dimension],
            order: Some(Order { by: OrderBy::Metric(by), descending: !ranking.ascending }),
            limit: (ranking.first != EVERY).then_some(ranking.first),
            named_only,
            ..self.query(&all)
        };
        let whole = async {
            if ranking.with_share && by.adds_up() { self.totals(&[by]).await.map(Some) } else { Ok(None) }
        };
        let (table, whole) = tokio::try_join!(self.desk.engine().ask(&query), whole)?;
        let whole = whole.and_then(|figures| figures.exact(by).ok().flatten().cloned());
        let rows = table.rows.into_iter().zip(1..).map(|(row, rank)| {
            let part = row.figures.exact(by)?;
            let share = whole.as_ref().zip(part).and_then(|(whole, part)| part.divided_by(whole));
            let id = row.keys.into_iter().next().flatten();
            Ok(Ranked { rank, id, share, figures: row.figures, change: None })
        });
        rows.collect()
    }

    /// The same, each row beside its own figures of another window.
    pub async fn ranking_against(
        &self,
        against: Option<&ComparisonInput>,
        dimension: Dimension,
        named_only: bool,
        ranking: Ranking,
        metrics: &[Metric],
    ) -> Result<Vec<Ranked>, Fault> {
        let Some(against) = against else {
            return self.ranking(dimension, named_only, ranking, metrics).await;
        };
        let windows = self.windows(against)?;
        let mut rows = self.over(windows.current).ranking(dimension, named_only, ranking, metrics).await?;
        let Some(first) = rows.first() else { return Ok(rows) };
        let metrics = first.figures.metrics().to_vec();
        let values = rows.iter().map(|row| row.id.clone()).collect();
        let mut known = self.over(windows.previous).figures_of(dimension, values, &metrics).await?;
        for row in &mut rows {
            let none = || answer::nothing(&metrics, self.currency, &windows.previous);
            let previous = known.remove(&row.id).unwrap_or_else(none);
            row.change = Some(Change { windows, current: row.figures.clone(), previous });
        }
        Ok(rows)
    }

    /// Figures of what has one of `values` of a dimension, by that value; those without facts are left out.
    pub async fn figures_of(
        &self,
        dimension: Dimension,
        values: Vec<Option<String>>,
        metrics: &[Metric],
    ) -> Result<HashMap<Option<String>, Figures>, Fault> {
        let mut query = MetricQuery { dimensions: vec![dimension], ..self.query(metrics) };
        query.filters.push(Filter { dimension, values, exclude: false });
        let rows = self.desk.engine().ask(&query).await?.rows;
        Ok(rows.into_iter().map(|row| (row.keys.into_iter().next().flatten(), row.figures)).collect())
    }

    /// The question after `metrics` of the whole period.
    pub(super) fn query(&self, metrics: &[Metric]) -> MetricQuery {
        let totals = MetricQuery::totals(metrics, self.period, self.calendar, self.currency);
        MetricQuery { filters: self.filters.clone(), attribution: self.attribution, ..totals }
    }
}

/// Refuses lists without rows, and with too many.
pub(super) fn check_first(first: u32) -> Result<(), Fault> {
    if (1..=MAX_FIRST).contains(&first) {
        return Ok(());
    }
    Err(Fault::invalid("first", format!("must lie between 1 and {MAX_FIRST}, not {first}")))
}

/// By what to rank, and how far.
#[derive(Clone, Copy, Debug)]
pub struct Ranking {
    /// The figure that decides.
    pub by: Metric,
    /// Smallest first instead of largest first.
    pub ascending: bool,
    /// How many rows.
    pub first: u32,
    /// Whether each row's part of the whole is wanted.
    pub with_share: bool,
}

impl Ranking {
    /// The `first` largest by `by`, without shares: what documented APIs ask.
    pub fn largest(by: Metric, first: u32) -> Self {
        Self { by, ascending: false, first, with_share: false }
    }

    /// All that there are, largest first by `by`.
    pub(super) fn every(by: Metric) -> Self {
        Self::largest(by, EVERY)
    }
}
