//! Stock: how it came and went, and what is there now.

use super::super::dataset::{Movement, Product};
use super::super::exact::Fraction;
use super::figure::Figure;
use super::group::Bucket;

/// What the movement's units cost: by its own word, else by their product's; in the product's currency.
fn at_cost(b: &Bucket, movement: &Movement) -> Option<Fraction> {
    let product = &b.data.products[&movement.product];
    let cost = movement.unit_cost.as_ref().or(product.cost.as_ref())?;
    Some(b.convert(&(&movement.quantity * cost), &product.currency, movement.moved_at.date_naive()))
}

/// At the start and at the end.
pub fn units(b: &Bucket) -> (Figure, Figure) {
    let (start, end) = b.sums("units", &b.group.moved, |movement| Some(movement.quantity.clone()));
    (Figure::level(start, 0), Figure::level(end, 0))
}

/// At the start and at the end.
pub fn cost(b: &Bucket) -> (Figure, Figure) {
    let (start, end) = b.sums("cost of units", &b.group.moved, |movement| at_cost(b, movement));
    (Figure::level(start, b.minor()), Figure::level(end, b.minor()))
}

pub fn received(b: &Bucket) -> Figure {
    let receipts = b.within(&b.group.moved).filter(|movement| movement.kind == "RECEIPT");
    Figure::sum(&receipts.map(|movement| movement.quantity.clone()).collect::<Vec<_>>(), 0)
}

fn sales<'a>(b: &Bucket<'a>) -> impl Iterator<Item = &'a Movement> {
    b.within(&b.group.moved).filter(|movement| movement.kind == "SALE" || movement.kind == "RETURN")
}

pub fn shipped(b: &Bucket) -> Figure {
    Figure::sum(&sales(b).map(|movement| -&movement.quantity).collect::<Vec<_>>(), 0)
}

pub fn cost_shipped(b: &Bucket) -> Figure {
    let costs = sales(b).filter_map(|movement| Some(-at_cost(b, movement)?));
    Figure::sum(&costs.collect::<Vec<_>>(), b.minor())
}

fn products<'a>(b: &Bucket<'a>) -> impl Iterator<Item = &'a Product> {
    b.group.stock.iter().copied()
}

pub fn on_sale(b: &Bucket) -> Figure {
    Figure::count(products(b).filter(|product| product.is_active).count())
}

pub fn out_of_stock(b: &Bucket) -> Figure {
    let is_empty = |product: &&Product| {
        let stock = product.stock.as_ref();
        product.is_active && stock.is_some_and(|stock| *stock <= super::super::exact::zero())
    };
    Figure::count(products(b).filter(is_empty).count())
}

pub fn counted(b: &Bucket) -> Figure {
    Figure::count(products(b).filter(|product| product.stock.is_some()).count())
}

pub fn on_hand(b: &Bucket) -> Figure {
    Figure::sum(&products(b).filter_map(|product| product.stock.clone()).collect::<Vec<_>>(), 0)
}

/// Units of what can be bought.
pub fn on_sale_units(b: &Bucket) -> Figure {
    let units = products(b).filter(|product| product.is_active).filter_map(|product| product.stock.clone());
    Figure::sum(&units.collect::<Vec<_>>(), 0)
}

/// The same at prices, in today's money.
pub fn on_sale_at_price(b: &Bucket) -> Figure {
    b.money(products(b).filter(|product| product.is_active).filter_map(|product| {
        let worth = product.stock.as_ref()? * product.price.as_ref()?;
        Some((worth, &*product.currency, b.data.now.date_naive()))
    }))
}

/// The mean of today's prices.
pub fn average_list_price(b: &Bucket) -> Figure {
    let prices = products(b).filter(|product| product.is_active).filter_map(|product| {
        let price = product.price.as_ref()?;
        Some(b.convert(price, &product.currency, b.data.now.date_naive()))
    });
    Figure::mean(&prices.collect::<Vec<_>>(), b.minor())
}

/// In today's money.
pub fn on_hand_at(b: &Bucket, price: fn(&Product) -> Option<&Fraction>) -> Figure {
    b.money(products(b).filter_map(|product| {
        let worth = product.stock.as_ref()? * price(product)?;
        Some((worth, &*product.currency, b.data.now.date_naive()))
    }))
}
