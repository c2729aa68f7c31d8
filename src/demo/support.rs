//! Who asks for help. For two weeks of the second year the carrier is on strike: five times the tickets, answered late.

use chrono::Duration;

use super::calendar::Calendar;
use super::chance::{Chance, Topic};
use super::files::{Entity, Files};
use super::ledger::Ledger;
use super::{DemoError, Shop, instant_text};

const CHANNELS: [(&str, u64); 4] = [("email", 48), ("chat", 30), ("phone", 17), ("social", 5)];
const CATEGORIES: [(&str, u64); 5] =
    [("delivery", 34), ("returns", 26), ("product", 20), ("payment", 12), ("account", 8)];
const PRIORITIES: [(&str, u64); 4] = [("low", 30), ("normal", 48), ("high", 17), ("urgent", 5)];
const AGENTS: [&str; 7] = ["Aylin", "Boris", "Cleo", "Deniz", "Eva", "Finn", "Gita"];

/// Writes the tickets.
pub fn write(shop: &Shop, calendar: &Calendar, ledger: &Ledger, files: &mut Files) -> Result<(), DemoError> {
    let days = calendar.days().len();
    let strike = days * 17 / 24..days * 17 / 24 + 14;
    let mut number = 0_u64;
    for day in 0..days {
        // One in twelve orders is asked about, some days later.
        let usual = calendar.orders_on(day.saturating_sub(3));
        let mut chance = Chance::of(shop.seed, Topic::Support, day as u64);
        let is_strike = strike.contains(&day);
        let asked = (usual * if is_strike { 5 } else { 1 } + chance.below(12)) / 12;
        for _ in 0..asked {
            number += 1;
            write_one(&mut chance, number, day, is_strike, calendar, ledger, files)?;
        }
    }
    Ok(())
}

fn write_one(
    chance: &mut Chance,
    number: u64,
    day: usize,
    is_strike: bool,
    calendar: &Calendar,
    ledger: &Ledger,
    files: &mut Files,
) -> Result<(), DemoError> {
    let opened = calendar.instant(day, chance.between(21_600, 79_200));
    let category = if is_strike && chance.permille(800) { "delivery" } else { chance.choose(&CATEGORIES) };
    let priority = chance.choose(&PRIORITIES);
    // Some ask who were not won yet, or have no account.
    let today = i64::try_from(day).unwrap_or(0);
    let known = ledger.customers.partition_point(|won| won.day <= today) as u64;
    let customer = Some(chance.below(known + known / 8 + 1)).filter(|place| *place < known);
    let customer = customer.and_then(|place| ledger.customers.get(usize::try_from(place).ok()?));
    let slow = if is_strike { 6 } else { 1 };
    let first = chance.between(4, 90) * chance.between(1, 9) * slow;
    let effort = if priority == "urgent" { 8 } else { 30 };
    let whole = first + chance.between(10, 240) * chance.between(1, effort) * slow;
    let until = |minutes: i64| {
        Some(opened + Duration::minutes(minutes)).filter(|at| at.date_naive() <= calendar.last())
    };
    let (replied, resolved) = (until(first), until(whole));
    let resolved = resolved.filter(|_| !chance.permille(25));
    let csat = match (resolved, chance.below(100), whole) {
        (None, ..) | (_, 55.., _) => "",
        (_, draw, _) if is_strike => ["1", "2", "2", "3", "4"][usize::try_from(draw % 5).unwrap_or(0)],
        (_, draw, ..1_500) => ["5", "5", "5", "4", "4", "3"][usize::try_from(draw % 6).unwrap_or(0)],
        (_, draw, _) => ["5", "4", "4", "3", "2", "1"][usize::try_from(draw % 6).unwrap_or(0)],
    };
    let text = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(instant_text).unwrap_or_default();
    files.write(
        Entity::Tickets,
        [
            &format!("T-{number:06}"),
            customer.map_or("", |won| &won.id),
            chance.choose(&CHANNELS),
            priority,
            category,
            chance.pick(&AGENTS),
            &instant_text(opened),
            &text(replied),
            &text(resolved),
            if resolved.is_some() && chance.permille(45) { "1" } else { "0" },
            csat,
        ],
    )
}
