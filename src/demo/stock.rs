//! What came into the stock and went out of it: every four weeks what the next four will need, so that what is left in the
//! end is what the products say.

use super::assortment::Assortment;
use super::calendar::Calendar;
use super::chance::{Chance, Topic};
use super::files::{Entity, Files};
use super::ledger::Ledger;
use super::{DemoError, Shop, instant_text};
use crate::money::decimal_text;

/// Weeks between two deliveries.
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
            let at = instant_text(calendar.instant(day.min(calendar.days().len() - 1), 21_600));
            let id = format!("M-{count:07}");
            files.write(Entity::StockMovements, [&id, &product.id, &at, &quantity.to_string(), kind, cost])
        };
        for (round, needed) in weeks.chunks(ROUND).enumerate() {
            let day = round * ROUND * 7;
            let cost = decimal_text(product.cost * chance.between(960, 1040) / 1000, 2);
            let opening = if round == 0 { product.stock() } else { 0 };
            write(day, needed.iter().sum::<i64>() + opening, "RECEIPT", &cost)?;
            for (week, sold) in (round * ROUND..).zip(needed) {
                write(week * 7 + 6, -sold, "SALE", "")?;
            }
            // Something comes back, and is not fit to be sold again.
            if chance.permille(60) {
                let returned = chance.between(1, 3);
                write(day + 1, returned, "RETURN", "")?;
                write(day + 3, -returned, "ADJUSTMENT", "")?;
            }
        }
    }
    Ok(())
}
