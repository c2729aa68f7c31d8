//! What every report domain shows alike in GraphQL: totals, series, change, breakdowns.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_graphql::{Context, InputType, Lookahead, Object, ObjectType, Result, SimpleObject, TypeName};

use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Metric, Row};
use crate::period::{Bucket, Grain, Period};
use crate::reports::figures::{FigureSet, FiguresObject, PercentsObject};
use crate::reports::names::label;
use crate::reports::scope::{Change, Ranked, Ranking, Scope};
use crate::reports::window::ComparisonInput;
use crate::scalars::{Date, Decimal, Instant};

/// A figure set with the rows that it stands in.
pub trait Face: FigureSet + Sized {
    /// One bucket of a series.
    type BucketRow: ObjectType + From<(BucketFields, FiguresObject<Self>)>;
    /// One group of a breakdown.
    type GroupRow: ObjectType + From<(GroupFields, FiguresObject<Self>, ComparedFields<Self>)>;
    /// Name of the type of comparisons.
    const CHANGE: &'static str;
    /// What rows can be ranked by.
    type By: InputType + Copy + Into<Metric>;
    /// What they are ranked by where nothing is said.
    const LEADING: Self::By;
}

/// The fields that all domains share.
pub struct Common<S> {
    scope: Scope,
    set: PhantomData<S>,
}

impl<S> From<Scope> for Common<S> {
    fn from(scope: Scope) -> Self {
        Self { scope, set: PhantomData }
    }
}

impl<S: Face> TypeName for Common<S> {
    fn type_name() -> Cow<'static, str> {
        format!("Common{}", S::FIGURES).into()
    }
}

#[Object(name_type)]
impl<S: Face> Common<S> {
    /// The time that the report is about.
    async fn period(&self) -> PeriodFields {
        self.scope.period.into()
    }

    /// Figures of the whole period.
    async fn totals(&self, ctx: &Context<'_>) -> Result<FiguresObject<S>> {
        Ok(self.scope.totals(&S::selected(&ctx.look_ahead())).await?.into())
    }

    /// One row for each bucket that the period touches, in order, zeros where nothing happened.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the buckets.")] grain: Grain,
    ) -> Result<Vec<S::BucketRow>> {
        let rows = self.scope.series(grain, &S::selected(&ctx.look_ahead())).await?;
        let rows = rows.into_iter().filter_map(|Row { bucket, figures, .. }| {
            Some(S::BucketRow::from((BucketFields::from(bucket?), figures.into())))
        });
        Ok(rows.collect())
    }

    /// Figures beside those of another window.
    async fn change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the period is compared with.")] against: ComparisonInput,
    ) -> Result<ChangeObject<S>> {
        let selection = ctx.look_ahead();
        let mut metrics: Vec<Metric> = ["current", "previous", "difference", "percent"]
            .iter()
            .flat_map(|part| S::selected(&selection.field(part)))
            .collect();
        metrics.sort_unstable();
        metrics.dedup();
        Ok(ChangeObject(self.scope.change(&against, &metrics).await?, PhantomData))
    }

    /// The period told apart by one dimension, largest first; facts without a value of it are a group of their own.
    async fn breakdown(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to tell apart.")] by: Dimension,
        #[graphql(desc = "How many groups, at most 1000.", default = 100)] first: u32,
        #[graphql(desc = "What decides the order.", default_with = "S::LEADING")] order_by: S::By,
        #[graphql(desc = "Smallest first.", default = false)] ascending: bool,
        #[graphql(desc = "What each group is compared with, as `previous`, `difference` and `percent`.")]
        against: Option<ComparisonInput>,
    ) -> Result<Vec<S::GroupRow>> {
        let selection = ctx.look_ahead();
        let with_share = selection.field("share").exists();
        let ranking = Ranking { by: order_by.into(), ascending, first, with_share };
        let metrics = compared::<S>(&selection);
        let rows = self.scope.ranking_against(against.as_ref(), by, false, ranking, &metrics).await?;
        let labels = selection.field("name").exists();
        let rows = rows.into_iter().map(async |Ranked { id, share, figures, change, .. }| {
            let name = if labels { label(&self.scope.desk, by, id.as_deref()).await? } else { id.clone() };
            let share = ratio_text(share.as_ref());
            let group = GroupFields { dimension: by, id, name, share };
            Ok(S::GroupRow::from((group, figures.into(), change.into())))
        });
        futures::future::try_join_all(rows).await
    }
}

