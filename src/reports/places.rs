//! Where people buy: regions within their countries.

use std::collections::HashMap;

use async_graphql::{Context, MergedObject, Object, Result, SimpleObject};

use crate::fault::Fault;
use crate::metrics::answer::Figures;
use crate::metrics::{Dimension, Metric, MetricQuery, Order, OrderBy};
use crate::money::Exact;
use crate::reports::face::ratio_text;
use crate::reports::figures::{FigureSet, FiguresObject};
use crate::reports::scope::{Scope, check_first};
use crate::reports::sets::Sales;
use crate::scalars::Decimal;

/// A region of a country, as orders name them.
#[derive(Clone, Debug)]
pub struct Place {
    /// The country; none where orders name none.
    pub country: Option<String>,
    /// The region; none where orders name none.
    pub region: Option<String>,
    /// Its figures.
    pub figures: Figures,
    /// Its part of the period's revenue; none where there is none.
    pub share: Option<Exact>,
    /// Its part of its country's revenue; none where there is none.
    pub share_of_country: Option<Exact>,
}

/// The regions with most revenue; ties by country, then region.
pub async fn places(scope: &Scope, first: u32, metrics: &[Metric]) -> Result<Vec<Place>, Fault> {
    check_first(first)?;
    let revenue = [Metric::Revenue];
    let mut asked = metrics.to_vec();
    if !asked.contains(&Metric::Revenue) {
        asked.push(Metric::Revenue);
    }
    let query = MetricQuery {
        dimensions: vec![Dimension::Country, Dimension::Region],
        order: Some(Order { by: OrderBy::Metric(Metric::Revenue), descending: true }),
        limit: Some(first),
        ..scope.query(&asked)
    };
    let (table, whole) = tokio::try_join!(scope.desk.engine().ask(&query), scope.totals(&revenue))?;
    let mut countries: Vec<Option<String>> = table.rows.iter().map(|row| row.keys[0].clone()).collect();
    countries.sort_unstable();
    countries.dedup();
    let countries = if countries.is_empty() {
        HashMap::new()
    } else {
        scope.figures_of(Dimension::Country, countries, &revenue).await?
    };
    let part = |figures: &Figures, whole: Option<&Figures>| -> Result<Option<Exact>, Fault> {
        let whole = whole.map(|whole| whole.exact(Metric::Revenue)).transpose()?.flatten();
        let part = figures.exact(Metric::Revenue)?;
        Ok(part.zip(whole).and_then(|(part, whole)| part.divided_by(whole)))
    };
    let told = table.rows.into_iter().map(|row| {
        let mut keys = row.keys.into_iter();
        let (country, region) = (keys.next().flatten(), keys.next().flatten());
        Ok(Place {
            share: part(&row.figures, Some(&whole))?,
            share_of_country: part(&row.figures, countries.get(&country))?,
            country,
            region,
            figures: row.figures,
        })
    });
    told.collect()
}

/// A region of a country.
#[derive(SimpleObject)]
struct PlaceFields {
    /// The country, as orders name it; null where they name none.
    country: Option<String>,
    /// The region, as orders name it; null where they name none.
    region: Option<String>,
    /// Its part of the whole period's revenue; null where there is none.
    share: Option<Decimal>,
    /// Its part of its country's revenue; null where there is none.
    share_of_country: Option<Decimal>,
}

/// Figures of sales in one region of a country.
#[derive(MergedObject)]
struct SalesPlace(PlaceFields, FiguresObject<Sales>);

/// The field `places` of revenue.
pub(super) struct PlacesField(pub(super) Scope);

#[Object(name = "RevenueExtras")]
impl PlacesField {
    /// Regions, each within its country, by revenue; ties by country, then region.
    async fn places(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 1000.", default = 100)] first: u32,
    ) -> Result<Vec<SalesPlace>> {
        let rows = places(&self.0, first, &Sales::selected(&ctx.look_ahead())).await?;
        let rows = rows.into_iter().map(|place| {
            let Place { country, region, figures, share, share_of_country } = place;
            let (share, share_of_country) =
                (ratio_text(share.as_ref()), ratio_text(share_of_country.as_ref()));
            SalesPlace(PlaceFields { country, region, share, share_of_country }, figures.into())
        });
        Ok(rows.collect())
    }
}
