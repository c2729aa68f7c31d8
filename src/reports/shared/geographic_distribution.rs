//! `geographic-distribution`: where people buy, country by country and region by region.

use std::collections::HashMap;

use super::Parts;
use super::tables::{Groups, MOST, noted};
use super::tell::{SHARE, Shown, alone, cells, headlines, metrics, named, plain, share, shown};
use super::told::{Better, Section};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::{Dimension, Metric};
use crate::reports::places::{Place, places};
use crate::reports::scope::{Ranked, Scope};

const HEADLINES: [(Shown, Better); 3] = [
    (shown(Metric::Revenue, "Revenue"), Better::More),
    (shown(Metric::Orders, "Orders"), Better::More),
    (shown(Metric::ActiveCustomers, "Active customers"), Better::More),
];

const FIGURES: [Shown; 4] = [
    shown(Metric::Orders, "Orders"),
    shown(Metric::Revenue, "Revenue"),
    shown(Metric::AverageOrderValue, "Average order value"),
    shown(Metric::ActiveCustomers, "Active customers"),
];

const UNKNOWN: &str = "Unknown";

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let countries = Groups {
        name: "by-country",
        title: "Countries by revenue",
        note: Some("Where orders went, as the shop writes it."),
        dimension: Dimension::Country,
        heading: "Country",
        unknown: Some(UNKNOWN),
        by: Metric::Revenue,
        figures: &FIGURES,
        with_growth: true,
        with_rank: true,
        with_zero: true,
    };
    let asked = metrics(&FIGURES);
    let (mut headlines, rows, places) = tokio::try_join!(
        headlines(scope, &HEADLINES),
        countries.ask(scope),
        places(scope, MOST + 1, &asked),
    )?;
    let name = |row: &Ranked| row.id.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    headlines.push(named("leadingCountry", "Leading country", rows.first().map(name)));
    let part = share(rows.first().and_then(|row| row.share.as_ref()))?;
    headlines.push(alone("leadingShare", "Its share of revenue", SHARE, Better::Neither, part));
    let regions = regions(scope, &rows, places)?;
    Ok(Parts { headlines, sections: vec![countries.told(scope, &rows).await?, regions] })
}

/// The regions with most revenue, under their countries, which stand in the order of the ranking.
fn regions(scope: &Scope, countries: &[Ranked], mut places: Vec<Place>) -> Result<Section, Fault> {
    let is_cut = places.len() > MOST as usize;
    places.truncate(MOST as usize);
    let order: HashMap<Option<&str>, u32> =
        countries.iter().map(|row| (row.id.as_deref(), row.rank)).collect();
    // Each country's regions keep the order that they came in: by revenue.
    places.sort_by_key(|place| order.get(&place.country.as_deref()).copied().unwrap_or(u32::MAX));
    let rows = places.into_iter().map(|place| {
        let name = |name: Option<String>| Cell::text(name.unwrap_or_else(|| UNKNOWN.to_owned()));
        let mut row = vec![name(place.country), name(place.region)];
        row.extend(cells(&FIGURES, &place.figures)?);
        row.push(share(place.share.as_ref())?);
        row.push(share(place.share_of_country.as_ref())?);
        Ok(row)
    });
    let mut columns = vec![Column::new("Country", Kind::Text), Column::new("Region", Kind::Text)];
    columns.extend(FIGURES.iter().map(|shown| shown.column(scope.currency)));
    columns.push(Column::new("Share of revenue", SHARE));
    columns.push(Column::new("Share of its country", SHARE));
    let rows = rows.collect::<Result<_, Fault>>()?;
    let note = noted(Some("The regions with most revenue, under their countries."), is_cut);
    Ok(plain("by-region", "Regions by revenue", note, columns, rows))
}
