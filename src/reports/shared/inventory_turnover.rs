//! `inventory-turnover`: how fast stock goes, how long it lasts, and what lies dead.

use super::Parts;
use super::tables::{Groups, MOST, noted, over_time};
use super::tell::{Shown, alone, headlines, plain, shown};
use super::told::{Better, Headline, Section};
use crate::export::{Cell, Column, Kind};
use crate::fault::Fault;
use crate::metrics::names::ProductId;
use crate::metrics::{Dimension, Metric};
use crate::reports::inventory::{Health, ProductStock, StockRules, StockStatus, stock};
use crate::reports::scope::Scope;

const HEADLINES: [(Shown, Better); 5] = [
    (shown(Metric::InventoryTurnover, "Turnover"), Better::More),
    (shown(Metric::DaysOfInventory, "Days of inventory"), Better::Less),
    (shown(Metric::SellThrough, "Sell-through"), Better::More),
    (shown(Metric::StockAtCost, "Stock at cost, at the end"), Better::Neither),
    (shown(Metric::UnitsShipped, "Units shipped"), Better::More),
];

const OVER_TIME: [Shown; 5] = [
    shown(Metric::StockAtCost, "Stock at cost"),
    shown(Metric::CostOfUnitsShipped, "Cost of units shipped"),
    shown(Metric::StockUnits, "Units in stock"),
    shown(Metric::UnitsReceived, "Units received"),
    shown(Metric::UnitsShipped, "Units shipped"),
];

const TURNED: [Shown; 6] = [
    shown(Metric::InventoryTurnover, "Turnover"),
    shown(Metric::DaysOfInventory, "Days of inventory"),
    shown(Metric::SellThrough, "Sell-through"),
    shown(Metric::AverageStockAtCost, "Average stock at cost"),
    shown(Metric::CostOfUnitsShipped, "Cost of units shipped"),
    shown(Metric::UnitsShipped, "Units shipped"),
];

/// By what the stock of now is judged.
pub(super) const RULES: StockRules = StockRules { days: 90, cover: 14 };

pub(super) async fn tell(scope: &Scope) -> Result<Parts, Fault> {
    let categories = Groups {
        name: "by-category",
        title: "Turnover by category",
        note: Some(
            "How often the average stock was sold within the period, and how long it lasts at that rate.",
        ),
        dimension: Dimension::Category,
        heading: "Category",
        unknown: Some("No category"),
        by: Metric::AverageStockAtCost,
        figures: &TURNED,
        with_growth: false,
        with_rank: false,
        with_zero: false,
    };
    let products = Groups {
        name: "by-product",
        title: "Turnover by product",
        note: Some("Products with most stock at cost first."),
        dimension: Dimension::Product,
        heading: "Product",
        unknown: None,
        ..categories
    };
    let (mut headlines, over_time, categories, products, stock) = tokio::try_join!(
        headlines(scope, &HEADLINES),
        over_time(scope, "Stock over time", &OVER_TIME, &[0, 1]),
        categories.tell(scope),
        products.tell(scope),
        stock(scope, RULES),
    )?;
    headlines.extend(health(&Health::of(&stock, scope.currency)?, scope));
    let (low, dead, out) =
        tokio::try_join!(low_cover(scope, &stock), dead(scope, &stock), out(scope, &stock))?;
    Ok(Parts { headlines, sections: vec![over_time, categories, dead, low, out, products] })
}

fn health(health: &Health, scope: &Scope) -> [Headline; 4] {
    let count = |name, heading, many| alone(name, heading, Kind::Integer, Better::Less, Cell::Integer(many));
    let cost = Cell::Amount(health.dead_at_cost);
    [
        count("outOfStock", "Products out of stock", health.out_of_stock),
        count("lowCover", "Products with low cover", health.low_cover),
        count("dead", "Products with dead stock", health.dead),
        alone("deadAtCost", "Dead stock at cost", Kind::Amount(scope.currency), Better::Less, cost),
    ]
}

