//! What came into the stock and went out of it: every four weeks what the next four will need, so that what is left in the
//! end is what the products say. Not all products are delivered in the same week, nor leave on the same weekday.

use super::assortment::Assortment;
use super::calendar::Calendar;
use super::chance::{Chance, Topic};
use super::files::{Entity, Files};
use super::ledger::Ledger;
use super::{DemoError, Shop, instant_text};
use crate::money::decimal_text;

/// Weeks between two deliveries of a product.
const ROUND: usize = 4;

/// Writes the movements.
pub fn write(
    shop: &Shop,
    calendar: &Calendar,
    assortment: &Assortment,
    ledger: &Ledger,
    files: &mut Files,
) -> Result<(), DemoError> {
    let mut count = 0_u64;
    for (number, product) in assortment.products().iter().enumerate() {
        let mut chance = Chance::of(shop.seed, Topic::Stock, number as u64);
        let weeks = &ledger.sold[number];
        let mut write = |day: usize, quantity: i64, kind: &str, cost: &str| {
            if quantity == 0 {
                return Ok(());
            }
            count += 1;
            // Delivered in the morning, sent off in the evening.
            let second = if kind == "RECEIPT" { 21_600 } else { 64_800 };
            let at = instant_text(calendar.instant(day.min(calendar.days().len() - 1), second));
            let id = format!("M-{count:07}");
            files.write(Entity::StockMovements, [&id, &product.id, &at, &quantity.to_string(), kind, cost])
        };
        let (first, others) = weeks.split_at((1 + number % ROUND).min(weeks.len()));
        let mut week = 0;
        for needed in std::iter::once(first).chain(others.chunks(ROUND)) {
            let cost = decimal_text(product.cost * chance.between(960, 1040) / 1000, 2);
            let opening = if week == 0 { product.stock() } else { 0 };
            write(week * 7, needed.iter().sum::<i64>() + opening, "RECEIPT", &cost)?;
            // Something comes back, and is not fit to be sold again.
            if needed.iter().sum::<i64>() > 0 && chance.permille(60) {
                let (returned, day) = (chance.between(1, 2), week * 7 + 1 + number % 20);
                write(day, returned, "RETURN", "")?;
                write(day + 2, -returned, "ADJUSTMENT", "")?;
            }
            for sold in needed {
                write(week * 7 + number % 7, -sold, "SALE", "")?;
                week += 1;
            }
        }
    }
    Ok(())
}
