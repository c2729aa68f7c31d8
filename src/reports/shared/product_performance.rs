//! `product-performance`: what sells, what sells anew and what no longer does.

use super::Parts;
use super::tables::{Groups, cut};
use super::tell::{
    BEFORE, SHARE, Shown, alone, cell, cells, growth, headlines, metrics, plain, share, shown,
};
use super::told::{Better, Section};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::names::ProductId;
use crate::metrics::{Dimension, Metric};
use crate::reports::assortment::{Launched, fading, launched};
use crate::reports::scope::Scope;
use crate::reports::top::Top;

const HEADLINES: [(Shown, Better); 5] = [
    (shown(Metric::LineRevenue, "Product revenue"), Better::More),
    (shown(Metric::Units, "Units"), Better::More),
    (shown(Metric::ProductsSold, "Products sold"), Better::More),
    (shown(Metric::AverageUnitPrice, "Average unit price"), Better::Neither),
    (shown(Metric::LineRefundRate, "Refund rate"), Better::Less),
];

const FIGURES: [Shown; 4] = [
    shown(Metric::Units, "Units"),
    shown(Metric::LineRevenue, "Revenue"),
    shown(Metric::OrdersWithLines, "Orders"),
    shown(Metric::LineRefundRate, "Refund rate"),
];

const SOLD: [Shown; 3] = [
    shown(Metric::Units, "Units"),
    shown(Metric::LineRevenue, "Revenue"),
    shown(Metric::OrdersWithLines, "Orders"),
];

const FADING: [Shown; 2] = [shown(Metric::Units, "Units"), shown(Metric::LineRevenue, "Revenue")];

/// How many products are told that came, and that go.
const MOST: u32 = 20;

/// What the tables have in common.
const NOTE: &str = "Revenue is that of the products' lines; refunds are those given in the period.";

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let ranking = Groups {
        name: "ranking",
        title: "Products by revenue",
        note: Some(NOTE),
        dimension: Dimension::Product,
        heading: "Product",
        unknown: None,
        by: Metric::LineRevenue,
        figures: &FIGURES,
        with_growth: true,
        with_rank: true,
        with_zero: false,
    };
    let categories = Groups {
        name: "by-category",
        title: "Categories by revenue",
        note: Some("A product counts in the category that it stands in directly."),
        dimension: Dimension::Category,
        heading: "Category",
        unknown: Some("No category"),
        // Refunds that name no product would count as those of products without a category.
        figures: &SOLD,
        with_rank: false,
        ..ranking
    };
    let (of_new, of_faded) = (metrics(&SOLD), metrics(&FADING));
    let (mut headlines, ranking, categories, new, faded) = tokio::try_join!(
        headlines(scope, &HEADLINES),
        ranking.tell(scope),
        categories.tell(scope),
        launched(scope, MOST, &of_new),
        fading(scope, &BEFORE, MOST + 1, &of_faded),
    )?;
    let count = Cell::Integer(i64::try_from(new.count).unwrap_or(i64::MAX));
    headlines.push(alone("newProducts", "New products", Kind::Integer, Better::More, count));
    let sections = vec![ranking, categories, new_told(scope, &new)?, fading_told(scope, &faded)?];
    Ok(Parts { headlines, sections })
}

fn new_told(scope: &Scope, new: &Launched) -> Result<Section, Fault> {
    let mut columns = vec![Column::new("Product", Kind::Text)];
    columns.extend(SOLD.iter().map(|shown| shown.column(scope.currency)));
    columns.push(Column::new("Share of revenue", SHARE));
    let rows = new.products.iter().map(|Top { ranked, thing }| {
        let mut row = vec![Cell::text(thing.name.clone())];
        row.extend(cells(&SOLD, &ranked.figures)?);
        row.push(share(ranked.share.as_ref())?);
        Ok(row)
    });
    let note = cut("Sold for the first time in this period.", new.count > new.products.len(), MOST);
    Ok(plain("new", "New products", Some(note), columns, rows.collect::<Result<_, Fault>>()?))
}

fn fading_told(scope: &Scope, faded: &[Top<ProductId>]) -> Result<Section, Fault> {
    let mut columns = vec![Column::new("Product", Kind::Text)];
    columns.extend(FADING.iter().map(|shown| shown.column(scope.currency)));
    let amount = Kind::Amount(scope.currency);
    columns.extend([
        Column::new("Units before", Kind::Integer),
        Column::new("Revenue before", amount),
        Column::new("Difference", amount),
        Column::new("Change", SHARE),
    ]);
    let is_cut = faded.len() > MOST as usize;
    let mut rows = Vec::with_capacity(faded.len());
    for Top { ranked, thing } in faded {
        let Some(change) = &ranked.change else { continue };
        let mut row = vec![Cell::text(thing.name.clone())];
        row.extend(cells(&FADING, &change.current)?);
        row.extend(cells(&FADING, &change.previous)?);
        row.push(cell(&change.current.minus(&change.previous), Metric::LineRevenue)?);
        row.push(growth(change, Metric::LineRevenue)?);
        rows.push(row);
    }
    rows.truncate(MOST as usize);
    let note = cut("Products whose revenue fell most beside the period before.", is_cut, MOST);
    Ok(plain("fading", "Fading products", Some(note), columns, rows))
}