/// What stock of a product is told.
type Told = fn(&ProductStock) -> Result<Cell<'static>, Fault>;

const UNITS: Told = |row| Ok(Cell::Integer(row.figures.count(Metric::StockOnHand)?));
const AT_COST: Told = |row| Ok(Cell::Amount(row.figures.amount(Metric::StockOnHandAtCost)?));
const AT_PRICE: Told = |row| Ok(Cell::Amount(row.figures.amount(Metric::StockOnHandAtPrice)?));
const SOLD: Told = |row| Ok(Cell::Integer(row.sold.round_to(0).ok_or(Fault::Overflow)?));
const COVER: Told = |row| {
    let Some(days) = &row.cover else { return Ok(Cell::Empty) };
    Ok(Cell::scaled(days.round_to(1).ok_or(Fault::Overflow)?, 1))
};

async fn dead(scope: &Scope, stock: &[ProductStock]) -> Result<Section, Fault> {
    let amount = Kind::Amount(scope.currency);
    let columns = [
        (Column::new("Units", Kind::Integer), UNITS),
        (Column::new("At cost", amount), AT_COST),
        (Column::new("At price", amount), AT_PRICE),
    ];
    let note =
        format!("In stock now, and none sold in the {} days up to now; most costly first.", RULES.days);
    listed(scope, stock, StockStatus::Dead, ("dead-stock", "Dead stock", note), columns).await
}

async fn low_cover(scope: &Scope, stock: &[ProductStock]) -> Result<Section, Fault> {
    let columns = [
        (Column::new("Units", Kind::Integer), UNITS),
        (Column::new("Sold of late", Kind::Integer), SOLD),
        (Column::new("Days of cover", Kind::Number { digits: 1 }), COVER),
    ];
    let StockRules { days, cover } = RULES;
    let note = format!(
        "On sale, and in stock for fewer than {cover} days at the rate of the {days} days up to now."
    );
    listed(scope, stock, StockStatus::LowCover, ("low-cover", "Low cover", note), columns).await
}

async fn out(scope: &Scope, stock: &[ProductStock]) -> Result<Section, Fault> {
    let columns = [(Column::new("Sold of late", Kind::Integer), SOLD)];
    let note = format!("On sale, and none left now; sold in the {} days up to now.", RULES.days);
    listed(scope, stock, StockStatus::OutOfStock, ("out-of-stock", "Out of stock", note), columns).await
}

/// The products with that to be looked at: where there is cover, what lasts shortest first; what is out of stock by how
/// much of it was sold; else as they come.
async fn listed<const N: usize>(
    scope: &Scope,
    stock: &[ProductStock],
    status: StockStatus,
    (name, title, note): (&'static str, &str, String),
    figures: [(Column, Told); N],
) -> Result<Section, Fault> {
    let mut rows: Vec<&ProductStock> = stock.iter().filter(|row| row.status == Some(status)).collect();
    match status {
        StockStatus::Dead => {}
        StockStatus::LowCover => rows.sort_by(|a, b| a.cover.cmp(&b.cover)),
        StockStatus::OutOfStock => rows.sort_by(|a, b| b.sold.cmp(&a.sold)),
    }
    let is_cut = rows.len() > MOST as usize;
    rows.truncate(MOST as usize);
    let names = scope.desk.names().load_many(rows.iter().map(|row| ProductId(row.id.clone()))).await?;
    let rows = rows.into_iter().map(|row| {
        let name =
            names.get(&ProductId(row.id.clone())).map_or_else(|| row.id.clone(), |row| row.name.clone());
        let mut told = vec![Cell::text(name)];
        for (_, figure) in &figures {
            told.push(figure(row)?);
        }
        Ok(told)
    });
    let rows = rows.collect::<Result<_, Fault>>()?;
    let mut columns = vec![Column::new("Product", Kind::Text)];
    columns.extend(figures.into_iter().map(|(column, _)| column));
    Ok(plain(name, title, noted(Some(&note), is_cut), columns, rows))
}
