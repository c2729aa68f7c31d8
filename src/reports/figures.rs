//! Figures as GraphQL objects: one field a metric, straight from the catalogue.
//!
//! The types are written by hand against async-graphql's registry, so that a metric's name, description and unit are
//! said once, in the catalogue, and a new metric is a new field without another line.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaTypeId, Registry};
use async_graphql::resolver_utils::resolve_container;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Lookahead, ObjectType, OutputType, Positioned, ServerResult,
    Value,
};

use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Metric, Unit};
use crate::reports::registered::{field, object};
use crate::reports::scope::Change;
use crate::scalars::{Decimal, Long, Money};

/// A set of figures that one object type offers, by field.
pub trait FigureSet: Send + Sync + 'static {
    /// Name of the object type with the figures.
    const FIGURES: &'static str;
    /// Name of the object type with their changes in percent.
    const PERCENTS: &'static str;
    /// What the figures are figures of.
    const DESCRIPTION: &'static str;

    /// Field names and what they stand for.
    fn fields() -> &'static [(&'static str, Metric)];

    /// The metric behind a field.
    fn metric(field: &str) -> Option<Metric> {
        Self::fields().iter().find(|(name, _)| *name == field).map(|(_, metric)| *metric)
    }

    /// The metrics that a selection asks for, each once.
    fn selected(selection: &Lookahead<'_>) -> Vec<Metric> {
        Self::fields()
            .iter()
            .filter(|(name, _)| selection.field(name).exists())
            .map(|(_, metric)| *metric)
            .collect()
    }
}

/// The figures of one group of facts as a GraphQL object.
pub struct FiguresObject<S>(pub Figures, PhantomData<S>);

impl<S> From<Figures> for FiguresObject<S> {
    fn from(figures: Figures) -> Self {
        Self(figures, PhantomData)
    }
}

/// The changes of figures in percent as a GraphQL object.
pub struct PercentsObject<S>(pub Change, PhantomData<S>);

impl<S> From<Change> for PercentsObject<S> {
    fn from(change: Change) -> Self {
        Self(change, PhantomData)
    }
}

/// One figure, in its unit's GraphQL type.
enum Figure {
    Money(Option<Money>),
    Count(Long),
    Decimal(Option<Decimal>),
}

fn figure(figures: &Figures, metric: Metric) -> Result<Figure, Fault> {
    Ok(match metric.definition().unit {
        Unit::Money => Figure::Money(figures.money(metric)?.map(Money::from)),
        Unit::Count => Figure::Count(Long(figures.count(metric)?)),
        Unit::Average | Unit::Fraction | Unit::Ratio | Unit::Minutes | Unit::Hours | Unit::Days => {
            Figure::Decimal(figures.text(metric)?.map(Decimal))
        }
    })
}

impl<S: FigureSet> OutputType for FiguresObject<S> {
    fn type_name() -> Cow<'static, str> {
        S::FIGURES.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let fields = S::fields().iter().map(|(name, metric)| {
                let definition = metric.definition();
                let ty = match (definition.unit, metric.is_nullable()) {
                    (Unit::Money, false) => Money::create_type_info(registry),
                    (Unit::Money, true) => Option::<Money>::create_type_info(registry),
                    (Unit::Count, _) => Long::create_type_info(registry),
                    (_, true) => Option::<Decimal>::create_type_info(registry),
                    (_, false) => Decimal::create_type_info(registry),
                };
                let null =
                    if metric.is_nullable() { " Null where there is nothing to divide by." } else { "" };
                field(name, &format!("{}{null}", definition.description), [], ty)
            });
            let fields: Vec<_> = fields.collect();
            object::<Self>(S::FIGURES, Some(S::DESCRIPTION), fields)
        })
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl<S: FigureSet> ContainerType for FiguresObject<S> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let Some(metric) = S::metric(&ctx.item.node.name.node) else { return Ok(None) };
        let figure = figure(&self.0, metric).map_err(|fault| {
            ctx.set_error_path(async_graphql::Error::from(fault).into_server_error(ctx.item.pos))
        })?;
        let inner = ctx.with_selection_set(&ctx.item.node.selection_set);
        match figure {
            Figure::Money(money) => OutputType::resolve(&money, &inner, ctx.item).await,
            Figure::Count(count) => OutputType::resolve(&count, &inner, ctx.item).await,
            Figure::Decimal(decimal) => OutputType::resolve(&decimal, &inner, ctx.item).await,
        }
        .map(Some)
    }
}

impl<S: FigureSet> ObjectType for FiguresObject<S> {}

impl<S: FigureSet> OutputType for PercentsObject<S> {
    fn type_name() -> Cow<'static, str> {
        S::PERCENTS.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let ty = Option::<Decimal>::create_type_info(registry);
            let fields = S::fields().iter().map(|(name, metric)| {
                let of = metric.definition().description;
                let description =
                    format!("Change in percent: {of} Null where it was zero before, or null itself.");
                field(name, &description, [], ty.clone())
            });
            let description =
                "How much each figure changed, in percent to two digits; null where it was zero before.";
            object::<Self>(S::PERCENTS, Some(description), fields)
        })
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl<S: FigureSet> ContainerType for PercentsObject<S> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let Some(metric) = S::metric(&ctx.item.node.name.node) else { return Ok(None) };
        let percent = self.0.percent(metric).map_err(|fault| {
            ctx.set_error_path(async_graphql::Error::from(fault).into_server_error(ctx.item.pos))
        })?;
        let decimal = percent.map(|hundredths| Decimal(crate::money::decimal_text(hundredths, 2)));
        let inner = ctx.with_selection_set(&ctx.item.node.selection_set);
        OutputType::resolve(&decimal, &inner, ctx.item).await.map(Some)
    }
}

impl<S: FigureSet> ObjectType for PercentsObject<S> {}