/// A row's own figures and those that it is compared by, each once.
pub(super) fn compared<S: FigureSet>(selection: &Lookahead<'_>) -> Vec<Metric> {
    let mut metrics = S::selected(selection);
    for part in ["previous", "difference", "percent"] {
        metrics.extend(S::selected(&selection.field(part)));
    }
    metrics.sort_unstable();
    metrics.dedup();
    metrics
}

/// What a row is compared with.
pub struct ComparedFields<S>(Option<Change>, PhantomData<S>);

impl<S> From<Option<Change>> for ComparedFields<S> {
    fn from(change: Option<Change>) -> Self {
        Self(change, PhantomData)
    }
}

impl<S: FigureSet> TypeName for ComparedFields<S> {
    fn type_name() -> Cow<'static, str> {
        format!("Compared{}", S::FIGURES).into()
    }
}

#[Object(name_type)]
impl<S: FigureSet> ComparedFields<S> {
    /// The same figures in the window that it is compared with; null where `against` names none.
    async fn previous(&self) -> Option<FiguresObject<S>> {
        self.0.as_ref().map(|change| change.previous.clone().into())
    }

    /// The same figures less those of the window that it is compared with; null where `against` names none.
    async fn difference(&self) -> Option<FiguresObject<S>> {
        self.0.as_ref().map(|change| change.current.minus(&change.previous).into())
    }

    /// How much each figure changed, in percent; null where `against` names no window.
    async fn percent(&self) -> Option<PercentsObject<S>> {
        self.0.clone().map(PercentsObject::from)
    }
}

/// A share to four digits.
pub fn ratio_text(share: Option<&crate::money::Exact>) -> Option<Decimal> {
    share.and_then(|share| share.round_to(4)).map(|value| Decimal(crate::money::decimal_text(value, 4)))
}

/// A span of time, without its end.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(name = "Period")]
pub struct PeriodFields {
    /// The first instant that counts.
    start: Instant,
    /// The first instant that does not count any more.
    end: Instant,
}

impl From<Period> for PeriodFields {
    fn from(period: Period) -> Self {
        Self { start: Instant(period.start()), end: Instant(period.end()) }
    }
}

/// When a bucket is.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(name = "Bucket")]
pub struct BucketFields {
    /// Its first day on the report's calendar.
    date: Date,
    /// Its first instant; the first bucket of a series may start before the series' period.
    start: Instant,
    /// The first instant after it; the last bucket of a series may end after the series' period.
    end: Instant,
}

impl From<Bucket> for BucketFields {
    fn from(bucket: Bucket) -> Self {
        Self { date: Date(bucket.date), start: Instant(bucket.start), end: Instant(bucket.end) }
    }
}

/// What a group is.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "Group")]
pub struct GroupFields {
    /// What was told apart.
    dimension: Dimension,
    /// The group's value, or the id of what it points to; null for facts without one.
    id: Option<String>,
    /// The name behind an id; for plain values the value itself; null for facts without one.
    name: Option<String>,
    /// Its part of the whole period, by what decides the order; null where that does not add up.
    share: Option<Decimal>,
}

/// Two windows side by side.
pub struct ChangeObject<S>(Change, PhantomData<S>);

impl<S: Face> TypeName for ChangeObject<S> {
    fn type_name() -> Cow<'static, str> {
        S::CHANGE.into()
    }
}

/// Figures of a period beside those of another window.
#[Object(name_type)]
impl<S: Face> ChangeObject<S> {
    /// The later window: the report's period, or for "to date" as much of it as has passed.
    async fn period(&self) -> PeriodFields {
        self.0.windows.current.into()
    }

    /// What it is compared with.
    async fn previous_period(&self) -> PeriodFields {
        self.0.windows.previous.into()
    }

    /// Figures of the later window.
    async fn current(&self) -> FiguresObject<S> {
        self.0.current.clone().into()
    }

    /// Figures of the window that it is compared with.
    async fn previous(&self) -> FiguresObject<S> {
        self.0.previous.clone().into()
    }

    /// Current less previous; null where either is.
    async fn difference(&self) -> FiguresObject<S> {
        let difference: Figures = self.0.current.minus(&self.0.previous);
        difference.into()
    }

    /// The difference in percent of the previous figure.
    async fn percent(&self) -> PercentsObject<S> {
        self.0.clone().into()
    }
}
