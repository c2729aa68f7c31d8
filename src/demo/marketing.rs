//! What is spent so that people come: some campaigns go on for ever, some for a season, and one dwindles and is given up.

use super::calendar::Calendar;
use super::chance::{Chance, Topic};
use super::files::{Entity, Files};
use super::{DemoError, Shop, instant_text};
use crate::money::decimal_text;

/// A campaign: its days as twenty-fourths of the two years.
struct Plan {
    id: &'static str,
    name: &'static str,
    channel: &'static str,
    from: usize,
    to: usize,
    /// Cents that a click costs.
    click: i64,
    /// Share of the shop's visits that it brings, in thousandths.
    share: u64,
    /// Whether it brings less from week to week.
    dwindles: bool,
}

const fn plan(id: &'static str, name: &'static str, channel: &'static str, from: usize, to: usize) -> Plan {
    Plan { id, name, channel, from, to, click: 62, share: 300, dwindles: false }
}

const PLANS: [Plan; 8] = [
    Plan { share: 420, click: 88, ..plan("K-01", "Brand search", "search", 0, 24) },
    Plan { share: 260, click: 41, ..plan("K-02", "Living rooms", "social", 0, 24) },
    Plan { share: 180, click: 29, ..plan("K-03", "Remarketing", "display", 3, 24) },
    Plan { share: 200, click: 35, ..plan("K-04", "Summer outdoors", "social", 4, 6) },
    Plan { share: 500, click: 95, ..plan("K-05", "Black Friday", "search", 8, 9) },
    Plan { share: 320, click: 54, dwindles: true, ..plan("K-06", "Influencer trial", "influencer", 10, 17) },
    Plan { share: 520, click: 99, ..plan("K-07", "Black Friday again", "search", 20, 21) },
    plan("K-08", "Newsletter", "email", 0, 24),
];

/// Writes the campaigns and their days.
pub fn write(shop: &Shop, calendar: &Calendar, files: &mut Files) -> Result<(), DemoError> {
    let days = calendar.days().len();
    for (number, plan) in (0..).zip(&PLANS) {
        let mut chance = Chance::of(shop.seed, Topic::Marketing, number);
        let span = days * plan.from / 24..days * plan.to / 24;
        let is_over = plan.to < 24;
        let end = if is_over { instant_text(calendar.instant(span.end, 0)) } else { String::new() };
        let start = instant_text(calendar.instant(span.start, 0));
        files.write(Entity::Campaigns, [plan.id, plan.name, plan.channel, &start, &end])?;
        for day in span.clone() {
            let date = calendar.days()[day].to_string();
            if plan.channel == "email" {
                if let Some(mailing) = mailing(&mut chance, day, calendar) {
                    write_day(files, plan.id, &date, &mailing)?;
                }
                continue;
            }
            let left = if plan.dwindles { 1000 * (span.end - day) / span.len() } else { 1000 };
            let visits = calendar.orders_on(day) * 30 * plan.share / 1000 * left as u64 / 1000;
            let clicks = visits + chance.below(visits / 4 + 2);
            let conversions = clicks * chance.between(14, 34).unsigned_abs() / 1000;
            let spend = i64::try_from(clicks).unwrap_or(0) * plan.click * chance.between(85, 118) / 100
                // What dwindles was paid for beforehand.
                + if plan.dwindles { 4_000 } else { 0 };
            let revenue = i64::try_from(conversions).unwrap_or(0) * chance.between(62_00, 118_00);
            let impressions = clicks * chance.between(28, 60).unsigned_abs();
            let day = Day { spend, impressions, clicks, conversions, revenue, mail: None };
            write_day(files, plan.id, &date, &day)?;
        }
    }
    Ok(())
}

/// What one day of a campaign came to. Money in cents.
struct Day {
    spend: i64,
    impressions: u64,
    clicks: u64,
    conversions: u64,
    revenue: i64,
    mail: Option<Mail>,
}

struct Mail {
    sent: u64,
    delivered: u64,
    opened: u64,
    clicked: u64,
    unsubscribed: u64,
}

/// Every second week a letter goes out to all who want it.
fn mailing(chance: &mut Chance, day: usize, calendar: &Calendar) -> Option<Day> {
    if day % 14 != 2 {
        return None;
    }
    let share =
        |of: u64, chance: &mut Chance, low, high| of * chance.between(low, high).unsigned_abs() / 1000;
    let sent = 40 + calendar.orders_until(day) / 3;
    let delivered = share(sent, chance, 972, 994);
    let opened = share(delivered, chance, 240, 390);
    let clicked = share(opened, chance, 90, 190);
    let unsubscribed = share(delivered, chance, 1, 5);
    let conversions = share(clicked, chance, 60, 160);
    let mail = Some(Mail { sent, delivered, opened, clicked, unsubscribed });
    let revenue = i64::try_from(conversions).unwrap_or(0) * chance.between(48_00, 92_00);
    Some(Day {
        spend: i64::try_from(sent).unwrap_or(0) * 2 / 10,
        impressions: 0,
        clicks: 0,
        conversions,
        revenue,
        mail,
    })
}

fn write_day(files: &mut Files, id: &str, date: &str, day: &Day) -> Result<(), DemoError> {
    let mail = |of: fn(&Mail) -> u64| day.mail.as_ref().map(|mail| of(mail).to_string()).unwrap_or_default();
    let seen = |count: u64| if day.mail.is_none() { count.to_string() } else { String::new() };
    files.write(
        Entity::CampaignDays,
        [
            id,
            date,
            &decimal_text(day.spend, 2),
            &seen(day.impressions),
            &seen(day.clicks),
            &mail(|mail| mail.sent),
            &mail(|mail| mail.delivered),
            &mail(|mail| mail.opened),
            &mail(|mail| mail.clicked),
            &mail(|mail| mail.sent - mail.delivered),
            &mail(|mail| mail.unsubscribed),
            &day.conversions.to_string(),
            &decimal_text(day.revenue, 2),
        ],
    )
}
