//! What one order holds and comes to.

use super::assortment::{Assortment, Product};
use super::chance::Chance;
use super::places::Country;

/// How likely one, two, … lines are; 2.5 on average.
const LINES: [u64; 9] = [300, 285, 200, 110, 50, 25, 15, 10, 5];

/// A line of an order. Amounts are minor units of the country's currency.
pub struct Line<'a> {
    pub product: &'a Product,
    pub quantity: i64,
    pub unit_price: i64,
    pub discount: i64,
}

impl Line<'_> {
    /// What the line adds to the order.
    pub fn total(&self) -> i64 {
        self.quantity * self.unit_price - self.discount
    }
}

/// The amounts of an order: `total` = its lines − `discount` + `shipping`, with `tax` within.
pub struct Basket<'a> {
    pub lines: Vec<Line<'a>>,
    pub total: i64,
    pub discount: i64,
    pub shipping: i64,
    pub tax: i64,
}

impl<'a> Basket<'a> {
    /// Fills a basket on the day of that number; `percent_off` is a coupon's.
    pub fn fill(
        chance: &mut Chance,
        assortment: &'a Assortment,
        country: &Country,
        day: usize,
        is_firm: bool,
        percent_off: i64,
    ) -> Self {
        let count = chance.weighted(LINES.into_iter()) + 1;
        let mut lines: Vec<Line> = Vec::with_capacity(count);
        for _ in 0..count {
            let product = assortment.pick(chance, day);
            if lines.iter().any(|line| line.product.id == product.id) {
                continue;
            }
            lines.push(line(chance, product, country, day, is_firm));
        }
        let goods: i64 = lines.iter().map(Line::total).sum();
        let discount = goods * percent_off / 100;
        let shipping = if goods - discount >= country.free_shipping_from { 0 } else { country.shipping };
        let total = goods - discount + shipping;
        Self { lines, total, discount, shipping, tax: country.tax_within(total) }
    }
}

fn line<'a>(
    chance: &mut Chance,
    product: &'a Product,
    country: &Country,
    day: usize,
    is_firm: bool,
) -> Line<'a> {
    // Prices went up by 4 % after a year.
    let cents = if day < 365 { product.price } else { product.price * 104 / 100 };
    let unit_price = country.price(cents);
    let quantity = match (is_firm, chance.below(100)) {
        (true, _) => chance.between(2, 12),
        (false, 0..82) => 1,
        (false, 82..95) => 2,
        (false, _) => chance.between(3, 5),
    };
    let percent_off = if chance.permille(90) { chance.pick(&[10, 15, 20, 30]) } else { 0 };
    Line { product, quantity, unit_price, discount: quantity * unit_price * percent_off / 100 }
}
