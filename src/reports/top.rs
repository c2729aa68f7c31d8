//! Rankings of named things: customers, products, categories, sales representatives.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Object, ObjectType, OutputType, Result, SimpleObject, TypeName};

use crate::fault::Fault;
use crate::metrics::Metric;
use crate::metrics::names::{Names, Ranks};
use crate::reports::desk::Desk;
use crate::reports::face::{ComparedFields, Face, compared, ratio_text};
use crate::reports::figures::FiguresObject;
use crate::reports::scope::{Ranked, Ranking, Scope};
use crate::reports::window::ComparisonInput;
use crate::scalars::Decimal;

/// A thing in a ranking.
pub struct Top<I: Ranks> {
    /// Place, share and figures.
    pub ranked: Ranked,
    /// What is ranked.
    pub thing: I::Thing,
}

/// The first of the things that `I` names. Facts that point to none (guests' orders, products without a category) are
/// left out.
pub async fn top<I>(scope: &Scope, ranking: Ranking, metrics: &[Metric]) -> Result<Vec<Top<I>>, Fault>
where
    I: Ranks,
    Names: Loader<I, Value = I::Thing, Error = Fault>,
{
    top_against(scope, None, ranking, metrics).await
}

/// The same, each beside its own figures of another window.
pub async fn top_against<I>(
    scope: &Scope,
    against: Option<&ComparisonInput>,
    ranking: Ranking,
    metrics: &[Metric],
) -> Result<Vec<Top<I>>, Fault>
where
    I: Ranks,
    Names: Loader<I, Value = I::Thing, Error = Fault>,
{
    named(&scope.desk, scope.ranking_against(against, I::DIMENSION, true, ranking, metrics).await?).await
}

/// All of the things that `I` names and facts point to, largest first by `by`; ties by id.
pub async fn every<I>(scope: &Scope, by: Metric, metrics: &[Metric]) -> Result<Vec<Top<I>>, Fault>
where
    I: Ranks,
    Names: Loader<I, Value = I::Thing, Error = Fault>,
{
    named(&scope.desk, scope.ranked(I::DIMENSION, true, Ranking::every(by), metrics).await?).await
}

/// What the rows of a ranking are of.
async fn named<I>(desk: &Desk, ranked: Vec<Ranked>) -> Result<Vec<Top<I>>, Fault>
where
    I: Ranks,
    Names: Loader<I, Value = I::Thing, Error = Fault>,
{
    let ids = ranked.iter().filter_map(|row| row.id.clone()).map(I::from);
    let mut things = desk.names().load_many(ids).await?;
    let found = ranked.into_iter().filter_map(|ranked| {
        let thing = things.remove(&I::from(ranked.id.clone()?))?;
        Some(Top { ranked, thing })
    });
    Ok(found.collect())
}

/// How a ranking of the things that `Self` names looks in GraphQL.
pub(super) trait TopFace: Ranks {
    /// The figures of each row.
    type Figures: Face;
    /// A row.
    type Row: ObjectType;
    /// Fields beside the figures that are told from a metric.
    const BESIDE: &[(&'static str, Metric)] = &[];
    /// A row of a ranking.
    fn row(scope: &Scope, top: Top<Self>) -> Result<Self::Row, Fault>;
}

/// What every row has: its place and share, its figures, and what they are compared with.
pub(super) fn parts<S: Face>(ranked: Ranked) -> (RankFields, FiguresObject<S>, ComparedFields<S>) {
    let rank = RankFields { rank: ranked.rank, share: ratio_text(ranked.share.as_ref()) };
    (rank, ranked.figures.into(), ranked.change.into())
}

/// Place and share in a ranking.
#[derive(SimpleObject)]
pub(super) struct RankFields {
    /// Place in the ranking, from 1.
    pub(super) rank: u32,
    /// Part of the whole period, by the ranking's metric; null where that does not add up.
    pub(super) share: Option<Decimal>,
}

/// The field `top` of a report.
pub(super) struct TopField<I>(Scope, PhantomData<I>);

impl<I> From<Scope> for TopField<I> {
    fn from(scope: Scope) -> Self {
        Self(scope, PhantomData)
    }
}

impl<I: TopFace> TypeName for TopField<I> {
    fn type_name() -> Cow<'static, str> {
        format!("Top{}", I::Row::type_name()).into()
    }
}

#[Object(name_type)]
impl<I> TopField<I>
where
    I: TopFace,
    Names: Loader<I, Value = I::Thing, Error = Fault>,
{
    /// The first by any figure of theirs; ties by id. Facts that belong to none are left out.
    async fn top(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What decides.", default_with = "I::Figures::LEADING")] by: <I::Figures as Face>::By,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
        #[graphql(desc = "Smallest first.", default = false)] ascending: bool,
        #[graphql(desc = "What each is compared with, as `previous`, `difference` and `percent`.")]
        against: Option<ComparisonInput>,
    ) -> Result<Vec<I::Row>> {
        let Self(scope, _) = self;
        let selection = ctx.look_ahead();
        let ranking =
            Ranking { by: by.into(), ascending, first, with_share: selection.field("share").exists() };
        let mut metrics = compared::<I::Figures>(&selection);
        metrics.extend(
            I::BESIDE.iter().filter(|(name, _)| selection.field(name).exists()).map(|(_, metric)| *metric),
        );
        metrics.sort_unstable();
        metrics.dedup();
        let rows = top_against::<I>(scope, against.as_ref(), ranking, &metrics).await?;
        let rows: Result<Vec<I::Row>, Fault> = rows.into_iter().map(|top| I::row(scope, top)).collect();
        Ok(rows?)
    }
}
