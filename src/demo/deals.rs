//! What the sales representatives work on: deals with firms, from the first lead to an order or to nothing.

use chrono::{DateTime, Duration, Utc};

use super::calendar::Calendar;
use super::chance::{Chance, Topic};
use super::customers::SALES_REPS;
use super::files::{Entity, Files};
use super::ledger::{Ledger, Won};
use super::{DemoError, Shop, instant_text};

const SOURCES: [(&str, u64); 5] =
    [("inbound", 34), ("referral", 22), ("fair", 14), ("outbound", 20), ("partner", 10)];

const WISHES: [&str; 6] =
    ["Office fit-out", "Hotel rooms", "Staff kitchen", "Customer gifts", "Café furniture", "Seasonal stock"];

/// Each stage: how many of a thousand deals come to it from the one before, and after how many days.
const STAGES: [(&str, u64, i64, i64); 5] = [
    ("LEADS", 1000, 0, 0),
    ("QUALIFIED", 620, 1, 9),
    ("PROPOSAL", 580, 3, 14),
    ("NEGOTIATION", 660, 3, 12),
    ("WON", 640, 2, 16),
];

/// Writes the deals and their stages.
pub fn write(shop: &Shop, calendar: &Calendar, ledger: &Ledger, files: &mut Files) -> Result<(), DemoError> {
    let firms: Vec<&Won> = ledger.customers.iter().filter(|won| won.sales_rep.is_some()).collect();
    let days = calendar.days().len() as u64;
    let count = (shop.orders / 40).max(60);
    for number in 0..count {
        let mut chance = Chance::of(shop.seed, Topic::Deals, number);
        // Two draws, the later one: there are more of them as the shop grows.
        let day = chance.below(days).max(chance.below(days));
        let created = calendar.instant(usize::try_from(day).unwrap_or(0), chance.between(28_800, 61_200));
        let firm = firms.get(usize::try_from(chance.below(firms.len() as u64 + 1)).unwrap_or(0));
        let sales_rep = firm
            .and_then(|firm| firm.sales_rep)
            .unwrap_or_else(|| usize::try_from(chance.below(SALES_REPS.len() as u64)).unwrap_or(0));
        let id = format!("D-{:05}", number + 1);
        let value =
            chance.between(400, 2_400) + if chance.permille(150) { chance.between(2_000, 18_000) } else { 0 };
        files.write(
            Entity::Deals,
            [
                &id,
                chance.pick(&WISHES),
                firm.map_or("", |firm| &firm.id),
                SALES_REPS[sales_rep].0,
                &format!("{value}.00"),
                chance.choose(&SOURCES),
                &instant_text(created),
            ],
        )?;
        write_stages(&mut chance, &id, sales_rep, created, calendar, files)?;
    }
    Ok(())
}

/// As far as the deal came by the last day.
fn write_stages(
    chance: &mut Chance,
    id: &str,
    sales_rep: usize,
    created: DateTime<Utc>,
    calendar: &Calendar,
    files: &mut Files,
) -> Result<(), DemoError> {
    let mut entered = created;
    // The first of them are the best.
    let skill = 1080 - 20 * sales_rep as u64;
    for (stage, permille, least, most) in STAGES {
        let goes_on = stage == "LEADS" || chance.permille(permille * skill / 1000);
        let wait = if goes_on { chance.between(least, most) } else { chance.between(6, 40) };
        entered +=
            Duration::days(wait) + Duration::minutes(if wait == 0 { 0 } else { chance.between(-200, 200) });
        if entered.date_naive() > calendar.last() {
            return Ok(());
        }
        files
            .write(Entity::DealStages, [id, if goes_on { stage } else { "LOST" }, &instant_text(entered)])?;
        if !goes_on {
            return Ok(());
        }
    }
    Ok(())
}
